"""The read path: a query becomes ranked passages.

    1. first stages   dense and lexical, side by side, `depth` candidates each
    2. fuse           reciprocal rank fusion, times a mild decay with age
    3. collapse       passages with the same words take one place, and name each other's article
    4. rerank         a cross-encoder on the best few, minus a penalty for age
    5. order          by score, then passage id
    6. copies         of the hits, further articles of their stories with the same words

Knows nothing of answers. A filter that matches nothing returns nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from index.collapse import by_date, carries, first_of_each
from index.documents import ArticleRef, Filters, Hit, Passage, Query
from index.fuse import age_penalty, decay, future_penalty, reciprocal_rank_fusion
from index.local.engine import LocalEngine, Snapshot
from index.models.embed import Embedder
from index.models.rerank import Reranker

# Below every reranked score: logits lie within ±12, penalties within 15.
_UNRERANKED = -100.0
# Articles that a hit names as copies, at most.
MAX_COPIES = 20


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Which stages run, and how deep. The defaults are what benchmarks/retrieval.py chose."""

    depth: int = 50
    rerank_depth: int = 10
    dense: bool = True
    lexical: bool = True
    rerank: bool = True
    recency_weight: float = 0.8


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate passage with what each stage said of it; None where a stage was silent.

    `copies` are the articles of candidates that had the same words.
    """

    passage: Passage
    article: ArticleRef
    fused: float
    cosine: float | None = None
    bm25: float | None = None
    relevance: float | None = None
    score: float = 0.0
    copies: tuple[ArticleRef, ...] = ()


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
        self._engine = engine
        self.embedder = embedder
        self.reranker = reranker
        self.settings = settings or SearchSettings()
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="dateline-search")

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown()

    def search(self, query: Query) -> SearchResult:
        """The `query.k` best passages that the filters allow."""
        self._engine.refresh()
        snapshot = self._engine.snapshot
        clock = _Clock()
        allowed = bool(snapshot.columns.allowed(query.filters).any())
        # 1. first stages
        dense, lexical = self._first_stages(snapshot, query) if allowed else ([], [])
        clock.lap("first_stages")
        # 2. fuse
        scored = self._fuse(query, dense, lexical)
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
        return SearchResult(hits, tuple(ordered), snapshot.generation, allowed, clock.laps)

    def _first_stages(
        self, snapshot: Snapshot, query: Query
    ) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
        depth = max(self.settings.depth, query.k)
        lexical = (
            self._pool.submit(self._engine.lexical, snapshot, query.text, query.filters, depth)
            if self.settings.lexical
            else None
        )
        dense: list[tuple[int, float]] = []
        if self.settings.dense:
            vector = self.embedder.embed([query.text])[0]
            dense = self._engine.dense(snapshot, vector, query.filters, depth)
        return dense, lexical.result() if lexical else []

    def _fuse(
        self,
        query: Query,
        dense: Sequence[tuple[int, float]],
        lexical: Sequence[tuple[int, float]],
    ) -> list[Scored]:
        fused = reciprocal_rank_fusion([[row for row, _ in dense], [row for row, _ in lexical]])
        found = self._engine.passages(list(fused))
        cosine, bm25 = dict(dense), dict(lexical)
        weight = query.recency if self.settings.recency_weight else 0.0
        scored = []
        for row, (passage, article) in found.items():
            score = fused[row] * decay(article.dated, query.asked_at, weight)
            scored.append(
                Scored(passage, article, score, cosine.get(row), bm25.get(row), score=score)
            )
        return _ordered(scored)

    def _rerank(self, query: Query, fused: Sequence[Scored]) -> list[Scored]:
        head, tail = fused[: self.settings.rerank_depth], fused[self.settings.rerank_depth :]
        logits = self.reranker.score(query.text, [rerank_text(s) for s in head])
        weight = query.recency * self.settings.recency_weight
        return [
            *(
                replace(
                    s,
                    relevance=float(logit),
                    score=float(logit)
                    - age_penalty(s.article.dated, query.asked_at, weight)
                    - future_penalty(s.article.dated, query.asked_at),
                )
                for s, logit in zip(head, logits, strict=True)
            ),
            *(replace(s, score=_UNRERANKED + s.fused) for s in tail),
        ]

    def _hits(self, ordered: Sequence[Scored], filters: Filters) -> tuple[Hit, ...]:
        stories = self._engine.store.copies_of([s.article.id for s in ordered], filters)
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
