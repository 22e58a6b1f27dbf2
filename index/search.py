"""The read path: a query becomes ranked passages.

    1. first stages   dense and lexical, side by side, `depth` candidates each; phrases too
    2. fuse           reciprocal rank fusion, times a mild decay with age
    3. collapse       passages with the same words take one place, and name each other's article
    4. rerank         a cross-encoder reads the best few: relevance, minus what their dates cost
    5. order          by score, then passage id
    6. copies         of the hits, further articles of their stories with the same words

Knows nothing of answers. A filter that matches nothing returns nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from index.collapse import by_date, carries, first_of_each
from index.documents import ArticleRef, Filters, Hit, Passage, Query
from index.fuse import date_penalty, decay, reciprocal_rank_fusion
from index.local.engine import LocalEngine, Snapshot
from index.models.embed import Embedder
from index.models.rerank import Reading, Reranker
from index.verbatim import folded

# Below every reranked score: logits lie within ±12, penalties within 15.
_UNRERANKED = -100.0
# What a passage gains, in logits, that holds a phrase of the question word for word, or
# stands in an outlet that the question mentions: enough to settle between near equals.
PHRASE_BONUS = 2.0
OUTLET_BONUS = 1.5
# Articles that a hit names as copies, at most.
MAX_COPIES = 20


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Which stages run, and how deep. The defaults are what benchmarks/reading.py fitted."""

    depth: int = 50
    rerank_depth: int = 20
    dense: bool = True
    lexical: bool = True
    rerank: bool = True
    recency_weight: float = 0.6


