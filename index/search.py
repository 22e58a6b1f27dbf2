"""The read path: a query becomes ranked passages.

    1. first stages   dense and lexical, side by side, `depth` candidates each
    2. fuse           reciprocal rank fusion, times a mild decay with age
    3. rerank         a cross-encoder on the best few, minus a penalty for age
    4. order          by score, then passage id; exact copies take one place

Knows nothing of answers. A filter that matches nothing returns nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from index.documents import ArticleRef, Hit, Passage, Query
from index.fuse import age_penalty, decay, future_penalty, reciprocal_rank_fusion
from index.local.engine import LocalEngine, Snapshot
from index.models.embed import Embedder
from index.models.rerank import Reranker

# Below every reranked score: logits lie within ±12, penalties within 15.
_UNRERANKED = -100.0


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
    """A candidate passage with what each stage said of it; None where a stage was silent."""

    passage: Passage
    article: ArticleRef
    fused: float
    cosine: float | None = None
    bm25: float | None = None
    relevance: float | None = None
    score: float = 0.0


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
        # 3. rerank
        if self.settings.rerank:
            scored = self._rerank(query, scored)
        clock.lap("rerank")
        # 4. order
        ordered = _ordered(scored)
        hits = tuple(
            Hit(s.passage, s.article, s.score, rank)
            for rank, s in enumerate(ordered[: query.k], start=1)
        )
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
            score = fused[row] * decay(article.published, query.asked_at, weight)
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
                    - age_penalty(s.article.published, query.asked_at, weight)
                    - future_penalty(s.article.published, query.asked_at),
                )
                for s, logit in zip(head, logits, strict=True)
            ),
            *(replace(s, score=_UNRERANKED + s.fused) for s in tail),
        ]


def rerank_text(scored: Scored) -> str:
    """What the reranker reads of a passage: its title where there is one, and its text."""
    title = "" if scored.article.title_is_derived else scored.article.title + "\n"
    return title + scored.passage.text


def _ordered(scored: Sequence[Scored]) -> list[Scored]:
    """Best first, ties by passage id; of passages with the same words only the best."""
    ordered = sorted(scored, key=lambda s: (-s.score, s.passage.id))
    seen: set[str] = set()
    kept = []
    for s in ordered:
        words = " ".join(s.passage.text.split()).casefold()
        if words not in seen:
            seen.add(words)
            kept.append(s)
    return kept


class _Clock:
    """Wall milliseconds between laps."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 3)
        self._last = now
