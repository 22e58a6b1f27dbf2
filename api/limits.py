"""How much is worked on at once, and the headers for browsers.

`Gate` bounds the work that needs a model; `HEADERS` stand on every reply. Sizes, keys,
rates and sites are guarded in `guards/`. Knows nothing of questions.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from api.errors import ProblemError

# Only the chat page and the documentation show anything; each has a policy of its own.
CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": CSP,
}
# A waiting question gives up after this long.
PATIENCE_S = 5.0
# Questions that may wait for each that is worked on. Patience bounds their wait, so many may:
# refused at the door they only come back at once, which took 15% of the cores at 32 clients
# (docs/decisions/throughput.md).
WAITING_PER_SLOT = 16


def docs_csp(*, inline: str, script: str, style: str) -> str:
    """The policy of a page with one inline script, one script file and one style sheet.

    Swagger UI, which it is for, sets styles of its own and draws its icons from data.
    """
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    return (
        f"{CSP}; script-src 'sha256-{digest}' {script}; style-src {style} 'unsafe-inline'; "
        "img-src data:; connect-src 'self'"
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
        watched: Callable[[int, int], None] = lambda _inside, _waiting: None,
    ) -> None:
        self._limit = limit
        self._slots = asyncio.Semaphore(limit)
        self._max_waiting = waiting
        self._patience_s = patience_s
        self._refusal = refusal
        self._watched = watched
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
        self._tell()
        try:
            async with asyncio.timeout(self._patience_s):
                await self._slots.acquire()
        except TimeoutError:
            raise self._refusal() from None
        finally:
            self._waiting -= 1
            self._tell()
        self._inside += 1
        self._tell()

    def leave(self) -> None:
        """Give the slot back."""
        self._inside -= 1
        self._slots.release()
        self._tell()

    def _tell(self) -> None:
        self._watched(self._inside, self._waiting)

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
