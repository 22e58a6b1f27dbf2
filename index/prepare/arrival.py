"""Dates that an article can't have yet when it arrives.

A date after the fetch was set by a wrong clock, or is the day of an event or the end of an
offer that a page names beside the article. It would pass every filter and be the newest
forever: it is refused, and another source of the date is asked. Pure: it reads no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from index.documents import PublicationDate

# A day without a time begins first in the Line Islands, at UTC+14: there it may be tomorrow.
EARLIEST_ZONE = timedelta(hours=14)
# How far an outlet's clock may be ahead of ours.
CLOCK_SKEW = timedelta(hours=1)


@dataclass(slots=True)
class Arrival:
    """When an article was received, if that is known, and why its dates were refused."""

    received: datetime | None
    refused: list[str] = field(default_factory=list)

    def accepted(self, found: PublicationDate | None, what: str) -> PublicationDate | None:
        """`found`, unless it begins after the fetch."""
        if found is None or self.received is None:
            return found
        tolerance = EARLIEST_ZONE if found.precision == "day" else CLOCK_SKEW
        if found.earliest - tolerance <= self.received:
            return found
        reason = f"{what} {found.isoformat()} lies after the fetch on {self.received.date()}"
        if reason not in self.refused:
            self.refused.append(reason)
        return None
