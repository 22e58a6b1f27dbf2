"""Bytes of one scraped article to text: byte order marks, UTF-8, older encodings.

Knows nothing of records. A text is one article; one that holds several is not
taken apart. Binary data and markup are refused, with what they look like.
"""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path

from charset_normalizer import from_bytes

from index.documents import RawArticle
from index.errors import EmptySource, UnreadableSource
from index.sources.streams import MAX_BYTES, Source, printable, refused

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What says that it is Latin-1 is what Windows made of it, as browsers know.
_LATIN = dict.fromkeys(("iso-8859-1", "iso8859-1", "latin-1", "latin1", "us-ascii"), "cp1252")
_BINARY = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
)
_MARKUP = re.compile(
    r"\s*(?:<(?:!--|!doctype html|html\b|\?xml|rss\b|feed\b)|\{\s*\"|\[\s*\{)", re.IGNORECASE
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# Share of control characters that text of any encoding stays below.
MAX_CONTROL_SHARE = 0.02
# Western text needs few of the upper half of its code page (English 1 %, French and
# Spanish up to 8 %); above this share the encoding is guessed. Guessing all of it reads
# short French and Spanish as Central European.
MAX_WESTERN_SHARE = 0.09
_ENCODINGS = [
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "iso8859_2"),
]


def read_text(path: str | Path) -> RawArticle:
    """Read one file as one article, whose origin is the absolute path.

    Raises `UnreadableSource` or `EmptySource`.
    """
    path = Path(os.path.normpath(Path(path).absolute()))
    origin = printable(path)
    with refused(origin), path.open("rb") as stream:
        return text_to_raw(Source(stream, origin).read(MAX_BYTES + 1), origin)


def text_to_raw(data: bytes, origin: str, *, charset: str | None = None) -> RawArticle:
    """The article that `data` is the whole of; raises as `read_text` does."""
    if len(data) > MAX_BYTES:
        raise UnreadableSource(
            origin, f"it is larger than {MAX_BYTES:,} bytes, the limit for a text; split it"
        )
    text = decode(data, origin, charset=charset)
    if not text.strip():
        raise EmptySource(origin, f"it holds no text ({len(data)} bytes)")
    _refuse_markup(text, origin)
    return RawArticle(origin=origin, text=text)


def decode(data: bytes, origin: str = "bytes", *, charset: str | None = None) -> str:
    r"""Text of `data`, with line ends as `\n`; raises `UnreadableSource` for binary data.

    `charset` is what somebody said of the encoding: it settles what the bytes leave open.
    """
    for magic, kind in _BINARY:
        if data.startswith(magic):
            raise UnreadableSource(origin, f"it is {kind}, not text; give the text of the article")
    text = data.decode(encoding_of(data, charset), "replace")
    if len(_CONTROLS.findall(text)) > MAX_CONTROL_SHARE * len(text):
        raise UnreadableSource(origin, "it is binary data, not text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def encoding_of(data: bytes, charset: str | None = None, *, cut: bool = False) -> str:
    """The encoding of a text: a byte order mark, UTF-8, what was said, a guess.

    The last character may be incomplete where the text is `cut`.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    if _decodes(data, "utf-8") or (cut and _decodes(_uncut(data), "utf-8")):
        return "utf-8"
    said = _LATIN.get((charset or "").lower(), charset)
    if said is not None and _decodes(data, said):
        return said
    return _guessed(data)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (ValueError, LookupError):
        return False
    return True


def _uncut(data: bytes) -> bytes:
    """UTF-8 without the beginning of a character at its end."""
    return data[:-4] + re.sub(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z", b"", data[-4:])


def _guessed(data: bytes) -> str:
    """An encoding older than UTF-8, or UTF-8 where a few bytes are broken."""
    broken = data.decode("utf-8", "replace").count("\ufffd")
    upper = sum(byte >= 0x80 for byte in data)
    if broken * 10 < upper:
        return "utf-8"
    if upper > MAX_WESTERN_SHARE * len(data):
        best = from_bytes(data, cp_isolation=_ENCODINGS).best()
        if best is not None:
            return best.encoding
    return "cp1252"


def _refuse_markup(text: str, origin: str) -> None:
    markup = _MARKUP.match(text)
    if markup:
        raise UnreadableSource(
            origin,
            f"it begins with {markup[0].strip()!r}: HTML, XML or JSON, not plain text; give the "
            'text, or JSON Lines in UTF-8: {"text": ...}, one record a line',
        )
