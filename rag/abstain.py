"""Whether to answer: an estimate that the draft holds the answer, and the reason if not.

The estimate is a logistic function of what the search and the reader saw. Its weights are
data, `confidence.json`, fitted by benchmarks/confidence.py and stored with what they were
fitted on. Three things are declined whatever it says: an article that holds few of the names
asked about, articles older than the days asked about, and nothing found. Pure.
"""

from __future__ import annotations

import json
import math
import re
from calendar import day_name, month_name
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from index.documents import PublicationDate, Query
from index.search import SearchResult
from rag.answers import Reason, ReasonCode
from rag.read import Draft, Pick
from rag.understanding.dates import all_before
from rag.words import normalise

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
    """What the estimate rests on, each cut to where it tells apart.

    Of the best answer its `vote` and its `margin` over silence (rag/read.py); the score of
    the `top` passage, its date included. `named` is the share of the question's names and
    numbers that the passages of the cited article or its title hold.
    """

    vote: float
    margin: float
    top: float
    named: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely the draft is right; why it is not said, or what to beware of if it is."""

    confidence: float
    reason: Reason | None
    caution: str | None = None


# With a third or fewer of the question's names in the article, 10% of the drafts of an
# earlier reader held the answer on news (36% otherwise) and 23% on SQuAD (43%).
LEAST_NAMED = 0.34
# Names are looked for in the passages of the cited article among so many of the best.
NEAR_PASSAGES = 10
# Two answers whose votes lie within this (e-fold) of each other are equally likely.
CONFLICT_LEAD = 0.5
CONFLICT_VOTE = -2.0


@cache
def weights() -> Mapping[str, float]:
    """The intercept, by the name `intercept`, and the weight of each feature."""
    data = json.loads(files("rag").joinpath("confidence.json").read_text(encoding="utf-8"))
    return {name: float(value) for name, value in data["weights"].items()}


def judge(
    query: Query,
    result: SearchResult,
    draft: Draft,
    *,
    abstain_below: float,
    caution_below: float,
) -> Judgement:
    """Answer, answer with caution, or abstain."""
    if not result.allowed:
        if query.filters:
            return _no(ReasonCode.FILTER_EMPTY, "No article passes the filters.")
        return _no(ReasonCode.NOTHING_FOUND, "The corpus is empty.")
    if draft.best is None:
        return _no(ReasonCode.NOTHING_FOUND, "No passage has anything to do with the question.")
    seen = features(query, result, draft)
    confidence = estimate(seen)
    if reason := _declined(query, draft, seen, confidence, abstain_below):
        return Judgement(confidence, reason)
    return Judgement(confidence, None, _caution(draft, confidence, caution_below))


def _declined(
    query: Query, draft: Draft, seen: Features, confidence: float, abstain_below: float
) -> Reason | None:
    published = [pick.source.article.dated for pick in draft.picks]
    if day := _outside(query, published):
        return Reason(
            ReasonCode.OUTSIDE_DATES,
            f"What was found was published before {day.isoformat()}, the day asked about.",
        )
    if seen.named < LEAST_NAMED:
        names = ", ".join(names_and_numbers(query.text))
        detail = f"The nearest article holds few of the names and numbers asked about: {names}."
        return Reason(ReasonCode.NOT_IN_CORPUS, detail)
    if confidence >= abstain_below:
        return None
    if other := conflicting(draft):
        first, second = draft.picks[0].answer.text, other.answer.text
        detail = f"What was found does not agree, and none of it is sure: “{first}”, “{second}”."
        return Reason(ReasonCode.CONFLICTING, detail)
    return Reason(
        ReasonCode.NOT_IN_CORPUS,
        "The nearest passages do not seem to hold the answer "
        f"(confidence {confidence:.2f}, answers need {abstain_below:.2f}).",
    )


def _no(code: ReasonCode, detail: str) -> Judgement:
    return Judgement(0.0, Reason(code, detail))


def _caution(draft: Draft, confidence: float, caution_below: float) -> str | None:
    if confidence >= caution_below:
        return None
    if other := conflicting(draft):
        return f"Reports differ: another gives “{other.answer.text}”. Read the quotations."
    return "This is the best that was found, and may not be the answer. Read the quotations."


def conflicting(draft: Draft) -> Pick | None:
    """A pick of another article with another short answer, as likely as the best one."""
    best = draft.best
    if best is None or best.answer.vote < CONFLICT_VOTE or not best.is_heard:
        return None
    for pick in draft.picks:
        other = normalise(pick.answer.text) != normalise(best.answer.text)
        elsewhere = pick.source.article.id != best.source.article.id
        near = best.answer.vote - pick.answer.vote < CONFLICT_LEAD
        if other and elsewhere and near and pick.is_heard:
            return pick
    return None


def features(query: Query, result: SearchResult, draft: Draft) -> Features:
    """What the estimate rests on, of a draft that has a best sentence."""
    assert draft.best is not None  # noqa: S101 - the caller has checked
    source, answer = draft.best.source, draft.best.answer
    title = "" if source.article.title_is_derived else source.article.title
    near = result.candidates[:NEAR_PASSAGES]
    same = [c.passage.text for c in near if c.article.id == source.article.id]
    return Features(
        vote=_cut(answer.vote, -10.0, 0.0),
        margin=_cut(answer.margin, -10.0, 10.0),
        top=_cut(near[0].score, -12.0, 8.0),
        named=share_named(query.text, " ".join([title, *same])),
    )


def _cut(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def estimate(features: Features) -> float:
    """The probability, 0 to 1, that the cited sentences hold the answer."""
    fitted = weights()
    z = fitted["intercept"] + sum(
        fitted[name] * getattr(features, name) for name in Features.__slots__
    )
    return 1.0 / (1.0 + math.exp(-z))


def _outside(query: Query, published: Sequence[PublicationDate | None]) -> date | None:
    """The day asked about, if all that was found is older: it cannot tell of it."""
    period = query.period if query.about == "past" else None
    return all_before(period, published) or all_before_the_event(query.text, published)


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
    """Words that must be in the evidence: capitalised within a question, or with a digit.

    Dates are left out: an article rarely writes out the day that it is about.
    """
    text = _DAY.sub(" ", question)
    return [
        word.group()
        for word in _WORD.finditer(text)
        if any(c.isdigit() for c in word.group())
        or (word.group()[0].isupper() and not _begins(text[: word.start()]))
        if word.group() not in _NO_NAMES
    ]


def _begins(before: str) -> bool:
    """Whether a word after this is the first of a question."""
    return not _WORD.search(before) or before.rstrip().endswith(("?", "!"))


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
