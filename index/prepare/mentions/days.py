"""Arithmetic on days and spans of days, first and last inclusive. Weeks begin on Monday."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

Span = tuple[date, date]

SATURDAY, SUNDAY = 5, 6


def day_span(day: date) -> Span:
    """The one day."""
    return day, day


def shift_days(day: date, days: int) -> date:
    """The day so many days later, or earlier."""
    return day + timedelta(days=days)


def shift_months(day: date, months: int) -> date:
    """The same day of another month, or its last where it is shorter."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def week_span(day: date, weeks: int = 0) -> Span:
    """Monday to Sunday of the week of `day`, or of one so many weeks away."""
    monday = shift_days(day, 7 * weeks - day.weekday())
    return monday, shift_days(monday, 6)


def month_span(day: date, months: int = 0) -> Span:
    """The calendar month of `day`, or one so many months away."""
    first = shift_months(day.replace(day=1), months)
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def year_span(year: int) -> Span:
    """The calendar year."""
    return date(year, 1, 1), date(year, 12, 31)


def weekend_span(day: date, weeks: int = 0) -> Span:
    """Saturday and Sunday of the week of `day`, or of one so many weeks away."""
    saturday = shift_days(day, 7 * weeks + SATURDAY - day.weekday())
    return saturday, shift_days(saturday, 1)
