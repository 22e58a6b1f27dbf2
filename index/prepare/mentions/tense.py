"""Whether the words around a place tell of what was, or of what is to come.

Reads the verbs nearest to the place, the one before it first: "said Friday" was, "will
meet on Friday" is to come, "was scheduled for Friday" may be either. Knows no calendar.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.resources import files
from typing import Literal

# What the words say: it was; it is to come; it was to come, by now or not yet.
Tense = Literal["past", "future", "planned"]

# How far away a verb is looked for, in words.
_BEFORE, _AFTER = 25, 18
# A verb in the present speaks of a day only when it is this near, "is" when nearer still.
_PRESENT_REACH, _IS_REACH = 5, 2

_LISTS: dict[str, list[str]] = tomllib.loads(
    files("index.prepare.mentions").joinpath("tenses.toml").read_text("utf-8")
)
_PAST, _SAME_AS_NOW, _NOT_PAST, _FUTURE, _MODAL, _PLANNED, _RESOLVED, _PRESENT = (
    frozenset(_LISTS[name])
    for name in (
        "past",
        "same_as_now",
        "not_past",
        "future",
        "modal",
        "planned",
        "resolved",
        "present",
    )
)
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[;:“”\"—]")
_QUOTES = frozenset('“”"')
_STOPS = frozenset(";:—")
_IS = frozenset(("is", "are", "isn't", "aren't", "am"))
_BE_OR_IS = _IS | {"be", "being", "get"}
_BEFORE_INFINITIVE = _MODAL | {"to", "will", "would", "won't", "shall"}
# What was said of a day "until" which or "for" which something holds may be of one to come.
_OPEN_END: dict[str, Tense | None] = {
    "through": "planned",
    "until": "planned",
    "till": "planned",
    "for": None,
}
_HAVE = frozenset(("have", "has"))
# Names and months that look like verbs when they are written small.
_NAMES = frozenset(("Will", "May", "Mark", "Grant", "Rose"))
_NOT = frozenset(("not", "immediately", "never", "also", "still", "already", "only", "just"))


def _normal(word: str, *, first: bool) -> str:
    return word if word in _NAMES and not first else word.lower().replace("’", "'")


class Words:
    """A sentence as its words, for questions about any place in it.

    A quotation has its own tense: words inside and outside of one do not count together.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _tokens(self) -> list[tuple[int, str, int]]:
        """Place, word and quotation (0 outside of any), marks left out."""
        found = [(match.start(), match[0]) for match in _TOKEN.finditer(self._text)]
        marks = [mark for _, mark in found if mark in _QUOTES]
        inside, quotation = marks[:1] == ["”"], 1
        tokens = []
        for at, word in found:
            if word in _QUOTES:
                inside, quotation = word == "“" or (word == '"' and not inside), quotation + 1
            else:
                tokens.append((at, _normal(word, first=not at), quotation if inside else 0))
        return tokens

    def tense(self, start: int, end: int) -> Tense | None:
        """What the sentence says of the span that the days at `start` to `end` name."""
        own = next((q for at, _, q in self._tokens if start <= at < end), 0)
        before = [word for at, word, q in self._tokens if at < start and q == own]
        after = [word for at, word, q in self._tokens if at >= end and q == own]
        if before and before[-1] == "since":
            return "past"
        lowest = max(0, len(before) - _BEFORE)
        places = range(len(before) - 1, lowest - 1, -1)
        found = _first(before, places, near=len(before)) or _first(
            after, range(min(len(after), _AFTER)), near=-1
        )
        return _OPEN_END.get(before[-1], found) if before and found == "past" else found


def _first(words: Sequence[str], places: Iterable[int], *, near: int) -> Tense | None:
    """The tense of the first word that shows one, up to the end of its clause."""
    for place in places:
        if words[place] in _STOPS:
            return None
        if found := _shown(words, place, abs(near - place)):
            return found
    return None


def _shown(words: Sequence[str], place: int, distance: int) -> Tense | None:
    """The tense that one word shows, `distance` words from the day."""
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else ""
    if word in _RESOLVED and following in ("to", "for", "on"):
        return _planned(words, place)
    if word in _PLANNED:
        return _planned(words, place)
    if word in _FUTURE or word.endswith("'ll"):
        return "future"
    if word in _MODAL:
        return _possible(words, place)
    if word in _PRESENT and _previous(words, place) not in ("to", "did", "didn't", "the", "a"):
        return "future" if distance <= _PRESENT_REACH else None
    if word in _IS:
        to_come = distance <= _IS_REACH or following == "to" or following.endswith("ing")
        return "future" if to_come else None
    return "past" if _is_past(words, place) else None


def _planned(words: Sequence[str], place: int) -> Tense:
    return "future" if _previous(words, place) in _IS else "planned"


def _possible(words: Sequence[str], place: int) -> Tense:
    rest = words[place + 1 : place + 4]
    denied = words[place] == "could" and "not" in rest[:1]
    done = rest[:1] == ["have"] and any(_looks_past(word) for word in rest[1:])
    return "past" if denied or done else "future"


def _is_past(words: Sequence[str], place: int) -> bool:
    word = words[place]
    if not _looks_past(word):
        return False
    if word in _HAVE and not any(map(_looks_past, words[place + 1 : place + 4])):
        return False
    previous = _previous(words, place)
    if word in _SAME_AS_NOW and previous in _BEFORE_INFINITIVE:
        return False
    return previous not in _BE_OR_IS


def _looks_past(word: str) -> bool:
    return word in _PAST or (word.endswith("ed") and len(word) > 3 and word not in _NOT_PAST)


def _previous(words: Sequence[str], place: int) -> str:
    """The word before, adverbs left out."""
    for word in reversed(words[max(0, place - 3) : place]):
        if word not in _NOT and not word.endswith("ly"):
            return word
    return ""
