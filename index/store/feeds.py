"""Feeds that are subscribed to, and the entries of theirs that were dealt with.

Part of the store's file, beside the articles: an entry is recorded only after its article
was committed, so whatever is interrupted is done again. Knows nothing of fetching or of
when to poll: it is handed the times.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from index.errors import FeedNotFound
from index.store.connections import Connections
from index.store.feed_values import (
    COLUMNS,
    ENTRY_COLUMNS,
    FeedState,
    SeenEntry,
    entry_of,
    read_time,
    state_of,
    stored_time,
)

__all__ = ["FeedBook", "FeedState", "SeenEntry"]

# A feed's oldest entries are forgotten beyond this many; feeds show a hundred at once.
MAX_ENTRIES = 20_000


class FeedBook:
    """The subscriptions of one store. Safe to share between threads and processes."""

    def __init__(self, connections: Connections) -> None:
        """Use the database of a store that has been opened, and so has its tables."""
        self._connections = connections

    def close(self) -> None:
        """Close the connections of every thread."""
        self._connections.close()

    @contextmanager
    def _commit(self) -> Iterator[sqlite3.Connection]:
        connection = self._connections.here
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    # -- subscriptions --------------------------------------------------------------

    def add(self, url: str, title: str | None = None, *, now: datetime) -> FeedState:
        """Subscribe to an address; one that is known is only made due, also if it had stopped."""
        with self._commit() as connection:
            known = self._find(connection, url)
            if known is None:
                connection.execute(
                    "INSERT INTO feeds (url, asked_url, title, added_at, next_poll_at) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (url, url, title, stored_time(now), stored_time(now)),
                )
            else:
                connection.execute(
                    "UPDATE feeds SET title = coalesce(?, title), next_poll_at = ? WHERE url = ?",
                    (title, stored_time(now), known.url),
                )
        return self.get(url)

    def feeds(self) -> list[FeedState]:
        """Every subscription, in the order in which they were made."""
        rows = self._connections.here.execute(
            f"SELECT {COLUMNS} FROM feeds f ORDER BY added_at, url"  # noqa: S608
        )
        return [state_of(row) for row in rows]

    def get(self, url: str) -> FeedState:
        """The subscription to an address, as it is now or as it was subscribed to.

        Raises:
            FeedNotFound: there is none.
        """
        found = self._find(self._connections.here, url)
        if found is None:
            raise FeedNotFound(
                f"no feed is subscribed to at {url!r}: `dateline feeds list` names those there are"
            )
        return found

    @staticmethod
    def _find(connection: sqlite3.Connection, url: str) -> FeedState | None:
        row = connection.execute(
            f"SELECT {COLUMNS} FROM feeds f WHERE url = :url OR asked_url = :url "  # noqa: S608
            "ORDER BY url <> :url LIMIT 1",
            {"url": url},
        ).fetchone()
        return None if row is None else state_of(row)

    def remove(self, url: str) -> FeedState:
        """End a subscription; the articles that came by it stay.

        Raises:
            FeedNotFound: there is none.
        """
        found = self.get(url)
        with self._commit() as connection:
            connection.execute("DELETE FROM feeds WHERE url = ?", (found.url,))
        return found

    def due(self, now: datetime) -> list[FeedState]:
        """The feeds to be polled by now, the longest overdue first."""
        rows = self._connections.here.execute(
            f"SELECT {COLUMNS} FROM feeds f WHERE next_poll_at <= ? "  # noqa: S608
            "ORDER BY next_poll_at, url",
            (stored_time(now),),
        )
        return [state_of(row) for row in rows]

    def next_due(self) -> datetime | None:
        """When the next feed is to be polled; None where none is."""
        (at,) = self._connections.here.execute("SELECT min(next_poll_at) FROM feeds").fetchone()
        return read_time(at)

    def moved(self, url: str, new_url: str) -> FeedState:
        """Follow a permanent redirect; two subscriptions that meet become one."""
        with self._commit() as connection:
            taken = connection.execute("SELECT 1 FROM feeds WHERE url = ?", (new_url,)).fetchone()
            if taken is None:
                connection.execute("UPDATE feeds SET url = ? WHERE url = ?", (new_url, url))
            else:
                connection.execute(
                    "UPDATE OR IGNORE feed_entries SET feed = ? WHERE feed = ?", (new_url, url)
                )
                connection.execute("DELETE FROM feeds WHERE url = ?", (url,))
        return self.get(new_url)

    def succeeded(
        self,
        url: str,
        *,
        at: datetime,
        next_poll_at: datetime,
        every_s: float,
        title: str | None,
        etag: str | None,
        last_modified: str | None,
        bytes_sha256: str | None,
    ) -> None:
        """Record a poll that dealt with a document, and what to ask the server with next."""
        self._polled(
            url,
            at,
            next_poll_at,
            title=title,
            etag=etag,
            last_modified=last_modified,
            bytes_sha256=bytes_sha256,
            succeeded_at=stored_time(at),
            interval_s=every_s,
            failures=0,
            error=None,
        )

    def unchanged(self, url: str, *, at: datetime, next_poll_at: datetime, every_s: float) -> None:
        """Record a poll that found the document as it was."""
        self._polled(
            url,
            at,
            next_poll_at,
            succeeded_at=stored_time(at),
            interval_s=every_s,
            failures=0,
            error=None,
        )

    def failed(
        self, url: str, error: str, *, at: datetime, next_poll_at: datetime | None, failures: int
    ) -> None:
        """Record a poll that failed; without a next one the feed has stopped."""
        self._polled(url, at, next_poll_at, error=error, failures=failures)

    def _polled(
        self,
        url: str,
        at: datetime,
        next_poll_at: datetime | None,
        *,
        title: str | None = None,
        **changes: str | float | None,
    ) -> None:
        """Set columns; a title only where there is none, for a person may have given it."""
        changes["polled_at"] = stored_time(at)
        changes["next_poll_at"] = None if next_poll_at is None else stored_time(next_poll_at)
        columns = "".join(f", {name} = :{name}" for name in changes)
        with self._commit() as connection:
            connection.execute(
                f"UPDATE feeds SET title = coalesce(title, :title){columns} "  # noqa: S608
                "WHERE url = :url",
                {"url": url, "title": title, **changes},
            )

    # -- entries --------------------------------------------------------------------

    def entry(self, feed: str, guid: str, url: str | None) -> SeenEntry | None:
        """What was seen of an entry, by its guid, else by the address of its article."""
        return self._entry("feed = ? AND guid = ?", feed, guid) or (
            self._entry("feed = ? AND url = ?", feed, url) if url else None
        )

    def elsewhere(self, feed: str, url: str) -> SeenEntry | None:
        """The entry by which another feed brought the whole article at an address."""
        return self._entry(
            "feed <> ? AND url = ? AND article_id IS NOT NULL AND try_at IS NULL", feed, url
        )

    def _entry(self, condition: str, *values: str) -> SeenEntry | None:
        row = self._connections.here.execute(
            f"SELECT {ENTRY_COLUMNS} FROM feed_entries WHERE {condition} "  # noqa: S608
            "ORDER BY seen_at DESC LIMIT 1",
            values,
        ).fetchone()
        return None if row is None else entry_of(row)

    def article_at(self, url: str) -> str | None:
        """The id of the article whose text stands, or stood, at a canonical address."""
        row = self._connections.here.execute(
            "SELECT article_id FROM versions WHERE url = ? ORDER BY ingested_at DESC LIMIT 1",
            (url,),
        ).fetchone()
        return None if row is None else str(row[0])

    def waiting(self, feed: str, now: datetime) -> list[SeenEntry]:
        """The entries of a feed whose pages are to be tried again by now."""
        rows = self._connections.here.execute(
            f"SELECT {ENTRY_COLUMNS} FROM feed_entries "  # noqa: S608
            "WHERE feed = ? AND try_at <= ? ORDER BY try_at, guid",
            (feed, stored_time(now)),
        )
        return [entry_of(row) for row in rows]

    def record(self, entries: Iterable[SeenEntry], *, at: datetime) -> None:
        """Record entries that were dealt with, in one commit; of feeds that are gone, none."""
        with self._commit() as connection:
            feeds = set()
            for entry in entries:
                feeds.add(entry.feed)
                connection.execute(
                    f"INSERT OR REPLACE INTO feed_entries ({ENTRY_COLUMNS}, seen_at) "  # noqa: S608
                    "SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS "
                    "(SELECT 1 FROM feeds WHERE url = ?)",
                    (
                        entry.feed,
                        entry.guid,
                        entry.url,
                        entry.content_sha256,
                        entry.article_id,
                        entry.tries,
                        None if entry.try_at is None else stored_time(entry.try_at),
                        stored_time(at),
                        entry.feed,
                    ),
                )
            for feed in feeds:
                connection.execute(
                    "DELETE FROM feed_entries WHERE feed = ?1 AND guid IN (SELECT guid FROM "
                    "feed_entries WHERE feed = ?1 ORDER BY seen_at DESC LIMIT -1 OFFSET ?2)",
                    (feed, MAX_ENTRIES),
                )
