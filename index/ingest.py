"""The write path: what sources hand over becomes stored, searchable passages.

    RawArticle ─ known? ─ prepare ─ chunk ─▶ queue ─▶ embed ─▶ one commit a batch ─▶ publish

Reading and cutting run in a thread beside embedding; the queue between them is
short, so memory does not grow with the corpus. Idempotent by content hash: what
was stored is skipped before any work is done, so an interrupted run is resumed by
running it again. Never prints: progress goes to a callback.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from urllib.parse import urldefrag

import numpy as np

from index.ahead import read_ahead
from index.documents import Article, ArticleRef, Passage, RawArticle
from index.errors import BoilerplateOnly, EmptySource, InvalidRecord, SourceError
from index.local.engine import LocalEngine
from index.models.embed import Embedder
from index.prepare import Prepared, prepare
from index.prepare.chunk import ChunkSettings, chunk, embedding_text
from index.store.values import Entry

# A commit holds about this many passages: some seconds of embedding.
BATCH_PASSAGES = 512
# Cut articles that may wait for the embedder.
QUEUE_ARTICLES = 128
# A long run lets searches see what it has stored this often.
PUBLISH_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input that was refused: where it came from, the kind of refusal, the reason."""

    origin: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come."""

    new: int = 0
    changed: int = 0
    same: int = 0
    skipped: int = 0
    passages: int = 0
    seconds: float = 0.0

    @property
    def articles(self) -> int:
        """The inputs dealt with."""
        return self.new + self.changed + self.same + self.skipped

    @property
    def passages_per_s(self) -> float:
        """Passages embedded and stored per second."""
        return self.passages / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a run did. `article_ids` are those of new and changed articles, in order."""

    progress: Progress
    skipped: tuple[Skipped, ...]
    article_ids: tuple[str, ...]
    generation: int


@dataclass(frozen=True, slots=True)
class _Work:
    """An article on its way to the store; its version number is settled at the commit."""

    article: Article
    origin: str
    raw: str
    raw_sha256: str
    prepared: Prepared
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class _Same:
    """An input that was seen before, unchanged."""


@dataclass(slots=True)
class _Run:
    """What one run has gathered so far."""

    started: float
    progress: Progress = field(default_factory=Progress)
    skipped: list[Skipped] = field(default_factory=list)
    article_ids: list[str] = field(default_factory=list)

    def count(self, **more: int) -> None:
        counts = {name: getattr(self.progress, name) + n for name, n in more.items()}
        self.progress = replace(self.progress, seconds=time.perf_counter() - self.started, **counts)


