"""Retrieval with and without each stage, on the full corpus.

    dateline --home HOME ingest ../shared/data/news-qa-dev/articles.jsonl.gz
    python -m benchmarks.retrieval --home HOME --split report

A passage is relevant if its article is in the question's `relevant` and it holds the
normalised answer. Means over questions that have a relevant passage, in percent, with
95% bootstrap intervals of Hits@1 and, against the full stack, of the paired difference.
`dateline eval --ablate` shows the same of any corpus; here are also other depths.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.newsqa import asked_at, parser, questions, relevant_passages
from index.search import Searcher
from rag.answers import Question
from rag.assemble import assemble
from rag.evaluation.ablation import FULL, STACKS, Stack, ablate
from rag.settings import Settings
from rag.understand import understand

ALL = {
    **STACKS,
    "fused": {"rerank": False, "recency_weight": 0.0},
    "full, rerank 3": {"rerank_depth": 3},
    "full, rerank 10": {"rerank_depth": 10},
}


def main() -> None:
    """Print one line a stack."""
    options = parser("ablation of retrieval")
    options.add_argument("--stacks", nargs="*", default=list(ALL), choices=ALL)
    options.add_argument("--json", type=Path, default=None, help="also write the figures here")
    chosen = options.parse_args()
    dateline = assemble(Settings(home=chosen.home))
    asked = questions(chosen.data, chosen.split, chosen.limit)
    qrels = {q.id: relevant_passages(dateline.engine.store, q) for q in asked}
    judged = [q for q in asked if qrels[q.id]]
    print(f"{len(judged)} of {len(asked)} questions have a relevant passage;", end=" ")
    print(f"{dateline.engine.store.counts()}")
    figures = {}
    searcher = dateline.searcher
    for stack in ablate(
        lambda settings: Searcher(dateline.engine, searcher.embedder, searcher.reranker, settings),
        searcher.settings,
        {q.id: understand(Question(q.text, asked_at(q), k=10)) for q in judged},
        qrels,
        by_article=False,
        on_progress=lambda _: None,
        stacks={name: ALL[name] for name in dict.fromkeys([FULL, *chosen.stacks])},
    ):
        report(stack)
        figures[stack.name] = {name: one.value for name, one in stack.figures.items() if one}
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1))


def report(stack: Stack) -> None:
    """Print the means of a stack with intervals, in percent."""
    known = {name: one for name, one in stack.figures.items() if one is not None}
    print(f"{stack.name:18}", end="")
    for name, one in known.items():
        print(f"  {name} {one.value * 100:5.1f}", end="")
    first, apart = known["hits@1"], stack.against_full.get("hits@1")
    if first.low is not None and first.high is not None:
        print(f"  [hits@1 {first.low * 100:.1f}, {first.high * 100:.1f}]", end="")
    print(f"  {stack.cpu_ms:6.0f} CPU ms", end="")
    if apart and apart.low is not None and apart.high is not None:
        print(f"  this - full: [{apart.low * 100:+.1f}, {apart.high * 100:+.1f}]", end="")
    print(flush=True)


if __name__ == "__main__":
    main()
