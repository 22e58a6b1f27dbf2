"""Turns: one request at a time to each host, and a pause after it, for all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Host:
    """When the host may be asked again, and the lock of who is asking."""

    __slots__ = ("free_at", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.free_at = float("-inf")


class Turns:
    """Who may ask which host, and when."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._guard = threading.Lock()

    @contextmanager
    def turn(self, name: str, pause_s: float) -> Iterator[None]:
        """Wait for the host; it then rests for `pause_s` after the block."""
        host = self._host(name)
        with host.lock:
            wait_s = host.free_at - self._clock()
            if wait_s > 0:
                self._sleep(wait_s)
            try:
                yield
            finally:
                host.free_at = max(host.free_at, self._clock() + pause_s)

    def hold(self, name: str, seconds: float) -> None:
        """Leave the host alone for so long, as it asked or as it seems to need."""
        host = self._host(name)
        host.free_at = max(host.free_at, self._clock() + seconds)

    def _host(self, name: str) -> _Host:
        with self._guard:
            return self._hosts.setdefault(name, _Host())
