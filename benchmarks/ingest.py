"""A whole ingest, as a news desk would run it: speed, memory, second run, few changes.

python -m benchmarks.ingest                    # every article of the set
python -m benchmarks.ingest --articles 2000

stages    CPU ms of each stage for one article, measured alone on a sample
ingest    wall, CPU of this process and of those that parse, memory, beside the bare
          embedder on the same texts in the same process
again     the same inputs a second time
changed   one sentence changed in ten articles
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from benchmarks.newsqa import DEFAULT_DATA
from index.digest import Digested, digest
from index.documents import Article, ArticleRef, RawArticle
from index.prepare import prepare
from index.prepare.chunk import ChunkSettings, chunk, embedding_text
from index.prepare.fingerprint import signature
from index.reports import IngestReport
from index.sources import read_sources
from rag.assemble import Dateline, assemble, now
from rag.settings import Settings

_T = TypeVar("_T")

SAMPLE_ARTICLES = 200
CHANGED = 10


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--data", type=Path, default=DEFAULT_DATA)
    options.add_argument("--articles", type=int, default=None)
    options.add_argument("--bare", type=int, default=2000, help="passages for the bare rate")
    options.add_argument("--home", type=Path, help="keep the corpus here")
    chosen = options.parse_args()
    source = chosen.data / "articles.jsonl.gz"
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder)
        dateline = assemble(replace(Settings.from_env({}), home=home))
        say_stages(dateline, source)
        first = run(dateline, "ingest", lambda: islice(read_sources([source]), chosen.articles))
        bare = bare_rate(dateline, list(islice(stored_texts(dateline), chosen.bare)))
        rate = first.progress.embedded / first.progress.seconds
        print(f"  bare embedder: {bare:.1f} passages/s; ratio {rate / bare:.2f}")
        run(dateline, "again", lambda: islice(read_sources([source]), chosen.articles))
        run(dateline, "changed", lambda: changed(islice(read_sources([source]), chosen.articles)))
        dateline.close()
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"processes that parse: {children.ru_utime + children.ru_stime:.1f} s CPU, "
            f"{children.ru_maxrss / 1024:.0f} MB each at most"
        )
        started = time.perf_counter()
        again = assemble(
            dateline.settings,
            embedder=dateline.searcher.embedder,
            reranker=dateline.searcher.reranker,
        )
        print(f"open without loading models: {time.perf_counter() - started:.2f} s")
        print(f"on disk: {again.engine.disk_bytes() / 1e6:.0f} MB")
        again.close()


def run(dateline: Dateline, name: str, items: Callable[[], Iterator[RawArticle]]) -> IngestReport:
    """Ingest and print what it took."""
    marks: list[tuple[int, float]] = [(0, memory_mb())]
    cpu = time.process_time()
    report = dateline.ingestor.ingest(
        items(), on_progress=lambda p: marks.append((p.articles, memory_mb()))
    )
    cpu = time.process_time() - cpu
    p = report.progress
    half = next(mb for articles, mb in marks if articles >= p.articles // 2)
    print(
        f"{name}: {p.articles} articles ({p.new} new, {p.changed} changed, {p.same} same, "
        f"{p.copies} copies, {p.skipped} skipped), {p.passages} passages, {p.embedded} embedded\n"
        f"  {p.seconds:.1f} s wall, {cpu:.1f} s CPU; peak memory {marks[0][1]:.0f} MB before, "
        f"{half:.0f} MB half way, {memory_mb():.0f} MB at the end"
    )
    return report


def changed(items: Iterator[RawArticle]) -> Iterator[RawArticle]:
    """The same articles, with one sentence changed in the middle of some."""
    for number, raw in enumerate(items):
        if number % 100 == 7 and number < 100 * CHANGED:
            lines = raw.text.split("\n")
            lines[len(lines) // 2] += " A correction was made to this paragraph."
            yield replace(raw, text="\n".join(lines))
        else:
            yield raw


def say_stages(dateline: Dateline, source: Path) -> None:
    """Print the CPU of each stage on its own, in milliseconds an article."""
    embedder = dateline.searcher.embedder
    started = time.process_time()
    raws = [r for r in islice(read_sources([source]), SAMPLE_ARTICLES) if isinstance(r, RawArticle)]
    read = time.process_time() - started
    raws = [raw for raw in raws if isinstance(digest(raw, now())[0], Digested)]
    prepared, prepare_s = timed(lambda: [prepare(raw) for raw in raws])
    _, sign_s = timed(lambda: [signature(p.text) for p in prepared])
    articles = [
        Article(ArticleRef(str(n), 1, p.title, published=p.published), p.text)
        for n, p in enumerate(prepared)
    ]
    settings = ChunkSettings(window_tokens=embedder.max_tokens)
    chunk(articles[0], count_tokens=embedder.count_tokens, settings=settings)
    cut, chunk_s = timed(
        lambda: [chunk(a, count_tokens=embedder.count_tokens, settings=settings) for a in articles]
    )
    texts = [embedding_text(a.ref, p) for a, ps in zip(articles, cut, strict=True) for p in ps]
    _, embed_s = timed(lambda: embedder.embed(texts))
    named = {
        "read": read,
        "prepare": prepare_s,
        "fingerprint": sign_s,
        "chunk": chunk_s,
        "embed": embed_s,
    }
    print(
        f"stages, CPU ms an article ({len(texts) / len(raws):.1f} passages): "
        + ", ".join(f"{name} {s / len(raws) * 1000:.1f}" for name, s in named.items())
    )


def timed(work: Callable[[], _T]) -> tuple[_T, float]:
    """What work gives, and the CPU seconds of all threads that it took."""
    started = time.process_time()
    result = work()
    return result, time.process_time() - started


def stored_texts(dateline: Dateline) -> Iterator[str]:
    """What the embedder was given, in the order of article ids."""
    store = dateline.engine.store
    for article_id in store.article_ids():
        article = store.article(article_id)
        for passage in store.passages_of(article_id):
            yield embedding_text(article.ref, passage)


def bare_rate(dateline: Dateline, texts: list[str]) -> float:
    """Texts per second of the embedder alone."""
    started = time.perf_counter()
    for start in range(0, len(texts), 512):
        dateline.searcher.embedder.embed(texts[start : start + 512])
    return len(texts) / (time.perf_counter() - started)


def memory_mb() -> float:
    """The peak resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
