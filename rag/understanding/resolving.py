"""Which days the words of a question mean: `on 14 June`, `last week`, `since March`.

Counted from the day of asking. A question asks about what was, so a day without a year is
the last one that has come, unless the verb says that it is to come. What could mean two
things is None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from index.prepare.mentions.days import (
    SUNDAY,
    Span,
    day_span,
    month_span,
    shift_days,
    shift_months,
    week_span,
    weekend_span,
    year_span,
)
from index.prepare.mentions.resolving_relative import NUMBERS
from index.prepare.mentions.tense import Tense

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_STEPS = {"last": -1, "this": 0, "next": 1, "this past": -1}
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
# In its first days "in June" may be the June before.
_YOUNG_MONTH_DAYS = 3
# A day without a year and without a verb that tells is the last one, if that is so near.
_NEAR_DAYS = 183
# "Announced a sale on June 12" may be of the one to come when that is so near.
_SOON_DAYS, _YEAR_DAYS = 60, 365
# "This week" reaches as far back as a week may have begun.
_WEEK_BACK = 6


@dataclass(frozen=True, slots=True)
class Words:
    """The named groups of a match, the day of asking, the verb, and whether a year is named."""

    groups: dict[str, str | None]
    asked: date
    tense: Tense | None
    another_year: bool

    def __getitem__(self, group: str) -> str:
        return (self.groups.get(group) or "").lower()

    def month(self, n: int) -> int:
        """The number of the n-th month named, 0 for none."""
        return MONTHS.index(self[f"month{n}"][:3]) + 1 if self[f"month{n}"] else 0

    def number(self, group: str) -> int:
        """A number in digits, 0 for none."""
        return int(self[group] or 0)


# Which days are meant, or None where that is not sure or they do not exist.
Resolver = Callable[[Words], Span | None]


def nothing(words: Words) -> Span | None:  # noqa: ARG001 - one of the resolvers
    """A name or a saying: no date."""
    return None


def numeric_day(words: Words) -> Span | None:
    """`2023-06-14`."""
    return _one(_date(words.number("year1"), words.number("number"), words.number("day1")))


def calendar_day(words: Words) -> Span | None:
    """`14 June 2023`, `Friday, March 3`, `June 14`."""
    year, month, day = words.number("year1"), words.month(1), words.number("day1")
    if year:
        return _one(_date(year, month, day))
    if words["weekday"]:
        return _one(_with_weekday(words, month, day))
    return None if words.another_year else _one(_last_come(words, month, day))


def _with_weekday(words: Words, month: int, day: int) -> date | None:
    years = (words.asked.year, words.asked.year - 1, words.asked.year + 1)
    days = [_date(year, month, day) for year in years]
    weekday = WEEKDAYS.index(words["weekday"])
    fits = [d for d in days if d and d.weekday() == weekday]
    return fits[0] if len(fits) == 1 else None


def _last_come(words: Words, month: int, day: int) -> date | None:
    """The last such day that has come; None where the next one may be meant."""
    years = (words.asked.year, words.asked.year - 1)
    came = [d for y in years if (d := _date(y, month, day)) and d <= words.asked]
    if not came or words.tense in ("future", "planned"):
        return None
    ago = (words.asked - came[0]).days
    past = words.tense == "past" and ago < _YEAR_DAYS - _SOON_DAYS
    return came[0] if ago <= _NEAR_DAYS or past else None


def between(words: Words) -> Span | None:
    """`between May and July 2023`, `3-5 June`: the later end tells the year of the earlier."""
    last = _end(words)
    if last is None:
        return None
    month = words.month(1) or (words.month(2) if words["day1"] else 0)
    year = words.number("year1") or (last[0].year if month <= last[0].month else last[0].year - 1)
    first = _point(year, month, words.number("day1"))
    return (first[0], last[1]) if first and first[0] < last[1] else None


def _end(words: Words) -> Span | None:
    month = words.month(2) or (words.month(1) if words["day2"] else 0)
    day, year = words.number("day2"), words.number("year2") or words.number("year1")
    if year:
        return _point(year, month, day)
    return _one(_last_come(words, month, day)) if day else _last_month(words, month)


def _point(year: int, month: int, day: int) -> Span | None:
    if not month:
        return year_span(year)
    return _one(_date(year, month, day)) if day else month_span(date(year, month, 1))


def quarter(words: Words) -> Span:
    """`Q2 2023`: of the calendar."""
    number = _QUARTERS.get(words["quarter"]) or words.number("quarter")
    first = date(words.number("year1"), 3 * number - 2, 1)
    return first, month_span(first, 2)[1]


def month_of_year(words: Words) -> Span:
    """`June 2023`, `June of last year`."""
    year = words.number("year1") or words.asked.year + _STEPS[words["rel"]]
    return month_span(date(year, words.month(1), 1))


def relative_month(words: Words) -> Span | None:
    """`last November`: sure only where it can't be of the year that is running."""
    ahead = words.month(1) - words.asked.month
    match words["rel"]:
        case "last":
            year = words.asked.year - 1 if ahead >= 0 else None
        case "this past":
            year = words.asked.year - (ahead >= 0)
        case "this":
            year = words.asked.year
        case _:
            year = None
    return month_span(date(year, words.month(1), 1)) if year else None


