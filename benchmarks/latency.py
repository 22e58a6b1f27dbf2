"""CPU milliseconds of each stage of an answer, over a corpus.

    python -m benchmarks.latency --home HOME --split report --limit 60 --depth 20

Process time, so threads count together; medians over questions, after one warm-up. The last
line compares all of it with the calls of the models, embedder and cross-encoder alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from benchmarks.newsqa import asked_at, parser, questions
from index.documents import Query
from index.models.rerank import Reading
from index.search import FirstStages, Scored, Searcher, _collapsed, _ordered, rerank_text
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
    "cross-encoder",
    "rank",
    "read",
    "verify",
)


def main() -> None:
    """Print one line a stage."""
    options = parser("latency by stage")
    options.add_argument("--depth", type=int, default=Settings().rerank_depth)
    chosen = options.parse_args()
    dateline = assemble(Settings(home=chosen.home, rerank_depth=chosen.depth))
    asked = questions(chosen.data, chosen.split, chosen.limit)
    rows = [measured(dateline, Question(q.text, asked_at(q))) for q in [asked[0], *asked]][1:]
    counts = dateline.engine.store.counts()
    print(f"{len(rows)} questions, {counts['passages']} passages; median CPU ms")
    for place, stage in enumerate(STAGES):
        print(f"{stage:15} {np.median([row[place] for row in rows]):7.2f}")
    whole, models = (np.array([sum(part) for part in parts]) for parts in (rows, _models(rows)))
    print(f"{'all':15} {np.median(whole):7.2f}")
    print(f"all, times the calls of models: {np.median(whole / models):.3f}")


def _models(rows: list[list[float]]) -> list[list[float]]:
    return [[row[STAGES.index("embed")], row[STAGES.index("cross-encoder")]] for row in rows]


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
    fused = timed(lambda: searcher._fuse(query, FirstStages(dense, lexical)))
    collapsed = timed(lambda: _collapsed(fused))
    texts = [rerank_text(one) for one in collapsed[: searcher.settings.rerank_depth]]
    readings = timed(lambda: searcher.reranker.read(query.text, texts))
    with_readings = Replayed(searcher, readings)
    ranked = timed(lambda: _ordered(with_readings.ranked(query, collapsed)))
    draft = timed(lambda: ExtractiveReader().read(query, ranked))
    timed(lambda: [verify(s.citation, engine.store) for s in cite(draft, query)])
    return spent


class Replayed:
    """A searcher whose cross-encoder has read already: what ranking costs besides."""

    name = "replayed"

    def __init__(self, searcher: Searcher, readings: list[Reading]) -> None:
        self._readings = readings
        self._searcher = Searcher(searcher.engine, searcher.embedder, self, searcher.settings)

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """What was read before, whatever is asked."""
        del question, texts
        return self._readings

    def ranked(self, query: Query, fused: Sequence[Scored]) -> list[Scored]:
        """The passages with their scores."""
        return self._searcher._rerank(query, fused)


if __name__ == "__main__":
    main()
