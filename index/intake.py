"""What sources hand over becomes work for the store: known? ─ digest ─ identify ─ chunk.

Inputs that are stored already are told before any work is done. Digesting runs in other
processes where there are some; results keep the order of the inputs, and what waits is
bounded in number and bytes. Reads the store, never writes to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from index.digest import Digested, digest, raw_hash, text_hash
from index.documents import Article, ArticleRef, Passage, RawArticle, Removed
from index.errors import SourceError, UnreadableSource
from index.exchange import Exported
from index.models.embed import Embedder
from index.prepare.chunk import ChunkSettings, chunk
from index.prepare.fingerprint import signature
from index.sources.payload import NotModified, Payload
from index.sources.web.addresses import canonical_url
from index.store.sqlite import Store
from index.store.values import Origin, StoredVersion
from index.workers import Workers, WorkLost

# Inputs under work at once; the second bounds memory where inputs are large.
AHEAD = 64
AHEAD_BYTES = 64_000_000
# Texts are digested in this process until there are so many that starting others pays.
INLINE_TEXTS = 64


@dataclass(frozen=True, slots=True)
class Work:
    """An article on its way to the store; its version number is settled at the commit.

    `history` are earlier versions, of an article that comes with its past. `fetched` is
    the answer of a server that held it, and which is worth remembering once it is stored.
    """

    article: Article
    origins: Mapping[str, Origin]
    raw: str
    removed: tuple[Removed, ...]
    notes: tuple[str, ...]
    passages: tuple[Passage, ...]
    signature: bytes
    fetched_at: datetime | None = None
    bytes_sha256: str | None = None
    refused_dates: tuple[str, ...] = ()
    ingested_at: datetime | None = None
    history: tuple[StoredVersion, ...] = ()
    is_summary: bool = False
    fetched: Payload | None = None


@dataclass(frozen=True, slots=True)
class Same:
    """An input that was seen before, unchanged."""


# What a source hands over, and what becomes of it.
Input = Payload | RawArticle | Exported | NotModified | SourceError
Taken = Work | Same | SourceError
_Digests = list[Digested | SourceError]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An input whose digest is awaited, and the bytes that it holds in memory."""

    item: Payload | RawArticle
    result: Callable[[], _Digests]
    size: int


