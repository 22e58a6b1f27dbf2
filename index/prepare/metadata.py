"""Finds what an article says about itself: title, outlet, section, authors, date.

What the source handed over wins; a line of the text only fills a gap. Lines that
are nothing but metadata leave the text and are reported as removed, as
`metadata:title`, `metadata:byline`, `metadata:date` or `metadata:source`. What is
not stated stays unknown: no date is guessed, a dateline without a year is no date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit

from index.documents import PublicationDate, RawArticle, Removed
from index.prepare.dates import parse_date
from index.prepare.lines import Line, tidy
from index.prepare.rules import fold

TITLE_LIMIT = 160  # characters; the longest headlines of the development set have 140
DERIVED_TITLE_LIMIT = 90
HEADER_LINES = 6  # title, deck, byline, role, date and one more
_PROSE = 120  # a title stands above a paragraph at least this long

_NAME = (
    r"(?-i:[^\W\d_a-z])[\w'.-]{0,25}"
    r"(?: (?:(?-i:[^\W\d_a-z])[\w'.-]{0,25}|de|da|van|von|der|la|al|bin|el)){1,4}"
)
_BYLINE = re.compile(
    rf"by:? (?P<names>{_NAME}(?:(?:, and |, | and | & ){_NAME}){{0,9}})"
    r"(?:(?:,? ?[|•·/] ?|, | - | for | of | in )(?P<rest>[\w .,'&()|•·/-]{1,60}))?",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r", and |, | and | & ")
_ROLE = re.compile(
    r"(?:the )?(?:associated press|reuters|afp|[\w ]{0,30}(?:staff|writer|reporter|correspondent"
    r"|editor|columnist|news|times|post|today|network))\b.{0,40}",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"(?:(?:first )?(?:published|posted|updated|last updated|last modified|modified|created|date"
    r"|publication date|on|at|by)\b[:,]? ?|[-|•·] ?)*",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"source: (?:(?P<section>[^:|]{1,60}?) [-|] )?(?P<host>(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24})/?",
    re.IGNORECASE,
)
_PATH_DATE = re.compile(r"/(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?=[/-]|$)")
_SENTENCE_END = (".", '."', ".'", ".)", ":", ";", ",")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an article, the lines of its text, and the lines that went."""

    title: str
    title_is_derived: bool
    source: str | None
    section: str | None
    authors: tuple[str, ...]
    published: PublicationDate | None
    lines: tuple[Line, ...]
    removed: tuple[Removed, ...]


@dataclass(slots=True)
class _Reading:
    """What the text has given so far; `take` removes a line."""

    lines: list[Line]
    removed: list[Removed] = field(default_factory=list)
    title: str | None = None
    source: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    published: PublicationDate | None = None

    def take(self, line: Line, what: str) -> None:
        self.lines.remove(line)
        self.removed.append(Removed(line.start, line.end, f"metadata:{what}"))


def read_metadata(raw: RawArticle, lines: list[Line]) -> Metadata:
    """What `raw` and the cleaned `lines` of its text say about the article."""
    known = _known(raw)
    reading = _Reading(list(lines))
    _read_source(reading)
    _read_header(reading, known)
    title = known.title or reading.title
    return Metadata(
        title=title or _opening(reading.lines),
        title_is_derived=title is None,
        source=known.source or reading.source or _host(raw.url),
        section=known.section or reading.section,
        authors=known.authors or reading.authors,
        published=known.published or reading.published or _date_in_path(raw.url),
        lines=tuple(reading.lines),
        removed=tuple(reading.removed),
    )
