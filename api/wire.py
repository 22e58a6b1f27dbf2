"""What replies look like, as pydantic models, and how domain values become them.

HTTP and `--json` on the command line show the same form. Dates are `2025-03-12`
where only the day is known and `2025-03-12T17:14:00Z` otherwise; offsets count
Unicode code points of the article's `text`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.examples import ANSWER, ARTICLE, SEARCH
from api.understood_wire import DateOut, UnderstoodOut, date_out, understood_out
from api.written_wire import (
    FailedCitationOut,
    FallbackOut,
    StatementOut,
    failed_out,
    fallback_out,
    statement_out,
)
from index.documents import ArticleRef, Hit
from index.search import SearchResult
from rag.answers import Answer, Citation, Highlight, Mode, ReasonCode, Understood, Verdict


class ArticleOut(BaseModel):
    """What a reader is told of an article: enough to cite it."""

    model_config = {"json_schema_extra": {"examples": [ARTICLE]}}

    id: str
    title: str
    source: str | None = Field(description="The outlet.")
    section: str | None
    url: str | None
    published_at: str | None = Field(description="A day or an instant; null when not known.")
    modified_at: str | None = Field(description="When the outlet says that it changed it.")
    version: int


class HighlightOut(BaseModel):
    """The words of a quote that answer in short: the article's `text[start:end]`."""

    text: str
    start: int
    end: int


class CitationOut(BaseModel):
    """A marker of the answer, bound to `text[start:end]` of one article version."""

    marker: int
    quote: str = Field(description="Verbatim: equals the article's `text[start:end]`.")
    start: int
    end: int
    verdict: Verdict
    passage_id: str
    article: ArticleOut
    dates: list[DateOut] = Field(description="The days that words of the quote name.")
    part: str | None = Field(description="The outlet that it answers for, of several heard.")
    highlight: HighlightOut | None = Field(description="The short answer inside the quote.")
    attribution: str | None = Field(
        description="When the quote was reported and by whom, where the answer says so first."
    )


class HitOut(BaseModel):
    """A passage that the search found."""

    rank: int = Field(description="From 1.")
    score: float
    passage_id: str
    text: str
    start: int
    end: int
    article: ArticleOut
    copies: list[ArticleOut] = Field(description="Other articles that carry the same words.")


class ReasonOut(BaseModel):
    """Why a question was not answered, for a machine and for a person."""

    code: ReasonCode
    detail: str


class AnswerOut(BaseModel):
    """The answer, the exact words it rests on, and the passages nearest to the question."""

    model_config = {"json_schema_extra": {"examples": [ANSWER]}}

    question: str
    understood: UnderstoodOut = Field(description="How the question was read.")
    status: Literal["answered", "abstained"]
    reason: ReasonOut | None = Field(description="Set when abstained.")
    caution: str | None = Field(description="What to beware of in an answer less than sure.")
    answer: str = Field(description="With markers such as [1]; empty when abstained.")
    confidence: float
    citations: list[CitationOut]
    hits: list[HitOut]
    mode: Mode = Field(description="Whose words: quotations, or a language model's.")
    statements: list[StatementOut] = Field(description="The sentences, with their verdicts.")
    supported_share: float | None = Field(
        description="The share of supported sentences among those written; null when abstained."
    )
    failed: list[FailedCitationOut] = Field(description="Markers that point nowhere.")
    fallback: FallbackOut | None = Field(description="Why no language model's words are used.")
    withheld: int = Field(description="Sentences that were written and are not said.")
    neutralised: int = Field(
        description="Sentences of passages that read like orders: no language model saw them."
    )
    models: dict[str, str]
    generation: int = Field(description="The state of the corpus that the answer rests on.")
    timings_ms: dict[str, float]


class SearchOut(BaseModel):
    """The passages that match, best first."""

    model_config = {"json_schema_extra": {"examples": [SEARCH]}}

    query: str
    understood: UnderstoodOut = Field(description="How the words were read.")
    hits: list[HitOut]
    generation: int
    timings_ms: dict[str, float]


def article_fields(ref: ArticleRef) -> dict[str, object]:
    """The fields of `ArticleOut`."""
    return {
        "id": ref.id,
        "title": ref.title,
        "source": ref.source,
        "section": ref.section,
        "url": ref.url,
        "published_at": ref.published.isoformat() if ref.published else None,
        "modified_at": ref.modified.isoformat() if ref.modified else None,
        "version": ref.version,
    }


def article_out(ref: ArticleRef) -> ArticleOut:
    """An article reference on the wire."""
    return ArticleOut.model_validate(article_fields(ref))


def citation_out(citation: Citation) -> CitationOut:
    """A citation on the wire."""
    return CitationOut(
        marker=citation.marker,
        quote=citation.quote,
        start=citation.start,
        end=citation.end,
        verdict=citation.verdict,
        passage_id=citation.passage_id,
        article=article_out(citation.article),
        dates=[date_out(mention) for mention in citation.dates],
        part=citation.part,
        highlight=_highlight_out(citation.highlight),
        attribution=citation.attribution,
    )


def _highlight_out(highlight: Highlight | None) -> HighlightOut | None:
    if highlight is None:
        return None
    return HighlightOut(text=highlight.text, start=highlight.start, end=highlight.end)


def hit_out(hit: Hit) -> HitOut:
    """A hit on the wire."""
    return HitOut(
        rank=hit.rank,
        score=hit.score,
        passage_id=hit.passage.id,
        text=hit.passage.text,
        start=hit.passage.start,
        end=hit.passage.end,
        article=article_out(hit.article),
        copies=[article_out(ref) for ref in hit.copies],
    )


def answer_out(answer: Answer) -> AnswerOut:
    """An answer on the wire."""
    reason = answer.reason
    return AnswerOut(
        question=answer.question,
        understood=understood_out(answer.understood),
        status=answer.status,
        reason=ReasonOut(code=reason.code, detail=reason.detail) if reason else None,
        caution=answer.caution,
        answer=answer.text,
        confidence=answer.confidence,
        citations=[citation_out(citation) for citation in answer.citations],
        hits=[hit_out(hit) for hit in answer.hits],
        mode=answer.mode,
        statements=[statement_out(one) for one in answer.statements],
        supported_share=answer.supported_share,
        failed=[failed_out(one) for one in answer.failed],
        fallback=fallback_out(answer.fallback),
        withheld=answer.withheld,
        neutralised=answer.neutralised,
        models=dict(answer.models),
        generation=answer.generation,
        timings_ms=dict(answer.timings_ms),
    )


def search_out(query: str, understood: Understood, result: SearchResult) -> SearchOut:
    """A search on the wire."""
    return SearchOut(
        query=query,
        understood=understood_out(understood),
        hits=[hit_out(hit) for hit in result.hits],
        generation=result.generation,
        timings_ms=dict(result.timings_ms),
    )


def instant(moment: datetime) -> str:
    """An instant on the wire."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
