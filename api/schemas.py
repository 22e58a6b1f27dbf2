"""What HTTP requests look like, as pydantic models; `wire.py` has the replies.

Every bound of a request stands here. Names are a promise to clients. Unknown keys
are refused by name, so that a misspelt filter is never silently no filter.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from api.filters import EXPECTED, asked_at_or_default, end_of, make_filters, start_of
from index.documents import Filters, PublicationDate
from rag.answers import Aspect, Mode, Question, Strictness, Turn
from rag.grounding.evidence import Evidence
from rag.pipeline import MAX_QUESTION_CHARS

DEFAULT_K = 10
MAX_K = 100
MAX_TURNS = 50
MAX_TURN_CHARS = 8_000
MAX_NAMES = 100
MAX_NAME_CHARS = 200
MAX_PAGE = 200
MAX_URL_CHARS = 8_000
MAX_COLUMNS_CHARS = 2_000
# What is no white space to Python, in the words of every dialect of patterns.
NOT_BLANK = r"[^\s\u001c-\u001f\u0085]"
MAX_PIECES = 50
MAX_EVIDENCE_CHARS = 100_000
DEFAULT_PAGE = 20
MAX_OFFSET = 1_000_000_000
# SQLite's largest integer would do; no article has more versions than this.
MAX_VERSION = 1_000_000_000


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"give {EXPECTED}, as a string")  # noqa: TRY004 - pydantic wants it
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("it is blank: ask something")
    return value


def _whole(value: object) -> object:
    """JSON has one kind of number: 10.0 is a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, Field(strict=True, ge=1, le=MAX_K), BeforeValidator(_whole)]
VersionNumber = Annotated[int, Field(strict=True, ge=1, le=MAX_VERSION), BeforeValidator(_whole)]
_DATE_SCHEMA = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string", "format": "date"},
            {"type": "string", "format": "date-time"},
        ],
        "examples": ["2025-03-12"],
    }
)
Start = Annotated[datetime, BeforeValidator(lambda v: start_of(_text(v))), _DATE_SCHEMA]
End = Annotated[datetime, BeforeValidator(lambda v: end_of(_text(v))), _DATE_SCHEMA]
Address = Annotated[str, Field(max_length=MAX_URL_CHARS, pattern=r"^https?://[^\s\x00-\x1f]+$")]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
Names = Annotated[list[Name], Field(max_length=MAX_NAMES)]
QuestionText = Annotated[
    str,
    Field(min_length=1, max_length=MAX_QUESTION_CHARS, json_schema_extra={"pattern": NOT_BLANK}),
    AfterValidator(_not_blank),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Bounds(_Request):
    """The bounds that every filter has; `sources`, `sections`, `articles` differ in name."""

    from_: Start | None = Field(
        None, alias="from", description="Published on or after this day or instant."
    )
    to: End | None = Field(
        None, description="Published on or before this; a bare day includes all of it."
    )
    as_of: End | None = Field(
        None, description="Answer as of this day: nothing published later is seen."
    )

    @model_validator(mode="after")
    def _check_order(self) -> _Bounds:
        make_filters(published_from=self.from_, published_to=self.to)
        return self

    def _filters(
        self, sources: list[str], sections: list[str], articles: list[str], excluded: list[str]
    ) -> Filters:
        return make_filters(
            published_from=self.from_,
            published_to=self.to,
            as_of=self.as_of,
            sources=sources,
            sections=sections,
            articles=articles,
            excluded=excluded,
        )


class FiltersIn(_Bounds):
    """Which articles may be seen. A filter that matches nothing returns nothing."""

    sources: Names | None = Field(
        None, description="Outlets, without regard to case.", examples=[["meridianwire.example"]]
    )
    sections: Names | None = Field(
        None, description="Sections, without regard to case.", examples=[["World"]]
    )
    articles: Names | None = Field(None, description="Ids of the only articles that are seen.")
    excluded: Names | None = Field(None, description="Ids of articles that are not seen.")

    def to_domain(self) -> Filters:
        """The filters that the search takes."""
        return self._filters(
            self.sources or [], self.sections or [], self.articles or [], self.excluded or []
        )


Unread = Annotated[
    list[Aspect],
    Field(
        description="What is not to be read out of the words: they are then words like others.",
        examples=[["dates"]],
    ),
]


class TurnIn(_Request):
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=MAX_TURN_CHARS)


