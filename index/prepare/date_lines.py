"""Recognises the lines above and below an article that say when it was published or changed.

Sees one line at a time. "Published" and "updated" are told apart, and a line that is no
list of dates gives none. Knows neither the article nor what its source said of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.documents import PublicationDate
from index.prepare.dates import parse_date

LONGEST_PART = 40  # between the bars of "Kestrel Business | Deals | 6 March 2025"

_BARS = re.compile(r"(?<=\S) ?[|•·] ?(?=\S)")
_LABELS = re.compile(
    r"\b(?=(?:last )?(?:updated|modified|revised)\b|(?:first )?(?:published|posted|created)\b)",
    re.IGNORECASE,
)
_CHANGED = re.compile(r"(?:last )?(?:updated|modified|revised)\b", re.IGNORECASE)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\b", re.IGNORECASE)
# A note that says only when: "This article was last updated on June 26, 2023."
_SAID_OF = re.compile(
    r"(?:this|the) (?:story|article|page|post|column|report) (?:was|has been) ", re.IGNORECASE
)
_WORDS = re.compile(r"[a-z]+|\S", re.IGNORECASE)
_DATE_WORDS = re.compile(
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?|st|nd|rd|th|of|at|on"
    r"|a|p|m|[ap]m|[ecmp]s?t|[ecmp]dt|gmt|utc|bst|cest|hkt|jst|z|t|first|published|posted|updated"
    r"|last|modified|revised|created|date|publication|original(?:ly)?|min(?:ute)?s?|read",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dates:
    """What a line says of when an article was published and when it was changed."""

    published: PublicationDate | None
    modified: PublicationDate | None = None


def read_date_line(text: str) -> Dates | None:
    """The dates of a line that says when, alone or between bars: `Deals | 6 March 2025`."""
    parts = [part for part in _BARS.split(text) if part]
    if len(parts) > 1 and any(len(part) > LONGEST_PART for part in parts):
        return None
    found = [dates for part in parts if (dates := _dates_alone(part))]
    if not found:
        return None
    published = next((dates.published for dates in found if dates.published), None)
    return Dates(published, next((dates.modified for dates in found if dates.modified), None))


def read_note(text: str) -> Dates | None:
    """The dates of a note on the article that says nothing else."""
    return read_date_line(_SAID_OF.sub("", text, count=1))


def read_edition_line(text: str) -> Dates | None:
    """The date that ends a short line which is no sentence: `English edition, 6 March 2025`."""
    edition, comma, rest = text.partition(", ")
    if not comma or len(edition) > LONGEST_PART or not edition[:1].isupper():
        return None
    return _dates_alone(rest) if rest[-1:].isdigit() else None


def read_update_line(text: str, published: PublicationDate) -> PublicationDate | None:
    """The date of `Updated 9:02 PM EDT, Tue April 8`: the first such day after publication.

    Sure only where the line names the weekday, which must fit.
    """
    weekday = _WEEKDAY.search(text)
    if not weekday or not _CHANGED.match(text) or not _is_date(text):
        return None
    for year in (published.at.year, published.at.year + 1):
        found = parse_date(f"{text.rstrip(' .')}, {year}")
        day = parse_date(f"{text[weekday.end() :].rstrip(' .')}, {year}")
        if found and day and found.latest >= published.earliest:
            fits = _WEEKDAYS[day.at.weekday()] == weekday[1].lower()
            return found if fits else None
    return None


def _is_date(text: str) -> bool:
    """Whether a line consists of the words of dates alone."""
    return not any(
        word.isalpha() and not _DATE_WORDS.fullmatch(word) for word in _WORDS.findall(text)
    )


def _dates_alone(text: str) -> Dates | None:
    """What a line of dates says of publication and of change, by the words before them."""
    if not _is_date(text):
        return None
    pieces = [piece for piece in _LABELS.split(text) if piece]
    changed = [parse_date(piece) for piece in pieces if _CHANGED.match(piece)]
    others = [parse_date(piece) for piece in pieces if not _CHANGED.match(piece)]
    published = min(filter(None, others), key=lambda found: found.at, default=None)
    modified = max(filter(None, changed), key=lambda found: found.at, default=None)
    return Dates(published, modified) if published or modified else None
