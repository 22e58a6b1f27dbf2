"""Server-sent events: heartbeats, limits, and an end when the client or the server goes.

Knows nothing of questions.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

_T = TypeVar("_T")

# Proxies close a connection that is silent for half a minute or more.
HEARTBEAT_S = 10.0
# A client that takes nothing for so long has gone.
SEND_TIMEOUT_S = 30.0
# What a stop of the server waits for; less than what it gives whole requests.
GRACE_S = 8.0


def event_stream(frames: AsyncIterator[ServerSentEvent]) -> EventSourceResponse:
    """A reply of frames; they are closed when the client goes."""
    return EventSourceResponse(
        frames,
        ping=HEARTBEAT_S,
        ping_message_factory=lambda: ServerSentEvent(comment="heartbeat", sep="\n"),
        sep="\n",
        send_timeout=SEND_TIMEOUT_S,
        shutdown_grace_period=GRACE_S,
    )


async def unless_gone(request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """What work comes to; it is cancelled when the client goes, whose body has been read.

    Raises:
        ClientGone: nobody is left to reply to.
    """
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone
        return await working
    finally:
        working.cancel()
        gone.cancel()


class ClientGone(Exception):
    """The client has closed the connection."""


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
