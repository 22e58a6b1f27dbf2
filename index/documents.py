"""The words of the house, as values: what was published and what a search returns.

Read this file first. Every value is frozen; nothing here reads a file, knows a
model or holds a connection. All offsets are positions in `Article.text`, counted
in Unicode code points, half open, and hold exactly:

    article.text[passage.start:passage.end] == passage.text
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

Precision = Literal["day", "second"]
# What a question is about: these days, a dated past, or what does not age.
About = Literal["now", "past", "timeless"]


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """When something was published: an instant in UTC and how exactly it is known."""

    at: datetime
    precision: Precision = "second"

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"a publication date needs a time zone, got {self.at!r}")
        object.__setattr__(self, "at", self.at.astimezone(UTC))

    @classmethod
    def of_day(cls, day: date) -> PublicationDate:
        """The given calendar day, of which the time is not known."""
        return cls(datetime.combine(day, time(), UTC), "day")

    @property
    def earliest(self) -> datetime:
        """The first instant it can mean."""
        return self.at

    @property
    def latest(self) -> datetime:
        """The last instant it can mean: the end of the day when only the day is known."""
        if self.precision == "day":
            return self.at + timedelta(days=1) - timedelta(microseconds=1)
        return self.at

    def isoformat(self) -> str:
        """`2025-03-12` for a day, `2025-03-12T17:14:00Z` for an instant."""
        if self.precision == "day":
            return self.at.date().isoformat()
        return self.at.isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class RawArticle:
    """One article as a source handed it over: text and whatever the source knew of it.

    `origin` says where it came from and identifies it on the next visit: an
    absolute path, `path#record` for a record in a file, `path!member` for a member of an
    archive, a URL, or `stdin`. Dates stay the strings that were given; `language` is a
    BCP 47 tag. `fetched_at` and `bytes_sha256` are of the bytes that held the article,
    where those came from the network or hold nothing else. `is_summary` says that the text
    is an announcement of the article, as feeds have it: it never takes the place of more.
    """

    origin: str
    text: str
    id: str | None = None
    url: str | None = None
    title: str | None = None
    published: str | None = None
    source: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    modified: str | None = None
    language: str | None = None
    fetched_at: datetime | None = None
    bytes_sha256: str | None = None
    is_summary: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """A span of the raw text that preparation took out, and the rule that did."""

    start: int
    end: int
    rule: str


NoticeKind = Literal["correction", "clarification", "retraction", "update", "editors_note"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What an outlet says of its own article: that it was corrected, updated, withdrawn."""

    kind: NoticeKind
    text: str


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """What a reader is told of an article beside its text: enough to cite it.

    `title` is never empty: where the source gives none, it is the shortened
    opening of the text and `title_is_derived` is true. A date that is not known
    stays None. `source` is the outlet; `place` and `agency` are what the article's
    dateline names ("PARIS (AP) —").
    """

    id: str
    version: int
    title: str
    title_is_derived: bool = False
    url: str | None = None
    source: str | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    published: PublicationDate | None = None
    modified: PublicationDate | None = None
    language: str | None = None
    place: str | None = None
    agency: str | None = None

    @property
    def dated(self) -> PublicationDate | None:
        """The day that the text is of: publication or, where that is not known, the last change.

        Filters, recency and "on Friday" go by it.
        """
        return self.published or self.modified


@dataclass(frozen=True, slots=True)
class Article:
    """One published piece: its reference and its cleaned text, at one version."""

    ref: ArticleRef
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """An article's text at one ingest, as the history lists it.

    `fetched_at` is when its bytes came over the network, None for what was handed over.
    """

    number: int
    title: str
    published: PublicationDate | None
    modified: PublicationDate | None
    fetched_at: datetime | None
    ingested_at: datetime
    text_sha256: str
    current: bool


@dataclass(frozen=True, slots=True)
class DateMention:
    """Words that name a day or a span of days, and which: "on Friday", "last November".

    `start` and `end` are offsets in the article's text; `first` and `last` are inclusive
    and equal for a single day.
    """

    start: int
    end: int
    text: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: a span of an article's text, with the days that its words name."""

    start: int
    end: int
    text: str
    dates: tuple[DateMention, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences that follow each other in one article version: the unit of search."""

    id: str
    article_id: str
    version: int
    ordinal: int
    start: int
    end: int
    text: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found, with its article, score and 1-based rank.

    `copies` are other articles that carry the same words, such as a wire report in
    several outlets: they take no place of their own.
    """

    passage: Passage
    article: ArticleRef
    score: float
    rank: int
    copies: tuple[ArticleRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """What a search may see. Bounds are inclusive instants; None and empty mean no bound.

    An article whose date is not known passes no date bound: it cannot be shown to
    lie inside it. One of which only the last change is known counts as of that. Outlets
    and sections are compared without regard to case. `articles` are the ids of the only
    articles that are seen, `excluded` of those that are not.
    """

    published_from: datetime | None = None
    published_to: datetime | None = None
    as_of: datetime | None = None
    sources: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def latest(self) -> datetime | None:
        """The tighter of `published_to` and `as_of`."""
        bounds = [bound for bound in (self.published_to, self.as_of) if bound is not None]
        return min(bounds) if bounds else None

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """What the search is asked: words, filters and the day it is asked on.

    `recency` scales the prior for recent articles: 0 for a question about a dated
    past. `k` passages are returned.

    What a question says without bounding the search: `period` is the first and the last of
    the days it asks about, never after `asked_at`; an article from before cannot report
    them, one from soon after can. `preferred_sources` are outlets that it mentions, named as
    the corpus has them. `phrases` are the words that it has in quotation marks.
    """

    text: str
    asked_at: datetime
    filters: Filters = field(default_factory=Filters)
    k: int = 10
    recency: float = 1.0
    about: About = "now"
    period: tuple[date, date] | None = None
    preferred_sources: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
