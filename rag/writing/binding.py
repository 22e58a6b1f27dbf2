"""Ties a statement to the sentences of a passage that carry it, as exact characters.

    article.text[span.start:span.end] == span.quote

Those of the passage that are orders were never shown and carry nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.documents import Sentence
from rag.expect import content_stems
from rag.grounding.findings import Place
from rag.writing.context import Shown

# A quotation is of so many sentences that follow each other, at most, and so long together.
MOST_SENTENCES = 3
MOST_CHARS = 700
# A neighbour is taken in when it brings so much of the statement that the rest lacks.
LEAST_BROUGHT = 0.15


@dataclass(frozen=True, slots=True)
class Span:
    """Sentences of a passage that follow each other."""

    start: int
    end: int
    quote: str
    sentences: tuple[Sentence, ...]


def bound(statement: str, shown: Shown, found: Sequence[Place] = ()) -> Span | None:
    """The sentences of a passage that say what a statement says; None where none is left.

    Args:
        statement: its words, without markers.
        shown: the passage.
        found: where checks found its numbers, dates, names and quotations in `shown.text`.
    """
    sentences = [s for s in shown.passage.sentences if _is_shown(s, shown)]
    if not sentences:
        return None
    wanted = frozenset(content_stems(statement))
    brings = [_brought(s, wanted, found, shown) for s in sentences]
    first = last = max(range(len(sentences)), key=lambda i: (len(brings[i]), -i))
    held = brings[first]
    while last - first + 1 < MOST_SENTENCES:
        sides = [i for i in (first - 1, last + 1) if 0 <= i < len(sentences)]
        sides = [i for i in sides if _fits(sentences, min(first, i), max(last, i))]
        side = max(sides, key=lambda i: len(brings[i] - held), default=None)
        least = max(1.0, LEAST_BROUGHT * len(wanted))
        if side is None or len(brings[side] - held) <= least:
            break
        held |= brings[side]
        first, last = min(first, side), max(last, side)
    return _span(shown, sentences[first : last + 1])


def _brought(
    sentence: Sentence, wanted: frozenset[str], found: Sequence[Place], shown: Shown
) -> frozenset[str | int]:
    """What of the statement a sentence has: stems, and the things that checks found there."""
    start, end = sentence.start - shown.passage.start, sentence.end - shown.passage.start
    stems: frozenset[str | int] = wanted & frozenset(content_stems(sentence.text))
    return stems | {
        number
        for number, place in enumerate(found)
        if not place.in_title and start <= place.start and place.end <= end
    }


def _fits(sentences: Sequence[Sentence], first: int, last: int) -> bool:
    """Whether nothing that was left out lies between, and it is not too long."""
    pairs = zip(sentences[first:last], sentences[first + 1 : last + 1], strict=True)
    near = all(after.start - before.end < MOST_CHARS for before, after in pairs)
    return near and sentences[last].end - sentences[first].start <= MOST_CHARS


def _span(shown: Shown, sentences: Sequence[Sentence]) -> Span:
    start, end = sentences[0].start, sentences[-1].end
    at = shown.passage.start
    return Span(start, end, shown.passage.text[start - at : end - at], tuple(sentences))


def _is_shown(sentence: Sentence, shown: Shown) -> bool:
    at = shown.passage.start
    return bool(shown.text[sentence.start - at : sentence.end - at].strip())
