"""Finds what an article says about itself: title, outlet, section, authors, date.

What the source handed over wins; a line of the text only fills a gap. Lines that
are nothing but metadata leave the text and are reported as removed, as
`metadata:title`, `metadata:byline`, `metadata:date` or `metadata:source`. What is
not stated stays unknown: no date is guessed, a dateline without a year is no date,
and when an article was changed is not when it was published.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from index.documents import PublicationDate, RawArticle, Removed
from index.prepare.addresses import bare_host, day_in_path, host_of
from index.prepare.arrival import Arrival
from index.prepare.bylines import read_byline
from index.prepare.date_lines import (
    Dates,
    read_date_line,
    read_edition_line,
    read_note,
    read_update_line,
)
from index.prepare.dates import LONGEST_DATE, parse_given
from index.prepare.lines import Line, tidy
from index.prepare.rules import fold
from index.prepare.titles import HEADER_LINES, PROSE, is_title, opening

FOOTER_LINES = 8  # date, share links, desk and what a scraper adds

_SOURCE = re.compile(
    r"source: (?:(?P<section>[^:|]{1,60}?) [-|] )?"
    r"(?P<host>(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24})/?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an article, the lines of its text, and the lines that went."""

    title: str
    title_is_derived: bool
    source: str | None
    section: str | None
    authors: tuple[str, ...]
    published: PublicationDate | None
    modified: PublicationDate | None
    refused_dates: tuple[str, ...]
    lines: tuple[Line, ...]
    removed: tuple[Removed, ...]


@dataclass(slots=True)
class _Reading:
    """The lines not yet taken, and what the taken ones said."""

    lines: list[Line]
    removed: list[Removed] = field(default_factory=list)
    title: str | None = None
    source: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    published: PublicationDate | None = None
    modified: PublicationDate | None = None

    def take(self, line: Line, what: str) -> None:
        self.lines.remove(line)
        self.removed.append(Removed(line.start, line.end, f"metadata:{what}"))

    def take_dates(self, line: Line, dates: Dates) -> None:
        """Of several dates of publication the earliest counts, of changes the last."""
        self.published = _pick(min, self.published, dates.published)
        self.modified = _pick(max, self.modified, dates.modified)
        self.take(line, "date")


def read_metadata(
    raw: RawArticle,
    lines: Sequence[Line],
    removed: Sequence[Removed] = (),
    notes: Sequence[str] = (),
    *,
    received: datetime | None = None,
) -> Metadata:
    """What `raw`, the cleaned `lines` of its text and the `notes` say about the article.

    `removed` are the spans that cleaning took: a name above a wire's name is a byline.
    Dates after `received` are refused, and the next source of the date is asked.
    """
    title = tidy(raw.title or "") or None
    arrival = Arrival(received)
    published = arrival.accepted(_given(raw.published), "published")
    modified = arrival.accepted(_given(raw.modified), "modified")
    reading = _Reading(list(lines))
    _read_source(reading)
    _read_header(reading, title, [r.start for r in removed if r.rule == "wire-line"])
    _read_footer(reading)
    _read_notes(reading, notes)
    published = published or arrival.accepted(reading.published, "published")
    published = published or arrival.accepted(day_in_path(raw.url), "published")
    if published:
        _read_update(reading, published)
    return Metadata(
        title=title or reading.title or opening(reading.lines),
        title_is_derived=not (title or reading.title),
        source=tidy(raw.source or "") or reading.source or host_of(raw.url),
        section=tidy(raw.section or "") or reading.section,
        authors=tuple(filter(None, map(tidy, raw.authors))) or reading.authors,
        published=published,
        modified=modified or arrival.accepted(reading.modified, "modified"),
        refused_dates=tuple(arrival.refused),
        lines=tuple(reading.lines),
        removed=tuple(reading.removed),
    )


def _read_source(reading: _Reading) -> None:
    """Takes a last line such as `Source: Elections - example.com`."""
    for line in reading.lines[-1:-4:-1]:
        if match := _SOURCE.fullmatch(fold(line.text)):
            reading.source = bare_host(match.group("host"))
            reading.section = match.group("section")
            reading.take(line, "source")
            return


def _read_header(reading: _Reading, title: str | None, wires: list[int]) -> None:
    """Takes title, bylines and dates from the lines above the first paragraph."""
    for place, line in enumerate(reading.lines[:HEADER_LINES]):
        following = [other for other in reading.lines if other.start > line.start]
        if not following:
            return
        names = read_byline(
            line.text,
            following[0].text,
            titled=place > 0 or title is not None,
            above_wire=any(line.end <= start < following[0].start for start in wires),
        )
        if names and not reading.authors:
            if names.affiliated:
                reading.take(following[0], "byline")
            reading.authors = names.authors
            reading.source = reading.source or names.source
            reading.published = reading.published or names.published
            reading.take(line, "byline")
        elif dates := read_date_line(line.text) or read_edition_line(line.text):
            reading.take_dates(line, dates)
        elif place == 0 and is_title(line.text, title, following):
            reading.title = line.text
            reading.take(line, "title")
        elif len(line.text) >= PROSE:
            return


def _read_footer(reading: _Reading) -> None:
    """Takes a date that stands alone below the text, where none stood above it."""
    for line in reading.lines[: -FOOTER_LINES - 1 : -1]:
        dates = read_date_line(line.text)
        if dates and (reading.published is None or dates.published is None):
            reading.take_dates(line, dates)


def _read_notes(reading: _Reading, notes: Sequence[str]) -> None:
    """Dates from notes such as `First published on 12 March 2025`, where no line gave them."""
    for dates in filter(None, map(read_note, notes)):
        reading.published = reading.published or dates.published
        reading.modified = _pick(max, reading.modified, dates.modified)


def _read_update(reading: _Reading, published: PublicationDate) -> None:
    """Takes `Updated 9:02 PM EDT, Tue April 8`, whose year follows from the publication."""
    for line in reading.lines[:HEADER_LINES]:
        if len(line.text) <= LONGEST_DATE and (found := read_update_line(line.text, published)):
            reading.take_dates(line, Dates(None, found))


def _given(value: str | None) -> PublicationDate | None:
    return parse_given(value) if value else None


def _pick(
    choose: Callable[..., PublicationDate], *dates: PublicationDate | None
) -> PublicationDate | None:
    known = [found for found in dates if found]
    return choose(known, key=lambda found: found.at) if known else None
