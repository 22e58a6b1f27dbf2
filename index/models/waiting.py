"""Who waits for a model call, and whether anybody still does.

Told by a context variable, as `asyncio.to_thread` takes the context along: whoever begins a
piece of work says it once, and no call in between has to hand it on. Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Waiter:
    """`gone` tells from any thread, at once, that nobody waits any more.

    `patient` is whoever prepares what will be asked for later, and lets questions go first.
    """

    gone: Callable[[], bool] = _never
    patient: bool = False


_ANYONE = Waiter()
_waiter: ContextVar[Waiter] = ContextVar("waiter", default=_ANYONE)


def waiter() -> Waiter:
    """Who waits for the calls of this context."""
    return _waiter.get()


@contextmanager
def until(gone: Callable[[], bool]) -> Iterator[None]:
    """The calls made inside are dropped once `gone()` is true."""
    with _waiting(replace(_waiter.get(), gone=gone)):
        yield


@contextmanager
def patiently() -> Iterator[None]:
    """The calls made inside let those of questions go first."""
    with _waiting(replace(_waiter.get(), patient=True)):
        yield


@contextmanager
def _waiting(who: Waiter) -> Iterator[None]:
    before = _waiter.set(who)
    try:
        yield
    finally:
        _waiter.reset(before)
