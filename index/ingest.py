"""The write path: what sources hand over becomes stored, searchable passages.

    source ─ intake ─▶ queue ─▶ embed ─▶ one commit a batch ─▶ publish

Intake runs in a thread beside embedding, and parsing in other processes; the queues
between them are short, so memory does not grow with the corpus. Idempotent by content
hash: what was stored is skipped before any work is done, so an interrupted run is resumed
by running it again. Never prints: progress goes to a callback.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from index.ahead import read_ahead
from index.digest import text_hash
from index.documents import ArticleRef
from index.errors import ArticleNotFound, SourceError
from index.intake import Input, Intake, Same, Work, numbered, says_the_same
from index.local.engine import LocalEngine
from index.models.embed import Embedder
from index.models.waiting import patiently
from index.prepare.chunk import ChunkSettings, embedding_text
from index.reports import Doubt, IngestReport, Progress, Skipped
from index.store.values import Entry, Origin, StoredVersion
from index.workers import Workers

# A commit holds about this many passages: some seconds of embedding.
BATCH_PASSAGES = 512
# Cut articles that may wait for the embedder.
QUEUE_ARTICLES = 128
# A long run lets searches see what it has stored this often.
PUBLISH_EVERY_S = 60.0


@dataclass(slots=True)
class _Run:
    """What one run has gathered so far."""

    started: float
    progress: Progress = field(default_factory=Progress)
    skipped: list[Skipped] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    article_ids: list[str] = field(default_factory=list)

    def count(self, **more: int) -> None:
        counts = {name: getattr(self.progress, name) + n for name, n in more.items()}
        self.progress = replace(self.progress, seconds=time.perf_counter() - self.started, **counts)

    def skip(self, error: SourceError) -> None:
        self.skipped.append(Skipped.of(error))
        self.count(skipped=1)

    def doubt(self, work: Work) -> None:
        origin = next(iter(work.origins), work.article.ref.id)
        self.doubts += [Doubt(origin, reason) for reason in work.refused_dates]

    def report(self, generation: int) -> IngestReport:
        return IngestReport(
            self.progress,
            tuple(self.skipped),
            tuple(self.doubts),
            tuple(self.article_ids),
            generation,
        )


class Ingestor:
    """Puts articles into an engine."""

    def __init__(
        self,
        engine: LocalEngine,
        embedder: Embedder,
        *,
        settings: ChunkSettings,
        now: Callable[[], datetime],
        workers: Workers | None = None,
    ) -> None:
        self._engine = engine
        self._embedder = embedder
        self._now = now
        self._workers = workers
        self._intake = Intake(engine.store, embedder, settings=settings, now=now, workers=workers)

    def close(self) -> None:
        """Stop the processes that parse."""
        if self._workers is not None:
            self._workers.close()

    def ingest(
        self,
        items: Iterable[Input],
        *,
        on_progress: Callable[[Progress], None] = lambda _: None,
        reread: bool = False,
    ) -> IngestReport:
        """Store every article that is new or changed; a refused one is reported.

        What `on_progress` was told is durable. An interrupt loses only what had not
        been committed, and the next run goes on from there.

        Args:
            items: what sources hand over.
            on_progress: is told after each input.
            reread: prepare inputs anew that are stored already, as after an update of
                Dateline's rules.

        Raises:
            StoreLocked: another process is writing to the data directory.
        """
        run = _Run(time.perf_counter())
        with self._engine.writing():
            try:
                self._run(items, run, on_progress, reread=reread)
            finally:
                self._engine.publish()
        return run.report(self._engine.refresh())

    def preview(
        self,
        items: Iterable[Input],
        *,
        on_progress: Callable[[Progress], None] = lambda _: None,
        reread: bool = False,
    ) -> IngestReport:
        """What `ingest` would do with these inputs; stores nothing and embeds nothing.

        Copies are not looked for.
        """
        run = _Run(time.perf_counter())
        store = self._engine.store
        seen: dict[str, Work] = {}
        for taken in read_ahead(self._intake.take(items, reread=reread), QUEUE_ARTICLES):
            if isinstance(taken, SourceError):
                run.skip(taken)
            elif isinstance(taken, Same):
                run.count(same=1)
            else:
                article_id = taken.article.ref.id
                before = seen.get(article_id)
                current = store.current(article_id)
                if before is not None:
                    current = (before.article.ref, text_hash(before.article.text))
                if current is not None and self._adds_nothing(taken, current):
                    run.count(same=1)
                else:
                    seen[article_id] = taken
                    run.doubt(taken)
                    run.article_ids.append(article_id)
                    run.count(
                        new=current is None,
                        changed=current is not None,
                        passages=len(taken.passages),
                    )
            on_progress(run.progress)
        return run.report(self._engine.refresh())

    def _run(
        self,
        items: Iterable[Input],
        run: _Run,
        on_progress: Callable[[Progress], None],
        *,
        reread: bool,
    ) -> None:
        batch: list[Work] = []
        published = time.perf_counter()
        for taken in read_ahead(self._intake.take(items, reread=reread), QUEUE_ARTICLES):
            if isinstance(taken, SourceError):
                run.skip(taken)
            elif isinstance(taken, Same):
                run.count(same=1)
            else:
                if any(work.article.ref.id == taken.article.ref.id for work in batch):
                    self._commit(batch, run)
                batch.append(taken)
                if sum(len(work.passages) for work in batch) >= BATCH_PASSAGES:
                    self._commit(batch, run)
                    if time.perf_counter() - published > PUBLISH_EVERY_S:
                        self._engine.publish()
                        published = time.perf_counter()
            on_progress(run.progress)
        self._commit(batch, run)
        on_progress(run.progress)

    def _commit(self, batch: list[Work], run: _Run) -> None:
        """Embed and store the batch, and empty it."""
        store = self._engine.store
        fresh: list[Work] = []
        links: dict[str, Origin] = {}
        changed = 0
        for work in batch:
            current = store.current(work.article.ref.id)
            if current is None:
                fresh.append(numbered(work, work.article.ref.version or 1))
            elif self._adds_nothing(work, current):
                links |= {n: o for n, o in work.origins.items() if store.origin(n) != o}
            else:
                changed += 1
                fresh.append(replace(numbered(work, current[0].version + 1), history=()))
        entries, embedded = self._entries(fresh)
        if entries:
            store.add(entries, ingested_at=self._now())
        if links:
            store.link_origins(links)
        for work in batch:
            self._remember(work)
        for work in fresh:
            run.doubt(work)
        ids = [work.article.ref.id for work in fresh]
        run.article_ids += ids
        run.count(
            new=len(fresh) - changed,
            changed=changed,
            same=len(batch) - len(fresh),
            copies=store.count_copies(ids),
            passages=sum(len(work.passages) for work in fresh),
            embedded=embedded,
        )
        batch.clear()

    def _remember(self, work: Work) -> None:
        """Note what the server said that an article came from, now that it is stored."""
        if work.fetched is not None:
            self._engine.store.fetches.put(work.fetched)

    def _adds_nothing(self, work: Work, current: tuple[ArticleRef, str]) -> bool:
        """Whether an article says no more than the version that is current, by ref and hash."""
        return says_the_same(work, *current) or self._is_older(work) or self._says_less(work)

    def _is_older(self, work: Work) -> bool:
        """Whether an article that was exported says less than what has been stored since."""
        if work.ingested_at is None:
            return False
        versions = self._engine.store.versions(work.article.ref.id)
        return bool(versions) and versions[-1].ingested_at >= work.ingested_at

    def _says_less(self, work: Work) -> bool:
        """Whether it only announces an article of which more is stored."""
        if not work.is_summary:
            return False
        try:
            stored = self._engine.store.article(work.article.ref.id)
        except ArticleNotFound:  # it is in this run, which is a preview
            return False
        return len(work.article.text) < len(stored.text)

    # -- vectors -------------------------------------------------------------------------

    def _entries(self, works: Sequence[Work]) -> tuple[list[Entry], int]:
        """What is stored of works, earlier versions first, and how many were embedded."""
        texts = [[embedding_text(w.article.ref, p) for p in w.passages] for w in works]
        known: list[dict[str, NDArray[np.float16]]] = [self._known_vectors(w) for w in works]
        missing = [
            text for own, kept in zip(texts, known, strict=True) for text in own if text not in kept
        ]
        with patiently():
            made = iter(self._embedder.embed(missing).astype(np.float16) if missing else ())
        entries: list[Entry] = []
        for work, own, kept in zip(works, texts, known, strict=True):
            vectors = [kept[text] if text in kept else next(made) for text in own]
            entries += [self._past(version) for version in work.history]
            entries.append(self._entry(work, np.array(vectors, dtype=np.float16)))
        return entries, len(missing)

    def _known_vectors(self, work: Work) -> dict[str, NDArray[np.float16]]:
        """The vectors of the version that this one replaces, by what the embedder read."""
        if work.article.ref.version == 1 or work.history:
            return {}
        store = self._engine.store
        current = store.current(work.article.ref.id)
        if current is None:
            return {}
        return {
            embedding_text(current[0], passage): vector
            for passage, vector in store.embedded_passages(work.article.ref.id, self._embedder.dim)
        }

    def _entry(self, work: Work, vectors: NDArray[np.float16]) -> Entry:
        return Entry(
            article=work.article,
            origins=work.origins,
            raw=work.raw,
            text_sha256=text_hash(work.article.text),
            removed=work.removed,
            notes=work.notes,
            passages=work.passages,
            vectors=vectors.reshape(-1, self._embedder.dim),
            fetched_at=work.fetched_at,
            bytes_sha256=work.bytes_sha256,
            ingested_at=work.ingested_at,
            signature=work.signature,
        )

    def _past(self, version: StoredVersion) -> Entry:
        """A version that is kept and not searched."""
        return Entry(
            article=version.article,
            origins={},
            raw=version.raw,
            text_sha256=text_hash(version.article.text),
            removed=version.removed,
            notes=version.notes,
            passages=(),
            vectors=np.zeros((0, self._embedder.dim), dtype=np.float16),
            fetched_at=version.fetched_at,
            bytes_sha256=version.bytes_sha256,
            ingested_at=version.ingested_at,
        )
