"""What the estimate of support rests on: numbers that say how much of a sentence is there.

Each word that carries meaning is looked for in the nearest lines of the evidence, by the
vectors of its tokens (late interaction: they know their neighbours). What the checks found and
how much evidence there is come beside. Knows no weights: semantic.py has those.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.models.tokens import TokenEmbedder, TokenVectors
from rag.answers import Verdict
from rag.expect import content_stems
from rag.grounding.evidence import Line, by_cover
from rag.grounding.findings import Check, Finding
from rag.grounding.words import Word, words_of

# Lines in which words are looked for, those that hold most of them first. More lines find
# more by chance: twelve tell no better (benchmarks/grounding.py).
NEAR_LINES = 5
# Lines of evidence among which more make support likelier; a longer text tells no more.
FEWEST_LINES, MOST_LINES = 20, 40

Similarities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """A sentence against its evidence.

    `together` is how alike the best matches of its words in the nearest lines are, on average;
    `absent` counts the numbers and dates, `unnamed` the names that the checks did not find;
    `lines` is the logarithm of the number of lines, cut to where it tells something.
    """

    together: float
    absent: float
    unnamed: float
    lines: float


def features(
    sentence: str, lines: Sequence[Line], findings: Iterable[Finding], model: TokenEmbedder
) -> Features:
    """The features of a sentence that has words, against at least one line."""
    near = by_cover(frozenset(content_stems(sentence)), lines)[:NEAR_LINES]
    words = [word for word in words_of(sentence) if word.content]
    said, *there = model.embed_tokens([sentence, *(line.text for line in near)])
    missed = [f.check for f in findings if f.verdict in (Verdict.CONTRADICTED, Verdict.UNSUPPORTED)]
    return Features(
        together=float(similarities(words, said, there).max(axis=1).mean()),
        absent=float(sum(check in (Check.NUMBER, Check.DATE) for check in missed)),
        unnamed=float(sum(check is Check.NAME for check in missed)),
        lines=math.log(min(max(len(lines), FEWEST_LINES), MOST_LINES)),
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
