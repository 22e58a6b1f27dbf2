"""How much a client may send, and how slowly.

A body has a limit, and must come within half a minute, and a second more for each
`SLOWEST_BYTES_PER_S` of it: enough for a telephone on a train, too little for somebody who
holds connections open with a byte now and then. Knows nothing of what is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from api.errors import ProblemError

PATIENCE_S = 30.0
SLOWEST_BYTES_PER_S = 20_000


class Body:
    """The body of one request, as far as it was received."""

    def __init__(self, receive: Receive, max_bytes: int, *, on_part: Callable[[], None]) -> None:
        self._receive = receive
        self._max = max_bytes
        self._on_part = on_part
        self._since = asyncio.get_running_loop().time()
        self._received = 0
        self._is_whole = False

    async def receive(self) -> Message:
        """The next part.

        Raises:
            ProblemError: `body-too-large` or `body-too-slow`.
        """
        if self._is_whole:  # what comes now is that the client has left
            return await self._receive()
        message = await self._part()
        self._on_part()
        self._is_whole = not message.get("more_body", False)
        self._received += len(message.get("body", b""))
        if self._received > self._max:
            raise too_large(self._max)
        return message

    async def _part(self) -> Message:
        allowed_s = PATIENCE_S + self._received / SLOWEST_BYTES_PER_S
        try:
            async with asyncio.timeout_at(self._since + allowed_s):
                return await self._receive()
        except TimeoutError:
            raise _too_slow(self._received, allowed_s) from None


def check_length(scope: Scope, max_bytes: int) -> None:
    """Refuse a body that is said to be too long, before any of it is read.

    Raises:
        ProblemError: `body-too-large`.
    """
    length = Headers(scope=scope).get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:20]) > max_bytes:
        raise too_large(max_bytes)


def too_large(max_bytes: int) -> ProblemError:
    """The problem of a body that is too long."""
    return ProblemError(
        "body-too-large",
        f"a body may have up to {max_bytes:,} bytes: send less at once, "
        "or raise DATELINE_MAX_BODY_BYTES",
    )


def _too_slow(received: int, allowed_s: float) -> ProblemError:
    error = ProblemError(
        "body-too-slow",
        f"{received:,} bytes of the body came in {allowed_s:.0f} seconds: send it faster, or in "
        "several requests",
    )
    error.headers = {"Connection": "close"}
    return error
