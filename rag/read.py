"""Picks the sentences that answer, word for word. Needs no language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.documents import Query, Sentence
from index.models.rerank import Reranker
from index.search import Scored
from rag.expect import Expectation, Kind, expectation, offers

# Chosen with benchmarks/answers.py on the questions of January to August: six passages
# cost half as much again and lose 2 points, a heavier passage score changes nothing.
READ_PASSAGES = 4
# How much of the passage's own score, age included, counts beside the sentence's.
PASSAGE_WEIGHT = 0.6
# What a sentence gains that offers the kind of answer asked for; half for half an offer.
OFFER_BONUS = 2.0
MAX_SENTENCES = 3
# Further sentences are said down to this distance from the first; when the first is
# relevant beyond doubt and offers the answer, only those nearly as good.
MAX_GAP = 16.0
MAX_GAP_WHEN_SURE = 3.0
SURE_RELEVANCE = 7.0
# Two sentences that share more of their words than this say the same.
MAX_SHARED_WORDS = 0.6
# A sentence shorter than this carries no statement ("He did.").
MIN_SENTENCE_CHARS = 20
MAX_SENTENCE_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Pick:
    """A sentence with the passage it stands in and how well it answers.

    `relevance` is the reranker's logit, `offer` (0 to 1) says whether it holds the kind of
    answer asked for, `score` is what it is chosen by.
    """

    sentence: Sentence
    source: Scored
    relevance: float
    offer: float
    score: float


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be said: `picks` in the order they are read; `best` leads by score."""

    picks: tuple[Pick, ...]
    best: Pick | None
    expected: Expectation


class ExtractiveReader:
    """Scores every sentence of the best passages against the question."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker

    def read(self, query: Query, candidates: Sequence[Scored]) -> Draft:
        """One to three sentences, or none when there is nothing to read."""
        expected = expectation(query.text)
        ranked = self._ranked(query, expected, candidates[:READ_PASSAGES])
        if not ranked:
            return Draft((), None, expected)
        best = ranked[0]
        picks = [best]
        for pick in ranked[1:]:
            if len(picks) == MAX_SENTENCES or pick.score < best.score - _gap(best, expected):
                break
            if not any(_alike(pick, said) for said in picks):
                picks.append(pick)
        return Draft(tuple(_in_reading_order(picks)), best, expected)

    def _ranked(
        self, query: Query, expected: Expectation, candidates: Sequence[Scored]
    ) -> list[Pick]:
        pairs = [
            (sentence, scored)
            for scored in candidates
            for sentence in scored.passage.sentences
            if MIN_SENTENCE_CHARS <= len(sentence.text) <= MAX_SENTENCE_CHARS
        ]
        logits = self._reranker.score(query.text, [sentence.text for sentence, _ in pairs])
        picks = []
        for (sentence, scored), logit in zip(pairs, map(float, logits), strict=True):
            offer = offers(sentence.text, query.text, expected)
            score = logit + PASSAGE_WEIGHT * scored.score + OFFER_BONUS * offer
            picks.append(Pick(sentence, scored, logit, offer, score))
        return sorted(picks, key=lambda p: (-p.score, p.source.passage.id, p.sentence.start))


def _gap(best: Pick, expected: Expectation) -> float:
    offered = expected.kind is not Kind.OPEN and best.offer == 1.0
    return MAX_GAP_WHEN_SURE if offered and best.relevance >= SURE_RELEVANCE else MAX_GAP


def _alike(one: Pick, other: Pick) -> bool:
    """Whether two sentences say the same in nearly the same words, and the same numbers.

    Reports that differ in a figure, such as a correction, are both worth saying.
    """
    a, b = (set(pick.sentence.text.casefold().split()) for pick in (one, other))
    if {word for word in a ^ b if any(c.isdigit() for c in word)}:
        return False
    return len(a & b) > MAX_SHARED_WORDS * min(len(a), len(b))


def _in_reading_order(picks: Sequence[Pick]) -> list[Pick]:
    """The best first, as news is told; the others article by article, as they were written."""
    best, *others = picks
    articles = list(dict.fromkeys(pick.source.article.id for pick in picks))
    others.sort(key=lambda p: (articles.index(p.source.article.id), p.sentence.start))
    return [best, *others]
