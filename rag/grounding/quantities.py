"""Reads the numbers of a sentence, however they are written, with unit and scale.

"$1.2 million", "1,200,000 dollars", "12 percent", "twenty-two", "a dozen", "3-1". Years and
clock times are read too, as kinds of their own. Says what is written, not whether it is true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.expect import content_stems
from rag.grounding.units import UNITS, Unit

Kind = Literal["number", "ordinal", "year", "clock", "score"]
# How a number is hedged: it may then stand for others near it.
Hedge = Literal["", "about", "over", "under"]

_VALUES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {
    "hundred": 1e2, "dozen": 12.0, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6,
    "mn": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_ORDINALS = {
    "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12,
}  # fmt: skip
_PARTS = {"half": 2.0, "third": 3.0, "quarter": 4.0, "fifth": 5.0, "tenth": 10.0}
_FIRST_YEAR, _LAST_YEAR = 1600, 2099
# A bare "100m" is a distance from here on; less is taken for millions.
_METRES_FROM = 50

_WORD = "|".join([*_VALUES, "hundred", "thousand", "million", "billion", "trillion", "dozen"])
_SCALE = r"(?:hundred|thousand|million|billion|trillion|dozen|mn|bn|tn|[mkb])"
# Longer rows of digits are no numbers that anybody counts with.
_DIGITS = r"\d{1,3}(?:,\d{3}){1,8}(?:\.\d{1,9})?|\d{1,24}(?:\.\d{1,9})?"
_NUMBER = re.compile(
    rf"""
    (?<![\w.]) (?<![^\W\d_]-)
    (?:
      (?P<clock>[012]?\d[:.][0-5]\d(?=\s?[ap]\.?m\b)|[012]?\d:[0-5]\d|1?\d(?=\s?[ap]\.?m\b))
        (?:\s?(?P<half_day>[ap])\.?m\b\.?)?
    | (?P<season>(?:19|20)\d\d[-–/]\d\d)\b
    | (?P<fraction>(?:(?:a|one|two|three|four)[\s-])?(?:third|quarter|fifth|tenth)s?(?=\sof\b)
        |(?:one|two|three|four)[\s-](?:thirds?|quarters?|fifths?|tenths?)|half)\b(?!\sa\s)
    | (?P<score>\d{{1,3}}[-–]\d{{1,3}})(?![\w]|[-–]|[.,]\d)
    | (?P<decade>(?:1[6-9]|20)?\d0s\b)
    | (?:(?P<currency>(?:US|A|C|NZ|HK)?\$|[€£¥])\s?)?(?P<digits>{_DIGITS})
        (?:(?P<ordinal>st|nd|rd|th)\b|[\s-]?(?P<scale>{_SCALE})\b)?(?![\d])
    | (?P<words>(?:(?:a|half\ a)\ (?=hundred|thousand|million|billion|trillion|dozen))?
        (?:{_WORD})(?:(?:\ and\ a\ half|(?<=hundred)\ and|(?<=thousand)\ and)?[\s-](?:{_WORD}))*
        (?P<plus_half>\ and\ a\ half)?)\b
    | (?P<nth>{"|".join(_ORDINALS)})\b
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HEDGES: dict[Hedge, str] = {
    "about": r"(?:\b(?:about|around|roughly|approximately|some|circa|close to|estimated)|~)",
    "over": r"\b(?:more than|over|at least|upwards? of|exceed(?:s|ed|ing)?|above)",
    "under": r"\b(?:nearly|almost|up to|less than|fewer than|under|below|at most|just short of)",
}
_HEDGE_ENDS = r"\s*(?:a |an |the )?\s*$"
_COUNTED = re.compile(r"\s(?:people|[a-z]+s)\b")
_UNIT_AFTER = re.compile(r"[\s-]?(%|[°\w]+(?:[ -][^\W\d]+)?)")
_NOUNS_END = re.compile(r"[,;:.!?()“”\"]|\b(?:and|or|but|in|on|at|from|to|who|that|which|after)\b")
_NOUN_WORDS = 3
# Hedges and nouns stand this near.
_HEDGE_CHARS, _NOUN_CHARS = 24, 80


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is written at `start:end`.

    `value` counts `unit`, a clock's counts minutes, a score's is the first of its two numbers;
    `step` is the size of its last significant digit. `rounded`: it is written as rounded
    numbers are. `nouns` are stems of the words that follow it: what is counted.
    """

    kind: Kind
    value: float
    step: float
    start: int
    end: int
    text: str
    unit: Unit | None = None
    second: float | None = None
    hedge: Hedge = ""
    rounded: bool = False
    spelt: bool = False
    nouns: frozenset[str] = frozenset()


def quantities(text: str) -> tuple[Quantity, ...]:
    """The numbers of a text, in order. A lone "one" is no number, nor is a digit in a name."""
    found = []
    for match in _NUMBER.finditer(text):
        quantity = _read(match, text)
        if quantity is not None:
            found.append(quantity)
    return tuple(found)


def _read(match: re.Match[str], text: str) -> Quantity | None:
    start, end = match.span()
    said = match[0]
    if match["clock"]:
        return _clock(match, start, end)
    if match["score"]:
        first, second = (float(part) for part in re.split("[-–]", said))
        return Quantity("score", first, 1.0, start, end, said, second=second)
    if match["decade"]:
        return Quantity("year", float(said[:-1][-2:]), 10.0, start, end, said)
    if match["nth"] or match["ordinal"]:
        value = float(_ORDINALS[said.lower()] if match["nth"] else match["digits"].replace(",", ""))
        return None if value < 3 else Quantity("ordinal", value, 1.0, start, end, said)
    if match["fraction"]:
        return Quantity("number", _fraction(said.lower()), 0.0, start, end, said, spelt=True)
    if match["season"]:
        return Quantity("year", float(said[:4]), 1.0, start, end, said)
    return _cardinal(match, text, start)


def _clock(match: re.Match[str], start: int, end: int) -> Quantity:
    """Minutes after midnight or noon: news gives the half of the day or leaves it out."""
    hours, _, minutes = match["clock"].replace(".", ":").partition(":")
    value = int(hours) % 12 * 60 + int(minutes or 0)
    return Quantity("clock", float(value), 1.0, start, end, match[0].strip())


def _fraction(said: str) -> float:
    """`two-thirds` as 0.667; a half alone is one half."""
    *many, part = re.split(r"[\s-]", said)
    times = _VALUES.get(many[0], 1) if many else 1
    return times / _PARTS[part.removesuffix("s")]


def _cardinal(match: re.Match[str], text: str, start: int) -> Quantity | None:
    if match["words"]:
        value, step, rounded = _spelt(match["words"])
        if value == 1:
            return None
    else:
        value, step, rounded = _in_digits(match)
    end = match.end()
    unit, end = _unit(match, text, end)
    if unit is None and match["digits"] and _is_year(match, value):
        return Quantity("year", value, 1.0, start, end, text[start:end])
    return Quantity(
        "number",
        value,
        step,
        start,
        end,
        text[start:end],
        unit=unit,
        hedge=_hedge(text[max(0, start - _HEDGE_CHARS) : start]),
        rounded=rounded,
        spelt=bool(match["words"]),
        nouns=_nouns(text[end : end + _NOUN_CHARS]) if unit is None else frozenset(),
    )


def _in_digits(match: re.Match[str]) -> tuple[float, float, bool]:
    """Value, step, and whether the way it is written says that it was rounded."""
    digits = match["digits"].replace(",", "")
    scale = (match["scale"] or "").lower()
    if scale == "m" and not match["currency"] and float(digits) >= _METRES_FROM:
        scale = ""
    times = _SCALES.get(scale, 1.0)
    if "." in digits:
        step = 10.0 ** -len(digits.partition(".")[2])
    else:
        step = 10.0 ** (len(digits) - len(digits.rstrip("0"))) if float(digits) else 1.0
    return float(digits) * times, step * times, times > 1 or "." in digits


def _spelt(words: str) -> tuple[float, float, bool]:
    total = current = 0.0
    scaled = 1.0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _VALUES:
            current += _VALUES[word]
        elif word in _SCALES:
            current = (current or 1.0) * _SCALES[word]
            scaled = _SCALES[word]
            if scaled >= 1e3:
                total, current = total + current, 0.0
        elif word == "half":
            if current or total:
                current += 0.5
            else:
                current = 0.5
    value = total + current
    return value, scaled if scaled > 12 else 1.0, scaled >= 1e3


def _is_year(match: re.Match[str], value: float) -> bool:
    plain = match["digits"].isdigit() and len(match["digits"]) == 4 and not match["scale"]
    if not plain or match["currency"] or not _FIRST_YEAR <= value <= _LAST_YEAR:
        return False
    return not _COUNTED.match(match.string, match.end())


def _unit(match: re.Match[str], text: str, end: int) -> tuple[Unit | None, int]:
    """The unit before or after a number, and where it ends."""
    if match["currency"]:
        return UNITS[match["currency"][-1]], end
    after = _UNIT_AFTER.match(text, end)
    if after is None:
        return None, end
    words = after[1].lower()
    for name in (words, re.split("[ -]", words)[0]):
        if name in UNITS and (name == "%" or not after[0].startswith("%")):
            return UNITS[name], after.start(1) + len(name)
    return None, end


def _hedge(before: str) -> Hedge:
    for hedge, words in _HEDGES.items():
        if re.search(words + _HEDGE_ENDS, before, re.IGNORECASE):
            return hedge
    return ""


def _nouns(after: str) -> frozenset[str]:
    """The stems of the words counted: those that follow, up to the end of the phrase.

    In "nine of the dead" they are marked: nine of the soldiers are not nine soldiers.
    """
    mark = "of " if after.startswith(" of ") else ""
    stop = _NOUNS_END.search(after)
    phrase = after[: stop.start()] if stop else after
    words = phrase.split()[: _NOUN_WORDS + bool(mark)]
    return frozenset(mark + stem for stem in content_stems(" ".join(words)))
