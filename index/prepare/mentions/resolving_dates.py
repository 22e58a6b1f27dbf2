"""Which days of the calendar are meant: `March 3`, `June 2023`, `last November`, `in 2021`.

A form without a year is resolved against the day of publication and the tense of the
sentence; it is None where that leaves two.
"""

from __future__ import annotations

from datetime import date

from index.prepare.mentions.days import Span, month_span, year_span
from index.prepare.mentions.place import MONTHS, STEPS, WEEKDAYS, Place
from index.prepare.mentions.tense import Tense

# News gives the year of a day that is not of the running one, unless it is near: so far off
# a day or a month may be in another year, and so far off where no verb tells which is meant.
_OTHER_YEAR_DAYS, _NEAR_DAYS = 120, 45
_OTHER_YEAR_MONTHS, _NEAR_MONTHS = 6, 2


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
    year = int(place["year"] or day.year + STEPS[place.rel])
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
