"""Subscribing to a feed by its own address, or by that of a page which links it.

Knows nothing of polling: what the feed holds is left to the first poll.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import lxml.etree
import lxml.html

from index.errors import FeedNotFound, UnreadableSource
from index.following.polling import FeedFetching, FetchedFeed
from index.sources.feeds import Feed, parse_feed
from index.sources.feeds.feed_text import text_of, web_address
from index.sources.payload import Payload
from index.store.feeds import FeedBook, FeedState

_FEED_TYPES = frozenset(
    (
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
    )
)
# Links of a page that are tried; the first is nearly always the outlet's own feed.
_MAX_LINKS = 3
# Links stand in the head; what follows is read for those that stand elsewhere.
_MAX_PAGE_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription, whether it is new, and how many entries the feed shows."""

    state: FeedState
    is_new: bool
    entries: int


class Subscriber:
    """Makes subscriptions."""

    def __init__(
        self, book: FeedBook, fetcher: FeedFetching, *, now: Callable[[], datetime]
    ) -> None:
        self._book = book
        self._fetcher = fetcher
        self._now = now

    def subscribe(self, url: str, title: str | None = None) -> Subscribed:
        """Subscribe to the feed at an address, or to the first that the page there links.

        Raises:
            FetchFailed: there is no answer, or none may be asked for.
            UnreadableSource: it is neither a feed nor a page that links one.
        """
        address, feed = self._found(absolute(url))
        is_new = not self._knows(address)
        state = self._book.add(address, title or feed.title, now=self._now())
        return Subscribed(state, is_new, len(feed.entries))

    def add_listed(self, url: str, title: str | None = None) -> Subscribed:
        """Subscribe without asking the server: the first poll will tell."""
        is_new = not self._knows(url)
        return Subscribed(self._book.add(url, title, now=self._now()), is_new, 0)

    def _knows(self, url: str) -> bool:
        try:
            self._book.get(url)
        except FeedNotFound:
            return False
        return True

    def _found(self, url: str) -> tuple[str, Feed]:
        fetched = self._fetch(url)
        try:
            return fetched.permanent_url or url, parse_feed(fetched.payload)
        except UnreadableSource as error:
            reason = error.reason
        for link in list(feed_links(fetched.payload))[:_MAX_LINKS]:
            fetched = self._fetch(link)
            try:
                return fetched.permanent_url or link, parse_feed(fetched.payload)
            except UnreadableSource as error:
                reason = f"it links {link}, but {error.reason}"
        raise UnreadableSource(url, f"{reason}; and as a page it links no feed that can be read")

    def _fetch(self, url: str) -> FetchedFeed:
        fetched = self._fetcher.fetch_if_changed(url, etag=None, last_modified=None)
        if fetched is None:
            raise UnreadableSource(url, "the server says that it did not change, unasked")
        return fetched


def absolute(url: str) -> str:
    """The address with its scheme, which people leave out; https where there is none.

    Raises:
        UnreadableSource: it is no address of the web.
    """
    url = url.strip()
    found = web_address(url if "://" in url else f"https://{url}", "")
    if found is None:
        raise UnreadableSource(
            url, "it is no web address: give one that begins with https:// or http://"
        )
    return found


def feed_links(page: Payload) -> Iterator[str]:
    """The feeds that a page links, those of comments last."""
    data = page.data[:_MAX_PAGE_BYTES]
    try:
        root = lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(huge_tree=False))
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError, ValueError, AssertionError):
        return
    base = page.url or page.origin
    for element in root.iter("base"):
        base = web_address(element.get("href"), base) or base
        break
    found: dict[str, bool] = {}
    for link in root.iter("link", "a"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        rel = (link.get("rel") or "").lower().split()
        url = web_address(link.get("href"), base)
        if url and kind in _FEED_TYPES and (link.tag == "a" or "alternate" in rel or "feed" in rel):
            said = f"{text_of(link.get('title') or '')} {url}".lower()
            found.setdefault(url, "comment" in said)
    yield from sorted(found, key=lambda url: found[url])
