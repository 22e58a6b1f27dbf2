"""Words that name days, at their place in a sentence.

Knows the sentence and its tense, not the day on which it was published.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from index.prepare.mentions.days import Span
from index.prepare.mentions.tense import Tense, Words

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

STEPS = {"last": -1, "this": 0, "next": 1}
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


# Which days the words mean in an article of a given day, or None where that is not sure.
Resolver = Callable[[Place, date], Span | None]
