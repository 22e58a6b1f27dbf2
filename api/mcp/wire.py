"""What the tools take and give, as pydantic models; their schemas are told to clients.

`search` and `fetch` have the shape that connectors of assistants expect; filters are ours
and optional. `url` is where the article was published or, where that is not known, a name
of the article that `fetch` takes too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import MAX_VERSION, FiltersIn, Name, QuestionText
from index.documents import Article, ArticleRef, Hit
from rag.answers import Answer, Verdict

DEFAULT_RESULTS = 10
MAX_RESULTS = 50
URN = "urn:dateline:article:"


class SearchArguments(FiltersIn):
    """What `search` takes."""

    query: QuestionText = Field(description="Words or a question.")
    limit: int = Field(DEFAULT_RESULTS, ge=1, le=MAX_RESULTS, description="Articles to return.")


class FetchArguments(BaseModel):
    """What `fetch` takes."""

    model_config = ConfigDict(extra="forbid")

    id: Name = Field(description="Of a result of `search`, or of an article that is cited.")
    version: int | None = Field(None, ge=1, le=MAX_VERSION, description="Default: the current one.")


class AskArguments(FiltersIn):
    """What `ask` takes."""

    question: QuestionText


class Metadata(BaseModel):
    """Which piece of news it is."""

    source: str | None = Field(description="The outlet.")
    published_at: str | None = Field(description="A day or an instant; null when not known.")
    version: int


class Result(BaseModel):
    """An article that `search` found, with the passage that was found."""

    id: str
    title: str
    text: str
    url: str
    metadata: Metadata


class SearchOutcome(BaseModel):
    """What `search` gives."""

    results: list[Result]


class Fetched(BaseModel):
    """What `fetch` gives: the whole text of one version of an article."""

    id: str
    title: str
    text: str
    url: str
    metadata: Metadata


class Cited(BaseModel):
    """A marker of the answer: the quote is verbatim in the article's text."""

    marker: int
    quote: str
    verdict: Verdict
    id: str = Field(description="Of the article, for `fetch`.")
    title: str
    url: str
    metadata: Metadata


class AskOutcome(BaseModel):
    """What `ask` gives: an answer with its citations, or why there is none."""

    status: Literal["answered", "abstained"]
    answer: str = Field(description="With markers such as [1]; empty when abstained.")
    reason: str | None = Field(description="Why there is no answer.")
    caution: str | None
    confidence: float
    citations: list[Cited]
    generation: int


def search_outcome(hits: Sequence[Hit], limit: int) -> SearchOutcome:
    """The articles of hits with their best passages, best first."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.article.id, hit)
    return SearchOutcome(
        results=[
            Result(text=hit.passage.text, **_named(hit.article))
            for hit in list(best.values())[:limit]
        ]
    )


def fetched(article: Article) -> Fetched:
    """One version of an article."""
    return Fetched(text=article.text, **_named(article.ref))


def ask_outcome(answer: Answer) -> AskOutcome:
    """An answer as assistants see it."""
    return AskOutcome(
        status=answer.status,
        answer=answer.text,
        reason=answer.reason.detail if answer.reason else None,
        caution=answer.caution,
        confidence=answer.confidence,
        citations=[
            Cited(marker=c.marker, quote=c.quote, verdict=c.verdict, **_named(c.article))
            for c in answer.citations
        ],
        generation=answer.generation,
    )


def _named(ref: ArticleRef) -> dict[str, Any]:
    published = ref.published.isoformat() if ref.published else None
    return {
        "id": ref.id,
        "title": ref.title,
        "url": ref.url or URN + ref.id,
        "metadata": Metadata(source=ref.source, published_at=published, version=ref.version),
    }
