"""Polls feeds: what is new in them becomes articles. Read `Poller.poll` first.

    fetch if changed ─ parse ─ take what is new ─ pages tried again ─ record, and when next

What to ask the server with next time is recorded last, so that a kill at any instant
makes the next poll read the document again. Knows nothing of HTTP, of the clock or of
who asks for a poll.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from index.errors import FeedNotFound, FetchFailed, SourceError
from index.following.entries import EntryReader
from index.following.feed_intake import FeedIntake, Ingesting
from index.following.poll_report import PolledFeed, PollReport, Tally
from index.following.schedule import SHORTEST_S, after, back_off_s, interval_s, slower_s
from index.prepare.dates import parse_date
from index.sources.feeds import Feed, parse_feed
from index.sources.payload import Payload
from index.store.feeds import FeedBook, FeedState

GONE = 410


class FetchedFeed(Protocol):
    """What a server gave: the bytes, and what to ask it with next time."""

    @property
    def payload(self) -> Payload:
        """The document."""

    @property
    def etag(self) -> str | None:
        """The name of this state of it."""

    @property
    def last_modified(self) -> str | None:
        """When it was changed, as the server said it."""

    @property
    def permanent_url(self) -> str | None:
        """Where it has moved to for good, if it has."""

    @property
    def max_age_s(self) -> float | None:
        """How long the server says that it stays as it is."""


class FeedFetching(Protocol):
    """Gets a feed's document."""

    def fetch_if_changed(
        self, url: str, *, etag: str | None, last_modified: str | None
    ) -> FetchedFeed | None:
        """The document, None where it is as it was; raises `FetchFailed`."""


class Poller:
    """Polls the feeds of one store, one at a time."""

    def __init__(
        self,
        book: FeedBook,
        fetcher: FeedFetching,
        reader: EntryReader,
        ingestor: Ingesting,
        *,
        now: Callable[[], datetime],
        chance: Callable[[], float],
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        """Put a poller together.

        Args:
            book: the subscriptions.
            fetcher: gets the documents.
            reader: turns entries into articles.
            ingestor: stores them.
            now: the time.
            chance: a number from 0 to 1, which spreads retries.
            pause: called before each piece of work; may wait, or raise to end it.
        """
        self._book = book
        self._fetcher = fetcher
        self._reader = reader
        self._intake = FeedIntake(book, reader, ingestor, now=now, pause=pause)
        self._now = now
        self._chance = chance
        self._pause = pause
        self._one_at_a_time = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether a poll is under way."""
        return self._one_at_a_time.locked()

    def poll(
        self,
        urls: Iterable[str] | None = None,
        *,
        force: bool = False,
        on_polled: Callable[[PolledFeed], None] = lambda _: None,
    ) -> PollReport:
        """Poll feeds and store what is new in them.

        Args:
            urls: these feeds, due or not; by default all that are due.
            force: read documents also where nothing in them changed; without `urls`, of all
                feeds that have not stopped, due or not.
            on_polled: is told after each feed.

        Raises:
            FeedNotFound: there is no subscription to one of `urls`.
            StoreLocked: another process is writing to the data directory.
            Stopped: `pause` ended it (`index/following/courtesy.py`).
        """
        with self._one_at_a_time:
            self._reader.begin()
            polled: list[PolledFeed] = []
            for state in self._chosen(urls, force=force):
                self._pause()
                polled.append(self._poll_one(state, force=force))
                on_polled(polled[-1])
            return PollReport(tuple(polled))

    def _chosen(self, urls: Iterable[str] | None, *, force: bool) -> Sequence[FeedState]:
        if urls is not None:
            return list({state.url: state for state in map(self._book.get, urls)}.values())
        if force:
            return [state for state in self._book.feeds() if state.next_poll_at is not None]
        return self._book.due(self._now())

    def _poll_one(self, state: FeedState, *, force: bool) -> PolledFeed:
        tally = Tally()
        try:
            fetched = self._fetcher.fetch_if_changed(
                state.url,
                etag=None if force else state.etag,
                last_modified=None if force else state.last_modified,
            )
            if fetched and not force and fetched.payload.sha256() == state.bytes_sha256:
                fetched = None
            feed = self._reader.apart(parse_feed, fetched.payload) if fetched else None
        except SourceError as error:
            return self._failed(state, error)
        if fetched and fetched.permanent_url and fetched.permanent_url != state.url:
            state = self._book.moved(state.url, fetched.permanent_url)
        if feed is not None:
            self._intake.take(state, feed, tally)
        self._intake.take_waiting(state, tally)
        self._record(state, feed, fetched, tally)
        return self._report(state, tally, unmodified=feed is None)

    def _failed(self, state: FeedState, error: SourceError) -> PolledFeed:
        """Record the failure; an address that is gone for good is not asked again."""
        now, failures = self._now(), state.failures + 1
        if isinstance(error, FetchFailed) and error.status == GONE:
            reason, next_poll_at = f"it has ended: {error.reason}", None
        else:
            asked_s = error.retry_after_s if isinstance(error, FetchFailed) else None
            wait_s = back_off_s(failures, self._chance(), asked_s=asked_s)
            reason, next_poll_at = error.reason, after(now, wait_s)
        self._book.failed(state.url, reason, at=now, next_poll_at=next_poll_at, failures=failures)
        return self._report(state, Tally(), error=reason)

    def _record(
        self, state: FeedState, feed: Feed | None, fetched: FetchedFeed | None, tally: Tally
    ) -> None:
        now = self._now()
        if feed is None or fetched is None:
            wait_s = slower_s(state.interval_s)
            self._book.unchanged(state.url, at=now, next_poll_at=after(now, wait_s), every_s=wait_s)
            return
        wait_s = interval_s(_published(feed), now, asked_s=(feed.ttl_s, fetched.max_age_s))
        # A document that is needed again must not seem known.
        known = not tally.left
        self._book.succeeded(
            state.url,
            at=now,
            next_poll_at=after(now, wait_s if known else SHORTEST_S),
            every_s=wait_s,
            title=feed.title,
            etag=fetched.etag if known else None,
            last_modified=fetched.last_modified if known else None,
            bytes_sha256=fetched.payload.sha256() if known else None,
        )

    def _report(
        self,
        state: FeedState,
        tally: Tally,
        *,
        unmodified: bool = False,
        error: str | None = None,
    ) -> PolledFeed:
        with suppress(FeedNotFound):  # removed while it was polled
            state = self._book.get(state.url)
        return PolledFeed(
            url=state.url,
            title=state.title,
            new=tally.new,
            changed=tally.changed,
            same=tally.same,
            failed=tally.failed,
            left=tally.left,
            waiting=state.waiting,
            unmodified=unmodified,
            skipped=tuple(tally.skipped),
            unread=tuple(tally.unread),
            error=error,
            next_poll_at=state.next_poll_at,
        )


def _published(feed: Feed) -> list[datetime]:
    said = (entry.published or entry.modified for entry in feed.entries)
    dates = (parse_date(value) for value in said if value)
    return [date.at for date in dates if date is not None]
