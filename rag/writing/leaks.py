"""Whether a model recites its instructions, or says that it found no answer. Pure."""

from __future__ import annotations

import re
from functools import cache

from rag.writing.prompt import instructions

# A run of so many words that stands in the instructions, too, was copied from there.
RUN = 8
_WORD = re.compile(r"[^\W_]+")

_SOURCES = r"(?:passages?|articles?|texts?|sources?|context|documents?|reports?)"
_TELL = r"(?:say|mention|contain|provide|answer|state|specify|give|include|tell|report)"
_NOT = r"(?:do(?:es)?\ not|don[’']t|doesn[’']t|cannot|can[’']t)"
_DECLINES = re.compile(
    rf"""
    \b(?:{_SOURCES}|they|it)\ (?:provided\ |given\ |above\ |here\ )?{_NOT}\ (?:\w+\ )?{_TELL}\b
    | \bnone\ of\ the\ {_SOURCES}\b
    | \bno\ {_SOURCES}\ {_TELL}
    | \b(?:i|we)\ (?:{_NOT}|could\ not|couldn[’']t|am\ unable\ to)\ (?:know|find|answer|determine
       |tell|say)\b
    | \bthere\ is\ no\ (?:information|mention|answer)\b
    | ^\W*no\ answer\b
    | \bnot\ (?:mentioned|specified|stated|provided|answered|given|found)\ in
       \ (?:the|these|any)\ {_SOURCES}
    """,
    re.VERBOSE | re.IGNORECASE,
)


def recites_instructions(text: str) -> bool:
    """Whether a text has a long run of words of the instructions."""
    words = _words(text)
    runs = (tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))
    return any(run in _runs() for run in runs)


def declines(sentence: str) -> bool:
    """Whether a sentence says that the passages do not answer."""
    return bool(_DECLINES.search(sentence))


@cache
def _runs() -> frozenset[tuple[str, ...]]:
    words = _words(instructions())
    return frozenset(tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
