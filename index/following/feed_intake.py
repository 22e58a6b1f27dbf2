"""The entries of a feed that are new, stored in small batches and recorded after each.

    known? ─ read ─ ingest ─ record

Recording comes after the commit: what a kill leaves unrecorded is done again, which
changes nothing where it had been stored. Knows nothing of fetching feeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from index.documents import RawArticle
from index.following.entries import EntryReader, Found, article_id_of
from index.following.poll_report import Tally
from index.reports import IngestReport, Skipped
from index.sources.feeds import Feed
from index.store.feeds import FeedBook, FeedState

# Entries that are ingested and recorded together; other writers get in between.
BATCH_ENTRIES = 16
# Entries dealt with in one poll; a longer feed is gone on with at the next, soon after.
MAX_ENTRIES_PER_POLL = 200


class Ingesting(Protocol):
    """Stores articles."""

    def ingest(self, items: Iterable[RawArticle]) -> IngestReport:
        """Store what is new or changed."""


class FeedIntake:
    """Stores entries in one corpus."""

    def __init__(
        self,
        book: FeedBook,
        reader: EntryReader,
        ingestor: Ingesting,
        *,
        now: Callable[[], datetime],
        pause: Callable[[], None],
    ) -> None:
        self._book = book
        self._reader = reader
        self._ingestor = ingestor
        self._now = now
        self._pause = pause

    def take(self, state: FeedState, feed: Feed, tally: Tally) -> None:
        """Store the entries that are new or have changed."""
        fresh = [e for e in feed.entries if not self._reader.is_known(state.url, e)]
        now = fresh[:MAX_ENTRIES_PER_POLL]
        tally.same += len(feed.entries) - len(fresh)
        tally.left = len(fresh) - len(now)
        for start in range(0, len(now), BATCH_ENTRIES):
            found = []
            for entry in now[start : start + BATCH_ENTRIES]:
                self._pause()
                found.append(self._reader.read(state.url, feed, entry))
            self._store(found, tally)

    def take_waiting(self, state: FeedState, tally: Tally) -> None:
        """Try the pages again that could not be read before."""
        waiting = self._book.waiting(state.url, self._now())[:MAX_ENTRIES_PER_POLL]
        for start in range(0, len(waiting), BATCH_ENTRIES):
            found = []
            for seen in waiting[start : start + BATCH_ENTRIES]:
                self._pause()
                found.append(self._reader.read_again(seen))
            self._store(found, tally)

    def _store(self, found: Sequence[Found], tally: Tally) -> None:
        """Ingest articles and record their entries; for a page that is refused, the summary."""
        raws = [one.raw for one in found if one.raw is not None]
        refused: dict[str, Skipped] = {}
        if raws:
            report = self._ingestor.ingest(raws)
            tally.add(report)
            refused = {skipped.origin: skipped for skipped in report.skipped}
        seen, summaries = [], []
        for one in found:
            skipped = refused.get(one.raw.origin) if one.raw else None
            if skipped and one.raw is not one.summary:
                summaries.append(self._reader.without_page(one, skipped.reason))
                continue
            _count(one, skipped, tally)
            stored = None if skipped else one.raw
            article_id = article_id_of(stored) if stored else one.seen.article_id
            seen.append(replace(one.seen, article_id=article_id))
        self._book.record(seen, at=self._now())
        if summaries:
            self._store(summaries, tally)


def _count(found: Found, skipped: Skipped | None, tally: Tally) -> None:
    """Count an entry that is settled; those that were stored, the ingest has counted."""
    if found.error is not None and not found.is_lost:
        tally.unread.append(Skipped.of(found.error))
    if skipped is not None:
        tally.fail(skipped)
    elif found.error is not None and found.is_lost:
        tally.fail(Skipped.of(found.error))
    elif found.raw is None and found.error is None:
        tally.same += 1
