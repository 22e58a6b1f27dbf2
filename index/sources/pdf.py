"""PDF to articles: the text of the pages, its lines joined to paragraphs again.

Knows nothing of time: a page that takes too long is stopped by whoever runs this.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Sequence

from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError

from index.documents import RawArticle
from index.errors import EmptySource, UnreadableSource
from index.sources.payload import Payload
from index.sources.wrapped import paragraphs

# The longest newspapers have 200 pages; books are no articles.
MAX_PAGES = 1_000
# A line that opens or closes this share of the pages is none of the text.
_RUNNING_SHARE = 0.5
_MIN_RUNNING_PAGES = 3
_PAGE_NUMBER = re.compile(r"\W{0,3}\d{1,4}\W{0,3}")
_FILE_NAME = re.compile(
    r"\.(?:docx?|pdf|indd|qxd|tex|rtf|pages|pptx?|html?)\Z|\Amicrosoft word\b|\A\W*untitled",
    re.IGNORECASE,
)
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
_BETWEEN_NAMES = re.compile(r"\s*;\s*|\s*,\s+(?:and\s+)?|\s+and\s+")

# It tells of every oddity of a file; whoever wants to know can listen.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


def pdf_to_raw(payload: Payload) -> RawArticle:
    """The article that a PDF holds, under what its document information says.

    Raises:
        UnreadableSource: it is damaged, needs a password or has too many pages.
        EmptySource: it holds no text, as a scan does.
    """
    origin = payload.origin
    try:
        reader = PdfReader(io.BytesIO(payload.data))
        pages = _pages(reader, origin)
        info = reader.metadata
        title, author = (info.title, info.author) if info else (None, None)
        published = _date(reader)
    except UnreadableSource:
        raise
    except (MemoryError, KeyboardInterrupt):
        raise
    except FileNotDecryptedError as error:
        raise _encrypted(origin) from error
    except Exception as error:
        # Damaged files make it raise almost anything.
        raise UnreadableSource(
            origin, f"it is a PDF that cannot be read ({error!r:.200}); save it anew"
        ) from error
    text = "\n\n".join(paragraphs(_running_text(pages), hyphens=True))
    if not text:
        raise EmptySource(
            origin, f"it is a PDF without text on its {len(pages)} pages, as a scan is; run OCR"
        )
    return RawArticle(
        origin=origin,
        text=text,
        title=_title(title),
        published=published,
        authors=_authors(author),
    )


def _encrypted(origin: str) -> UnreadableSource:
    return UnreadableSource(origin, "it is encrypted; save it without a password")


def _pages(reader: PdfReader, origin: str) -> list[list[str]]:
    """The lines of each page."""
    if reader.is_encrypted:
        try:
            opened = bool(reader.decrypt(""))  # many are only kept from being changed
        except Exception as error:  # the cipher is not there, or the data is damaged
            raise _encrypted(origin) from error
        if not opened:
            raise _encrypted(origin)
    count = len(reader.pages)
    if count > MAX_PAGES:
        raise UnreadableSource(
            origin, f"it has {count:,} pages, the limit is {MAX_PAGES:,}; split it"
        )
    return [_lines(page.extract_text()) for page in reader.pages]


def _lines(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in text.translate(_LIGATURES).splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines[next((n for n, line in enumerate(lines) if line), 0) :]


def _running_text(pages: Sequence[Sequence[str]]) -> list[str]:
    """The lines of all pages, without page numbers and what stands on every page."""
    filled = [page for page in pages if page]
    edges = Counter(_shape(page[at]) for page in filled for at in {0, len(page) - 1})
    least = max(_MIN_RUNNING_PAGES, _RUNNING_SHARE * len(filled))
    running = {shape for shape, count in edges.items() if count >= least}
    lines: list[str] = []
    for page in filled:
        last = len(page) - 1
        lines += [
            line
            for n, line in enumerate(page)
            if n not in (0, last) or not (_shape(line) in running or _PAGE_NUMBER.fullmatch(line))
        ]
    return lines


def _shape(line: str) -> str:
    """A line without its numbers, which differ from page to page."""
    return re.sub(r"\d+", "0", line)


def _title(title: str | None) -> str | None:
    """A title that somebody gave; programs put the names of files there."""
    title = " ".join((title or "").split())
    return None if not title or _FILE_NAME.search(title) else title


def _authors(author: str | None) -> tuple[str, ...]:
    names = _BETWEEN_NAMES.split(" ".join((author or "").split()))
    return tuple(name for name in names if name)


def _date(reader: PdfReader) -> str | None:
    """When it was made, if it says so in the form that it should."""
    info = reader.metadata
    try:
        said, made = (info.creation_date_raw, info.creation_date) if info else (None, None)
    except (ValueError, TypeError):
        return None
    # Impossible days are made possible by the parser: those are not what was said.
    if made is None or not str(said).startswith(f"D:{made:%Y%m%d}"):
        return None
    return made.isoformat()
