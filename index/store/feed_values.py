"""What is stored of feeds and their entries, and how rows become values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

COLUMNS = (
    "url, asked_url, title, added_at, etag, last_modified, bytes_sha256, polled_at, "
    "succeeded_at, next_poll_at, interval_s, failures, error, "
    "(SELECT count(*) FROM feed_entries e WHERE e.feed = f.url), "
    "(SELECT count(*) FROM feed_entries e WHERE e.feed = f.url AND e.try_at IS NOT NULL)"
)
ENTRY_COLUMNS = "feed, guid, url, content_sha256, article_id, tries, try_at"


@dataclass(frozen=True, slots=True)
class FeedState:
    """A subscription and how it fares.

    `url` is where it is read, `asked_url` what was subscribed to. `next_poll_at` is None
    once it has stopped for good. `failures` are those in a row; `waiting` are entries of
    which only a summary is stored, or nothing, and whose page will be tried again.
    """

    url: str
    asked_url: str
    title: str | None
    added_at: datetime
    etag: str | None
    last_modified: str | None
    bytes_sha256: str | None
    polled_at: datetime | None
    succeeded_at: datetime | None
    next_poll_at: datetime | None
    interval_s: float | None
    failures: int
    error: str | None
    entries: int
    waiting: int


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """An entry that was dealt with; `url` is canonical, `try_at` set while its page is missing."""

    feed: str
    guid: str
    url: str | None
    content_sha256: str
    article_id: str | None
    tries: int = 0
    try_at: datetime | None = None


def stored_time(moment: datetime) -> str:
    """A moment as it is stored: in UTC and of one length, so that text sorts as time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def read_time(said: str | None) -> datetime | None:
    """A stored moment."""
    return None if said is None else datetime.fromisoformat(said)


def state_of(row: Sequence[Any]) -> FeedState:
    """A subscription from `COLUMNS`."""
    return FeedState(
        url=row[0],
        asked_url=row[1],
        title=row[2],
        added_at=datetime.fromisoformat(row[3]),
        etag=row[4],
        last_modified=row[5],
        bytes_sha256=row[6],
        polled_at=read_time(row[7]),
        succeeded_at=read_time(row[8]),
        next_poll_at=read_time(row[9]),
        interval_s=row[10],
        failures=row[11],
        error=row[12],
        entries=row[13],
        waiting=row[14],
    )


def entry_of(row: Sequence[Any]) -> SeenEntry:
    """An entry from `ENTRY_COLUMNS`."""
    feed, guid, url, content_sha256, article_id, tries, try_at = row
    return SeenEntry(feed, guid, url, content_sha256, article_id, tries, read_time(try_at))
