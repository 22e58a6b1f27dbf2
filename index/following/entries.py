"""An entry of a feed becomes an article: the words of the feed, or those of its page.

Tells whether an entry is known, which article it is, and gets the page of one that carries
only a summary. Reads the subscriptions and never writes to them. Knows nothing of when
feeds are polled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from index.documents import ArticleRef, RawArticle
from index.errors import FetchFailed, FetchRefused, SourceError, UnreadableSource
from index.following.schedule import MAX_PAGE_TRIES, after, page_retry_s
from index.intake import id_of_url
from index.sources.feeds import Feed, FeedEntry, entry_to_raw
from index.sources.parse import parse
from index.sources.payload import NotModified, Payload
from index.sources.web.addresses import canonical_url
from index.store.feeds import FeedBook, SeenEntry
from index.workers import Workers, WorkLost

_T = TypeVar("_T")

# A host that failed so often in a row gets no further request in this poll.
MAX_HOST_FAILURES = 3


class PageFetching(Protocol):
    """Gets the page of an article."""

    def fetch(self, url: str) -> Payload | NotModified:
        """The page; raises `FetchFailed`."""


class Articles(Protocol):
    """What is stored already."""

    def current(self, article_id: str) -> tuple[ArticleRef, str] | None:
        """The current version of an article and the hash of its text."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that is to be stored.

    `raw` is its article, None where there are no words to be had; `summary` is what stands
    in for a page that turns out to be unusable. `seen` is recorded once that is stored,
    `error` is why there is no page.
    """

    seen: SeenEntry
    raw: RawArticle | None
    summary: RawArticle | None = None
    error: SourceError | None = None

    @property
    def is_lost(self) -> bool:
        """Whether nothing of the entry is stored, now or from before."""
        return self.raw is None and self.seen.article_id is None


class EntryReader:
    """Reads the entries of feeds for one store."""

    def __init__(
        self,
        book: FeedBook,
        articles: Articles,
        fetcher: PageFetching,
        *,
        now: Callable[[], datetime],
        workers: Workers | None = None,
    ) -> None:
        self._book = book
        self._articles = articles
        self._fetcher = fetcher
        self._now = now
        self._workers = workers
        self._host_failures: dict[str, int] = {}

    def begin(self) -> None:
        """Forget which hosts failed in an earlier poll."""
        self._host_failures.clear()

    def apart(self, work: Callable[[Payload], _T], payload: Payload) -> _T:
        """Parse in another process where there are some.

        Raises:
            UnreadableSource: it took too long or too much, or is what parsing raised.
        """
        if self._workers is None:
            return work(payload)
        try:
            return self._workers.submit(work, payload)()
        except WorkLost as lost:
            raise UnreadableSource(payload.origin, f"it cannot be parsed: {lost}") from lost

    # -- entries of a document ----------------------------------------------------------

    def is_known(self, feed_url: str, entry: FeedEntry) -> bool:
        """Whether the entry was dealt with as it is now."""
        seen = self._book.entry(feed_url, entry.guid, _canonical(entry.url))
        return seen is not None and seen.content_sha256 == entry.content_sha256

    def read(self, feed_url: str, feed: Feed, entry: FeedEntry) -> Found:
        """What is to be stored of an entry that is new or has changed."""
        url = _canonical(entry.url)
        before = self._book.entry(feed_url, entry.guid, url)
        article_id = before.article_id if before else None
        seen = SeenEntry(feed_url, entry.guid, url, entry.content_sha256, article_id)
        if before is None and url is not None:
            elsewhere = self._book.elsewhere(feed_url, url)
            if elsewhere is not None:
                return Found(replace(seen, article_id=elsewhere.article_id), None)
            seen = replace(seen, article_id=self._book.article_at(url))
        summary = self._summary(seen, feed, entry)
        if not entry.is_summary or entry.url is None:
            return Found(seen, summary, summary, None if summary else _no_words(feed_url, entry))
        try:
            page = self._page(entry.url, at_least=len(entry.text))
        except SourceError as error:
            return Found(self._to_retry(seen, error), summary, summary, error)
        if page is None:  # as it was when it was stored
            return Found(seen, None if seen.article_id else summary, summary)
        return Found(seen, _with_particulars(page, seen, entry), summary)

    def _summary(self, seen: SeenEntry, feed: Feed, entry: FeedEntry) -> RawArticle | None:
        if not entry.text:
            return None
        raw = entry_to_raw(entry, feed, f"{seen.feed}#{entry.guid}")
        if seen.article_id is None:
            return raw
        known = self._articles.current(seen.article_id)
        published = known[0].published if known else None
        if entry.published is None and published is not None:
            raw = replace(raw, published=published.isoformat())
        return replace(raw, id=seen.article_id)

    # -- pages tried again -----------------------------------------------------------------

    def read_again(self, waiting: SeenEntry) -> Found:
        """The page of an entry of which only a summary could be stored, or nothing."""
        known = self._articles.current(waiting.article_id) if waiting.article_id else None
        try:
            page = self._page(waiting.url or "", at_least=0)
        except SourceError as error:
            return Found(self._to_retry(waiting, error), None, error=error)
        done = replace(waiting, try_at=None)
        if page is None:
            return Found(done, None)
        ref = known[0] if known else None
        return Found(
            done,
            replace(
                page,
                id=waiting.article_id,
                title=page.title or (ref.title if ref and not ref.title_is_derived else None),
                published=page.published
                or (ref.published.isoformat() if ref and ref.published else None),
                authors=page.authors or (ref.authors if ref else ()),
                section=page.section or (ref.section if ref else None),
            ),
        )

    def without_page(self, found: Found, reason: str) -> Found:
        """The same entry with its summary alone, when its page was refused after all."""
        error = UnreadableSource(found.seen.url or found.seen.guid, reason)
        return Found(self._to_retry(found.seen, error), found.summary, found.summary, error)

    def _to_retry(self, seen: SeenEntry, error: SourceError) -> SeenEntry:
        """Note one more try, and when the next is; an address that may not be fetched has none."""
        tries = MAX_PAGE_TRIES if isinstance(error, FetchRefused) else seen.tries + 1
        wait_s = page_retry_s(tries)
        try_at = None if wait_s is None else after(self._now(), wait_s)
        return replace(seen, tries=tries, try_at=try_at)

    # -- pages -------------------------------------------------------------------------

    def _page(self, url: str, *, at_least: int) -> RawArticle | None:
        """The article of a page; None where it is what was fetched before.

        Raises:
            SourceError: there is none, or it says less than the feed does.
        """
        host = urlsplit(url).hostname or ""
        if self._host_failures.get(host, 0) >= MAX_HOST_FAILURES:
            raise FetchFailed(url, f"{host!r} failed {MAX_HOST_FAILURES} times; tried again later")
        try:
            payload = self._fetcher.fetch(url)
        except FetchFailed:
            self._host_failures[host] = self._host_failures.get(host, 0) + 1
            raise
        self._host_failures.pop(host, None)
        if isinstance(payload, NotModified):
            return None
        articles = self.apart(parse, payload)
        if len(articles) != 1:
            raise UnreadableSource(url, f"the page holds {len(articles)} articles, not one")
        page = articles[0]
        if isinstance(page, SourceError):
            raise page
        if len(page.text) < at_least:
            raise UnreadableSource(
                url, f"the page holds {len(page.text)} characters, the feed {at_least}"
            )
        return replace(page, url=_article_url(page.url, payload.url or url))


def article_id_of(raw: RawArticle) -> str | None:
    """The id under which an article of a feed is stored."""
    if raw.id is not None or raw.url is None:
        return raw.id
    return id_of_url(canonical_url(raw.url))


def _canonical(url: str | None) -> str | None:
    return None if url is None else canonical_url(url)


def _article_url(said: str | None, fetched: str) -> str:
    """What the page gives as its address, unless that is its outlet's home page."""
    return said if said and urlsplit(said).path not in ("", "/") else fetched


def _with_particulars(page: RawArticle, seen: SeenEntry, entry: FeedEntry) -> RawArticle:
    """The article of the page, with what only the feed says of it."""
    return replace(
        page,
        id=seen.article_id or page.id,
        title=page.title or entry.title,
        published=page.published or entry.published or entry.modified,
        modified=page.modified or entry.modified,
        source=page.source or entry.outlet,
        section=page.section or entry.section,
        authors=page.authors or entry.authors,
        language=page.language or entry.language,
    )


def _no_words(feed_url: str, entry: FeedEntry) -> UnreadableSource:
    return UnreadableSource(
        f"{feed_url}#{entry.guid}", "the entry holds no text and links no page to read"
    )
