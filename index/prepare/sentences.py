"""Sentences of a news text, as exact spans.

Finds boundaries with nupunkt and corrects them for news (sentence_rules.py). Knows
nothing of articles, tokens or models. A sentence never crosses a newline, is never
empty and has no white space around it; together the sentences hold every character
that is not white space, in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from index.documents import Sentence
from index.prepare.sentence_rules import corrected

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer

# nupunkt's time grows faster than the text on hostile input, so a longer line is
# read through a window that moves by whole sentences.
WINDOW_CHARS = 10_000

_LINE = re.compile(r"[^\n]+")
_LAST_SPACE = re.compile(r"\s(?=\S*\Z)")


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of `text`; `text[s.start:s.end] == s.text` for each."""
    spans = (_strip(text, start, end) for start, end in _spans(text))
    return tuple(Sentence(start, end, text[start:end]) for start, end in spans if start < end)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Spans that tile each line of `text`, white space included."""
    for line in _LINE.finditer(text):
        start, end = line.span()
        while end - start > WINDOW_CHARS:
            spans = _window(text, start)
            yield from spans
            start = spans[-1][1]
        yield from _sentences(text, start, end)


def _window(text: str, start: int) -> list[tuple[int, int]]:
    """The sentences sure to end inside the window; failing that, one cut at a space."""
    end = start + WINDOW_CHARS
    spans = _sentences(text, start, end)
    if len(spans) > 1:
        return spans[:-1]
    space = _LAST_SPACE.search(text, start, end)
    return [(start, space.end() if space else end)]


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans that tile `text[start:end]`, which holds no newline."""
    line = text[start:end]
    found = [begin for begin, _ in _splitter().spans(line)[1:]]
    begins = [start + begin for begin in corrected(line, found)]
    return list(zip([start, *begins], [*begins, end], strict=True))


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


@cache
def _splitter() -> PunktSentenceTokenizer:
    from nupunkt.models import load_default_model

    return load_default_model()
