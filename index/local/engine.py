"""The engine of one machine: the store and its derived indexes, kept in step.

Writing takes the data directory's lock, commits to the store and then publishes:
the derived indexes absorb what is new, and the generation they have reached is
recorded. Reading sees the last published generation, in this process or another.
Knows nothing of embedding: it is handed vectors.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from index.documents import ArticleRef, Filters, Passage
from index.errors import BeingReindexed, ManifestMismatch, StoreLocked
from index.local.columns import Columns
from index.local.dense import DenseIndex, seal
from index.local.lexical import LexicalIndex, LexicalSearcher
from index.store.sqlite import STORE_FILE, Store
from index.verbatim import folded

LOCK_TIMEOUT_S = 5.0
# Passages that are read for a phrase: more have its words than ever hold it.
PHRASE_CANDIDATES = 200
# What a data directory holds beside the store.
LOCK_FILE, LEXICAL_FOLDER, DENSE_FOLDER = "write.lock", "lexical", "dense"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published generation, as searches see it.

    Rows of another `era` are those of other passages: it counts how often the directory was
    restored or reindexed while it was open.
    """

    generation: int
    columns: Columns
    lexical: LexicalSearcher
    era: int = 0
    remade: int = 0


class LocalEngine:
    """Store, FAISS and tantivy under one folder. Safe to share between threads."""

    def __init__(self, home: Path, manifest: Mapping[str, Any]) -> None:
        """Open a data directory, catching up what a crash left behind.

        Args:
            home: the data directory; made if absent.
            manifest: what passages and vectors are made with now; `dim` is required.

        Raises:
            ManifestMismatch: the directory was made with something else.
            StoreFormatError: it is of another format.
        """
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self.manifest = dict(manifest)
        self._dim = int(manifest["dim"])
        self._lock = FileLock(home / LOCK_FILE)
        self._guard = threading.RLock()
        self._era = 0
        self.store = Store(home / STORE_FILE)
        try:
            self._check_manifest()
            self._catch_up()
            self._require_published()
            self._load()
        except BaseException:
            self.store.close()
            raise

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def _check_manifest(self) -> None:
        if self.store.reindexing is not None:
            raise BeingReindexed(
                f"{str(self.home)!r} is being reindexed, or that was interrupted: wait until it "
                "has finished, or run `dateline reindex` to go on"
            )
        stored = self.store.manifest
        if stored is None:
            return
        for key, value in self.manifest.items():
            if stored.get(key) != value:
                raise ManifestMismatch(
                    f"{str(self.home)!r} was made with {key} {stored.get(key)!r}, "
                    f"this run uses {value!r}: run `dateline reindex`, or use the old setting"
                )

    def _catch_up(self) -> None:
        """Publish what was committed but not published, unless a writer is at it now."""
        try:
            with self.writing(timeout_s=0):
                self._publish()
        except StoreLocked:
            pass

    def _require_published(self) -> None:
        if self.store.published < self.store.remade:
            raise BeingReindexed(
                f"{str(self.home)!r} was restored or reindexed, and another process builds its "
                "indexes: wait until it has finished"
            )

    # -- writing ----------------------------------------------------------------

    @contextmanager
    def writing(self, *, timeout_s: float | None = None) -> Iterator[Store]:
        """Be the one writer of this data directory.

        Raises:
            StoreLocked: another process keeps writing for `timeout_s`, by default `LOCK_TIMEOUT_S`.
        """
        try:
            self._lock.acquire(timeout=LOCK_TIMEOUT_S if timeout_s is None else timeout_s)
        except Timeout:
            raise StoreLocked(
                f"another process is writing to {str(self.home)!r}: wait until it has finished"
            ) from None
        try:
            # Another process may have restored or reindexed since this one opened the directory.
            if self.store.replaced():
                self.refresh()
            self._check_manifest()
            if self.store.manifest is None:
                self.store.set_manifest(self.manifest)
            yield self.store
        finally:
            self._lock.release()

    def publish(self) -> None:
        """Bring the derived indexes up to the store and let searches see it."""
        with self.writing():
            self._publish()
        self.refresh()

    def _publish(self) -> None:
        generation = self.store.generation
        lexical = LexicalIndex(self.home / LEXICAL_FOLDER)
        if lexical.generation == self.store.published == generation:
            return
        lexical.absorb(self.store, generation)
        seal(self.home / DENSE_FOLDER, self.store, self._dim)
        self.store.publish(generation)

    # -- reading ----------------------------------------------------------------

    def _load(self) -> None:
        remade = self.store.remade
        generation = self.store.published
        self._lexical = LexicalIndex(self.home / LEXICAL_FOLDER)
        columns = Columns.empty().changed(
            self.store.additions(0, generation), self.store.removals(0, generation)
        )
        self._dense = DenseIndex.open(
            self.home / DENSE_FOLDER, self.store, columns.alive, self._dim
        )
        self._snapshot = Snapshot(generation, columns, self._lexical.searcher(), self._era, remade)

    def refresh(self) -> int:
        """See the newest published generation; returns it. Cheap when nothing changed.

        What another process has restored or reindexed meanwhile is opened anew.

        Raises:
            ManifestMismatch: the directory is being reindexed, or was made with other models.
            StoreReplaced: the directory was moved or removed.
        """
        with self._guard:
            if self.store.replaced():
                self._era += 1
                self.store.renew()
            self._check_manifest()
            seen = self._snapshot
            if seen.era != self._era or seen.remade != self.store.remade:
                self._era = seen.era + 1
                self._catch_up()
                self._require_published()
                self._load()
                return self._snapshot.generation
            published = self.store.published
            if published != seen.generation:
                additions = list(self.store.additions(seen.generation, published))
                rows = [a.row for batch in additions for a in batch]
                columns = seen.columns.changed(
                    additions, self.store.removals(seen.generation, published)
                )
                self._dense.add(*self.store.vectors(rows, self._dim))
                self._snapshot = replace(
                    seen,
                    generation=published,
                    columns=columns,
                    lexical=self._lexical.searcher(),
                )
            return self._snapshot.generation

    @property
    def snapshot(self) -> Snapshot:
        """The generation that searches see now."""
        return self._snapshot

    def dense(
        self, snapshot: Snapshot, vector: NDArray[np.float32], filters: Filters, depth: int
    ) -> list[tuple[int, float]]:
        """The allowed rows nearest to a vector of shape (dim,): (row, inner product)."""
        return self._dense.search(vector, snapshot.columns.allowed(filters), depth)

    def lexical(
        self, snapshot: Snapshot, text: str, filters: Filters, depth: int
    ) -> list[tuple[int, float]]:
        """The allowed rows that best match the words: (row, BM25)."""
        alive = snapshot.columns.alive
        named = snapshot.columns.named(filters)
        found = snapshot.lexical.search(text, filters, depth, named=named)
        return [(row, score) for row, score in found if row < alive.size and alive[row]]

    def holding(
        self, snapshot: Snapshot, phrase: str, filters: Filters, depth: int
    ) -> list[tuple[int, float]]:
        """The allowed rows that hold a phrase verbatim: (row, BM25), best first.

        Of `PHRASE_CANDIDATES` that have its stems in this order. Case, quotation marks and
        white space do not count.
        """
        alive, named = snapshot.columns.alive, snapshot.columns.named(filters)
        near = snapshot.lexical.near(phrase, filters, PHRASE_CANDIDATES, named=named)
        near = [(row, score) for row, score in near if row < alive.size and alive[row]]
        texts = self.passages([row for row, _ in near]) if near else {}
        held = [
            (row, score)
            for row, score in near
            if row in texts and folded(phrase) in folded(texts[row][0].text)
        ]
        return held[:depth]

    def passages(self, rows: Sequence[int]) -> dict[int, tuple[Passage, ArticleRef]]:
        """The passages of rows, with their articles; rows that are gone are left out."""
        return self.store.passages(rows)

    def published_at(self) -> float | None:
        """When searches were last shown a change, in seconds since 1970; None: never."""
        return self._lexical.absorbed_at

    def disk_bytes(self) -> int:
        """What the data directory takes on disk."""
        return sum(
            (Path(folder) / name).stat().st_size
            for folder, _, names in os.walk(self.home)
            for name in names
            if (Path(folder) / name).is_file()
        )
