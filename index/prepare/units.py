"""Sentences with their token counts, cut where one alone would not fit the window.

Knows nothing of articles or passages. A cut falls after a clause where one can,
else at white space, else between two characters; spans stay exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.documents import Sentence


class TokenCounter(Protocol):
    """Counts tokens as the embedder will."""

    def __call__(self, texts: Sequence[str], /) -> Sequence[int]:
        """Tokens of each text, without the special tokens around it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or a piece of one: what is never cut again.

    `ends_paragraph`: a newline or the end of the text follows. `glued`: it goes on
    in the middle of the word before it, so their counts do not add up.
    """

    sentence: Sentence
    tokens: int
    ends_paragraph: bool = False
    glued: bool = False


_SPACE = re.compile(r"\s*")

# Ways to cut, best first: after a clause, after a word, anywhere.
_CLAUSE = re.compile(r".+?(?:[;:,.!?…—–][\"'”’)\]]*\s+|\s[—–-]\s+|\Z)", re.DOTALL)
_WORD = re.compile(r"\S+\s*|\s+")
_SLICE = re.compile(r".{1,8}", re.DOTALL)

Span = tuple[int, int]


def fit_sentences(
    text: str,
    sentences: Sequence[Sentence],
    counts: Sequence[int],
    *,
    target: int,
    room: int,
    count_tokens: TokenCounter,
) -> list[Unit]:
    """Units in order; a sentence over `room` tokens becomes pieces of at most `target`."""
    units: list[Unit] = []
    for sentence, tokens in zip(sentences, counts, strict=True):
        if tokens <= room:
            units.append(_unit(text, sentence, tokens))
            continue
        pieces = list(_cut(text, sentence, target, count_tokens))
        counted = count_tokens([piece.text for piece in pieces])
        units.extend(_unit(text, *piece) for piece in zip(pieces, counted, strict=True))
    return units


def _unit(text: str, sentence: Sentence, tokens: int) -> Unit:
    start, end = sentence.start, sentence.end
    after = _SPACE.match(text, end)
    ends_paragraph = after is None or "\n" in after[0] or after.end() == len(text)
    glued = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    return Unit(sentence, tokens, ends_paragraph, glued)


def _cut(
    text: str, sentence: Sentence, target: int, count_tokens: TokenCounter
) -> Iterator[Sentence]:
    """Pieces of a sentence, as long as `target` allows."""
    begin, tokens = sentence.start, 0
    for (start, _), weight in _atoms(text, (sentence.start, sentence.end), target, count_tokens):
        if tokens + weight > target:
            yield from _stripped(text, begin, start)
            begin, tokens = start, 0
        tokens += weight
    yield from _stripped(text, begin, sentence.end)


def _atoms(
    text: str,
    span: Span,
    target: int,
    count_tokens: TokenCounter,
    ways: tuple[re.Pattern[str], ...] = (_CLAUSE, _WORD),
) -> Iterator[tuple[Span, int]]:
    """Spans that tile `span` with their tokens, cut no finer than `target` asks for."""
    if not ways:
        yield from _slices(text, span, count_tokens)
        return
    spans = [match.span() for match in ways[0].finditer(text, *span)]
    counts = count_tokens([text[start:end] for start, end in spans])
    for atom, tokens in zip(spans, counts, strict=True):
        if tokens > target:
            yield from _atoms(text, atom, target, count_tokens, ways[1:])
        else:
            yield atom, tokens


def _slices(text: str, span: Span, count_tokens: TokenCounter) -> Iterator[tuple[Span, int]]:
    """Slices of one word. Joined again they may make more tokens than their sum.

    Yet hardly more than one a character: hence the longer of the two counts.
    """
    matches = list(_SLICE.finditer(text, *span))
    for match, tokens in zip(matches, count_tokens([m[0] for m in matches]), strict=True):
        yield match.span(), max(tokens, len(match[0]))


def _stripped(text: str, start: int, end: int) -> Iterator[Sentence]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    if piece:
        yield Sentence(start, start + len(piece), piece)
