"""Reads a publication date as outlets write it, and never guesses.

ISO 8601, RFC 2822 and its older kin, compact digits, and the forms of date lines
("March 12, 2025, 5:14 p.m. ET", "12 March 2025", "21 de diciembre de 2018").
A date needs its year, month and day in the value; nothing is filled in. All digits
with slashes ("3/4/2023") can mean two days, so they are read only where one of
the two numbers can't be a month. A time without a known zone may be off by most of
a day either way: it is dropped and the precision is "day". Pure: it reads no clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from index.documents import PublicationDate
from index.prepare.clocks import read_clock

EARLIEST_YEAR = 1900
LONGEST_DATE = 120  # characters; a date line with prefixes and two zones has about 80
# Seconds since 1970 that are no counter and no telephone number: 2001 to 2100.
_STAMPS = range(1_000_000_000, 4_102_444_800)
_UNSET = datetime(1970, 1, 1, tzinfo=UTC)  # what a system writes that knows no date

# How months begin in English, Spanish, Portuguese, Italian, French, German and Dutch.
_MONTHS = (
    ("jan", "ene", "gen", "jän"),
    ("feb", "fev", "fév"),
    ("mar", "mär", "maa", "mrt"),
    ("apr", "abr", "avr"),
    ("may", "mai", "mag", "mei"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "ago", "aoû"),
    ("sep", "set"),
    ("oct", "out", "ott", "okt"),
    ("nov",),
    ("dec", "dez", "dic", "déc"),
)
_BEGINNINGS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_MONTH = rf"(?P<month>{'|'.join(sorted(_BEGINNINGS, key=len, reverse=True))})[^\W\d_]{{0,7}}\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|º)?"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_MONTH_FIRST = re.compile(rf"\b{_MONTH} {_DAY},? {_YEAR}", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"(?<!\d){_DAY}(?: of| de)?[ -]{_MONTH}(?:,| de)?[ -]{_YEAR}", re.IGNORECASE
)
# "Fri Mar 13 21:30:09 EST 2015", as C libraries and JavaScript write it.
_YEAR_LAST = re.compile(
    rf"\b{_MONTH} {_DAY} (?P<clock>[\d:]{{5,8}}(?: \w{{3,5}})?) {_YEAR}", re.IGNORECASE
)
_DIGITS = re.compile(
    rf"(?<![\d/.-])(?P<a>\d{{1,2}})(?P<mark>[/.-])(?P<b>\d{{1,2}})(?P=mark){_YEAR}(?![/.-])"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?:[-/.](?P<m>\d{1,2})[-/.]|年(?P<n>\d{1,2})月)(?P<day>\d{1,2})(?!\d)日?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{4}|\d{6})?\Z")
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:?\d{2}.{0,24})?\Z|\d{8}T\d{6}(?:Z|[+-]\d{4})?\Z", re.IGNORECASE
)
_RFC_2822 = re.compile(
    r"(?:[a-z]{3,9}, ?)?\d{1,2}[ -][a-z]{3}[ -](?:\d{4}|\d{2}) \d{1,2}:\d{2}", re.IGNORECASE
)


def parse_date(value: str) -> PublicationDate | None:
    """The date that `value` states, or None if it states none or an impossible one.

    Of several days ("Published …, updated …") it is the earliest.
    """
    value = " ".join(value.replace("\N{MINUS SIGN}", "-").split())
    if not value or len(value) > LONGEST_DATE:
        return None
    try:
        found = _machine(value) or _written(value)
    except (ValueError, OverflowError):
        return None
    if not found or found.at.year < EARLIEST_YEAR:
        return None
    return None if found.at == _UNSET and found.precision == "second" else found


def parse_given(value: str) -> PublicationDate | None:
    """The date a source hands over: as `parse_date`, or seconds or milliseconds since 1970."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) in (10, 13):
        seconds = int(value) if len(value) == 10 else int(value) // 1000
        return PublicationDate(datetime.fromtimestamp(seconds, UTC)) if seconds in _STAMPS else None
    return parse_date(value)


def _machine(value: str) -> PublicationDate | None:
    """ISO 8601, digits alone, or RFC 2822."""
    if match := _COMPACT.match(value):
        return PublicationDate.of_day(date(*map(int, match.groups())))
    try:
        if _ISO.match(value):
            return _instant(datetime.fromisoformat(value), only_day=len(value) == len("2025-03-12"))
        if _RFC_2822.match(value):
            moment = parsedate_to_datetime(value)
            return _instant(moment) if moment.tzinfo else None  # its zone may have a name
    except ValueError:
        return None
    return None


def _instant(moment: datetime, *, only_day: bool = False) -> PublicationDate:
    if only_day or moment.tzinfo is None:
        return PublicationDate.of_day(moment.date())
    return PublicationDate(moment)


def _written(value: str) -> PublicationDate | None:
    """A date in words, with its time if the value gives one day, one time and its zone."""
    matches = [
        (_day_of(match), match)
        for form in (_MONTH_FIRST, _DAY_FIRST, _YEAR_LAST, _DIGITS, _YEAR_FIRST)
        for match in form.finditer(value)
    ]
    days = [day for day, _ in matches if day]
    if not days or len(days) < len(matches):
        return None
    if len(set(days)) > 1:
        return PublicationDate.of_day(min(days))
    for _, match in matches:
        value = value.replace(match[0], f" | {match.groupdict().get('clock') or ''}")
    clock = read_clock(value)
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
        written = (parts.get("month") or "").lower()
        month = _BEGINNINGS[written] if written else int(parts["m"] or parts["n"])
        day = int(parts["day"])
    return date(int(parts["year"]), month, day)
