"""When a feed is polled next: pure functions of what it said and how it fared.

    interval   half the gap that its entries leave, at least what it asks for
    back-off   doubled with each failure in a row, spread by chance

Knows nothing of clocks, chance or feeds: all are arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

SHORTEST_S, LONGEST_S = 300.0, 86_400.0
# For a feed that gives no dates.
USUAL_S = 3_600.0
# The newest entries, which say how fast a feed is now.
_RECENT = 20
# A page that could not be read is tried again after this, then four times as long, and so on.
PAGE_RETRY_S, _PAGE_FACTOR = 1_800.0, 4.0
MAX_PAGE_TRIES = 5
_SPREAD = 0.2
_SLOWER = 1.2


def interval_s(
    published: Sequence[datetime], now: datetime, *, asked_s: Sequence[float | None] = ()
) -> float:
    """Seconds until a feed is worth another look.

    Args:
        published: when its entries were published, in any order.
        now: the time of the poll.
        asked_s: how long the feed and its server ask not to be asked again, where they do.
    """
    times = sorted((moment for moment in published if moment <= now), reverse=True)[:_RECENT]
    if len(times) < 2:
        pace = USUAL_S
    else:
        gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(times)]
        # A feed that has fallen silent is no longer as fast as its last entries were.
        silence = (now - times[0]).total_seconds()
        pace = max(median(gaps), silence / 2) / 2
    return _bounded(max([pace, *(asked for asked in asked_s if asked is not None)]))


def slower_s(before_s: float | None) -> float:
    """Seconds until a feed is asked again that had nothing new."""
    return _bounded(_SLOWER * (before_s or USUAL_S))


def back_off_s(failures: int, chance: float, *, asked_s: float | None = None) -> float:
    """Seconds until a feed that failed so many times in a row is tried again.

    Args:
        failures: at least 1.
        chance: from 0 to 1; feeds of one broken server are not to come back all at once.
        asked_s: how long the server asks to be left alone.
    """
    doubled = SHORTEST_S * 2.0 ** min(failures - 1, 20)
    return _bounded(max(spread(min(doubled, LONGEST_S), chance), asked_s or 0.0))


def page_retry_s(tries: int) -> float | None:
    """Seconds until a page is tried again; None when it has been tried often enough."""
    return None if tries >= MAX_PAGE_TRIES else PAGE_RETRY_S * _PAGE_FACTOR ** (tries - 1)


def spread(seconds: float, chance: float) -> float:
    """The time, up to a fifth shorter or longer."""
    return seconds * (1 - _SPREAD + 2 * _SPREAD * chance)


def after(now: datetime, seconds: float) -> datetime:
    """The moment so many seconds after now."""
    return now + timedelta(seconds=seconds)


def _bounded(seconds: float) -> float:
    return min(max(seconds, SHORTEST_S), LONGEST_S)