class Ingestor:
    """Puts articles into an engine."""

    def __init__(
        self,
        engine: LocalEngine,
        embedder: Embedder,
        *,
        settings: ChunkSettings,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._embedder = embedder
        self._settings = settings
        self._now = now

    def ingest(
        self,
        items: Iterable[RawArticle | SourceError],
        *,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> IngestReport:
        """Store every article that is new or changed; a refused one is reported.

        What `on_progress` was told is durable. An interrupt loses only what had not
        been committed, and the next run goes on from there.

        Raises:
            StoreLocked: another process is writing to the data directory.
        """
        run = _Run(time.perf_counter())
        with self._engine.writing():
            try:
                self._run(items, run, on_progress)
            finally:
                self._engine.publish()
        return IngestReport(
            run.progress, tuple(run.skipped), tuple(run.article_ids), self._engine.refresh()
        )

    def _run(
        self,
        items: Iterable[RawArticle | SourceError],
        run: _Run,
        on_progress: Callable[[Progress], None],
    ) -> None:
        batch: list[_Work] = []
        published = time.perf_counter()
        for result in read_ahead(self._cut(items), QUEUE_ARTICLES):
            if isinstance(result, SourceError):
                run.skipped.append(Skipped(result.origin, _code(result), result.reason))
                run.count(skipped=1)
            elif isinstance(result, _Same):
                run.count(same=1)
            else:
                if any(work.article.ref.id == result.article.ref.id for work in batch):
                    self._commit(batch, run)
                batch.append(result)
                if sum(len(work.passages) for work in batch) >= BATCH_PASSAGES:
                    self._commit(batch, run)
                    if time.perf_counter() - published > PUBLISH_EVERY_S:
                        self._engine.publish()
                        published = time.perf_counter()
            on_progress(run.progress)
        self._commit(batch, run)
        on_progress(run.progress)

    # -- beside the embedder --------------------------------------------------------

    def _cut(
        self, items: Iterable[RawArticle | SourceError]
    ) -> Iterator[_Work | _Same | SourceError]:
        for item in items:
            if isinstance(item, SourceError):
                yield item
                continue
            try:
                yield self._cut_one(item)
            except SourceError as error:
                yield error

    def _cut_one(self, raw: RawArticle) -> _Work | _Same:
        raw_sha256 = _sha256(json.dumps(asdict(raw), sort_keys=True, ensure_ascii=False))
        seen = self._engine.store.origin(raw.origin)
        if seen is not None and seen.raw_sha256 == raw_sha256:
            return _Same()
        prepared = prepare(raw)
        url = None if raw.url is None else urldefrag(raw.url).url
        ref = ArticleRef(
            id=self._identify(raw, url, prepared.text),
            version=0,
            title=prepared.title,
            title_is_derived=prepared.title_is_derived,
            url=url,
            source=prepared.source,
            section=prepared.section,
            authors=prepared.authors,
            published=prepared.published,
        )
        article = Article(ref, prepared.text)
        passages = chunk(article, count_tokens=self._embedder.count_tokens, settings=self._settings)
        return _Work(article, raw.origin, raw.text, raw_sha256, prepared, passages)

    def _identify(self, raw: RawArticle, url: str | None, text: str) -> str:
        """The id of an article: its own, else from its URL, its origin's, or its text."""
        if raw.id is not None:
            return raw.id
        if url is not None:
            return "a" + _sha256("url:" + url)[:20]
        store = self._engine.store
        seen = store.origin(raw.origin)
        if seen is not None and store.origins(seen.article_id) == [raw.origin]:
            return seen.article_id
        # A new file, or one that no longer equals its copies elsewhere.
        text_sha256 = _sha256(text)
        article_id, salt = "a" + text_sha256[:20], 0
        while (current := store.current(article_id)) and current[1] != text_sha256:
            salt += 1
            article_id = "a" + _sha256(f"{text_sha256}:{salt}")[:20]
        return article_id

    # -- embedding and committing -----------------------------------------------------

    def _commit(self, batch: list[_Work], run: _Run) -> None:
        """Embed and store the batch, and empty it."""
        store = self._engine.store
        fresh: list[_Work] = []
        links: list[tuple[str, str, str]] = []
        changed = 0
        for work in batch:
            current = store.current(work.article.ref.id)
            if current is not None and _says_the_same(work, *current):
                links.append((work.origin, work.article.ref.id, work.raw_sha256))
                continue
            changed += current is not None
            fresh.append(_numbered(work, 1 if current is None else current[0].version + 1))
        if fresh:
            store.add(self._embedded(fresh), ingested_at=self._now())
        if links:
            store.link_origins(links)
        run.article_ids += [work.article.ref.id for work in fresh]
        run.count(
            new=len(fresh) - changed,
            changed=changed,
            same=len(links),
            passages=sum(len(work.passages) for work in fresh),
        )
        batch.clear()

    def _embedded(self, works: Sequence[_Work]) -> list[Entry]:
        vectors = self._embedder.embed(
            [embedding_text(w.article.ref, p) for w in works for p in w.passages]
        ).astype(np.float16)
        ends = np.cumsum([len(work.passages) for work in works])
        return [
            Entry(
                article=work.article,
                origin=work.origin,
                raw=work.raw,
                raw_sha256=work.raw_sha256,
                text_sha256=_sha256(work.article.text),
                removed=work.prepared.removed,
                notes=work.prepared.notes,
                passages=work.passages,
                vectors=vectors[end - len(work.passages) : end],
            )
            for work, end in zip(works, ends, strict=True)
        ]


def _numbered(work: _Work, version: int) -> _Work:
    ref = replace(work.article.ref, version=version)
    return replace(
        work,
        article=replace(work.article, ref=ref),
        passages=tuple(replace(passage, version=version) for passage in work.passages),
    )


def _says_the_same(work: _Work, current: ArticleRef, text_sha256: str) -> bool:
    same_text = _sha256(work.article.text) == text_sha256
    return same_text and replace(work.article.ref, version=current.version) == current


def _code(error: SourceError) -> str:
    codes = {
        EmptySource: "empty",
        BoilerplateOnly: "boilerplate_only",
        InvalidRecord: "invalid_record",
    }
    return codes.get(type(error), "unreadable")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
