"""Words that bound what may be seen: "as of 1 May", "published last week".

Only words that speak of publication or of what was known bound a search; the days of an
event do not, as news of it may come later. A bound that the caller has set stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from index.documents import DateMention, Filters

_AS_OF = re.compile(
    r"\b(?:as (?:of|at)"
    r"|(?:as )?(?:it|things|matters|they) (?:stood|was|were)(?: known)? (?:on|in|at)"
    r"|(?:was|were|is) (?:publicly )?known (?:by|on|in|at|up to)|as known (?:on|in|by)"
    r"|(?:knew|known) (?:by|on))\s+(?:on |in )?(?:the )?$",
    re.IGNORECASE,
)
# A study or a book is published, too: only what an outlet publishes has the date of an article.
_PUBLISHED = re.compile(
    r"(?:\b(?:articles?|stories|headlines|coverage|news(?: reports?| items?)?)"
    r"(?: (?:published|posted|printed|written)(?: (?:on|in|since|between|during|over))?"
    r"| (?:from|of|on|in|since|between|during|over|dated))"
    r"|\bwhat (?:was|were) (?:reported|published)(?: (?:on|in|since|between|during|over))?"
    r")\s+(?:the )?$",
    re.IGNORECASE,
)
# What an outlet reported on a day, it published on that day.
_OUTLET_REPORTS = re.compile(
    r"\b(?:report|write|publish|print)(?:ed)?\s+(?:on |in )?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the words bound: the last day that may be known, or the days of publication."""

    known: DateMention | None = None
    published: DateMention | None = None

    @property
    def as_of(self) -> date | None:
        """The last day of which news may be seen."""
        return self.known.last if self.known else None

    @property
    def days(self) -> tuple[date, date] | None:
        """The days of publication that are seen."""
        return (self.published.first, self.published.last) if self.published else None


def bounds_of(
    text: str, dates: Sequence[DateMention], asked: date, *, outlet_reports: bool = False
) -> Bounds:
    """The bounds that the words before the days set; `outlet_reports` if an outlet is asked."""
    known, published = None, None
    for mention in dates:
        before = _leading(text, mention)
        if _AS_OF.search(before):
            known = mention if mention.last < asked else None
        elif _PUBLISHED.search(before) or (outlet_reports and _OUTLET_REPORTS.search(before)):
            published = mention
    return Bounds(known, published)


def _leading(text: str, mention: DateMention) -> str:
    """What stands before the days, with a preposition that belongs to their words."""
    said = re.match(r"(?:on|in|from|between|over|during)\s", mention.text, re.IGNORECASE)
    return text[: mention.start] + (said[0] if said else "")


def bounded(filters: Filters, bounds: Bounds) -> Filters:
    """The filters with the bounds of the words, where the caller has set none of these."""
    if bounds.as_of and filters.latest is None:
        filters = replace(filters, as_of=end_of_day(bounds.as_of))
    free = filters.published_from is None and filters.published_to is None
    if bounds.published and free:
        first = datetime.combine(bounds.published.first, time.min, UTC)
        last = end_of_day(bounds.published.last)
        filters = replace(filters, published_from=first, published_to=last)
    return filters


def end_of_day(day: date) -> datetime:
    """Its last instant in UTC."""
    return datetime.combine(day, time.max, UTC)
