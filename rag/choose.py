"""Which of several given answers the evidence favours. Needs no language model.

    1. votes    the share of all marked answers whose words are those of the choice
    2. named    the best passage found for the question that names it
    3. beside   the best passage found for question and choice together that names it

A choice that nothing names is not impossible, only unlikely: quizzes word their choices as
they like. Knows nothing of labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from index.documents import Query
from index.search import Scored, Searcher, rerank_text
from rag.expect import expectation
from rag.read import Pick, ranked_sentences
from rag.words import normalise

# Fitted by benchmarks/choices.py on questions asked from June to August; a choice that no
# passage names counts as scored this low.
VOTE_WEIGHT = 0.13
MARKED_BONUS = 1.2
NAMED_WEIGHT = 0.05
BESIDE_WEIGHT = 0.12
_NONE = -12.0
# Passages read for question and choice together.
BESIDE_DEPTH = 3


class EvidenceChooser:
    """Chooses by what one searcher finds."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._beside = Searcher(
            searcher.engine,
            searcher.embedder,
            searcher.reranker,
            replace(searcher.settings, rerank_depth=BESIDE_DEPTH),
        )

    def __call__(self, query: Query, choices: Sequence[str]) -> int:
        """The place of the choice that the evidence favours; of equals the first."""
        scores = self.scores(query, choices)
        return max(range(len(choices)), key=lambda place: (scores[place], -place))

    def scores(self, query: Query, choices: Sequence[str]) -> list[float]:
        """How much the evidence favours each choice; scores of one question compare."""
        found = self._searcher.search(query).candidates
        marked = ranked_sentences(query, expectation(query.text), found)
        return [
            _votes(choice, marked)
            + NAMED_WEIGHT * _best_naming(choice, found)
            + BESIDE_WEIGHT * _best_naming(choice, self._together(query, choice))
            for choice in choices
        ]

    def _together(self, query: Query, choice: str) -> Sequence[Scored]:
        return self._beside.search(replace(query, text=f"{query.text} {choice}")).candidates


def _votes(choice: str, marked: Sequence[Pick]) -> float:
    shares = [pick.answer.share for pick in marked if _alike(pick.answer.text, choice)]
    if not shares:
        return VOTE_WEIGHT * _NONE
    return MARKED_BONUS + VOTE_WEIGHT * max(_NONE, float(np.logaddexp.reduce(shares)))


def _best_naming(choice: str, found: Sequence[Scored]) -> float:
    """The score of the best passage read that names the choice."""
    words = f" {normalise(choice)} "
    named = [s.score for s in found if s.reading and words in f" {normalise(rerank_text(s))} "]
    return max([*named, _NONE])


def _alike(answer: str, choice: str) -> bool:
    """Whether the words of one are in those of the other, as whole words."""
    one, other = f" {normalise(answer)} ", f" {normalise(choice)} "
    return bool(one.strip() and other.strip()) and (one in other or other in one)
