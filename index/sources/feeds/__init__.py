"""Feeds to entries: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed 1.x.

What a document is, its content decides. A document is parsed as far as it makes sense, or
refused with the reason; nothing in it can make that take long (`benchmarks/feeds.py`).
Knows nothing of subscriptions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from index.documents import RawArticle
from index.errors import EmptySource, SourceError, UnreadableSource
from index.sources.feeds.feed_bytes import decoded, unpacked
from index.sources.feeds.feed_json import VERSION_PREFIX, read_json
from index.sources.feeds.feed_prolog import first_element
from index.sources.feeds.feed_repair import repaired
from index.sources.feeds.feed_values import Feed, FeedEntry
from index.sources.feeds.feed_xml import read_xml
from index.sources.payload import Payload

__all__ = ["Feed", "FeedEntry", "entry_to_raw", "feed_to_raws", "looks_like_feed", "parse_feed"]

# Enough to pass comments and declarations.
HEAD_BYTES = 4_096
_ROOTS = ("rss", "feed", "rdf")


def looks_like_feed(head: bytes) -> bool:
    """Whether the first bytes of a document, some 4 kB, are those of a feed."""
    text = decoded(head[:HEAD_BYTES]).lstrip("\ufeff \t\r\n")
    if _is_json(text):
        return VERSION_PREFIX in text.replace("\\/", "/")
    if not text.startswith("<"):
        return False
    root = (first_element(text) or "").rpartition(":")[2].lower()
    if root == "rdf":  # RDF holds much else; RSS names itself
        return "purl.org/rss/" in text or "netscape.com/rdf" in text
    return root in _ROOTS


def _is_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def parse_feed(payload: Payload) -> Feed:
    """The feed that a document is.

    Raises:
        UnreadableSource: it is no feed, or one that is not safe or not possible to read.
    """
    data = unpacked(payload.data, payload.origin)
    if not data.strip():
        raise UnreadableSource(payload.origin, "it is empty: a feed has at least its root")
    text = decoded(data, payload.content_type)
    if _is_json(text):
        return read_json(text, payload)
    return read_xml(repaired(text, payload.origin), payload)


def feed_to_raws(payload: Payload) -> Iterator[RawArticle | SourceError]:
    """The articles of a feed that was handed over as a file: one for each entry with text."""
    try:
        feed = parse_feed(payload)
    except SourceError as error:
        yield error
        return
    if not feed.entries:
        yield EmptySource(payload.origin, "it is a feed without entries")
    for entry in feed.entries:
        origin = f"{payload.origin}#{entry.guid}"
        if entry.text:
            yield entry_to_raw(entry, feed, origin)
        else:
            yield EmptySource(origin, "the entry holds no text; subscribe to the feed instead")


def entry_to_raw(entry: FeedEntry, feed: Feed, origin: str) -> RawArticle:
    """The article of an entry, in the words of the feed.

    One that has no address of its own is known by its guid.
    """
    return RawArticle(
        origin=origin,
        text=entry.text,
        id=None if entry.url else guid_id(entry.guid, feed.home_url or feed.title or ""),
        url=entry.url,
        title=entry.title,
        # Atom may leave out when it was published; when it was last changed is then the best.
        published=entry.published or entry.modified,
        source=entry.outlet or (None if entry.url else feed.title),
        section=entry.section,
        authors=entry.authors,
        modified=entry.modified,
        language=entry.language,
        is_summary=entry.is_summary,
    )


def guid_id(guid: str, feed: str) -> str:
    """The id of an article that only a feed's guid names."""
    return "g" + hashlib.sha256(f"{feed}\n{guid}".encode("utf-8", "replace")).hexdigest()[:20]
