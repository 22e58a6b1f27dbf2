"""What a fetch may cost, and the clocks by which that is measured."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """Limits of a fetch, and the manners of whoever fetches.

    `total_s` is for everything up to the last byte, redirects and retries with it, but not
    for waiting until a host's turn comes. `max_bytes` counts unpacked; `max_pause_s` is the
    longest that a server's Retry-After is waited for. `user_agent` begins with the name by
    which robots.txt knows us.
    """

    connect_s: float = 10.0
    read_s: float = 20.0
    total_s: float = 60.0
    max_bytes: int = 20_000_000
    max_unpacked_ratio: int = 250
    max_redirects: int = 8
    retries: int = 2
    max_pause_s: float = 30.0
    per_host_delay_s: float = 1.0
    user_agent: str = "Dateline"
    allow_private: bool = False
    obey_robots: bool = True


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks, for tests to turn. `sleep` may be the wait of an event that ends a run."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    now: Callable[[], datetime] = utc_now
    chance: Callable[[], float] = random.random