Ranking = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class FirstStages:
    """Passage rows with their scores, best first, of each first stage."""

    dense: Ranking = field(default_factory=list)
    lexical: Ranking = field(default_factory=list)
    phrases: list[Ranking] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate passage with what each stage said of it; None where a stage was silent.

    `reading` is what the cross-encoder made of `rerank_text`. `copies` are the articles of
    candidates that had the same words.
    """

    passage: Passage
    article: ArticleRef
    fused: float
    cosine: float | None = None
    bm25: float | None = None
    reading: Reading | None = None
    score: float = 0.0
    copies: tuple[ArticleRef, ...] = ()

    @property
    def relevance(self) -> float | None:
        """The cross-encoder's logit; None for a passage that it did not read."""
        return None if self.reading is None else self.reading.relevance


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, with the generation they rest on and what each stage took.

    `candidates` are all that were ranked, with their stage scores, however few hits were
    asked for. `allowed` says whether any passage passed the filters at all.
    """

    hits: tuple[Hit, ...]
    candidates: tuple[Scored, ...]
    generation: int
    allowed: bool
    timings_ms: dict[str, float]


class Searcher:
    """Searches one engine. Safe to share between threads."""

    def __init__(
        self,
        engine: LocalEngine,
        embedder: Embedder,
        reranker: Reranker,
        settings: SearchSettings | None = None,
    ) -> None:
        self.engine = engine
        self.embedder = embedder
        self.reranker = reranker
        self.settings = settings or SearchSettings()
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="dateline-search")

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown()

    def search(self, query: Query) -> SearchResult:
        """The `query.k` best passages that the filters allow."""
        self.engine.refresh()
        snapshot = self.engine.snapshot
        clock = _Clock()
        allowed = bool(snapshot.columns.allowed(query.filters).any())
        # 1. first stages
        found = self._first_stages(snapshot, query) if allowed else FirstStages()
        clock.lap("first_stages")
        # 2. fuse
        scored = self._fuse(query, found)
        clock.lap("fuse")
        # 3. collapse
        scored = _collapsed(scored)
        clock.lap("collapse")
        # 4. rerank
        if self.settings.rerank:
            scored = self._rerank(query, scored)
        clock.lap("rerank")
        # 5. order
        ordered = _ordered(scored)
        # 6. copies
        hits = self._hits(ordered[: query.k], query.filters)
        clock.lap("copies")
        if self.engine.snapshot.era != snapshot.era:  # restored meanwhile: rows mean others now
            return self.search(query)
        return SearchResult(hits, tuple(ordered), snapshot.generation, allowed, clock.laps)

    def _first_stages(self, snapshot: Snapshot, query: Query) -> FirstStages:
        depth = max(self.settings.depth, query.k)
        lexical = (
            self._pool.submit(self.engine.lexical, snapshot, query.text, query.filters, depth)
            if self.settings.lexical
            else None
        )
        dense: Ranking = []
        if self.settings.dense:
            vector = self.embedder.embed([query.text])[0]
            dense = self.engine.dense(snapshot, vector, query.filters, depth)
        phrases = [
            self.engine.holding(snapshot, phrase, query.filters, depth)
            for phrase in query.phrases
            if self.settings.lexical
        ]
        return FirstStages(dense, lexical.result() if lexical else [], phrases)

    def _fuse(self, query: Query, found: FirstStages) -> list[Scored]:
        rankings = [found.dense, found.lexical, *found.phrases]
        fused = reciprocal_rank_fusion([[row for row, _ in ranking] for ranking in rankings])
        cosine, bm25 = dict(found.dense), dict(found.lexical)
        weight = query.recency if self.settings.recency_weight else 0.0
        scored = []
        for row, (passage, article) in self.engine.passages(list(fused)).items():
            score = fused[row] * decay(article.dated, query.asked_at, weight)
            scored.append(
                Scored(passage, article, score, cosine.get(row), bm25.get(row), score=score)
            )
        return _ordered(scored)

    def _rerank(self, query: Query, fused: Sequence[Scored]) -> list[Scored]:
        head, tail = fused[: self.settings.rerank_depth], fused[self.settings.rerank_depth :]
        readings = self.reranker.read(query.text, [rerank_text(s) for s in head])
        return [
            *(
                replace(s, reading=reading, score=self._score(query, s, reading))
                for s, reading in zip(head, readings, strict=True)
            ),
            *(replace(s, score=_UNRERANKED + s.fused) for s in tail),
        ]

    def _score(self, query: Query, scored: Scored, reading: Reading) -> float:
        article, weight = scored.article, self.settings.recency_weight
        held = sum(folded(phrase) in folded(scored.passage.text) for phrase in query.phrases)
        preferred = (article.source or "").casefold() in query.preferred_sources
        return (
            reading.relevance
            - date_penalty(article.dated, query, weight)
            + PHRASE_BONUS * held
            + OUTLET_BONUS * preferred
        )

    def _hits(self, ordered: Sequence[Scored], filters: Filters) -> tuple[Hit, ...]:
        stories = self.engine.store.copies_of([s.article.id for s in ordered], filters)
        hits = []
        for rank, s in enumerate(ordered, start=1):
            copies = {ref.id: ref for ref in s.copies}
            for other in stories.get(s.article.id, ()):
                if other.ref.id not in copies and carries(other.text, s.passage.text):
                    copies[other.ref.id] = other.ref
            ordered_copies = tuple(sorted(copies.values(), key=by_date)[:MAX_COPIES])
            hits.append(Hit(s.passage, s.article, s.score, rank, ordered_copies))
        return tuple(hits)


def rerank_text(scored: Scored) -> str:
    """What the reranker reads of a passage: its title where there is one, and its text."""
    title = "" if scored.article.title_is_derived else scored.article.title + "\n"
    return title + scored.passage.text


def _ordered(scored: Sequence[Scored]) -> list[Scored]:
    """Best first, ties by passage id."""
    return sorted(scored, key=lambda s: (-s.score, s.passage.id))


def _collapsed(scored: Sequence[Scored]) -> list[Scored]:
    """The best of the passages with the same words, of equals the earliest, in order."""
    ranked = sorted(scored, key=lambda s: (-s.score, by_date(s.article), s.passage.id))
    copies: dict[int, dict[str, ArticleRef]] = {}
    for s, first in zip(ranked, first_of_each([s.passage for s in ranked]), strict=True):
        others = copies.setdefault(first, {})
        if s.article.id != ranked[first].article.id:
            others[s.article.id] = s.article
    return _ordered(
        [
            replace(ranked[first], copies=tuple(sorted(others.values(), key=by_date)))
            for first, others in copies.items()
        ]
    )


class _Clock:
    """Wall milliseconds between laps."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 3)
        self._last = now
