"""Makes every passage and vector anew from the stored texts, for another model or chunker.

    1. mark      the store says that it is being reindexed; nothing else opens it now
    2. replace   article by article: cut, embed, commit; the mark remembers how far
    3. discard   the derived indexes, which hold the old passages
    4. unmark    the new manifest and the end of the mark are one commit
    5. publish   the derived indexes are built from the store

A kill at any instant leaves a marked store: running it again goes on from there. Texts,
versions and origins are not touched. Never prints: progress goes to a callback.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from index.documents import Article
from index.errors import StoreLocked
from index.local.engine import (
    DENSE_FOLDER,
    LEXICAL_FOLDER,
    LOCK_FILE,
    LOCK_TIMEOUT_S,
    LocalEngine,
)
from index.models.embed import Embedder
from index.prepare.chunk import ChunkSettings, chunk, embedding_text
from index.prepare.fingerprint import signature
from index.store.sqlite import STORE_FILE, Store

# Articles that are embedded together; what a kill costs at most.
BATCH_ARTICLES = 64


@dataclass(frozen=True, slots=True)
class ReindexProgress:
    """How far it has come. `resumed` articles were done by a run before this one."""

    articles: int
    total: int
    resumed: int = 0
    passages: int = 0
    seconds: float = 0.0

    @property
    def passages_per_s(self) -> float:
        """Passages embedded and stored per second."""
        return self.passages / self.seconds if self.seconds else 0.0


def reindex(
    home: Path,
    embedder: Embedder,
    chunking: ChunkSettings,
    manifest: Mapping[str, Any],
    *,
    on_progress: Callable[[ReindexProgress], None] = lambda _: None,
) -> ReindexProgress | None:
    """Bring a data directory to a manifest; None when it was made so already.

    Args:
        home: the data directory.
        embedder: what makes the vectors from now on.
        chunking: how texts are cut from now on.
        manifest: what names both.
        on_progress: is told after each commit; what it was told is durable.

    Raises:
        StoreLocked: another process is writing to the data directory.
        StoreFormatError: it is of another format.
    """
    store = Store(home / STORE_FILE)
    try:
        with _locked(home):
            state = store.reindexing
            if state is None and store.manifest in (None, dict(manifest)):
                return None
            # 1. mark
            if state is None or state["manifest"] != dict(manifest):
                state = {"manifest": dict(manifest), "after": ""}
                store.set_reindexing(state)
            # 2. replace
            progress = _replace_all(store, embedder, chunking, state, on_progress)
            # 3. discard
            store.set_segments({})
            for folder in (LEXICAL_FOLDER, DENSE_FOLDER):
                shutil.rmtree(home / folder, ignore_errors=True)
            # 4. unmark
            store.end_reindexing(manifest)
    finally:
        store.close()
    # 5. publish
    engine = LocalEngine(home, manifest)
    engine.publish()
    engine.close()
    return progress


def _locked(home: Path) -> AbstractContextManager[object]:
    try:
        return FileLock(home / LOCK_FILE).acquire(timeout=LOCK_TIMEOUT_S)
    except Timeout:
        raise StoreLocked(
            f"another process is writing to {str(home)!r}: wait until it has finished"
        ) from None


def _replace_all(
    store: Store,
    embedder: Embedder,
    chunking: ChunkSettings,
    state: Mapping[str, Any],
    on_progress: Callable[[ReindexProgress], None],
) -> ReindexProgress:
    started = time.perf_counter()
    ids = store.article_ids()
    todo = [article_id for article_id in ids if article_id > state["after"]]
    done = resumed = len(ids) - len(todo)
    passages = 0
    progress = ReindexProgress(done, len(ids), resumed)
    on_progress(progress)
    for batch in _batches(todo):
        passages += _replace(store, embedder, chunking, [store.article(i) for i in batch])
        store.set_reindexing({**state, "after": batch[-1]})
        done += len(batch)
        seconds = time.perf_counter() - started
        progress = ReindexProgress(done, len(ids), resumed, passages, seconds)
        on_progress(progress)
    return progress


def _replace(
    store: Store, embedder: Embedder, chunking: ChunkSettings, articles: Sequence[Article]
) -> int:
    """Replace the passages of articles; returns how many there are now."""
    cut = [
        (article, chunk(article, count_tokens=embedder.count_tokens, settings=chunking))
        for article in articles
    ]
    texts = [embedding_text(article.ref, p) for article, passages in cut for p in passages]
    vectors = embedder.embed(texts).astype(np.float16)
    end = 0
    for article, passages in cut:
        start, end = end, end + len(passages)
        store.replace_passages(
            article.ref.id, passages, vectors[start:end], signature(article.text)
        )
    return len(texts)


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH_ARTICLES)):
        yield batch
