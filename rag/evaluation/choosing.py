"""Picks one of several given answers by what the search finds.

1. a choice scores the best reranked passage that names it
2. where no choice is named, each is searched for beside the question
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from index.documents import Query
from index.search import Searcher, rerank_text
from rag.evaluation.labels import holds_answer


class Chooser(Protocol):
    """Chooses among answers."""

    def __call__(self, query: Query, choices: Sequence[str]) -> int:
        """The place of the choice that the evidence favours."""


class EvidenceChooser:
    """Chooses by the passages of one searcher."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def __call__(self, query: Query, choices: Sequence[str]) -> int:
        """The place of the choice with the best passage; of equals the first."""
        candidates = self._searcher.search(query).candidates
        named = [
            [c.score for c in candidates if holds_answer(rerank_text(c), [choice])]
            for choice in choices
        ]
        if any(named):
            scores = [max(found, default=float("-inf")) for found in named]
        else:
            scores = [self._beside(query, choice) for choice in choices]
        return max(range(len(choices)), key=lambda place: (scores[place], -place))

    def _beside(self, query: Query, choice: str) -> float:
        """The score of the best passage for question and choice together."""
        found = self._searcher.search(replace(query, text=f"{query.text} {choice}")).candidates
        return found[0].score if found else float("-inf")
