"""What it takes to follow feeds, put together: subscriptions alone, or all of it.

Part of the composition root: `assemble` calls `assemble_feeds`; a command that only
changes subscriptions needs no models and calls `open_subscriptions`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from index.following.courtesy import Courtesy, PatientEmbedder
from index.following.entries import EntryReader, PageFetching
from index.following.polling import FeedFetching, Poller
from index.following.subscribing import Subscriber
from index.ingest import Ingestor
from index.local.engine import LocalEngine
from index.models.embed import Embedder
from index.prepare.chunk import ChunkSettings
from index.store.connections import Connections
from index.store.feeds import FeedBook
from index.store.sqlite import STORE_FILE, Store
from index.workers import Workers


class Fetching(FeedFetching, PageFetching, Protocol):
    """Gets feeds and pages."""


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The feeds of a data directory, which need no models."""

    book: FeedBook
    subscriber: Subscriber
    store: Store

    def close(self) -> None:
        """Release the data directory."""
        self.book.close()
        self.store.close()


@dataclass(frozen=True, slots=True)
class Feeds:
    """The feeds of a running system. `courtesy` lets questions go first, and ends polls."""

    book: FeedBook
    subscriber: Subscriber
    poller: Poller
    courtesy: Courtesy

    def close(self) -> None:
        """End what polls, and release the subscriptions."""
        self.courtesy.stop()
        self.book.close()


def open_subscriptions(
    home: Path, fetcher: FeedFetching, *, clock: Callable[[], datetime]
) -> Subscriptions:
    """The subscriptions of a data directory, which is made if absent.

    Raises:
        StoreFormatError: it is of another format.
    """
    store = Store(home / STORE_FILE)
    book = FeedBook(Connections(home / STORE_FILE))
    return Subscriptions(book, Subscriber(book, fetcher, now=clock), store)


def assemble_feeds(
    engine: LocalEngine,
    embedder: Embedder,
    fetcher: Fetching,
    *,
    chunking: ChunkSettings,
    clock: Callable[[], datetime],
    workers: Workers | None = None,
) -> Feeds:
    """What polls the feeds of an open data directory.

    Args:
        engine: where articles go.
        embedder: shared with whoever answers questions; used a little at a time.
        fetcher: gets feeds and pages.
        chunking: as for other articles.
        clock: what tells the time.
        workers: processes that parse what strangers sent.
    """
    courtesy = Courtesy()
    book = FeedBook(Connections(engine.home / STORE_FILE))
    reader = EntryReader(book, engine.store, fetcher, now=clock, workers=workers)
    ingestor = Ingestor(engine, PatientEmbedder(embedder, courtesy), settings=chunking, now=clock)
    poller = Poller(
        book,
        fetcher,
        reader,
        ingestor,
        now=clock,
        chance=random.random,
        pause=courtesy.wait,
    )
    return Feeds(book, Subscriber(book, fetcher, now=clock), poller, courtesy)
