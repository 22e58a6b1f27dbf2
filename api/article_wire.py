"""Replies about stored articles: pages, one article with its history, what was stored.

Origins are shown as file name or URL: folders of the machine stay on it.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, Field

from api.wire import ArticleOut, article_fields, article_out, instant
from index.diff import Operation, Paragraph, diff
from index.documents import NoticeKind, Passage, Version
from index.errors import ArticleNotFound
from index.prepare.notices import notice_of
from index.reports import IngestReport
from index.store.sqlite import Store

_WEB = re.compile(r"https?://", re.IGNORECASE)
_FOLDER = re.compile(r"^(?:[A-Za-z]:)?[/\\].*[/\\]", re.DOTALL)


class VersionOut(BaseModel):
    """The article's text at one ingest."""

    number: int
    title: str
    published_at: str | None
    modified_at: str | None
    fetched_at: str | None = Field(description="Null for what was handed over.")
    ingested_at: str
    text_sha256: str
    current: bool


class PassageOut(BaseModel):
    """What search finds: `text[start:end]` of the current version."""

    passage_id: str
    ordinal: int = Field(description="From 0.")
    start: int
    end: int
    text: str


class NoticeOut(BaseModel):
    """What an outlet says of its own article."""

    kind: NoticeKind
    text: str


class ArticleDetail(ArticleOut):
    """One article version with its text, and the article's history."""

    title_is_derived: bool = Field(description="No title was found: it is the text's opening.")
    authors: list[str]
    language: str | None = Field(description="Such as en, where the source says so.")
    place: str | None = Field(description='Of its dateline: Paris, of "PARIS (AP) —".')
    agency: str | None = Field(description='Of its dateline: AP, of "PARIS (AP) —".')
    text: str
    notices: list[NoticeOut] = Field(description="What the outlet said of this version.")
    copies: list[ArticleOut] = Field(description="Other articles with the same text.")
    origins: list[str] = Field(description="Where it came from: file names and URLs.")
    versions: list[VersionOut]
    passages: list[PassageOut] = Field(description="Empty for an earlier version.")


class ArticlePage(BaseModel):
    """A page of articles, newest first; those without a date come last."""

    articles: list[ArticleOut]
    total: int
    limit: int
    offset: int
    next: str | None = Field(description="Path of the next page; null on the last.")


class PieceOut(BaseModel):
    """Words that stayed, went or came."""

    operation: Operation
    text: str


class ParagraphOut(BaseModel):
    """A paragraph of either version; `edited` where only words of it changed."""

    operation: Literal["same", "removed", "added", "edited"]
    pieces: list[PieceOut]


class DiffOut(BaseModel):
    """How one version of an article became another."""

    article_id: str
    from_version: int
    to_version: int
    from_title: str
    to_title: str
    paragraphs: list[ParagraphOut]


class SkippedOut(BaseModel):
    """An input that was refused."""

    origin: str
    code: str = Field(
        description="invalid_record, unreadable, empty, boilerplate_only, fetch_failed or "
        "fetch_refused."
    )
    reason: str


class DoubtOut(BaseModel):
    """What a person may want to look at in an article that was stored."""

    origin: str
    reason: str


class StoredOut(BaseModel):
    """What became of the inputs."""

    new: int
    changed: int
    same: int
    copies: int = Field(description="New or changed ones whose text another article carries.")
    skipped: list[SkippedOut]
    doubts: list[DoubtOut] = Field(description="Dates that were refused, and the like.")
    article_ids: list[str] = Field(description="Of new and changed articles, in order.")
    generation: int


def article_detail(store: Store, article_id: str, version: int | None) -> ArticleDetail:
    """An article at a version, by default the current one.

    Raises:
        ArticleNotFound: there is no such article or version.
    """
    article = store.article(article_id, version)
    ref = article.ref
    versions = store.versions(article_id)
    if not versions:  # removed a moment ago
        raise ArticleNotFound(article_id)
    return ArticleDetail.model_validate(
        article_fields(ref)
        | {
            "title_is_derived": ref.title_is_derived,
            "authors": list(ref.authors),
            "language": ref.language,
            "place": ref.place,
            "agency": ref.agency,
            "text": article.text,
            "notices": [notice_out(n) for n in store.notes(article_id, ref.version)],
            "copies": [article_out(ref) for ref in store.copies(article_id)],
            "origins": sorted({public_origin(o) for o in store.origins(article_id)}),
            "versions": [version_out(v) for v in versions],
            "passages": [
                passage_out(p) for p in store.passages_of(article_id) if p.version == ref.version
            ],
        }
    )


def version_out(version: Version) -> VersionOut:
    """A version on the wire."""
    return VersionOut(
        number=version.number,
        title=version.title,
        published_at=version.published.isoformat() if version.published else None,
        modified_at=version.modified.isoformat() if version.modified else None,
        fetched_at=instant(version.fetched_at) if version.fetched_at else None,
        ingested_at=instant(version.ingested_at),
        text_sha256=version.text_sha256,
        current=version.current,
    )


def notice_out(note: str) -> NoticeOut:
    """What an outlet said of its article, with the kind that its words are of."""
    notice = notice_of(note)
    return NoticeOut(kind=notice.kind, text=notice.text)


def passage_out(passage: Passage) -> PassageOut:
    """A passage on the wire."""
    return PassageOut(
        passage_id=passage.id,
        ordinal=passage.ordinal,
        start=passage.start,
        end=passage.end,
        text=passage.text,
    )


def article_diff(store: Store, article_id: str, before: int | None, after: int | None) -> DiffOut:
    """How an article changed, by default from the version before `after` to the current one.

    Raises:
        ArticleNotFound: there is no such article or version.
    """
    new = store.article(article_id, after)
    if before is None:
        numbers = [v.number for v in store.versions(article_id) if v.number < new.ref.version]
        before = max(numbers, default=new.ref.version)
    old = store.article(article_id, before)
    return DiffOut(
        article_id=article_id,
        from_version=old.ref.version,
        to_version=new.ref.version,
        from_title=old.ref.title,
        to_title=new.ref.title,
        paragraphs=[_paragraph_out(paragraph) for paragraph in diff(old.text, new.text)],
    )


def _paragraph_out(paragraph: Paragraph) -> ParagraphOut:
    return ParagraphOut(
        operation=paragraph.operation,
        pieces=[PieceOut(operation=p.operation, text=p.text) for p in paragraph.pieces],
    )


def stored_out(report: IngestReport) -> StoredOut:
    """The outcome of an ingest on the wire."""
    return StoredOut(
        new=report.progress.new,
        changed=report.progress.changed,
        same=report.progress.same,
        copies=report.progress.copies,
        skipped=[SkippedOut(origin=s.origin, code=s.code, reason=s.reason) for s in report.skipped],
        doubts=[DoubtOut(origin=d.origin, reason=d.reason) for d in report.doubts],
        article_ids=list(report.article_ids),
        generation=report.generation,
    )


def public_origin(origin: str) -> str:
    """An origin without the folders of this machine."""
    return origin if _WEB.match(origin) else _FOLDER.sub("", origin)
