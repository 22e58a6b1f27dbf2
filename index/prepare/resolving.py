"""Which days a form of words means in an article of a given day, or None where unsure.

One resolver for each way to name days. Knows the sentence that the words stand in, and
neither the article nor how the words were found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from index.prepare.days import (
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
from index.prepare.tense import Tense, Words

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        1,
    )
}

# News gives the year of a day that is not of the running one, unless it is near: so far off
# a day or a month may be in another year, and so far off where no verb tells which is meant.
_OTHER_YEAR_DAYS, _NEAR_DAYS = 120, 45
_OTHER_YEAR_MONTHS, _NEAR_MONTHS = 6, 2
# "Was due on Friday" is said of a coming Friday only when it is near.
_COMING_WEEKDAY = 3

_STEPS = {"last": -1, "this": 0, "next": 1}
# Another year than that of the article may be meant where a sentence speaks of one.
_OTHER_YEAR = re.compile(
    r"\b(?:last|previous|prior|that|same|following|next|each|every) year\b"
    r"|\byears? (?:ago|earlier|later|before|after)\b|\b(?:1[6-9]|20)\d\d\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """The words that a form found, as named groups, and the sentence around them."""

    match: re.Match[str]
    words: Words
    groups: dict[str, str | None] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", self.match.groupdict())

    def __getitem__(self, group: str) -> str:
        return self.groups.get(group) or ""

    @property
    def rel(self) -> str:
        """`last`, `this past` and the like, in small letters."""
        return self["rel"].lower()

    @property
    def month(self) -> int:
        """The number of the month that is named."""
        return MONTHS.index(self["month"][:3]) + 1

    @property
    def tense(self) -> Tense | None:
        """What the sentence says of these days."""
        return self.words.tense(*self.match.span())

    def speaks_of_another_year(self, day: date) -> bool:
        """Whether the sentence names a year that is not that of `day`."""
        others = _OTHER_YEAR.finditer(self.match.string)
        return any(other[0] != str(day.year) for other in others)


Resolver = Callable[[Place, date], Span | None]


def nothing(place: Place, day: date) -> Span | None:  # noqa: ARG001 - one of the resolvers
    """A name or a saying: no date."""
    return None


def calendar_day(place: Place, day: date) -> Span | None:
    """`March 3, 2021`, `Friday, March 3`, `March 3`."""
    number = int(place["day"])
    if place["year"]:
        return _span(_date(int(place["year"]), place.month, number))
    near = [_date(year, place.month, number) for year in (day.year - 1, day.year, day.year + 1)]
    if place["weekday"]:
        fits = [d for d in near if d and WEEKDAYS[d.weekday()] == place["weekday"]]
        return _span(fits[0]) if len(fits) == 1 else None
    if place.speaks_of_another_year(day):
        return None
    return _span(_nearest(place.tense, day, near))


def _nearest(tense: Tense | None, day: date, days: list[date | None]) -> date | None:
    """Which of the days of the same name is meant, by tense and distance."""
    past = max((d for d in days if d and d <= day), default=date.min)
    coming = min((d for d in days if d and d >= day), default=date.max)
    nearer = past if day - past <= coming - day else coming
    meant = {"past": past, "future": coming}.get(tense or "", nearer)
    away = abs(meant - day).days
    if tense in ("past", "future"):
        return meant if meant.year == day.year or away <= _OTHER_YEAR_DAYS else None
    return meant if away <= _NEAR_DAYS else None


def days_of_month(place: Place, day: date) -> Span | None:
    """`March 3-5, 2021`, `March 30 to April 2`: the last day tells the year."""
    month = MONTHS.index((place["month2"] or place["month"])[:3]) + 1
    years = [int(place["year"])] if place["year"] else [day.year - 1, day.year, day.year + 1]
    days = [_date(year, month, int(place["day2"])) for year in years]
    if len(days) > 1 and place.speaks_of_another_year(day):
        return None
    last = _nearest(place.tense, day, days) if len(days) > 1 else days[0]
    first = last and _date(last.year, place.month, int(place["day"]))
    return (first, last) if first and last and first < last else None


def month_of_year(place: Place, day: date) -> Span | None:
    """`June 2023`, `June of last year`."""
    year = int(place["year"] or day.year + _STEPS[place.rel])
    return month_span(date(year, place.month, 1))


def relative_month(place: Place, day: date) -> Span | None:
    """`last November`: sure only where it can't be of the year that is running."""
    away = place.month - day.month
    years = {
        "last": -1 if away >= 0 else None,
        "next": 1 if away <= 0 else None,
        "this": 0 if abs(away) <= _OTHER_YEAR_MONTHS else None,
        "this past": 0 if away < 0 else -1,
        "this coming": 0 if away > 0 else 1,
    }[place.rel]
    return None if years is None else month_span(date(day.year + years, place.month, 1))


