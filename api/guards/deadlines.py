"""The time until a reply must have begun: every route ends, whatever it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.errors import ProblemError
from api.guards.scopes import needed_scope
from api.keys import Scope
from api.limits import PATIENCE_S

# A question has a time-out of its own, which says more: this one stands behind it.
_SPARE_S = 10.0
# What changes the corpus waits for models and for other servers: a body of the largest size,
# all of it text, takes two cores a quarter of an hour.
CHANGE_TIMEOUT_S = 1_800.0


def seconds_for(method: str, path: str, question_s: float) -> float:
    """How long a request may take; `question_s` is the time-out of a question."""
    if needed_scope(method, path) is Scope.INGEST:
        return CHANGE_TIMEOUT_S
    return question_s + PATIENCE_S + _SPARE_S


class Deadline:
    """So many seconds from the last part of the body; none once the reply has begun."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(seconds)
        self._runs = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work that is broken off in time; raises TimeoutError."""
        async with self._timeout:
            self._runs = True
            try:
                yield
            finally:
                self._runs = False

    @property
    def is_over(self) -> bool:
        """Whether the time ran out."""
        return self._timeout.expired()

    def extend(self) -> None:
        """Count from now: a part of the body has come."""
        self._move(asyncio.get_running_loop().time() + self._seconds)

    def lift(self) -> None:
        """End it: a stream that has begun has its own beat."""
        self._move(None)

    def _move(self, when: float | None) -> None:
        if self._runs and not self.is_over:
            self._timeout.reschedule(when)

    def problem(self) -> ProblemError:
        """What is told when the time is over."""
        return ProblemError(
            "timeout",
            f"no reply within {self._seconds:g} seconds; what the request began may still come "
            "to its end: look before you send it again",
        )