def bare_month(words: Words) -> Span | None:
    """`in June`: the last one that has begun."""
    return None if words.another_year else _last_month(words, words.month(1))


def _last_month(words: Words, month: int) -> Span | None:
    back = (words.asked.month - month) % 12
    young = back == 0 and words.asked.day <= _YOUNG_MONTH_DAYS
    if young or words.tense in ("future", "planned"):
        return None
    if month > words.asked.month and words.tense != "past":
        return None
    return month_span(words.asked, -back)


def weekday(words: Words) -> Span | None:
    """`on Friday`: the last one; on a Friday, it may be this one or that of a week ago."""
    back = (words.asked.weekday() - WEEKDAYS.index(words["weekday"])) % 7
    if back == 0 or words.tense in ("future", "planned"):
        return None
    return day_span(shift_days(words.asked, -back))


def relative_weekday(words: Words) -> Span | None:
    """`last Friday`, `this past Friday`: where a week begins must not matter."""
    number = WEEKDAYS.index(words["weekday"])
    back = (words.asked.weekday() - number) % 7 or 7
    sure = number > words.asked.weekday() or back == 7
    match words["rel"]:
        case "last" if not sure:
            return None
        case "last" | "past" | "this past" | "the past":
            return day_span(shift_days(words.asked, -back))
        case "this" if number < words.asked.weekday():
            return day_span(shift_days(words.asked, -back))
    return None


def weekday_of_week(words: Words) -> Span | None:
    """`Friday last week`."""
    if words.asked.weekday() == SUNDAY:
        return None
    monday, _ = week_span(words.asked, _STEPS[words["rel"]])
    return day_span(shift_days(monday, WEEKDAYS.index(words["weekday"])))


def days_back(first: int, last: int) -> Resolver:
    """`yesterday`, `last night`."""
    return lambda words: (shift_days(words.asked, -first), shift_days(words.asked, -last))


def running(words: Words) -> Span:
    """`the past year`, `the last three days`: up to the day of asking."""
    return _back(words, NUMBERS.get(words["count"]) or words.number("count") or 1), words.asked


def _back(words: Words, count: int) -> date:
    match words["unit"]:
        case "hour":
            return shift_days(words.asked, -((count + 23) // 24))
        case "day":
            return shift_days(words.asked, -count)
        case "week":
            return shift_days(words.asked, -7 * count)
        case "month":
            return shift_months(words.asked, -count)
    return shift_months(words.asked, -12 * count)


def calendar_unit(words: Words) -> Span | None:
    """`last week`, `this year`. On a Sunday, last week is the one that ends or the one before."""
    steps = _STEPS[words["rel"]]
    match words["unit"]:
        case "week" if steps == 0:
            return shift_days(words.asked, -_WEEK_BACK), words.asked
        case "week":
            return None if words.asked.weekday() == SUNDAY else week_span(words.asked, steps)
        case "month":
            return month_span(words.asked, steps)
    return year_span(words.asked.year + steps)


def weekend(words: Words) -> Span | None:
    """`over the weekend`: at a weekend, this one; `last weekend` is never that."""
    rel = (words["rel1"] or words["rel2"]).strip()
    now = words.asked.weekday() >= SUNDAY - 1
    if now and not rel:
        return weekend_span(words.asked)
    if rel == "this":
        return weekend_span(words.asked) if now else None
    return None if words.tense == "future" else weekend_span(words.asked, -1)


def ago(words: Words) -> Span:
    """`two weeks ago`: the day that many units back, give or take half a unit."""
    count = NUMBERS.get(words["count"]) or words.number("count") or 1
    middle = _back(words, count)
    half = {"day": 0, "week": 3, "month": 15, "year": 183}[words["unit"]]
    return shift_days(middle, -half), shift_days(middle, half)


def decade(words: Words) -> Span:
    """`the 1980s`; `the 1900s` may be all of a century."""
    year = 10 * words.number("decade")
    return date(year, 1, 1), date(year + (9 if year % 100 else 99), 12, 31)


def whole_year(words: Words) -> Span:
    """`in 2021`."""
    return year_span(words.number("year1"))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _one(day: date | None) -> Span | None:
    return (day, day) if day else None
