"""What is told of the corpus as a whole: its outlets, its days, what may be asked and how.

The timeline has a bin for each day, week, month or year that holds something, so that decades
take no more room than a season. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, Field

from index.store.tally import Tally
from rag.answers import Mode, Strictness

Unit = Literal["day", "week", "month", "year"]
# On a telephone a bin has three pixels; and the page, with all it loads, has 150 kB.
MAX_BINS = 120
# Outlets that a bin names; the others of it count as one.
NAMED_OUTLETS = 8
MAX_OUTLETS = 500
_WEEK = timedelta(days=7)
_MONTH_DAYS = 30


class OutletOut(BaseModel):
    """An outlet, as most of its articles spell it."""

    source: str
    articles: int
    first_day: str | None
    last_day: str | None


class BinOut(BaseModel):
    """The articles of a day, a week from its Monday, or a month or year from its first."""

    day: str = Field(description="The first day of it.")
    articles: int
    by_outlet: dict[str, int] = Field(
        description="Of the outlets with the most articles; the rest of `articles` is of others."
    )


class AccessOut(BaseModel):
    """What whoever asks may do."""

    ingest: bool = Field(description="Add and remove articles and feeds.")


class CorpusOut(BaseModel):
    """What can be asked about."""

    generation: int
    articles: int
    passages: int
    undated: int = Field(description="Articles of no known day.")
    first_day: str | None
    last_day: str | None
    last_ingest_at: str | None
    outlets: list[OutletOut] = Field(description="Those with the most articles first.")
    unit: Unit = Field(description="What a bin of the timeline is.")
    timeline: list[BinOut] = Field(description="Only what holds something, oldest first.")
    modes: list[Mode] = Field(description="Whose words answers may be in, the default first.")
    strictness: Strictness = Field(description="What a language model's answers get by default.")
    access: AccessOut


class ExamplesOut(BaseModel):
    """Questions that this corpus answers."""

    questions: list[str]


def outlets_out(tallies: Sequence[Tally]) -> list[OutletOut]:
    """The outlets, those with the most articles first; spellings that differ in case are one."""
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    days: dict[str, list[date]] = defaultdict(list)
    for tally in tallies:
        if tally.source is not None:
            spelt[tally.source.casefold()][tally.source] += tally.articles
            days[tally.source.casefold()] += [tally.day] if tally.day else []
    told = [
        OutletOut(
            source=names.most_common(1)[0][0],
            articles=names.total(),
            first_day=min(days[key]).isoformat() if days[key] else None,
            last_day=max(days[key]).isoformat() if days[key] else None,
        )
        for key, names in spelt.items()
    ]
    return sorted(told, key=lambda outlet: (-outlet.articles, outlet.source))[:MAX_OUTLETS]


def unit_of(first: date | None, last: date | None) -> Unit:
    """The finest unit of which the days from first to last take at most `MAX_BINS`."""
    days = (last - first).days + 1 if first and last else 0
    if days <= MAX_BINS:
        return "day"
    if days <= MAX_BINS * _WEEK.days:
        return "week"
    return "month" if days <= MAX_BINS * _MONTH_DAYS else "year"


def timeline_out(
    tallies: Sequence[Tally], unit: Unit, outlets: Sequence[OutletOut]
) -> list[BinOut]:
    """The bins that hold something, oldest first."""
    named = {outlet.source.casefold(): outlet.source for outlet in outlets[:NAMED_OUTLETS]}
    totals: Counter[date] = Counter()
    parts: dict[date, Counter[str]] = defaultdict(Counter)
    for tally in tallies:
        if tally.day is None:
            continue
        start = _start_of(tally.day, unit)
        totals[start] += tally.articles
        if name := named.get((tally.source or "").casefold()):
            parts[start][name] += tally.articles
    return [
        BinOut(
            day=day.isoformat(), articles=totals[day], by_outlet=dict(sorted(parts[day].items()))
        )
        for day in sorted(totals)
    ]


def _start_of(day: date, unit: Unit) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "year":
        return day.replace(month=1, day=1)
    return day.replace(day=1) if unit == "month" else day
