"""The ways in which questions name days, as a table of patterns.

Each form claims its words before the next is tried, also in vain: what a form refuses is
read by no later one in parts. Unlike news, questions are typed in any case, and ask about
what was: `resolving.py` says which days are meant. Knows no calendar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.prepare.mentions.mention_forms import NO_DATES
from index.prepare.mentions.resolving_relative import NUMBERS
from rag.understanding import resolving as to
from rag.understanding.resolving import Resolver

_FULL = "january|february|march|april|may|june|july|august|september|october|november|december"
_SHORT = r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?"
_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_UNIT = r"(?P<unit>hour|day|week|month|year)s?"
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(NUMBERS)})"
# Nothing that continues a number, a word or a price.
_L, _R = r"(?<![\w$£€#.-])(?<!\d,)", r"(?![\w-]|[.,:]\d)"
_FUZZY = r"(?:(?:early|late|mid|the (?:start|beginning|middle|end) of)[ -])?"
# A capital after a month makes it a name: "June Carter", "April Jones".
_NO_NAME = r"(?! (?-i:[A-Z]))"
# In front of these, the number is of something else: "3 May leaders".
_DAY_END = r"(?:st|nd|rd|th)?(?![\w%]|[.,:]\d)"


def _day(n: int) -> str:
    return rf"(?P<day{n}>[0-3]?\d){_DAY_END}"


def _month(n: int) -> str:
    return rf"(?P<month{n}>{_FULL}|{_SHORT})"


def _year(n: int) -> str:
    return rf"(?P<year{n}>(?:1[6-9]|20)\d\d)"


def _day_month(n: int) -> str:
    return rf"(?:the )?{_day(n)} (?:of )?{_month(n)}(?:,? {_year(n)})?"


def _month_day(n: int) -> str:
    return rf"{_month(n)} (?:the )?{_day(n)}(?:,? {_year(n)})?"


def _month_year(n: int) -> str:
    return rf"{_FUZZY}{_month(n)}(?:,? (?:of )?{_year(n)})?"


def _from_to(point: tuple[str, str], *, asked: bool = True) -> str:
    lead = "(?:between|from) " if asked else ""
    return rf"{lead}{point[0]}(?: and | to | until | till | through | ?[-–] ?){point[1]}"


# A question without any of these names no day; most have none.
CUE = re.compile(
    r"day\b|\d0s\b|\d{4}|\bago\b|night\b|weekend|\bthis (?:morning|afternoon|evening)"
    r"|\b(?:last|this|past|previous|next) |\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Form:
    """A way to name days, and what finds out which. Where it has a group `said`, that is named."""

    pattern: re.Pattern[str]
    resolve: Resolver


def _form(pattern: str, resolve: Resolver) -> Form:
    return Form(re.compile(_L + pattern + _R, re.IGNORECASE), resolve)


FORMS: tuple[Form, ...] = (
    Form(NO_DATES, to.nothing),
    _form(r"(?:the )?(?:4th|fourth) of july", to.nothing),
    _form(r"(?P<year1>\d{4})-(?P<number>[01]\d)-(?P<day1>[0-3]\d)", to.numeric_day),
    # between 3 May and 14 June 2023 · from May 3 to June 14
    _form(_from_to((_day_month(1), _day_month(2))), to.between),
    _form(_from_to((_month_day(1), _month_day(2))), to.between),
    # between May and July 2023 · between 2019 and 2021
    _form(_from_to((_month_year(1), _month_year(2))), to.between),
    _form(_from_to((_year(1), _year(2))), to.between),
    # 3-5 June 2023 · June 3-5
    _form(
        rf"(?:on |between |from )?(?P<day1>[0-3]?\d){_DAY_END}(?: and | to | ?[-–] ?)"
        rf"{_day(2)} (?:of )?{_month(2)}(?:,? {_year(2)})?",
        to.between,
    ),
    _form(
        rf"(?:on |between |from )?{_month(1)} (?P<day1>[0-3]?\d){_DAY_END}"
        rf"(?: and | to | through | ?[-–] ?)(?P<day2>[0-3]?\d){_DAY_END}(?:,? {_year(2)})?",
        to.between,
    ),
    # on Friday, 3 March 2021 · on March 3 · the 3rd of March
    _form(rf"(?:on )?(?:(?P<weekday>{_WEEKDAYS}),? )?{_day_month(1)}", to.calendar_day),
    _form(rf"(?:on )?(?:(?P<weekday>{_WEEKDAYS}),? )?{_month_day(1)}", to.calendar_day),
    # in Q2 2023 · the second quarter of 2023
    _form(rf"(?:in )?q(?P<quarter>[1-4]),? (?:of )?{_year(1)}", to.quarter),
    _form(
        rf"(?:in )?(?:the )?(?P<quarter>first|second|third|fourth) quarter of {_year(1)}",
        to.quarter,
    ),
    # in June 2023 · early June of last year
    _form(rf"(?:in )?{_FUZZY}{_month(1)},? (?:of )?{_year(1)}", to.month_of_year),
    _form(rf"(?:in )?{_FUZZY}{_month(1)},? (?:of )?(?P<rel>last|this|next) year", to.month_of_year),
    # last November · this June · this past May
    _form(rf"(?P<rel>this past|last|next|this) {_month(1)}{_NO_NAME}(?! \d)", to.relative_month),
    # in June · since March · during late May
    _form(
        r"(?:(?:in|during|since|until|till|before|after|by|of) )"
        rf"(?P<said>{_FUZZY}(?P<month1>{_FULL})){_NO_NAME}(?! \d)",
        to.bare_month,
    ),
    _form(rf"(?:early|late|mid)[ -](?P<month1>{_FULL}){_NO_NAME}(?! \d)", to.bare_month),
    # Friday last week · last Friday · on Friday
    _form(
        rf"(?:on )?(?P<weekday>{_WEEKDAYS})(?: of)? (?P<rel>last|this|next) week",
        to.weekday_of_week,
    ),
    _form(
        rf"(?:on )?(?P<rel>(?:this |the )?past|last|this|next) (?P<weekday>{_WEEKDAYS})",
        to.relative_weekday,
    ),
    _form(rf"(?:on )?(?P<weekday>{_WEEKDAYS})(?: morning| afternoon| evening| night)?", to.weekday),
    _form(r"(?:the )?day before yesterday", to.days_back(2, 2)),
    _form(r"yesterday(?: morning| afternoon| evening)?", to.days_back(1, 1)),
    _form(r"last night", to.days_back(1, 0)),
    # A capital makes it a name: "USA TODAY".
    _form(
        r"(?:(?:earlier )?(?-i:today)|\A(?-i:Today)|tonight|this (?:morning|afternoon|evening))",
        to.days_back(0, 0),
    ),
    # in the past year · over the last three days
    _form(
        rf"(?:(?:in|over|during|within|for) )?the (?:last|past|previous) (?:{_COUNT} )?{_UNIT}",
        to.running,
    ),
    _form(rf"past {_COUNT} {_UNIT}", to.running),
    # earlier this year · last week
    _form(
        r"(?<!\bthe )(?<!\bevery )(?<!\beach )(?<!\bhis )(?<!\bher )(?<!\btheir )"
        r"(?:earlier |later )?(?P<rel>this past|last|this|next) (?P<unit>week|month|year)"
        r"(?! (?:of|before last|after next))",
        to.calendar_unit,
    ),
    _form(
        r"(?:(?:over|at|on|during) the (?P<rel1>(?:past|last) )?|(?P<rel2>this past|last|this) )"
        r"weekend",
        to.weekend,
    ),
    _form(
        rf"(?<!than )(?<!over )(?<!least )(?:(?P<an>an?) |{_COUNT} )(?P<unit>day|week|month|year)s?"
        r" ago",
        to.ago,
    ),
    # in the 1980s · in 2021 · the summer of 2022
    _form(r"(?:in|during|of) (?P<said>the (?:early |late |mid-)?(?P<decade>\d{3})0s)", to.decade),
    _form(
        r"(?:in|during|since|until|till|before|after|by|of|early|late|mid)[ -]"
        rf"(?P<said>(?:early |late |mid-)?{_year(1)})(?! [a-z]+s\b(?<!was)(?<!is)(?<!does))",
        to.whole_year,
    ),
)
