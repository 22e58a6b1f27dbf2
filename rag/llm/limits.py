"""What a reply may cost, and the clocks by which that is measured."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits that need no setting.

    A piece of 100 kB passes: some servers send a whole reply as one. `max_reply_bytes`
    counts what crosses the wire: a token comes in some 200 bytes of JSON, so it holds about
    20,000 of them. `max_chars` is for the text alone.
    """

    max_line_bytes: int = 1_000_000
    max_event_bytes: int = 1_000_000
    max_reply_bytes: int = 4_000_000
    max_chars: int = 200_000
    # Of an error's body, which is read only for what it says.
    max_error_bytes: int = 64_000
    tries: int = 3
    # Pauses are drawn from 0 to 0.5, 1, 2 … seconds ("full jitter", so that those who
    # failed together do not come back together).
    first_pause_s: float = 0.5
    longest_pause_s: float = 4.0
    # A server that asks for a longer pause is not waited for: the reader is waiting too.
    longest_retry_after_s: float = 8.0
    # For all that is asked of a server besides replies.
    probe_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long each phase may take, in seconds."""

    connect_s: float
    first_token_s: float
    next_token_s: float
    whole_s: float


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The clocks, for tests to turn."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    now: Callable[[], datetime] = utc_now
    chance: Callable[[], float] = random.random
