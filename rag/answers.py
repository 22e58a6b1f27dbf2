"""The words of answering, as values: a question, what is cited, what is concluded.

Not answering is a value too: an `Answer` that is `abstained` carries a `Reason`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from index.documents import ArticleRef, DateMention, Filters, Hit

Status = Literal["answered", "abstained"]
Mode = Literal["extractive"]


class Verdict(StrEnum):
    """Whether the cited words carry what the answer says."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNSUPPORTED = "unsupported"
    UNCHECKED = "unchecked"


class ReasonCode(StrEnum):
    """Why a question was not answered."""

    NOTHING_FOUND = "nothing_found"
    FILTER_EMPTY = "filter_empty"
    NOT_IN_CORPUS = "not_in_corpus"


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, on which day, of what part of the corpus.

    `asked_at` is the day that "recent" refers to; `k` passages are returned as hits.
    """

    text: str
    asked_at: datetime
    filters: Filters = field(default_factory=Filters)
    k: int = 10
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A marker of an answer, bound to `article.text[start:end]` of one article version.

    `dates` are the days that words of the quote name: "on Friday" of which week.
    """

    marker: int
    quote: str
    start: int
    end: int
    verdict: Verdict
    passage_id: str
    article: ArticleRef
    dates: tuple[DateMention, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a question was not answered, for a machine and for a person."""

    code: ReasonCode
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole outcome of a question.

    `text` holds a marker such as `[1]` after each cited statement and is empty when
    abstained. `confidence`, 0 to 1, estimates that the cited sentences hold the answer.
    """

    question: str
    status: Status
    reason: Reason | None
    text: str
    confidence: float
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    mode: Mode
    models: Mapping[str, str]
    generation: int
    timings_ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class HitsFound:
    """The search is done."""

    hits: tuple[Hit, ...]
    generation: int


@dataclass(frozen=True, slots=True)
class Delta:
    """The next words of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation that the words so far refer to; its verdict is still `unchecked`."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict on the citation with this marker."""

    marker: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of the stream: the whole answer."""

    answer: Answer


AnswerEvent = HitsFound | Delta | Cited | Verified | Answered
