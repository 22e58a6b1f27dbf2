"""The words of answering, as values: a question, what is cited, what is concluded.

Not answering is a value too: an `Answer` that is `abstained` carries a `Reason`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from index.documents import About, ArticleRef, DateMention, Filters, Hit

Status = Literal["answered", "abstained"]
# Who writes: nobody, as sentences are quoted, or a language model.
Mode = Literal["extractive", "llm"]
# What becomes of a written sentence that its citations do not carry: marked, or not said.
Strictness = Literal["flag", "strict"]


class Aspect(StrEnum):
    """What is read out of a question's words, and can be taken back."""

    DATES = "dates"
    OUTLETS = "outlets"
    PHRASES = "phrases"
    HISTORY = "history"


class Verdict(StrEnum):
    """Whether the cited words carry what the answer says."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNSUPPORTED = "unsupported"
    UNCHECKED = "unchecked"


class ReasonCode(StrEnum):
    """Why a question was not answered.

    `FILTER_EMPTY`: no article passes the filters. `OUTSIDE_DATES`: some do, but none can
    tell of the days asked about. `CONFLICTING`: what was found does not agree, and none of
    it is sure. `DECLINED`: the language model found no answer in the passages.
    """

    NOTHING_FOUND = "nothing_found"
    FILTER_EMPTY = "filter_empty"
    OUTSIDE_DATES = "outside_dates"
    NOT_IN_CORPUS = "not_in_corpus"
    CONFLICTING = "conflicting"
    DECLINED = "declined"


class FallbackCode(StrEnum):
    """Why an answer is extractive though a language model was to write it.

    `NOT_CONFIGURED`: there is none. `MODEL_FAILED`: it did not answer, or broke off.
    `NO_ROOM`: no passage fits beside the question. `TOO_LITTLE_SUPPORTED`: the passages do
    not carry what it wrote. `LEAKED`: it recited its instructions.
    """

    NOT_CONFIGURED = "not_configured"
    MODEL_FAILED = "model_failed"
    NO_ROOM = "no_room"
    TOO_LITTLE_SUPPORTED = "too_little_supported"
    LEAKED = "leaked"


class Problem(StrEnum):
    """What is wrong with a quotation or a citation.

    `MISATTRIBUTED`: the quotation stands elsewhere, or is somebody else's. `NOT_FOUND`: no
    passage has it. `MISCITED`: another passage carries the statement.
    """

    MISATTRIBUTED = "misattributed"
    NOT_FOUND = "not_found"
    MISCITED = "miscited"


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, on which day, of what part of the corpus.

    `asked_at` is the day that "recent" refers to; `k` passages are returned as hits.
    `literal` names what is not to be read out of the words. `mode` and `strictness` are those
    of the settings unless they are given.
    """

    text: str
    asked_at: datetime
    filters: Filters = field(default_factory=Filters)
    k: int = 10
    history: tuple[Turn, ...] = ()
    literal: frozenset[Aspect] = frozenset()
    mode: Mode | None = None
    strictness: Strictness | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One of several outlets that a question wants to hear, and what it is searched for."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What was read out of a question's words.

    `text` is the question standing alone; the offsets of `dates` are in it. `period`, the
    days asked about, and `preferred_sources`, outlets that are mentioned, only rank.
    `as_of`, `published` and `sources` bound what is seen. `parts` are answered one by one.
    `notes` say what was asked for in vain.
    """

    text: str
    about: About = "now"
    period: tuple[date, date] | None = None
    dates: tuple[DateMention, ...] = ()
    as_of: date | None = None
    published: tuple[date, date] | None = None
    sources: tuple[str, ...] = ()
    preferred_sources: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Highlight:
    """The words of a quotation that answer in short: `article.text[start:end]`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A marker of an answer, bound to `article.text[start:end]` of one article version.

    `dates` are the days that words of the quote name: "on Friday" of which week. `part` is
    the outlet that it answers for, where the question wants to hear several. `attribution`
    says when the quote was reported and by whom, where the answer tells that before it.
    """

    marker: int
    quote: str
    start: int
    end: int
    verdict: Verdict
    passage_id: str
    article: ArticleRef
    dates: tuple[DateMention, ...] = ()
    part: str | None = None
    highlight: Highlight | None = None
    attribution: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a question was not answered, for a machine and for a person."""

    code: ReasonCode
    detail: str


@dataclass(frozen=True, slots=True)
class Fallback:
    """Why the answer is extractive after all, for a machine and for a person."""

    code: FallbackCode
    detail: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What a check found about `text[start:end]` of an answer.

    `check` is one of those of `rag.grounding.findings`, or `citation`.
    """

    check: str
    verdict: Verdict
    start: int
    end: int
    detail: str
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer, `text[start:end]` with its markers, and whether they carry it."""

    start: int
    end: int
    verdict: Verdict
    markers: tuple[int, ...]
    findings: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class FailedCitation:
    """A marker that points nowhere: `text[start:end]` is `[?]`, the model had it as `written`."""

    written: str
    start: int
    end: int
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole outcome of a question.

    `text` holds a marker such as `[1]` after each cited statement and is empty when
    abstained. `confidence`, 0 to 1, estimates that the cited sentences hold the answer;
    of several parts, that of the least sure. `caution` says what to beware of in an answer
    that is less than sure. `understood` is how the question was read.

    `statements` are its sentences with their verdicts; `supported_share`, 0 to 1, is the share
    of supported ones among all that were written, `withheld` of which are not said.
    `neutralised` counts sentences of the passages that read like orders and were not shown to
    the language model.
    """

    question: str
    understood: Understood
    status: Status
    reason: Reason | None
    caution: str | None
    text: str
    confidence: float
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    mode: Mode
    models: Mapping[str, str]
    generation: int
    timings_ms: Mapping[str, float]
    statements: tuple[Statement, ...] = ()
    supported_share: float | None = None
    failed: tuple[FailedCitation, ...] = ()
    fallback: Fallback | None = None
    withheld: int = 0
    neutralised: int = 0


@dataclass(frozen=True, slots=True)
class HitsFound:
    """The question is read and the search is done."""

    understood: Understood
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
class Judged:
    """The verdict on a sentence of the text so far, and its markers that point nowhere."""

    statement: Statement
    failed: tuple[FailedCitation, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """The text so far is withdrawn: it is now `text`, a beginning of it, or nothing.

    Citations whose markers `text` does not hold are withdrawn, too, and so are verdicts.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of the stream: the whole answer."""

    answer: Answer


AnswerEvent = HitsFound | Delta | Cited | Verified | Judged | Replaced | Answered
