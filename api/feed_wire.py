"""Replies about feeds: subscriptions with their health, and what a poll brought."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.article_wire import SkippedOut
from api.wire import instant
from index.following.poll_report import PolledFeed, PollReport
from index.reports import Skipped
from index.store.feeds import FeedState


class FeedOut(BaseModel):
    """A subscription and how it fares."""

    url: str = Field(description="Where it is read now; permanent redirects are followed.")
    asked_url: str = Field(description="What was subscribed to.")
    title: str | None
    status: str = Field(description="new, ok, failing or stopped.")
    error: str | None = Field(description="Why the last poll failed; null after one that worked.")
    failures: int = Field(description="Failed polls in a row.")
    added_at: str
    polled_at: str | None
    succeeded_at: str | None
    next_poll_at: str | None = Field(description="Null once the feed has stopped.")
    entries: int = Field(description="Entries that were dealt with.")
    waiting: int = Field(description="Entries whose page could not be read and is tried again.")


class FeedList(BaseModel):
    """Every subscription, in the order in which they were made."""

    feeds: list[FeedOut]


class PolledOut(BaseModel):
    """What one poll of one feed brought."""

    url: str
    title: str | None
    new: int
    changed: int
    same: int = Field(description="Entries that were known as they are.")
    failed: int = Field(description="Entries of which nothing could be stored.")
    left: int = Field(description="Entries for the next poll, which comes soon.")
    waiting: int
    unmodified: bool = Field(description="The feed's document is as it was.")
    skipped: list[SkippedOut]
    unread: list[SkippedOut] = Field(description="Pages that could not be read.")
    error: str | None
    next_poll_at: str | None


class PollOut(BaseModel):
    """What a poll brought."""

    feeds: list[PolledOut]
    new: int
    changed: int
    failed: int
    broken: int = Field(description="Feeds that could not be read.")


def feed_out(state: FeedState) -> FeedOut:
    """A subscription on the wire."""
    return FeedOut(
        url=state.url,
        asked_url=state.asked_url,
        title=state.title,
        status=status_of(state),
        error=state.error,
        failures=state.failures,
        added_at=instant(state.added_at),
        polled_at=instant(state.polled_at) if state.polled_at else None,
        succeeded_at=instant(state.succeeded_at) if state.succeeded_at else None,
        next_poll_at=instant(state.next_poll_at) if state.next_poll_at else None,
        entries=state.entries,
        waiting=state.waiting,
    )


def status_of(state: FeedState) -> str:
    """How a feed fares, in a word."""
    if state.next_poll_at is None:
        return "stopped"
    if state.error is not None:
        return "failing"
    return "ok" if state.polled_at else "new"


def poll_out(report: PollReport) -> PollOut:
    """The outcome of a poll on the wire."""
    return PollOut(
        feeds=[polled_out(feed) for feed in report.feeds],
        new=sum(feed.new for feed in report.feeds),
        changed=sum(feed.changed for feed in report.feeds),
        failed=sum(feed.failed for feed in report.feeds),
        broken=len(report.broken),
    )


def polled_out(feed: PolledFeed) -> PolledOut:
    """One feed of a poll on the wire."""
    return PolledOut(
        url=feed.url,
        title=feed.title,
        new=feed.new,
        changed=feed.changed,
        same=feed.same,
        failed=feed.failed,
        left=feed.left,
        waiting=feed.waiting,
        unmodified=feed.unmodified,
        skipped=[_skipped(one) for one in feed.skipped],
        unread=[_skipped(one) for one in feed.unread],
        error=feed.error,
        next_poll_at=instant(feed.next_poll_at) if feed.next_poll_at else None,
    )


def _skipped(one: Skipped) -> SkippedOut:
    return SkippedOut(origin=one.origin, code=one.code, reason=one.reason)
