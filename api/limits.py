"""What protects the server: body size, concurrency, time, and headers for browsers.

`Guard` is plain ASGI, outermost of the application's own layers, so that what it
does holds for every reply. `Gate` bounds the work that needs a model. Knows nothing
of questions.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ProblemError, internal_error, problem_response

# Nothing but the documentation page shows anything, so nothing else may load anything.
CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": CSP,
}
_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# A waiting question gives up after this long.
PATIENCE_S = 5.0
# Questions that may wait for each that is worked on.
WAITING_PER_SLOT = 2


def docs_csp(*, inline: str, script: str, style: str) -> str:
    """The policy of a page with one inline script, one script file and one style sheet.

    Swagger UI, which it is for, sets styles of its own and draws its icons from data.
    """
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    return (
        f"{CSP}; script-src 'sha256-{digest}' {script}; style-src {style} 'unsafe-inline'; "
        "img-src data:; connect-src 'self'"
    )


class Guard:
    """Bounds bodies, refuses other sites, adds headers, and hides what was not foreseen."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._refuse(scope)
            await self._app(scope, self._counted(receive), send_guarded)
        except ProblemError as error:
            await problem_response(scope["path"], error)(scope, receive, send_guarded)
        except Exception as error:
            if started:  # too late for another reply; the server cuts the connection
                raise
            await internal_error(scope["path"], error)(scope, receive, send_guarded)

    def _refuse(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        # A page of another site could otherwise add or delete articles behind the user's back.
        if scope["method"] in _UNSAFE and headers.get("sec-fetch-site") == "cross-site":
            raise ProblemError(
                "cross-site", "a page of another site may not change or ask anything here"
            )
        length = headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length[:20]) > self._max:
            raise self._too_large()

    def _counted(self, receive: Receive) -> Receive:
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max:
                raise self._too_large()
            return message

        return receive_counted

    def _too_large(self) -> ProblemError:
        return ProblemError(
            "body-too-large",
            f"a body may have up to {self._max:,} bytes: send less at once, "
            "or raise DATELINE_MAX_BODY_BYTES",
        )


class Gate:
    """Lets so many in at once; a few more wait a little, the rest are refused."""

    def __init__(
        self,
        limit: int,
        *,
        waiting: int,
        patience_s: float,
        refusal: Callable[[], ProblemError],
    ) -> None:
        self._limit = limit
        self._slots = asyncio.Semaphore(limit)
        self._max_waiting = waiting
        self._patience_s = patience_s
        self._refusal = refusal
        self._waiting = 0
        self._inside = 0

    @property
    def is_busy(self) -> bool:
        """Whether somebody is inside or waits."""
        return self._inside + self._waiting > 0

    async def enter(self) -> None:
        """Take a slot; every `enter` needs a `leave`. Raises the refusal."""
        if self._slots.locked() and self._waiting >= self._max_waiting:
            raise self._refusal()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._slots.acquire()
        except TimeoutError:
            raise self._refusal() from None
        finally:
            self._waiting -= 1
        self._inside += 1

    def leave(self) -> None:
        """Give the slot back."""
        self._inside -= 1
        self._slots.release()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot."""
        await self.enter()
        try:
            yield
        finally:
            self.leave()

    async def drain(self) -> None:
        """Wait until nobody is inside, and let nobody in again."""
        for _ in range(self._limit):
            await self._slots.acquire()
