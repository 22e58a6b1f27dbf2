"""How often somebody may come: a moving window for each key or address, in memory.

Exact: nobody passes more than `limit` times in any minute, and is told the very second
from which it passes again. Who was not seen for a minute is forgotten, and no more than
`MAX_KNOWN` are remembered. Each process counts on its own. Knows nothing of HTTP.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_S = 60.0
# Some 2 MB of names; beyond that, who has been away longest begins anew.
MAX_KNOWN = 20_000


@dataclass(frozen=True, slots=True)
class Passage:
    """Whether somebody passed, what is left, and when there is room for one more again."""

    passed: bool
    limit: int
    remaining: int
    reset_s: int


class MovingWindow:
    """Lets each name pass `limit` times a minute."""

    def __init__(self, limit: int, *, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        # The times at which each name passed, the least recently seen name first.
        self._known: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def enter(self, name: str) -> Passage:
        """Pass if there is room; a refusal takes none."""
        now = self._clock()
        self._forget(now)
        times = self._known.setdefault(name, deque())
        self._known.move_to_end(name)
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        if passed := len(times) < self._limit:
            times.append(now)
        reset_s = math.ceil(times[0] + WINDOW_S - now)
        return Passage(passed, self._limit, self._limit - len(times), reset_s)

    def _forget(self, now: float) -> None:
        """Drop those who have not passed for a minute, and the oldest of too many."""
        while self._known:
            times = next(iter(self._known.values()))
            if len(self._known) <= MAX_KNOWN and times and times[-1] > now - WINDOW_S:
                break
            self._known.popitem(last=False)
