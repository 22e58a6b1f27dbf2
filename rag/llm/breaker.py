"""Leaves a server alone that keeps failing, so that readers do not wait for it in vain.

    closed ── failures in a row ──▶ open ── rest ──▶ half-open: one request tries
       ▲                              ▲                 │
       └────────── it works ──────────┼─────────────────┤
                                      └── it does not ──┘

Told what happened; knows no HTTP. One event loop, so no locks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rag.llm.errors import LLMUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaking:
    """`failures` in a row within `window_s` open it for `rest_s`."""

    failures: int = 5
    window_s: float = 60.0
    rest_s: float = 20.0


class Breaker:
    """The state of one server."""

    def __init__(self, breaking: Breaking, clock: Callable[[], float]) -> None:
        self._breaking = breaking
        self._clock = clock
        self._failed_at: list[float] = []
        self._opened_at: float | None = None
        self._probing = False

    def enter(self) -> None:
        """Before a request; `worked`, `failed` or `left` must follow.

        Raises:
            LLMUnavailable: the server rests, or another request is trying it.
        """
        if self._opened_at is None:
            return
        left_s = self._opened_at + self._breaking.rest_s - self._clock()
        if left_s > 0:
            raise LLMUnavailable(
                f"the language model is left alone after {self._breaking.failures} failures "
                f"in a row: it is tried again in {left_s:.0f} s",
                retry_after_s=left_s,
            )
        if self._probing:
            raise LLMUnavailable("the language model failed and is being tried by another request")
        self._probing = True

    @property
    def resting(self) -> bool:
        """Whether requests are refused for now."""
        return self._opened_at is not None

    def began(self) -> None:
        """The reply has begun: others may ask, too. How it ends is told later."""
        self._opened_at, self._probing = None, False

    def worked(self) -> None:
        """The server did its part, even if what it said was no."""
        self._failed_at.clear()
        self._opened_at, self._probing = None, False

    def failed(self) -> None:
        """The server did not."""
        now = self._clock()
        if self._opened_at is not None:
            if self._probing:  # others began before it opened, and tell nothing new
                self._opened_at, self._probing = now, False
            return
        since = now - self._breaking.window_s
        self._failed_at = [*(at for at in self._failed_at if at >= since), now]
        if len(self._failed_at) >= self._breaking.failures:
            self._failed_at.clear()
            self._opened_at = now

    def left(self) -> None:
        """The request was given up before anything was known."""
        self._probing = False