class Intake:
    """Prepares inputs for one store."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        *,
        settings: ChunkSettings,
        now: Callable[[], datetime],
        workers: Workers | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._settings = settings
        self._now = now
        self._workers = workers

    def take(self, items: Iterable[Input], *, reread: bool = False) -> Iterator[Taken]:
        """What is to be done about each input, in order.

        With `reread`, inputs that are stored already are prepared again.
        """
        waiting: deque[_Waiting | Taken] = deque()
        held = texts = 0
        for item in items:
            entry = self._begin(item, texts, reread=reread)
            texts += isinstance(item, RawArticle)
            waiting.append(entry)
            held += entry.size if isinstance(entry, _Waiting) else 0
            while waiting and (
                len(waiting) > AHEAD or held > AHEAD_BYTES or not isinstance(waiting[0], _Waiting)
            ):
                first = waiting.popleft()
                held -= first.size if isinstance(first, _Waiting) else 0
                yield from self._end(first, reread=reread)
        for entry in waiting:
            yield from self._end(entry, reread=reread)

    # -- into other processes and back -------------------------------------------------

    def _begin(self, item: Input, texts: int, *, reread: bool) -> _Waiting | Taken:
        if isinstance(item, SourceError):
            return item
        if isinstance(item, NotModified):
            return Same()
        if isinstance(item, Exported):
            return self._restored(item)
        if not reread and self._is_known(item):
            return Same()
        size = len(item.data if isinstance(item, Payload) else item.text)
        inline = isinstance(item, RawArticle) and texts < INLINE_TEXTS
        if self._workers is None or inline:
            digests = digest(item, self._now())
            return _Waiting(item, lambda: digests, size)
        return _Waiting(item, self._workers.submit(digest, item, self._now()), size)

    def _is_known(self, item: Payload | RawArticle) -> bool:
        seen = self._store.origin(item.origin)
        if seen is None:
            return False
        if isinstance(item, Payload):
            return seen.bytes_sha256 == item.sha256()
        return seen.raw_sha256 == raw_hash(item)

    def _end(self, entry: _Waiting | Taken, *, reread: bool) -> Iterator[Taken]:
        if not isinstance(entry, _Waiting):
            yield entry
            return
        try:
            digests = entry.result()
        except WorkLost as lost:
            yield UnreadableSource(
                entry.item.origin, f"it cannot be parsed: {lost}; give its text instead"
            )
            return
        alone = len(digests) == 1 and isinstance(entry.item, Payload)
        for found in digests:
            if isinstance(found, SourceError):
                yield found
            elif not reread and not alone and self._is_known(found.raw):
                yield Same()
            else:
                payload = entry.item if alone and isinstance(entry.item, Payload) else None
                yield self._cut(found, payload)

    # -- into passages -----------------------------------------------------------------

    def _cut(self, digested: Digested, payload: Payload | None) -> Work:
        raw, prepared = digested.raw, digested.prepared
        url = None if raw.url is None else canonical_url(raw.url)
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
            modified=prepared.modified,
            language=raw.language,
            place=prepared.place,
            agency=prepared.agency,
        )
        article = Article(ref, prepared.text)
        seen = Origin(ref.id, digested.raw_sha256, raw.bytes_sha256 if payload else None)
        return Work(
            article=article,
            origins={raw.origin: seen},
            raw=raw.text,
            removed=prepared.removed,
            notes=prepared.notes,
            passages=self._passages(article),
            signature=digested.signature,
            fetched_at=raw.fetched_at,
            bytes_sha256=raw.bytes_sha256,
            refused_dates=prepared.refused_dates,
            is_summary=raw.is_summary,
            fetched=payload if payload and payload.fetched_at else None,
        )

    def _restored(self, exported: Exported) -> Work | Same:
        *history, last = exported.versions
        known = self._store.current(exported.id)
        if known is not None and text_hash(last.article.text) == known[1]:
            missing = {
                name: seen
                for name, seen in exported.origins.items()
                if self._store.origin(name) is None
            }
            if not missing:
                return Same()
        return Work(
            article=last.article,
            origins=exported.origins,
            raw=last.raw,
            removed=last.removed,
            notes=last.notes,
            passages=self._passages(last.article),
            signature=signature(last.article.text),
            fetched_at=last.fetched_at,
            bytes_sha256=last.bytes_sha256,
            ingested_at=last.ingested_at,
            history=tuple(history),
        )

    def _passages(self, article: Article) -> tuple[Passage, ...]:
        return chunk(article, count_tokens=self._embedder.count_tokens, settings=self._settings)

    def _identify(self, raw: RawArticle, url: str | None, text: str) -> str:
        """The id of an article: its own, else from its URL, its origin's, or its text."""
        if raw.id is not None:
            return raw.id
        if url is not None:
            return id_of_url(url)
        seen = self._store.origin(raw.origin)
        if seen is not None and self._store.origins(seen.article_id) == [raw.origin]:
            return seen.article_id
        # A new file, or one that no longer equals its copies elsewhere.
        digest_of_text = text_hash(text)
        article_id, salt = "a" + digest_of_text[:20], 0
        while (current := self._store.current(article_id)) and current[1] != digest_of_text:
            salt += 1
            article_id = "a" + text_hash(f"{digest_of_text}:{salt}")[:20]
        return article_id


def id_of_url(url: str) -> str:
    """The id of the article at a canonical address."""
    return "a" + text_hash("url:" + url)[:20]


def numbered(work: Work, version: int) -> Work:
    """The work with its article as this version."""
    ref = replace(work.article.ref, version=version)
    return replace(
        work,
        article=replace(work.article, ref=ref),
        passages=tuple(replace(passage, version=version) for passage in work.passages),
    )


def says_the_same(work: Work, current: ArticleRef, text_sha256: str) -> bool:
    """Whether words and particulars are those of the current version.

    When it says that it was modified is no part of that: many pages say so at each visit.
    """
    if text_hash(work.article.text) != text_sha256:
        return False
    ref = replace(work.article.ref, version=current.version, modified=current.modified)
    return ref == current
