"""The ways in which English news names days, as a table of patterns and resolvers.

Each form claims its words before the next is tried, also in vain: what a form refuses
is read by no later one in parts. Lists of words come from mentions.toml.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from index.prepare.mentions import resolving_dates as dates
from index.prepare.mentions import resolving_relative as relative
from index.prepare.mentions.place import WEEKDAYS, Resolver

# A sentence without any of these names no day; most have none.
CUE = re.compile(
    r"day\b|\b(?:1[6-9]|20)\d\d\b|\b(?:Jan|Feb|Mar|Apr|May|June|July|Aug|Sep|Oct|Nov|Dec)"
    r"|\bago\b|omorrow|onight|\b(?:[Ll]ast|[Tt]his) (?:night|morning|afternoon|evening)|weekend"
    r"|\b(?:[Ll]ast|[Tt]his|[Nn]ext) (?:week|month|year)"
)

_DATA: dict[str, Any] = tomllib.loads(
    files("index.prepare.mentions").joinpath("mentions.toml").read_text("utf-8")
)
_FULL = "January|February|March|April|May|June|July|August|September|October|November|December"
_SHORT = r"(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\b\.?"
_NO_AMOUNT = rf"(?:st|nd|rd|th)?(?![\w%]|[.,:]\d|/\d)(?! (?:{'|'.join(_DATA['units'])})\b)"
_NAMES = "|".join(re.escape(month) for month in _DATA["name_months"])

# What stands for <NAME> in a pattern below.
_FRAGMENTS = {
    "L": r"(?<![\w$£€#’'.-])",  # no part of a longer word or number begins here
    "R": r"(?![\w-])",
    "FIRST": r"(?:(?<=[“\"])|\A)",  # elsewhere a capital makes it a title
    "ON": r"(?:[Oo]n )?",
    "WD": rf"(?:{'|'.join(WEEKDAYS)})",
    "ALONE": r"(?!\d|,? \d{4})",
    "WEEKDAY": rf"(?P<weekday>{'|'.join(WEEKDAYS)})",
    "MONTH": rf"(?P<month>{_FULL}|{_SHORT})",
    "CLEAR": rf"(?P<month>(?!{_NAMES})(?:{_FULL}))",
    "UNCLEAR": rf"(?P<month>{_FULL})",
    "MONTH2": rf"(?P<month2>{_FULL}|{_SHORT})",
    "DAY": rf"(?P<day>[0-3]?\d){_NO_AMOUNT}",
    "DAY2": rf"(?P<day2>[0-3]?\d){_NO_AMOUNT}",
    "YEAR": rf"(?P<year>(?:1[6-9]|20)\d\d)(?![-–/]\d){_NO_AMOUNT}",
    "PART": r"(?: (?:morning|afternoon|evening|night)\b)?",
    # "the last year", "his last week", "last week of May": a span of another kind
    "FREE": "".join(
        rf"(?<!\b{word} )"
        for word in [
            "the",
            "The",
            "his",
            "her",
            "their",
            "its",
            "our",
            "my",
            "your",
            "every",
            "each",
            "a",
            "past",
        ]
    ),
    "END": r"\b(?! (?:of|before last|after next|prior|or so)\b)",
}


@dataclass(frozen=True, slots=True)
class Form:
    """A way to name days. `spoken`: it depends on the day of speaking, as "yesterday" does."""

    pattern: re.Pattern[str]
    resolve: Resolver
    spoken: bool = False


def _form(pattern: str, resolve: Resolver, *, spoken: bool = False) -> Form:
    pattern = re.sub(r"<([A-Z]+2?)>", lambda name: _FRAGMENTS[name[1]], pattern)
    return Form(re.compile(pattern), resolve, spoken)


_NAMES_AND_HABITS = _form(rf"<L>(?:{'|'.join(_DATA['ignored'])})", dates.nothing)
# Names and habits that hold the name of a day and mean none: "Black Friday".
NO_DATES = _NAMES_AND_HABITS.pattern

# Where a pattern has a group `said`, the mention is that group alone.
FORMS: tuple[Form, ...] = (
    _NAMES_AND_HABITS,
    _form(r"<L>(?P<year>(?:19|20)\d\d)-(?P<number>[01]\d)-(?P<day>[0-3]\d)<R>", dates.numeric_day),
    # on March 3-5, 2021 · March 30 to April 2
    _form(
        r"<L><ON><MONTH> <DAY>(?:-|–| to | through )(?:<MONTH2> )?<DAY2>(?:,? <YEAR>)?<R>",
        dates.days_of_month,
    ),
    # on Friday, March 3, 2021 · March 3 · Friday the 3rd of March
    _form(r"<L><ON>(?:<WEEKDAY>,? )?<MONTH> <DAY>(?:,? <YEAR>)?<R>", dates.calendar_day),
    _form(
        r"<L><ON>(?:<WEEKDAY>,? )?(?:the )?<DAY> (?:of )?<MONTH>(?:,? <YEAR>)?<R>",
        dates.calendar_day,
    ),
    # in June 2023 · June of last year
    _form(r"<L>(?P<said>(?:[Ii]n )?(?:mid-)?<MONTH>,?(?: of)? <YEAR>)", dates.month_of_year),
    _form(r"<L>(?:[Ii]n )?<MONTH>,?(?: of)? (?P<rel>last|this|next) year\b", dates.month_of_year),
    # last November · this coming June
    _form(
        r"<L>(?P<rel>[Ll]ast|[Nn]ext|[Tt]his(?: past| coming)?) <UNCLEAR><R>"
        r"(?! \d|(?:’s|'s)? [A-Z])",
        dates.relative_month,
    ),
    # in June · since early May · January (after a preposition)
    _form(
        r"<L>(?P<said>[Ii]n (?:early |late |mid-)?<UNCLEAR>)<R>(?! \d| of |(?:’s|'s)? [A-Z])",
        dates.bare_month,
    ),
    _form(
        r"<L>(?:[Ss]ince|[Uu]ntil|[Dd]uring|[Ee]arly|[Ll]ate|[Mm]id)[ -](?P<said><UNCLEAR>)<R>"
        r"(?! \d| of |(?:’s|'s)? [A-Z])",
        dates.bare_month,
    ),
    _form(
        r"<L>(?:[Bb]y|[Ff]rom|[Tt]hrough|[Bb]efore|[Aa]fter|[Bb]etween|[Tt]ill|and|or|to|of)"
        r" (?P<said><CLEAR>)<R>(?! \d| of )",
        dates.bare_month,
    ),
    # Friday of last week · last Friday night · on Friday
    _form(
        r"<L><ON>(?:early |late )?<WEEKDAY><PART>,?(?: of)? (?P<rel>last|this|next) week\b",
        relative.weekday_of_week,
    ),
    _form(
        r"<L><ON>(?P<rel>[Ll]ast|[Nn]ext|(?:[Tt]his|[Tt]he) (?:past|coming)|[Tt]his|[Cc]oming|past)"
        r" <WEEKDAY><PART><R>",
        relative.relative_weekday,
    ),
    _form(r"<L><ON>(?:[Ee]arly |[Ll]ate )?<WEEKDAY><PART><R>", relative.weekday),
    # yesterday · tomorrow · last night · this morning · earlier today
    _form(
        r"<L>(?<!of )(?:yesterday|<FIRST>Yesterday)(?: morning| afternoon| evening)?<R>",
        relative.days_away(-1),
        spoken=True,
    ),
    _form(
        r"<L>(?<!of )(?<!better )(?<!brighter )(?<!no )(?:tomorrow|<FIRST>Tomorrow)(?!['’])<PART>"
        r"<R>",
        relative.days_away(1),
        spoken=True,
    ),
    _form(r"<L>[Ll]ast night<R>", relative.days_away(-1), spoken=True),
    _form(
        r"<L>(?:[Tt]onight|[Tt]his (?:morning|afternoon|evening)|(?:[Ee]arlier|[Ll]ater) today)<R>",
        relative.days_away(0),
        spoken=True,
    ),
    # earlier this year · last week · next month
    _form(
        r"<L><FREE>(?:(?P<part>[Ee]arlier|[Ll]ater) )?(?P<rel>[Ll]ast|[Tt]his|[Nn]ext)"
        r" (?P<unit>week|month|year)<END>",
        relative.calendar_span,
    ),
    # over the weekend · last weekend
    _form(
        r"<L>(?:[Oo]ver the|[Oo]n the|(?P<rel>[Tt]his past|[Tt]his coming|[Tt]he past"
        r"|[Tt]his|[Ll]ast|[Nn]ext)) weekend<END>",
        relative.weekend,
    ),
    # two weeks ago
    _form(
        r"<L>(?<!than )(?<!over )(?<!least )(?<!half )(?<!nearly )(?<!almost )(?<!and )"
        rf"(?P<number>(?i:an?|{'|'.join(relative.NUMBERS)})|\d{{1,2}})"
        r" (?P<unit>day|week|month|year)s? ago\b",
        relative.ago,
    ),
    # in 2021 · by 2030 · the summer of 2022
    _form(r"<L>(?P<said>[Ii]n (?:early |late |mid-)?<YEAR>)<R>", dates.whole_year),
    _form(
        r"<L>(?<!winter )(?:[Ss]ince|[Uu]ntil|[Bb]y|[Bb]efore|[Aa]fter|[Dd]uring|[Ff]rom|[Tt]hrough"
        r"|[Bb]etween|and|or|to|of|[Ee]arly|[Ll]ate|[Mm]id|[Ss]pring|[Ss]ummer|[Ff]all|[Aa]utumn)"
        r"[ -](?P<said><YEAR>)<R>",
        dates.whole_year,
    ),
)
