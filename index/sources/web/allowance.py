"""What is left to a fetch: time, and bytes that a server may send."""

from __future__ import annotations

import time
from collections.abc import Callable

from index.errors import FetchFailed, FetchRefused


class Allowance:
    """Counted down by connections; `host` is whom to name when nothing is left."""

    def __init__(
        self, seconds: float, wire_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._wire_bytes = wire_bytes
        self._clock = clock
        self._deadline = clock() + seconds
        self._bytes = 0

    def extend(self, seconds: float) -> None:
        """Don't count time that was spent waiting for others."""
        self._deadline += seconds

    def begin_answer(self) -> None:
        """Count the bytes of another answer."""
        self._bytes = 0

    def at_most(self, timeout_s: float | None, host: str) -> float:
        """The shorter of a time-out and what is left; raises `FetchFailed` at the end."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise FetchFailed(host, f"{host!r} was not done after {self._seconds:g} s, the limit")
        return left if timeout_s is None else min(left, timeout_s)

    def take(self, count: int, host: str) -> None:
        """Count bytes that came; raises `FetchRefused` over the limit."""
        self._bytes += count
        if self._bytes > self._wire_bytes:
            raise FetchRefused(host, f"{host!r} sent over {self._wire_bytes:,} bytes, the limit")
