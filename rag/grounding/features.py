"""What the estimate of support rests on: numbers that say how much of a sentence is there.

Each word that carries meaning is looked for in the nearest lines of the evidence, by the
vectors of its tokens (late interaction: they know their neighbours). Lines, pairs of words
and what the checks found come beside. Knows no weights: semantic.py has those.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.models.tokens import TokenEmbedder, TokenVectors
from rag.answers import Verdict
from rag.expect import content_stems
from rag.grounding.evidence import Line, by_cover
from rag.grounding.findings import Check, Finding
from rag.grounding.words import Word, words_of

# Lines that the token vectors are made of, those that hold most of the words first.
NEAR_LINES = 12
TOGETHER_LINES = 3
# A word whose best match is less alike is hardly there.
WEAK = 0.7
LEAST = 3
# Articles of news and web pages, which the weights were fitted on, have so many lines.
_FEWEST_LINES, _MOST_LINES = 8, 200
_CLAUSES = re.compile(r"[,;:]|\b(?:and|but|which|who|after|before|while|because|when)\b")

Similarities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """A sentence against its evidence.

    `least` is the mean similarity of the three words that are matched worst, `weak` the share
    of words that are hardly matched, `together` the mean similarity within the three nearest
    lines; `pairs` the share of neighbouring words that are neighbours in the evidence, too;
    `absent` counts numbers and dates and `unnamed` names that the checks missed; `lines` is the
    logarithm of the number of lines, `clauses` the number of clauses of the sentence.
    """

    least: float
    weak: float
    together: float
    pairs: float
    absent: float
    unnamed: float
    lines: float
    clauses: float


def features(
    sentence: str, lines: Sequence[Line], findings: Iterable[Finding], model: TokenEmbedder
) -> Features:
    """The features of a sentence that has words, against at least one line."""
    near = by_cover(frozenset(content_stems(sentence)), lines)[:NEAR_LINES]
    words = [word for word in words_of(sentence) if word.content]
    said, *there = model.embed_tokens([sentence, *(line.text for line in near)])
    alike = similarities(words, said, there)
    best = np.sort(alike.max(axis=1))
    missed = [f.check for f in findings if f.verdict in (Verdict.CONTRADICTED, Verdict.UNSUPPORTED)]
    return Features(
        least=float(best[:LEAST].mean()),
        weak=float((best < WEAK).mean()),
        together=float(alike[:, :TOGETHER_LINES].max(axis=1).mean()),
        pairs=pairs([word.stem for word in words], lines),
        absent=float(sum(check in (Check.NUMBER, Check.DATE) for check in missed)),
        unnamed=float(sum(check is Check.NAME for check in missed)),
        lines=math.log(min(max(len(lines), _FEWEST_LINES), _MOST_LINES)),
        clauses=float(1 + len(_CLAUSES.findall(sentence))),
    )


def similarities(
    words: Sequence[Word], said: TokenVectors, there: Sequence[TokenVectors]
) -> Similarities:
    """How well each line has each word, float32 of shape (words, lines), 1 at most.

    Of a word it is the mean over its tokens of the likest token of the line.
    """
    alike = np.zeros((len(words), len(there)), dtype=np.float32)
    for column, line in enumerate(there):
        if not len(line.vectors) or not len(said.vectors):
            continue
        best = (said.vectors @ line.vectors.T).max(axis=1)
        for row, word in enumerate(words):
            tokens = (said.spans[:, 0] < word.end) & (word.start < said.spans[:, 1])
            if tokens.any():
                alike[row, column] = best[tokens].mean()
    return alike


def pairs(stems: Sequence[str], lines: Sequence[Line]) -> float:
    """The share of neighbouring stems that are neighbours, or nearly so, in a line; 1 of none."""
    wanted = set(pairwise(stems))
    if not wanted:
        return 1.0
    known: set[tuple[str, str]] = set()
    for line in lines:
        there = content_stems(line.text)
        known.update(pairwise(there))
        known.update(zip(there, there[2:], strict=False))
    return len(wanted & known) / len(wanted)
