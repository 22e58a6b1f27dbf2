"""Reads a publication date as outlets write it, and never guesses.

ISO 8601, RFC 2822, compact digits, and the English forms of date lines ("March 12,
2025, 5:14 p.m. ET", "12 March 2025", "Updated 9:02 PM EDT, Tue April 8, 2025").
A date needs its year, month and day in the value; nothing is filled in. All digits
with slashes ("3/4/2023") can mean two days, so they are read only where one of
the two numbers can't be a month. A time without a known zone may be off by most of
a day either way: it is dropped and the precision is "day". Pure: it reads no clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from index.documents import PublicationDate

EARLIEST_YEAR = 1900
LONGEST_DATE = 120  # characters; a date line with prefixes and two zones has about 80

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_MONTH_FIRST = re.compile(rf"\b{_MONTH} {_DAY},? {_YEAR}", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(?<!\d){_DAY}(?: of)? {_MONTH},? {_YEAR}", re.IGNORECASE)
_SLASHES = re.compile(rf"(?<![\d/])(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})/{_YEAR}(?!/)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:?\d{2}.{0,24})?\Z", re.IGNORECASE)
_RFC_2822 = re.compile(r"(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}", re.IGNORECASE)

_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
    r" ?(?:(?P<half>[ap])\.?m\b\.?)?"
    r" ?(?:\(?(?P<zone>[A-Z]{1,5}|[+-]\d{2}:?\d{2})\b\)?)?",
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


def parse_date(value: str) -> PublicationDate | None:
    """The date that `value` states, or None if it states none or an impossible one.

    Of several days ("Published …, updated …") it is the earliest.
    """
    value = " ".join(value.split())
    if not value or len(value) > LONGEST_DATE:
        return None
    try:
        found = _machine(value) or _written(value)
    except (ValueError, OverflowError):
        return None
    return found if found and found.at.year >= EARLIEST_YEAR else None


def _machine(value: str) -> PublicationDate | None:
    """ISO 8601, eight digits, or RFC 2822."""
    if match := _COMPACT.match(value):
        return PublicationDate.of_day(date(*map(int, match.groups())))
    if _ISO.match(value):
        return _instant(datetime.fromisoformat(value), only_day=len(value) == len("2025-03-12"))
    if _RFC_2822.match(value):
        return _instant(parsedate_to_datetime(value))
    return None


def _instant(moment: datetime, *, only_day: bool = False) -> PublicationDate:
    if only_day or moment.tzinfo is None:
        return PublicationDate.of_day(moment.date())
    return PublicationDate(moment)


def _written(value: str) -> PublicationDate | None:
    """A date in words, with its time if the value gives one day, one time and its zone."""
    matches = [
        (_day_of(match), match)
        for form in (_MONTH_FIRST, _DAY_FIRST, _SLASHES)
        for match in form.finditer(value)
    ]
    days = [day for day, _ in matches if day]
    if not days or len(days) < len(matches):
        return None
    if len(set(days)) > 1:
        return PublicationDate.of_day(min(days))
    for _, match in matches:
        value = value.replace(match.group(), " | ")
    clock = _clock(value)
    if clock is None:
        return PublicationDate.of_day(days[0])
    return PublicationDate(datetime.combine(days[0], clock))


def _day_of(match: re.Match[str]) -> date | None:
    """The day a match names; None if its two numbers could be either day or month."""
    parts = match.groupdict()
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        if first <= 12 and second <= 12 and first != second:
            return None
        month, day = (second, first) if first > 12 else (first, second)
    else:
        month = _MONTHS.index(parts["month"][:3].lower()) + 1
        day = int(parts["day"])
    return date(int(parts["year"]), month, day)


def _clock(value: str) -> time | None:
    """The time of day in `value` in a known zone, or None."""
    for match in _TIME.finditer(value):
        zone = _zone(match.group("zone"))
        if zone is None or not (match.group("minute") or match.group("half")):
            continue
        hour = int(match.group("hour"))
        if match.group("half"):
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if match.group("half").lower() == "p" else 0)
        minute, second = int(match.group("minute") or 0), int(match.group("second") or 0)
        return time(hour, minute, second, tzinfo=zone)
    return None


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    if name[0] in "+-":
        hours, minutes = int(name[1:3]), int(name[-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if name[0] == "-" else offset)
    return _PLACES.get(name.upper())
