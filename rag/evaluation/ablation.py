"""The search with each of its stages on and off, on the same questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from index.documents import Query
from index.search import Searcher, SearchSettings
from rag.evaluation import metrics
from rag.evaluation.figures import HEADLINE, Table, table_of
from rag.evaluation.outcomes import Outcome
from rag.evaluation.significance import Difference, Estimate, difference, estimate

# What is changed in the settings of the full search; the first must stay the full one.
STACKS: Mapping[str, Mapping[str, Any]] = {
    "full": {},
    "without dense": {"dense": False},
    "without lexical": {"lexical": False},
    "without reranking": {"rerank": False},
    "without recency": {"recency_weight": 0.0},
    "lexical alone": {"dense": False, "rerank": False, "recency_weight": 0.0},
    "dense alone": {"lexical": False, "rerank": False, "recency_weight": 0.0},
}
FULL = "full"


@dataclass(frozen=True, slots=True)
class Stack:
    """One search: its figures, each against the full one, and what a question costs."""

    name: str
    figures: dict[str, Estimate | None]
    against_full: dict[str, Difference | None]
    cpu_ms: float


def ablate(
    search: Callable[[SearchSettings], Searcher],
    settings: SearchSettings,
    queries: Mapping[str, Query],
    relevant: Mapping[str, Mapping[str, int]],
    *,
    by_article: bool,
    on_progress: Callable[[int], None],
    stacks: Mapping[str, Mapping[str, Any]] = STACKS,
) -> Iterator[Stack]:
    """The figures of every stack over the queries that have something relevant."""
    full: Table | None = None
    asked = 0
    for name, changes in stacks.items():
        searcher = search(replace(settings, **changes))
        outcomes, started = [], time.process_time()
        for key, query in queries.items():
            ranking = _ranking(searcher, query, by_article=by_article)
            outcomes.append(Outcome(key, query.text, ranking=ranking, relevant=relevant[key]))
            asked += 1
            on_progress(asked)
        cpu_ms = (time.process_time() - started) * 1000 / max(len(queries), 1)
        searcher.close()
        table = table_of(outcomes)
        full = table if full is None else full
        yield _stack(name, table, full, cpu_ms)


def _stack(name: str, table: Table, full: Table, cpu_ms: float) -> Stack:
    figures = [figure for figure in HEADLINE if figure.name in metrics.MEASURES]
    return Stack(
        name=name,
        figures={f.name: estimate(f, table) for f in figures},
        against_full={f.name: difference(f, table, full) for f in figures if name != FULL},
        cpu_ms=round(cpu_ms, 1),
    )


def _ranking(
    searcher: Searcher, query: Query, *, by_article: bool
) -> tuple[tuple[str, float], ...]:
    candidates = searcher.search(query).candidates
    keys = [c.article.id if by_article else c.passage.id for c in candidates]
    return tuple((key, 0.0) for key in dict.fromkeys(keys))


def total(questions: Sequence[Any]) -> int:
    """How many searches an ablation over these takes."""
    return len(STACKS) * len(questions)
