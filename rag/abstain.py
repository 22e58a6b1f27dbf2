"""Whether to answer: an estimate that the draft holds the answer, and the reason if not.

The estimate is a logistic function of what the search and the reader saw, fitted by
benchmarks/abstention.py. Two things are declined whatever it says: an article that holds
few of the names asked about, and articles older than the day asked about. Pure.
"""

from __future__ import annotations

import math
import re
from calendar import day_name, month_name
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index.documents import PublicationDate, Query
from index.search import SearchResult
from rag.answers import Reason, ReasonCode
from rag.expect import Kind
from rag.read import Draft

_WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")

_NO_NAMES = frozenset([*month_name, *day_name, "I"])
_MONTH = "|".join(month_name[1:])
_DAY = re.compile(
    rf"\b(?:(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})|(?P<day_first>\d{{1,2}})\s+(?P<month_last>{_MONTH}))"
    r"\b(?:,?\s+(?P<year>(?:19|20)\d\d))?"
)
_PAST = re.compile(r"\b(?:was|were|did|had)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Features:
    """What the estimate rests on.

    `sentence` and `passage` are the reranker's logits of the best sentence and its
    passage, cut to where they tell apart. `named` is the share of the question's names
    and numbers that the passages of that article or its title hold. `offered` is 1 if a
    sentence offers the kind of answer asked for, or any kind would do; else 0.
    """

    sentence: float
    passage: float
    named: float
    offered: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely the draft is right, and why it is not said, if it is not."""

    confidence: float
    reason: Reason | None


# Fitted by benchmarks/abstention.py; see docs/decisions/answers-and-abstention.md.
INTERCEPT = -2.894
WEIGHTS = Features(sentence=0.181, passage=0.069, named=0.656, offered=0.809)
# With a third or fewer of the question's names in the article, 10% of drafts hold the
# answer on news (36% otherwise) and 23% on SQuAD (43%).
LEAST_NAMED = 0.34
# Names are looked for in the passages of the cited article among so many of the best.
NEAR_PASSAGES = 10
_SENTENCE_RANGE = (-6.0, 7.0)
_PASSAGE_RANGE = (-6.0, 8.0)


def judge(query: Query, result: SearchResult, draft: Draft, *, abstain_below: float) -> Judgement:
    """Answer or abstain."""
    if not result.allowed:
        if query.filters:
            return _no(ReasonCode.FILTER_EMPTY, "No article passes the filters.")
        return _no(ReasonCode.NOTHING_FOUND, "The corpus is empty.")
    if draft.best is None:
        return _no(ReasonCode.NOTHING_FOUND, "No passage has anything to do with the question.")
    published = [pick.source.article.dated for pick in draft.picks]
    if day := all_before_the_event(query.text, published):
        return _no(
            ReasonCode.NOT_IN_CORPUS,
            f"What was found was published before {day.isoformat()}, the day asked about.",
        )
    seen = features(query, result, draft)
    confidence = estimate(seen)
    if seen.named < LEAST_NAMED:
        names = ", ".join(names_and_numbers(query.text))
        detail = f"The nearest article holds few of the names and numbers asked about: {names}."
        return Judgement(confidence, Reason(ReasonCode.NOT_IN_CORPUS, detail))
    if confidence < abstain_below:
        return Judgement(
            confidence,
            Reason(
                ReasonCode.NOT_IN_CORPUS,
                "The nearest passages do not seem to hold the answer "
                f"(confidence {confidence:.2f}, answers need {abstain_below:.2f}).",
            ),
        )
    return Judgement(confidence, None)


def _no(code: ReasonCode, detail: str) -> Judgement:
    return Judgement(0.0, Reason(code, detail))


def features(query: Query, result: SearchResult, draft: Draft) -> Features:
    """What the estimate rests on, of a draft that has a best sentence."""
    assert draft.best is not None  # noqa: S101 - the caller has checked
    source = draft.best.source
    title = "" if source.article.title_is_derived else source.article.title
    near = result.candidates[:NEAR_PASSAGES]
    same = [c.passage.text for c in near if c.article.id == source.article.id]
    offer = max(pick.offer for pick in draft.picks)
    return Features(
        sentence=_cut(draft.best.relevance, *_SENTENCE_RANGE),
        passage=_cut(source.relevance if source.relevance is not None else 0.0, *_PASSAGE_RANGE),
        named=share_named(query.text, " ".join([title, *same])),
        offered=float(draft.expected.kind is Kind.OPEN or offer == 1.0),
    )


def _cut(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def estimate(features: Features) -> float:
    """The probability, 0 to 1, that the cited sentences hold the answer."""
    z = INTERCEPT + sum(
        getattr(WEIGHTS, name) * getattr(features, name) for name in Features.__slots__
    )
    return 1.0 / (1.0 + math.exp(-z))


def all_before_the_event(question: str, published: Sequence[PublicationDate | None]) -> date | None:
    """The day that a question in the past tense names, if every article is older than it.

    A day without a year is the one nearest to an article's publication.
    """
    match = _DAY.search(question)
    if match is None or not _PAST.search(question):
        return None
    month = list(month_name).index(match["month"] or match["month_last"])
    number = int(match["day"] or match["day_first"])
    days: list[date] = []
    for one in published:
        if one is None:
            return None
        day = _nearest_day(match["year"], month, number, one.latest.date())
        if day is None or day <= one.latest.date():
            return None
        days.append(day)
    return max(days, default=None)


def _nearest_day(year: str | None, month: int, number: int, to: date) -> date | None:
    years = [int(year)] if year else [to.year - 1, to.year, to.year + 1]
    try:
        return min((date(y, month, number) for y in years), key=lambda day: abs(day - to))
    except ValueError:  # 31 April, or 29 February in a common year
        return None


def names_and_numbers(question: str) -> list[str]:
    """Words that must be in the evidence: capitalised past the first, or with a digit.

    Dates are left out: an article rarely writes out the day that it is about.
    """
    words = _WORD.findall(_DAY.sub(" ", question))
    return [
        word
        for place, word in enumerate(words)
        if any(c.isdigit() for c in word) or (place > 0 and word[0].isupper())
        if word not in _NO_NAMES
    ]


def share_named(question: str, evidence: str) -> float:
    """The share of the question's names and numbers found in the evidence; 1 if it has none."""
    wanted = names_and_numbers(question)
    if not wanted:
        return 1.0
    there = {_stem(word) for word in _WORD.findall(evidence)}
    return sum(_stem(word) in there for word in wanted) / len(wanted)


def _stem(word: str) -> str:
    word = word.casefold().replace("’", "'").replace(".", "")
    return word.removesuffix("'s")
