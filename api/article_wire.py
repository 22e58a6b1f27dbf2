"""Replies about stored articles: pages, one article with its history, what was stored.

Origins are shown as file name or URL: folders of the machine stay on it.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, Field

from api.wire import ArticleOut, article_fields, instant
from index.documents import Passage, Version
from index.errors import ArticleNotFound
from index.reports import IngestReport
from index.store.sqlite import Store

_WEB = re.compile(r"https?://", re.IGNORECASE)
_FOLDER = re.compile(r"^(?:[A-Za-z]:)?[/\\].*[/\\]", re.DOTALL)


class VersionOut(BaseModel):
    """The article's text at one ingest."""

    number: int
    title: str
    published_at: str | None
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


class ArticleDetail(ArticleOut):
    """One article version with its text, and the article's history."""

    title_is_derived: bool = Field(description="No title was found: it is the text's opening.")
    authors: list[str]
    text: str
    notes: list[str] = Field(description="What the outlet said of it: updates, corrections.")
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


class SkippedOut(BaseModel):
    """A record that was refused."""

    origin: str
    code: str = Field(description="invalid_record, unreadable, empty or boilerplate_only.")
    reason: str


class StoredOut(BaseModel):
    """What became of the records."""

    new: int
    changed: int
    same: int
    skipped: list[SkippedOut]
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
    current = next(v.number for v in versions if v.current)
    return ArticleDetail.model_validate(
        article_fields(ref)
        | {
            "title_is_derived": ref.title_is_derived,
            "authors": list(ref.authors),
            "text": article.text,
            "notes": list(store.notes(article_id)) if ref.version == current else [],
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
        ingested_at=instant(version.ingested_at),
        text_sha256=version.text_sha256,
        current=version.current,
    )


def passage_out(passage: Passage) -> PassageOut:
    """A passage on the wire."""
    return PassageOut(
        passage_id=passage.id,
        ordinal=passage.ordinal,
        start=passage.start,
        end=passage.end,
        text=passage.text,
    )


def stored_out(report: IngestReport) -> StoredOut:
    """The outcome of an ingest on the wire."""
    return StoredOut(
        new=report.progress.new,
        changed=report.progress.changed,
        same=report.progress.same,
        skipped=[SkippedOut(origin=s.origin, code=s.code, reason=s.reason) for s in report.skipped],
        article_ids=list(report.article_ids),
        generation=report.generation,
    )


def public_origin(origin: str) -> str:
    """An origin without the folders of this machine."""
    return origin if _WEB.match(origin) else _FOLDER.sub("", origin)
