"""Times of day with their zone, as date lines and feeds write them.

A time whose zone is not known is no time: it may be off by most of a day.
"""

from __future__ import annotations

import re
from datetime import UTC, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
    r" ?(?:(?P<half>[ap])\.?m\b\.?)?"
    r" ?\(?(?:(?:GMT|UTC)?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)\b|(?P<zone>[A-Z]{1,5})\b)?\)?",
    re.IGNORECASE,
)

# "ET" and "EST" in a date line mean the time on the outlet's clock, summer or winter.
_PLACES: dict[str, tzinfo] = {
    **dict.fromkeys(("ET", "EST", "EDT"), ZoneInfo("America/New_York")),
    **dict.fromkeys(("CT", "CST", "CDT"), ZoneInfo("America/Chicago")),
    **dict.fromkeys(("MT", "MST", "MDT"), ZoneInfo("America/Denver")),
    **dict.fromkeys(("PT", "PST", "PDT"), ZoneInfo("America/Los_Angeles")),
    **dict.fromkeys(("GMT", "UTC", "Z"), UTC),
    "CET": ZoneInfo("Europe/Paris"),
    "CEST": ZoneInfo("Europe/Paris"),
    "BST": timezone(timedelta(hours=1)),
    "HKT": timezone(timedelta(hours=8)),
    "JST": timezone(timedelta(hours=9)),
}


def read_clock(value: str) -> time | None:
    """The time of day in `value` in a known zone, or None."""
    for match in _TIME.finditer(value):
        zone = _zone(match)
        if zone is None or not (match["minute"] or match["half"]):
            continue
        hour = int(match["hour"])
        if match["half"]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
        return time(hour, int(match["minute"] or 0), int(match["second"] or 0), tzinfo=zone)
    return None


def _zone(match: re.Match[str]) -> tzinfo | None:
    """The zone of a time: a name, or `+02:00`, `GMT+1`, `-0500`."""
    if match["zone"]:
        return _PLACES.get(match["zone"].upper())
    if not match["offset"]:
        return None
    digits = match["offset"][1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if match["offset"][0] == "-" else offset)
