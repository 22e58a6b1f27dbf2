"""CPU milliseconds of each stage of an answer, over a corpus.

    python -m benchmarks.latency --home HOME --split report --limit 60

Process time, so threads count together; medians over questions, after one warm-up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from benchmarks.newsqa import asked_at, parser, questions
from index.documents import Query
from index.search import _collapsed
from rag.answers import Question
from rag.assemble import Dateline, assemble
from rag.cite import cite
from rag.read import ExtractiveReader
from rag.settings import Settings
from rag.understand import understand
from rag.verify import verify

T = TypeVar("T")
STAGES = (
    "understand",
    "embed",
    "dense",
    "lexical",
    "fuse and fetch",
    "collapse",
    "rerank",
    "read",
    "verify",
)


def main() -> None:
    """Print one line a stage."""
    chosen = parser("latency by stage").parse_args()
    dateline = assemble(Settings(home=chosen.home))
    asked = questions(chosen.data, chosen.split, chosen.limit)
    rows = [measured(dateline, Question(q.text, asked_at(q))) for q in [asked[0], *asked]][1:]
    counts = dateline.engine.store.counts()
    print(f"{len(rows)} questions, {counts['passages']} passages; median CPU ms")
    for place, stage in enumerate(STAGES):
        print(f"{stage:15} {np.median([row[place] for row in rows]):7.2f}")
    print(f"{'all':15} {np.median([sum(row) for row in rows]):7.2f}")


def measured(dateline: Dateline, question: Question) -> list[float]:
    """CPU milliseconds of each stage for one question, in the order of `STAGES`."""
    spent: list[float] = []

    def timed(work: Callable[[], T]) -> T:
        started = time.process_time()
        done = work()
        spent.append((time.process_time() - started) * 1000)
        return done

    searcher, engine = dateline.searcher, dateline.engine
    snapshot, depth = engine.snapshot, searcher.settings.depth
    query: Query = timed(lambda: understand(question))
    vector = timed(lambda: searcher.embedder.embed([query.text])[0])
    dense = timed(lambda: engine.dense(snapshot, vector, query.filters, depth))
    lexical = timed(lambda: engine.lexical(snapshot, query.text, query.filters, depth))
    fused = timed(lambda: searcher._fuse(query, dense, lexical))
    collapsed = timed(lambda: _collapsed(fused))
    ranked = timed(lambda: searcher._rerank(query, collapsed))
    draft = timed(lambda: ExtractiveReader(searcher.reranker).read(query, ranked[: query.k]))
    timed(lambda: [verify(s.citation, engine.store) for s in cite(draft)])
    return spent


if __name__ == "__main__":
    main()