class AskRequest(_Request):
    """A question about the news that was ingested."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"question": "How many people died on the Lady Corrigan?"},
                {
                    "question": "What did the fire at Tannery Ridge cost?",
                    "k": 5,
                    "filters": {"from": "2025-03-01", "to": "2025-05-31", "sections": ["National"]},
                },
            ]
        },
    )

    question: QuestionText
    k: Count | None = Field(DEFAULT_K, description="Passages to return.")
    filters: FiltersIn | None = None
    history: list[TurnIn] | None = Field(
        None, max_length=MAX_TURNS, description="Earlier messages."
    )
    asked_at: End | None = Field(
        None, description='The day that "recent" refers to; default: `as_of`, else now.'
    )
    literal: Unread | None = None
    stream: bool | None = Field(
        None, strict=True, description="Reply with the events as the answer comes about."
    )
    mode: Mode | None = Field(
        None, description="Whose words: `llm` where a model is configured, else `extractive`."
    )
    strictness: Strictness | None = Field(
        None,
        description="What becomes of written sentences that are not supported: `flag` marks them, "
        "`strict` leaves them out; default: DATELINE_LLM_STRICTNESS.",
    )

    def to_domain(self, now: datetime) -> Question:
        """The question that the answerer takes."""
        filters = self.filters.to_domain() if self.filters else Filters()
        return Question(
            text=self.question,
            asked_at=asked_at_or_default(self.asked_at, filters, now),
            filters=filters,
            k=self.k or DEFAULT_K,
            history=tuple(Turn(turn.role, turn.content) for turn in self.history or []),
            literal=frozenset(self.literal or ()),
            mode=self.mode,
            strictness=self.strictness,
        )


class QueryFilters(_Bounds):
    """The same filters in a query string, where names may be repeated."""

    source: Names = Field([], description="Outlet; repeat for several.")
    section: Names = Field([], description="Section; repeat for several.")
    article: Names = Field([], description="Id of an article that is seen; repeat for several.")
    excluded: Names = Field([], description="Id of an article not seen; repeat for several.")

    def to_domain(self) -> Filters:
        """The filters that the search takes."""
        return self._filters(self.source, self.section, self.article, self.excluded)


class SearchParams(QueryFilters):
    """The query string of `GET /v1/search`."""

    q: QuestionText = Field(description="Words to search for.", examples=["ferry death toll"])
    k: int = Field(DEFAULT_K, ge=1, le=MAX_K, description="Passages to return.")
    asked_at: End | None = Field(None, description='The day that "recent" refers to.')
    literal: Unread = []

    def to_question(self, now: datetime) -> Question:
        """The search as a question, so that both see the same query."""
        filters = self.to_domain()
        asked_at = asked_at_or_default(self.asked_at, filters, now)
        return Question(
            text=self.q,
            asked_at=asked_at,
            filters=filters,
            k=self.k,
            literal=frozenset(self.literal),
        )


def _published(value: object) -> PublicationDate:
    start = start_of(text := _text(value).strip())
    bare = len(text) == len("2025-03-12")
    return PublicationDate.of_day(start.date()) if bare else PublicationDate(start)


class EvidenceIn(_Request):
    """A piece of evidence with what is known of its article."""

    text: str = Field(min_length=1, max_length=MAX_EVIDENCE_CHARS)
    title: str = Field("", max_length=MAX_QUESTION_CHARS)
    published: Annotated[PublicationDate, BeforeValidator(_published), _DATE_SCHEMA] | None = Field(
        None, description='The day that "on Friday" goes by.'
    )


Piece = Annotated[str, Field(min_length=1, max_length=MAX_EVIDENCE_CHARS)] | EvidenceIn


class VerifyRequest(_Request):
    """A sentence, and what it is held against: pieces of evidence or a stored article."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "sentence": "The harbour bridge reopened after ten months.",
                    "evidence": ["The harbour bridge reopened after eleven months of repairs."],
                }
            ],
            "oneOf": [
                {
                    "required": ["evidence"],
                    "properties": {
                        "evidence": {"type": "array"},
                        "article_id": {"type": "null"},
                        "version": {"type": "null"},
                    },
                },
                {
                    "required": ["article_id"],
                    "properties": {"article_id": {"type": "string"}, "evidence": {"type": "null"}},
                },
            ],
        },
    )

    sentence: QuestionText
    evidence: list[Piece] | None = Field(
        None, min_length=1, max_length=MAX_PIECES, description="All pieces together are judged by."
    )
    article_id: Name | None = Field(None, description="A stored article, instead of evidence.")
    version: VersionNumber | None = Field(None, description="Default: the current one.")

    @model_validator(mode="after")
    def _check_evidence(self) -> VerifyRequest:
        if (self.evidence is None) == (self.article_id is None):
            raise ValueError("give either `evidence` or `article_id`")
        if self.version is not None and self.article_id is None:
            raise ValueError("`version` goes with `article_id`")
        length = sum(len(piece.text) for piece in self.pieces())
        if length > MAX_EVIDENCE_CHARS:
            raise ValueError(
                f"the evidence has {length:,} characters, the limit is {MAX_EVIDENCE_CHARS:,}: "
                "give the passages that matter"
            )
        return self

    def pieces(self) -> list[Evidence]:
        """The evidence that was given, as the checks take it."""
        return [
            Evidence(piece)
            if isinstance(piece, str)
            else Evidence(piece.text, piece.title, piece.published)
            for piece in self.evidence or []
        ]


class DocumentParams(_Request):
    """The query string of `POST /v1/articles`, for bodies that are documents."""

    url: Address | None = Field(None, description="Where it was published; identifies it.")
    columns: str | None = Field(
        None,
        max_length=MAX_COLUMNS_CHARS,
        description="What the columns of a table mean.",
        examples=["text=body,published=date"],
    )


class PageParams(QueryFilters):
    """The query string of `GET /v1/articles`."""

    limit: int = Field(DEFAULT_PAGE, ge=1, le=MAX_PAGE, description="Articles to return.")
    offset: int = Field(0, ge=0, le=MAX_OFFSET, description="Articles to pass over.")
