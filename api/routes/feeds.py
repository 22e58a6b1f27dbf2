"""`/v1/feeds`: subscribe, list, poll, unsubscribe."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.errors import ProblemError, responses
from api.feed_wire import FeedList, FeedOut, PollOut, feed_out, poll_out
from api.routes.deps import Running
from index.errors import SourceError
from index.following.courtesy import Stopped

router = APIRouter(prefix="/v1/feeds", tags=["feeds"])

_MAX_URL_CHARS = 2_000
_MAX_POLLED = 100
_BUSY_RETRY_S = 10

FeedUrl = Annotated[
    str,
    Field(
        min_length=1,
        max_length=_MAX_URL_CHARS,
        description="The address of a feed.",
        examples=["https://meridianwire.example/feed.xml"],
    ),
]


class FeedIn(BaseModel):
    """A feed to subscribe to."""

    model_config = ConfigDict(extra="forbid")

    url: FeedUrl
    title: str | None = Field(None, max_length=200, description="Default: the feed's own.")


class PollIn(BaseModel):
    """Which feeds to poll."""

    model_config = ConfigDict(extra="forbid")

    urls: list[FeedUrl] | None = Field(
        None, max_length=_MAX_POLLED, description="Default: every feed that is due."
    )
    force: bool = Field(
        False, strict=True, description="Read them also where nothing seems to have changed."
    )


@router.get("", summary="List feeds", responses=responses("not-ready"))
async def list_feeds(running: Running) -> FeedList:
    """List the subscriptions with their health: last success, failures, error, next poll."""
    states = await running.in_thread(running.dateline.feeds.book.feeds)
    return FeedList(feeds=[feed_out(state) for state in states])


@router.post(
    "",
    summary="Subscribe to a feed",
    status_code=201,
    responses={
        200: {"model": FeedOut, "description": "It was subscribed to already"},
        **responses(
            "bad-request", "invalid-request", "feed-unusable", "too-many-requests", "not-ready"
        ),
    },
)
async def add_feed(request: FeedIn, response: Response, running: Running) -> FeedOut:
    """Subscribe to a feed, or to the feed that an ordinary page links.

    The address is fetched at once, to see that it is one; its articles come with the next
    poll.
    """
    subscriber = running.dateline.feeds.subscriber
    try:
        subscribed = await running.fetch(partial(subscriber.subscribe, request.url, request.title))
    except SourceError as error:
        raise ProblemError("feed-unusable", error.reason) from error
    response.status_code = 201 if subscribed.is_new else 200
    return feed_out(subscribed.state)


@router.delete(
    "",
    summary="Unsubscribe from a feed",
    status_code=204,
    responses=responses("feed-not-found", "invalid-request", "not-ready"),
)
async def remove_feed(
    url: Annotated[str, Query(min_length=1, max_length=_MAX_URL_CHARS)], running: Running
) -> Response:
    """End a subscription. The articles that came by it stay."""
    await running.in_thread(running.dateline.feeds.book.remove, url)
    return Response(status_code=204)


@router.post(
    "/poll",
    summary="Poll feeds",
    responses=responses(
        "bad-request",
        "feed-not-found",
        "invalid-request",
        "feeds-busy",
        "store-locked",
        "not-ready",
    ),
)
async def poll_feeds(running: Running, request: PollIn | None = None) -> PollOut:
    """Poll feeds now, and store what is new in them. Takes as long as their servers do.

    A feed that cannot be read is no error of this request: its `error` says why, and
    `next_poll_at` when it is tried again.
    """
    poller = running.dateline.feeds.poller
    if poller.is_busy:
        raise ProblemError(
            "feeds-busy",
            f"feeds are being polled: see GET /v1/feeds, or try again in {_BUSY_RETRY_S} seconds",
            retry_after_s=_BUSY_RETRY_S,
        )
    asked = request or PollIn(urls=None, force=False)
    try:
        report = await running.in_thread(partial(poller.poll, asked.urls, force=asked.force))
    except Stopped as error:
        raise ProblemError("not-ready", "the server is being stopped") from error
    return poll_out(report)
