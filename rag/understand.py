"""A question becomes a query: its words, its filters, its days, and whether age matters.

    1. follow-ups   the question stands alone                            followups.py
    2. outlets      whose words it asks for, and which it mentions       outlets.py
    3. days         what it names, against the day of asking             dates.py, bounds.py
    4. phrases      the words it has in quotation marks                  phrases.py
    5. kind         about now, about a dated past, or timeless           kinds.py
    6. parts        one query for each outlet that is to be heard        parts.py

All of `rag/understanding/`. What was read out of the words is told with the answer, and
`Question.literal` takes it back. Pure: the day of asking is part of the question, the
outlets of the corpus are an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from index.documents import DateMention, Filters, Query
from rag.answers import Aspect, Part, Question, Understood
from rag.understanding.bounds import Bounds, bounded, bounds_of, end_of_day
from rag.understanding.dates import dates_named, period_of
from rag.understanding.followups import standing_alone
from rag.understanding.kinds import RECENCY, kind_of
from rag.understanding.outlet_names import Outlets
from rag.understanding.outlets import OutletNamed, OutletsNamed, outlets_named
from rag.understanding.parts import outlets_apart, without_outlets
from rag.understanding.phrases import phrases_of

_ANY = Outlets()


@dataclass(frozen=True, slots=True)
class Understanding:
    """The query of a question, the queries of its parts, and what is told of both.

    `parts` has one query for each outlet that the question wants to hear, else the whole
    one. `understood.parts` names them in the same order and is empty where there is but one.
    """

    query: Query
    parts: tuple[Query, ...]
    understood: Understood

    @property
    def names(self) -> tuple[str | None, ...]:
        """The outlet of each part; None for a question that has but one."""
        return tuple(part.source for part in self.understood.parts) or (None,)


def understand(question: Question, outlets: Outlets = _ANY) -> Query:
    """The query of a whole question. A question about a dated past asks for no recency."""
    return interpret(question, outlets).query


def interpret(question: Question, outlets: Outlets = _ANY) -> Understanding:
    """All that is read out of a question, given the outlets of the corpus."""
    # 1. follow-ups
    text = " ".join(question.text.split())
    if Aspect.HISTORY not in question.literal:
        text = standing_alone(text, question.history, question.asked_at.date(), outlets)
    # 2. outlets
    named = _outlets(text, question, outlets)
    apart = outlets_apart(text, named)
    asked = named.named if apart else named.asked
    # 3. days
    days = _days(text, question, outlet_reports=bool(asked))
    # 4. phrases
    phrases = () if Aspect.PHRASES in question.literal else phrases_of(text)
    # 5. kind
    about = kind_of(text, days.period, days.asked_at.date())
    query = Query(
        text=without_outlets(text, asked) if asked else text,
        asked_at=days.asked_at,
        filters=_from(days.filters, _sources(asked)),
        k=question.k,
        recency=RECENCY[about],
        about=about,
        period=days.period,
        preferred_sources=() if apart else _sources([o for o in named.named if not o.asked]),
        phrases=phrases,
    )
    # 6. parts
    parts = tuple(replace(query, filters=_from(days.filters, sources)) for sources in apart)
    return Understanding(
        query, parts or (query,), _told(text, query, parts, days, _sources(asked), named)
    )


@dataclass(frozen=True, slots=True)
class _Days:
    """What the words say of time: the days named, those asked about, and what bounds the search."""

    dates: tuple[DateMention, ...]
    bounds: Bounds
    period: tuple[date, date] | None
    asked_at: datetime
    filters: Filters


def _days(text: str, question: Question, *, outlet_reports: bool) -> _Days:
    asked = question.asked_at.date()
    dates = () if Aspect.DATES in question.literal else dates_named(text, asked)
    bounds = bounds_of(text, dates, asked, outlet_reports=outlet_reports)
    about = [mention for mention in dates if mention != bounds.known]
    now = min(question.asked_at, end_of_day(bounds.as_of or asked))
    period = period_of([m for m in about if m.first <= now.date()], now.date())
    return _Days(dates, bounds, period, now, bounded(question.filters, bounds))


def _outlets(text: str, question: Question, outlets: Outlets) -> OutletsNamed:
    """The outlets in the words, unless the caller says which are to be searched."""
    if Aspect.OUTLETS in question.literal or question.filters.sources:
        return OutletsNamed()
    return outlets_named(text, outlets)


def _sources(named: Sequence[OutletNamed]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for one in named for source in one.sources))


def _from(filters: Filters, sources: tuple[str, ...]) -> Filters:
    return replace(filters, sources=sources) if sources else filters


def _told(
    text: str,
    query: Query,
    parts: Sequence[Query],
    days: _Days,
    sources: tuple[str, ...],
    named: OutletsNamed,
) -> Understood:
    return Understood(
        text=text,
        about=query.about,
        period=query.period,
        dates=days.dates,
        as_of=days.bounds.as_of,
        published=days.bounds.days,
        sources=sources,
        preferred_sources=query.preferred_sources,
        phrases=query.phrases,
        parts=tuple(Part(part.filters.sources[0], part.text) for part in parts),
        notes=tuple(f"outlet not in the corpus: {name}" for name in named.unknown),
    )
