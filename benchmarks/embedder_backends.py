"""The embedder's back ends side by side: speed, and whether the ranking is kept.

    python -m benchmarks.embedder_backends --home HOME --split tune --questions 60

Texts: every passage of the articles that were returned for the chosen questions, as
far as `--passages` goes. Each back end embeds the same texts and questions; the ranking
is exact inner product among those passages. torch in float32 is the oracle.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.newsqa import parser, questions, relevant_passages
from index.documents import ArticleRef, Passage
from index.models.embed import Embedder, Embeddings, TorchEmbedder
from index.prepare.chunk import embedding_text
from index.store.sqlite import Store
from rag.assemble import assemble, load_embedder
from rag.evaluation.labels import LabelledQuestion
from rag.evaluation.metrics import mean, per_question
from rag.settings import Settings

DEPTH = 10
# Articles of each question that stand beside its relevant ones.
OTHERS = 2
Pool = list[tuple[ArticleRef, Passage]]


class HalfTorchEmbedder(TorchEmbedder):
    """sentence-transformers in bfloat16, which some CPUs multiply natively."""

    def _embed_batch(self, texts: Sequence[str]) -> Embeddings:
        vectors = self._model.encode(list(texts), batch_size=len(texts), convert_to_tensor=True)
        vectors = vectors.float()
        normalised: Embeddings = (vectors / vectors.norm(dim=1, keepdim=True)).numpy()
        return normalised


def main() -> None:
    """Print one line a back end."""
    options = parser("embedder back ends")
    options.add_argument("--questions", type=int, default=60)
    options.add_argument("--passages", type=int, default=4000)
    options.add_argument("--backends", nargs="*", default=None, help="only these")
    chosen = options.parse_args()
    settings = replace(Settings.from_env({}), home=chosen.home)
    store = assemble(settings).engine.store
    asked = [q for q in questions(chosen.data, chosen.split) if q.relevant][: chosen.questions]
    pool = pooled(store, asked)[: chosen.passages]
    held = {passage.id for _, passage in pool}
    relevant = {q.id: relevant_passages(store, q) for q in asked}
    qrels = {key: {p: 1 for p in found if p in held} for key, found in relevant.items()}
    print(f"{len(pool)} passages, {sum(map(bool, qrels.values()))} judged questions")
    oracle: Embeddings | None = None
    for name, load in backends(settings).items():
        if chosen.backends and name not in chosen.backends:
            continue
        embedder = load()
        texts = [embedding_text(ref, passage) for ref, passage in pool]
        embedder.embed(texts[:32])
        started, cpu = time.perf_counter(), time.process_time()
        vectors = embedder.embed(texts)
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
        oracle = vectors if oracle is None else oracle
        query_cpu = time.process_time()
        asked_vectors = np.vstack([embedder.embed([q.text]) for q in asked])
        query_cpu = (time.process_time() - query_cpu) / len(asked)
        means = mean(per_question(ranked(asked, asked_vectors, pool, vectors), qrels))
        print(
            f"{name:12} {len(pool) / wall:6.1f} passages/s  {cpu / len(pool) * 1000:5.1f} CPU ms "
            f"a passage  {query_cpu * 1000:5.1f} CPU ms a question  "
            f"cosine {(vectors * oracle).sum(axis=1).mean():.4f}  "
            f"ndcg@10 {means['ndcg@10'] * 100:.1f}  hits@1 {means['hits@1'] * 100:.1f}",
            flush=True,
        )


def backends(settings: Settings) -> dict[str, Callable[[], Embedder]]:
    """What is compared, the oracle first."""

    def half() -> Embedder:
        import torch

        one = load_embedder(replace(settings, embedder_backend="torch"))
        assert isinstance(one, TorchEmbedder)
        one._model.to(torch.bfloat16)
        one.__class__ = HalfTorchEmbedder
        return one

    return {
        "torch": lambda: load_embedder(replace(settings, embedder_backend="torch")),
        "torch-bf16": half,
        "onnx": lambda: load_embedder(replace(settings, embedder_backend="onnx")),
        "onnx-int8": lambda: load_embedder(replace(settings, embedder_backend="onnx-int8")),
    }


def pooled(store: Store, asked: list[LabelledQuestion]) -> Pool:
    """The passages of the articles returned for the questions, relevant articles first."""
    returned: dict[str, None] = {}
    for q in asked:
        for article in [*list(q.relevant or ())[:2], *q.articles[:OTHERS]]:
            returned[article] = None
    found: Pool = []
    for article in returned:
        current = store.current(article)
        if current is not None:
            found += [(current[0], passage) for passage in store.passages_of(article)]
    return found


def ranked(
    asked: list[LabelledQuestion], asked_vectors: Embeddings, pool: Pool, vectors: Embeddings
) -> dict[str, list[str]]:
    """The best passages of each question by inner product."""
    scores = asked_vectors @ vectors.T
    best = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    return {q.id: [pool[place][1].id for place in row] for q, row in zip(asked, best, strict=True)}


if __name__ == "__main__":
    main()
