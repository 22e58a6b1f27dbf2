"""A question becomes a query: its words, its filters, and whether age matters.

Pure: the day of asking is part of the question.
"""

from __future__ import annotations

import re

from index.documents import Query
from rag.answers import Question

_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_IN_MONTH = re.compile(rf"\b(?:in|on|since|during|by|until|of|last)\s+({_MONTH})\b", re.IGNORECASE)
_MONTHS = _MONTH.split("|")
# A follow-up leans on what was asked before: it points back, or is hardly a question.
_POINTS_BACK = re.compile(
    r"\b(?:he|she|they|it|him|her|them|his|hers|their|theirs|its|this|that|those|these|there)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(r"^\s*(?:and|but|so|or|what about|how about|why|when|where)\b", re.IGNORECASE)
_FEW_WORDS = 4


def understand(question: Question) -> Query:
    """The query of a question. A question about a dated past asks for no recency."""
    return Query(
        text=_standing_alone(question),
        asked_at=question.asked_at,
        filters=question.filters,
        k=question.k,
        recency=0.0 if names_the_past(question) else 1.0,
    )


def names_the_past(question: Question) -> bool:
    """Whether it names a year before, or a month other than, that of asking."""
    asked_at = question.asked_at
    if any(int(year) < asked_at.year for year in _YEAR.findall(question.text)):
        return True
    months = [_MONTHS.index(name.lower()) + 1 for name in _IN_MONTH.findall(question.text)]
    return any(month != asked_at.month for month in months)


def _standing_alone(question: Question) -> str:
    """The question's words, led by the last one before it when it leans on that."""
    text = " ".join(question.text.split())
    earlier = [turn.content for turn in question.history if turn.role == "user"]
    if not earlier:
        return text
    short = len(text.split()) <= _FEW_WORDS
    if short or _POINTS_BACK.search(text) or _LEANS.search(text):
        return " ".join(earlier[-1].split()) + " " + text
    return text
