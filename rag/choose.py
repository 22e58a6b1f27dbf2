"""Which of several given answers the evidence favours. Needs no language model.

    1. votes    the share of all marked answers whose words are those of the choice
    2. beside   the best passage found for question and choice together, and the best of
                those that name the choice

A choice that nothing names is not impossible, only unlikely: quizzes word their choices as
they like. Knows nothing of labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.documents import Query
from index.search import Scored, Searcher, rerank_text
from rag.expect import expectation
from rag.read import Pick, ranked_sentences
from rag.words import normalise

# What counts for a choice that no passage names.
_NONE = -12.0
# Passages read for question and choice together.
BESIDE_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Signals:
    """What a choice is picked by, or the weights of these.

    `votes` is the logarithm of the share of marked answers that are the choice, `marked` 1
    if any is; `naming` and `beside` the scores of the best passages beside it.
    """

    votes: float
    marked: float
    naming: float
    beside: float

    def weighed(self, weights: Signals) -> float:
        """The weighted sum."""
        return float(sum(getattr(self, n) * getattr(weights, n) for n in Signals.__slots__))


# Fitted by benchmarks/reading.py on questions asked from June to August.
WEIGHTS = Signals(votes=0.12, marked=1.13, naming=0.11, beside=0.07)


class EvidenceChooser:
    """Chooses by what one searcher finds."""

    def __init__(self, searcher: Searcher) -> None:
        self._beside = Searcher(
            searcher.engine,
            searcher.embedder,
            searcher.reranker,
            replace(searcher.settings, rerank_depth=BESIDE_DEPTH),
        )

    def __call__(self, query: Query, choices: Sequence[str], found: Sequence[Scored]) -> int:
        """The place of the choice that the evidence favours; of equals the first.

        Args:
            query: the question.
            choices: the answers to choose from.
            found: the candidates of its search.
        """
        scores = [signals.weighed(WEIGHTS) for signals in self.signals(query, choices, found)]
        return max(range(len(choices)), key=lambda place: (scores[place], -place))

    def signals(
        self, query: Query, choices: Sequence[str], found: Sequence[Scored]
    ) -> list[Signals]:
        """What is found for each choice; the weighted sums of one question compare."""
        marked = ranked_sentences(query, expectation(query.text), found)
        return [self._of(query, choice, marked) for choice in choices]

    def _of(self, query: Query, choice: str, marked: Sequence[Pick]) -> Signals:
        found = self._beside.search(replace(query, text=f"{query.text} {choice}")).candidates
        read = [s for s in found if s.reading]
        words = f" {normalise(choice)} "
        naming = [s for s in read if words in f" {normalise(rerank_text(s))} "]
        shares = [pick.answer.share for pick in marked if _alike(pick.answer.text, choice)]
        return Signals(
            votes=max(_NONE, float(np.logaddexp.reduce(shares))) if shares else _NONE,
            marked=float(bool(shares)),
            naming=_best(naming),
            beside=_best(read),
        )


def _best(found: Sequence[Scored]) -> float:
    return max([s.score for s in found], default=_NONE)


def _alike(answer: str, choice: str) -> bool:
    """Whether the words of one are in those of the other, as whole words."""
    one, other = f" {normalise(answer)} ", f" {normalise(choice)} "
    return bool(one.strip() and other.strip()) and (one in other or other in one)
