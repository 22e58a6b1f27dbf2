"""The bytes of a feed become text: out of gzip, in the encoding that they are really in."""

from __future__ import annotations

import codecs
import re
import zlib

from index.errors import UnreadableSource
from index.sources.streams import GZIP_MAGIC, MAX_BYTES, MAX_UNPACKED_RATIO

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})["']""")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
# Python has them for other uses; some take hours for a megabyte.
_NOT_FOR_DOCUMENTS = frozenset(
    ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "utf-7")
)


def unpacked(data: bytes, origin: str) -> bytes:
    """The bytes, out of gzip where they are packed so; raises `UnreadableSource`."""
    if len(data) > MAX_BYTES:
        raise UnreadableSource(
            origin, f"it has {len(data):,} bytes, a feed may have {MAX_BYTES:,}; split it"
        )
    if not data.startswith(GZIP_MAGIC):
        return data
    reader = zlib.decompressobj(wbits=31)
    try:
        plain = reader.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise UnreadableSource(
            origin, f"its gzip data is damaged ({error}); fetch it again"
        ) from error
    if len(plain) > min(MAX_BYTES, max(1_000_000, MAX_UNPACKED_RATIO * len(data))):
        raise UnreadableSource(
            origin,
            f"{len(data):,} bytes of gzip unpack to more than a feed may hold; unpack it yourself "
            "if you trust it",
        )
    return plain


def decoded(data: bytes, content_type: str | None = None) -> str:
    """The text of a document: byte order mark, UTF-8 if it is that, else what is declared.

    Many feeds declare Latin-1 and are UTF-8; the other way round, bytes that are not UTF-8
    are read as Windows-1252, which every byte can be.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace").lstrip("\ufeff")
    declared = _declared(data, content_type)
    for encoding in (*[name for name in declared if name.startswith("iso2022")], "utf-8"):
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    mostly = data.decode("utf-8", "replace")
    if mostly.count("\ufffd") * 10 < sum(byte >= 0x80 for byte in data):
        return mostly
    others = [name for name in declared if name != "utf-8"]
    return data.decode(others[0] if others else "cp1252", "replace")


def _declared(data: bytes, content_type: str | None) -> list[str]:
    """The encodings that the document and its server name, as Python calls them."""
    found = _DECLARED.search(data[:1_000])
    said = [found[1].decode()] if found else []
    if charset := _CHARSET.search(content_type or ""):
        said.append(charset[1])
    names = []
    for name in said:
        try:
            codec = codecs.lookup(name)
        except (LookupError, ValueError):
            continue
        if codec._is_text_encoding and codec.name not in _NOT_FOR_DOCUMENTS:
            names.append(codec.name)
    return names
