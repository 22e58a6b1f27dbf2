"""Retrieval with and without each stage, on the full corpus.

    dateline --home HOME ingest ../shared/data/news-qa-dev/articles.jsonl.gz
    python -m benchmarks.retrieval --home HOME --split report

A passage is relevant if its article is in the question's `relevant` and it holds the
normalised answer. Means over questions that have a relevant passage, in percent, with
95% bootstrap intervals of Hits@1 and, against the full stack, of the paired difference.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.newsqa import asked_at, parser, questions, relevant_passages
from index.documents import Query
from index.search import Searcher, SearchSettings
from rag.answers import Question
from rag.assemble import assemble
from rag.evaluation.labels import LabelledQuestion
from rag.evaluation.metrics import MEASURES, mean, per_question
from rag.settings import Settings
from rag.understand import understand

FULL = SearchSettings()
STACKS = {
    "lexical (BM25)": replace(FULL, dense=False, rerank=False, recency_weight=0),
    "dense (MiniLM)": replace(FULL, lexical=False, rerank=False, recency_weight=0),
    "fused": replace(FULL, rerank=False, recency_weight=0),
    "fused + recency": replace(FULL, rerank=False),
    "fused + rerank": replace(FULL, recency_weight=0),
    "full": FULL,
    "full, rerank 5": replace(FULL, rerank_depth=5),
    "full, rerank 20": replace(FULL, rerank_depth=20),
    "full without dense": replace(FULL, dense=False),
    "full without lexical": replace(FULL, lexical=False),
}
RESAMPLES = 2_000


def query_of(question: LabelledQuestion) -> Query:
    """The query that the pipeline would make of a question."""
    return understand(Question(question.text, asked_at(question), k=10))


def main() -> None:
    """Print one line a stack."""
    options = parser("ablation of retrieval")
    options.add_argument("--stacks", nargs="*", default=list(STACKS), choices=STACKS)
    options.add_argument("--json", type=Path, default=None, help="also write the figures here")
    chosen = options.parse_args()
    dateline = assemble(Settings(home=chosen.home))
    asked = questions(chosen.data, chosen.split, chosen.limit)
    qrels = {q.id: relevant_passages(dateline.engine.store, q) for q in asked}
    judged = [q for q in asked if qrels[q.id]]
    print(f"{len(judged)} of {len(asked)} questions have a relevant passage;", end=" ")
    print(f"{dateline.engine.store.counts()}")
    figures = {}
    for name in chosen.stacks:
        searcher = Searcher(
            dateline.engine, dateline.searcher.embedder, dateline.searcher.reranker, STACKS[name]
        )
        cpu = time.process_time()
        run = {q.id: [h.passage.id for h in searcher.search(query_of(q)).hits] for q in judged}
        cpu_ms = (time.process_time() - cpu) / len(judged) * 1000
        figures[name] = per_question(run, qrels)
        report(name, figures[name], figures.get("full"), cpu_ms)
    if chosen.json:
        chosen.json.write_text(json.dumps({n: mean(f) for n, f in figures.items()}, indent=1))


def report(
    name: str,
    values: dict[str, dict[str, float]],
    full: dict[str, dict[str, float]] | None,
    cpu_ms: float,
) -> None:
    """Print the means of a stack with intervals."""
    means = mean(values)
    cells = "  ".join(f"{measure} {means[measure] * 100:5.1f}" for measure in MEASURES)
    first = np.array([row["hits@1"] for row in values.values()])
    low, high = interval(first)
    print(f"{name:22} {cells}  [hits@1 {low:.1f}, {high:.1f}]  {cpu_ms:6.0f} CPU ms", end="")
    if full is not None and full is not values:
        low, high = interval(np.array([full[q]["hits@1"] for q in values]) - first)
        print(f"  full - this: [{low:+.1f}, {high:+.1f}]", end="")
    print(flush=True)


def interval(values: np.ndarray) -> tuple[float, float]:
    """The 95% bootstrap interval of a mean, in percent."""
    random = np.random.default_rng(0)
    samples = random.choice(values, (RESAMPLES, values.size)).mean(axis=1) * 100
    low, high = np.percentile(samples, [2.5, 97.5])
    return float(low), float(high)


if __name__ == "__main__":
    main()
