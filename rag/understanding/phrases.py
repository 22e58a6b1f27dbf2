"""Words in quotation marks: "Who said 'no more bridges'?".

A passage that holds them verbatim is one that the asker has seen. Case, the style of
quotation marks and white space do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.verbatim import folded

# One word in quotation marks is a name or a doubt about a word, no quotation.
_LEAST_WORDS = 2
MAX_PHRASES = 5
_QUOTED = re.compile(
    r"“(?P<curly>[^“”]+)”|\"(?P<straight>[^\"]+)\"|«(?P<angle>[^«»]+)»|„(?P<low>[^„“”]+)[“”]"
    r"|(?<!\w)‘(?P<single>[^‘’]+(?:’\w[^‘’]*)*)’(?!\w)|(?<!\w)'(?P<plain>[^']+(?:'\w[^']*)*)'(?!\w)"
)
_EDGES = " \t\n,.;:!?…"


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words between quotation marks, and their span with the marks."""

    words: str
    span: tuple[int, int]


def quoted(text: str) -> list[Quoted]:
    """Whatever stands in quotation marks, in order."""
    found = (Quoted((m[m.lastgroup or 0]).strip(_EDGES), m.span()) for m in _QUOTED.finditer(text))
    return [phrase for phrase in found if phrase.words]


def phrases_of(text: str) -> tuple[str, ...]:
    """The quotations to look for: two words or more, each once."""
    found = [q.words for q in quoted(text) if len(q.words.split()) >= _LEAST_WORDS]
    return tuple(dict.fromkeys(found))[:MAX_PHRASES]


def missing(phrases: Sequence[str], texts: Iterable[str]) -> tuple[str, ...]:
    """The phrases that none of the texts holds."""
    left = {phrase: folded(phrase) for phrase in phrases}
    for text in texts:
        whole = folded(text) if left else ""
        left = {phrase: words for phrase, words in left.items() if words not in whole}
    return tuple(left)
