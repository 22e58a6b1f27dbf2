"""A question becomes a query: its words, its filters, its days, and whether age matters.

    1. follow-ups   the question stands alone: `understanding/followups.py`
    2. days         what it names, against the day of asking: `dates.py`, `bounds.py`
    3. kind         about now, about a dated past, or timeless: `kinds.py`

Pure: the day of asking is part of the question.
"""

from __future__ import annotations

from index.documents import Query
from rag.answers import Question
from rag.understanding.bounds import bounded, bounds_of, end_of_day
from rag.understanding.dates import dates_named, period_of
from rag.understanding.followups import standing_alone
from rag.understanding.kinds import RECENCY, kind_of


def understand(question: Question) -> Query:
    """The query of a question. A question about a dated past asks for no recency."""
    # 1. follow-ups
    text = standing_alone(question.text, question.history)
    # 2. days
    asked = question.asked_at.date()
    dates = dates_named(text, asked)
    bounds = bounds_of(text, dates, asked)
    if bounds.as_of:
        dates = tuple(mention for mention in dates if mention.last != bounds.as_of)
    period = period_of(dates, bounds.as_of or asked)
    # 3. kind
    about = kind_of(text, period, bounds.as_of or asked)
    return Query(
        text=text,
        asked_at=min(question.asked_at, end_of_day(bounds.as_of or asked)),
        filters=bounded(question.filters, bounds),
        k=question.k,
        recency=RECENCY[about],
        about=about,
        period=period,
    )
