"""Which days are meant that are counted from the day of publication: `on Friday`, `last week`.

Where a week begins, and whether a day was or is to come, must not matter or be said;
else the answer is None.
"""

from __future__ import annotations

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
from index.prepare.mentions.place import STEPS, WEEKDAYS, Place, Resolver

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

# "Was due on Friday" is said of a coming Friday only when it is near.
_COMING_WEEKDAY = 3


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
    monday, _ = week_span(day, STEPS[place.rel])
    return day_span(shift_days(monday, WEEKDAYS.index(place["weekday"])))


def days_away(days: int) -> Resolver:
    """`yesterday`, `tonight`."""
    return lambda _place, day: day_span(shift_days(day, days))


def calendar_span(place: Place, day: date) -> Span | None:
    """`last week`, `earlier this year`, `next month`."""
    unit, steps = place["unit"], STEPS[place.rel]
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
