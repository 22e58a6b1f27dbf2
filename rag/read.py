"""Picks the sentences that answer, word for word. Needs no language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.documents import Query, Sentence
from index.models.rerank import Reranker
from index.search import Scored

# benchmarks/answers.py: more passages add time, not answers.
READ_PASSAGES = 4
# How much of the passage's own score counts beside the sentence's.
PASSAGE_WEIGHT = 0.3
MAX_SENTENCES = 3
# A further sentence is said only if it is nearly as good as the first.
MAX_GAP = 2.0
# A sentence shorter than this carries no statement ("He did.").
MIN_SENTENCE_CHARS = 20
MAX_SENTENCE_CHARS = 800


@dataclass(frozen=True, slots=True)
class Pick:
    """A sentence with the passage it stands in and how well it answers."""

    sentence: Sentence
    source: Scored
    relevance: float
    score: float


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be said: `picks` in the order they are read; `best` leads by score."""

    picks: tuple[Pick, ...]
    best: Pick | None


class ExtractiveReader:
    """Scores every sentence of the best passages against the question."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker

    def read(self, query: Query, candidates: Sequence[Scored]) -> Draft:
        """One to three sentences, or none when there is nothing to read."""
        ranked = self._ranked(query, candidates[:READ_PASSAGES])
        if not ranked:
            return Draft((), None)
        best = ranked[0]
        picks = [best]
        for pick in ranked[1:]:
            if len(picks) == MAX_SENTENCES or pick.score < best.score - MAX_GAP:
                break
            if not any(_alike(pick, said) for said in picks):
                picks.append(pick)
        return Draft(tuple(_in_reading_order(picks)), best)

    def _ranked(self, query: Query, candidates: Sequence[Scored]) -> list[Pick]:
        pairs = [
            (sentence, scored)
            for scored in candidates
            for sentence in scored.passage.sentences
            if MIN_SENTENCE_CHARS <= len(sentence.text) <= MAX_SENTENCE_CHARS
        ]
        logits = self._reranker.score(query.text, [sentence.text for sentence, _ in pairs])
        picks = [
            Pick(sentence, scored, float(logit), float(logit) + PASSAGE_WEIGHT * scored.score)
            for (sentence, scored), logit in zip(pairs, logits, strict=True)
        ]
        return sorted(picks, key=lambda p: (-p.score, p.source.passage.id, p.sentence.start))


def _alike(one: Pick, other: Pick) -> bool:
    """Whether two sentences say the same in nearly the same words."""
    a, b = (set(pick.sentence.text.casefold().split()) for pick in (one, other))
    return len(a & b) > 0.6 * min(len(a), len(b))


def _in_reading_order(picks: Sequence[Pick]) -> list[Pick]:
    """Articles in the order of their best sentence; within one, as it was written."""
    articles = list(dict.fromkeys(pick.source.article.id for pick in picks))
    return sorted(picks, key=lambda p: (articles.index(p.source.article.id), p.sentence.start))
