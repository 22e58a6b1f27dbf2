"""Reads who holds which office in a sentence: "Mayor Anna Berg", "Anna Berg, the mayor,".

Offices are the titles of names.toml. Says what is written, in one sentence at a time.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from rag.grounding.names import TITLES, Name, names_of
from rag.grounding.words import Word, words_of

# "Berg, Harrow's long-serving mayor": words between a name and the office that follows it.
REACH = 5
# Titles that go with any name.
_ANYBODY = frozenset(["mr", "mrs", "ms", "miss", "dr", "sir", "dame", "state", "judge", "officer"])
_TURNS = re.compile(r"^\s*,?\s*(?:who|whose|which|said|says|told|and|but|has|have|had|was|is)\b")


@dataclass(frozen=True, slots=True)
class Office:
    """An office as its title words, such as ("prime", "minister"), and the holder's last name."""

    title: tuple[str, ...]
    name: str
    start: int
    end: int
    text: str


def offices(text: str, known: Container[str] = ()) -> Iterator[Office]:
    """The offices that names in a text hold, in order."""
    words = words_of(text)
    for name in names_of(text, known):
        for run in (_before(text, words, name), _after(text, words, name)):
            title = tuple(word.folded for word in run if word.folded not in _ANYBODY)
            if title:
                start, end = min(run[0].start, name.start), max(run[-1].end, name.end)
                yield Office(title, name.words[-1], start, end, text[start:end])


def _before(text: str, words: tuple[Word, ...], name: Name) -> list[Word]:
    """Title words right before a name, also with a comma: "the mayor, Anna Berg"."""
    run: list[Word] = []
    end = name.start
    for word in reversed([word for word in words if word.end <= name.start]):
        if text[word.end : end].strip(" .") not in ("", ",") or word.folded not in TITLES:
            break
        if run and "," in text[word.end : end]:
            break
        run.insert(0, word)
        end = word.start
    return run


def _after(text: str, words: tuple[Word, ...], name: Name) -> list[Word]:
    """Title words of an apposition: "Anna Berg, the mayor of Harrow"."""
    if text[name.end : name.end + 2] != ", " or _TURNS.search(text[name.end :]):
        return []
    run: list[Word] = []
    for word in [word for word in words if word.start >= name.end][:REACH]:
        if "," in text[name.end + 1 : word.start]:
            break
        if word.folded in TITLES:
            run.append(word)
        elif run:
            break
    return run