def bare_month(place: Place, day: date) -> Span | None:
    """`in June`: the one that was, unless the sentence tells of what is to come."""
    if place.speaks_of_another_year(day):
        return None
    back, ahead = (day.month - place.month) % 12, (place.month - day.month) % 12
    tense = place.tense
    away = {"past": -back, "future": ahead}.get(tense or "", -back if back <= ahead else ahead)
    meant = month_span(day, away)
    if tense in ("past", "future"):
        same_year = meant[0].year == day.year
        return meant if same_year or abs(away) <= _OTHER_YEAR_MONTHS else None
    return meant if abs(away) <= _NEAR_MONTHS else None


def weekday(place: Place, day: date) -> Span | None:
    """`on Friday`: the day itself, else the last one, or the one to come."""
    back = (day.weekday() - WEEKDAYS.index(place["weekday"])) % 7
    if back == 0:
        return day_span(day)
    tense = place.tense
    if tense == "past":
        return day_span(shift_days(day, -back))
    if tense == "future" or (tense == "planned" and 7 - back <= _COMING_WEEKDAY):
        return day_span(shift_days(day, 7 - back))
    return None


def relative_weekday(place: Place, day: date) -> Span | None:
    """`last Friday`, `this Friday`: where a week begins and ends must not matter."""
    number = WEEKDAYS.index(place["weekday"])
    back = (day.weekday() - number) % 7 or 7
    later = number > day.weekday()
    match place.rel:
        case "last":
            return day_span(shift_days(day, -back)) if later or back == 7 else None
        case "next":
            return None if later else day_span(shift_days(day, 7 - back if back < 7 else 7))
        case "this past" | "past" | "the past":
            return day_span(shift_days(day, -back))
        case "this coming" | "the coming" | "coming":
            return day_span(shift_days(day, 7 - back if back < 7 else 7))
    if later and place.tense != "past":
        return day_span(shift_days(day, number - day.weekday()))
    return day_span(shift_days(day, -back % 7)) if place.tense == "past" and not later else None


def weekday_of_week(place: Place, day: date) -> Span | None:
    """`Friday of last week`."""
    if day.weekday() == SUNDAY:
        return None
    monday, _ = week_span(day, _STEPS[place.rel])
    return day_span(shift_days(monday, WEEKDAYS.index(place["weekday"])))


def days_away(days: int) -> Resolver:
    """`yesterday`, `tonight`."""
    return lambda _place, day: day_span(shift_days(day, days))


def calendar_span(place: Place, day: date) -> Span | None:
    """`last week`, `earlier this year`, `next month`."""
    unit, steps = place["unit"], _STEPS[place.rel]
    if unit == "week" and day.weekday() == SUNDAY:
        return None  # the week that ends, or the one that begins
    if unit == "week":
        first, last = week_span(day, steps)
    else:
        first, last = month_span(day, steps) if unit == "month" else year_span(day.year + steps)
    if part := place["part"].lower():
        first, last = (first, day) if part == "earlier" else (day, last)
    return (first, last) if first <= last else None


def weekend(place: Place, day: date) -> Span | None:
    """`over the weekend`: the one that was, unless it is to come; at a weekend, this one."""
    now = day.weekday() >= SUNDAY - 1
    match place.rel:
        case "next":
            return weekend_span(day, 1) if now else None
        case "last" | "this past" | "the past":
            return weekend_span(day, -1)
    if now or place.rel == "this coming" or place.tense == "future":
        return weekend_span(day)
    return weekend_span(day, -1) if place.tense == "past" and not place.rel else None


def ago(place: Place, day: date) -> Span | None:
    """`two weeks ago`: the day that many units back, give or take half a unit."""
    number = place["number"].lower()
    count = int(number) if number.isdigit() else NUMBERS.get(number, 1)
    match place["unit"]:
        case "day":
            return day_span(shift_days(day, -count))
        case "week":
            return shift_days(day, -7 * count - 3), shift_days(day, -7 * count + 3)
        case "month":
            middle = shift_months(day, -count)
            return shift_days(middle, -15), shift_days(middle, 15)
    return shift_months(day, -12 * count - 6), shift_months(day, -12 * count + 6)


def whole_year(place: Place, day: date) -> Span | None:  # noqa: ARG001 - one of the resolvers
    """`in 2021`."""
    return year_span(int(place["year"]))


def numeric_day(place: Place, day: date) -> Span | None:  # noqa: ARG001 - one of the resolvers
    """`2021-03-03`."""
    return _span(_date(int(place["year"]), int(place["number"]), int(place["day"])))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _span(day: date | None) -> Span | None:
    return (day, day) if day else None
