"""Ingest of N articles: passages per second and peak memory, beside the bare embedder.

    python -m benchmarks.ingest --articles 2000

Bare rate: the embedder alone on the very texts that the ingest embedded. Both run in
one process, the bare embedder first and last, so that drift of the machine shows.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from benchmarks.newsqa import DEFAULT_DATA
from index.prepare.chunk import embedding_text
from index.sources import read_sources
from rag.assemble import Dateline, assemble
from rag.settings import Settings


def main() -> None:
    """Print the rates."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=DEFAULT_DATA)
    options.add_argument("--articles", type=int, default=2000)
    options.add_argument("--sample", type=int, default=2000, help="passages for the bare rate")
    chosen = options.parse_args()
    source = chosen.data / "articles.jsonl.gz"
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_env({}), home=Path(folder))
        dateline = assemble(settings)
        loaded = memory_mb()
        marks: list[tuple[int, float]] = []
        cpu = time.process_time()
        report = dateline.ingestor.ingest(
            islice(read_sources([source]), chosen.articles),
            on_progress=lambda p: marks.append((p.articles, memory_mb())),
        )
        cpu = time.process_time() - cpu
        progress = report.progress
        texts = list(islice(stored_texts(dateline), chosen.sample))
        bare, bare_cpu = bare_rate(dateline, texts)
        half = next(mb for articles, mb in marks if articles >= progress.articles // 2)
        print(
            f"ingest: {progress.articles} articles, {progress.passages} passages, "
            f"{progress.passages_per_s:.1f} passages/s, "
            f"{cpu / progress.passages * 1000:.1f} CPU ms each"
        )
        print(f"bare embedder: {bare:.1f} passages/s, {bare_cpu:.1f} CPU ms each")
        print(f"ratio: {progress.passages_per_s / bare:.2f}")
        print(
            f"peak memory: {loaded:.0f} MB with models, {half:.0f} MB half way, "
            f"{memory_mb():.0f} MB at the end"
        )
        dateline.close()
        started = time.perf_counter()
        again = assemble(
            settings, embedder=dateline.searcher.embedder, reranker=dateline.searcher.reranker
        )
        print(f"open without loading models: {time.perf_counter() - started:.2f} s")
        again.close()


def stored_texts(dateline: Dateline) -> Iterator[str]:
    """What the embedder was given, in the order of article ids."""
    store = dateline.engine.store
    for article_id in store.article_ids():
        article = store.article(article_id)
        for passage in store.passages_of(article_id):
            yield embedding_text(article.ref, passage)


def bare_rate(dateline: Dateline, texts: list[str]) -> tuple[float, float]:
    """Texts per second and CPU milliseconds a text of the embedder alone."""
    started, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(texts), 512):
        dateline.searcher.embedder.embed(texts[start : start + 512])
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    return len(texts) / wall, cpu / len(texts) * 1000


def memory_mb() -> float:
    """The peak resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
