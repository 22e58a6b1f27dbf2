"""What a poll of feeds tells of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from index.reports import IngestReport, Skipped


@dataclass(frozen=True, slots=True)
class PolledFeed:
    """What one poll of one feed brought.

    `same` counts entries that were known as they are; `failed` those of which nothing could
    be stored, with the reasons in `skipped`. `unread` says why pages could not be read whose
    entries carry only a summary; `waiting` counts those that will be tried again. `left` are
    entries for the next poll. `unmodified` says that the server had nothing new at all.
    """

    url: str
    title: str | None
    new: int
    changed: int
    same: int
    failed: int
    left: int
    waiting: int
    unmodified: bool
    skipped: tuple[Skipped, ...]
    unread: tuple[Skipped, ...]
    error: str | None
    next_poll_at: datetime | None


@dataclass(frozen=True, slots=True)
class PollReport:
    """What a poll of several feeds brought."""

    feeds: tuple[PolledFeed, ...]

    @property
    def stored(self) -> int:
        """Articles that are new or changed."""
        return sum(feed.new + feed.changed for feed in self.feeds)

    @property
    def broken(self) -> tuple[PolledFeed, ...]:
        """The feeds that could not be read."""
        return tuple(feed for feed in self.feeds if feed.error is not None)


@dataclass(slots=True)
class Tally:
    """What a poll of one feed has brought so far."""

    new: int = 0
    changed: int = 0
    same: int = 0
    failed: int = 0
    left: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    unread: list[Skipped] = field(default_factory=list)

    def add(self, report: IngestReport) -> None:
        """Count what an ingest stored."""
        self.new += report.progress.new
        self.changed += report.progress.changed
        self.same += report.progress.same

    def fail(self, skipped: Skipped) -> None:
        """Count an entry of which nothing could be stored."""
        self.failed += 1
        self.skipped.append(skipped)
