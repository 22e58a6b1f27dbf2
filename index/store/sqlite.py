"""The truth: articles, versions, passages and their vectors, in one SQLite file.

Every change is one transaction that raises the *generation* by one; what it
returned from is durable. Knows nothing of FAISS, tantivy or models: the derived
indexes read `additions` and `removals` since the generation they last saw.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from index.documents import Passage
from index.errors import StoreFormatError
from index.store import stories
from index.store.connections import STORE_FILE, Connections
from index.store.migrations import migrate
from index.store.reading import ReadingStore
from index.store.values import Entry, Origin, Vectors, sentence_spans

__all__ = ["STORE_FILE", "Store"]


class Store(ReadingStore):
    """One SQLite database. Reads from any thread; one writer at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, made if absent, and bring it to the newest format.

        Raises:
            StoreFormatError: it is no store, or one of a newer release.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(Connections(path))
        try:
            self._migrate()
        except StoreFormatError:
            self.close()
            raise

    def _migrate(self) -> None:
        try:
            migrate(self._connections.here)
        except sqlite3.DatabaseError as error:
            raise StoreFormatError(
                f"{str(self._connections.path)!r} is not a store ({error}): restore it from a "
                "backup, or point DATELINE_HOME at another folder"
            ) from error

    def renew(self) -> None:
        """Open the file that stands under the name now, as after a restore.

        Raises:
            StoreReplaced: there is none.
            StoreFormatError: it is no store, or one of a newer release.
        """
        self._connections.renew()
        self._migrate()

    def close(self) -> None:
        """Close the connections of every thread."""
        self._connections.close()

    @contextmanager
    def _commit(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        connection = self._connections.here
        connection.execute("BEGIN IMMEDIATE")
        try:
            generation = self.generation + 1
            yield connection, generation
            self._set(connection, "generation", str(generation))
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    @staticmethod
    def _set(connection: sqlite3.Connection, key: str, value: str) -> None:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def publish(self, generation: int) -> None:
        """Record that every derived index has absorbed `generation`."""
        self._set(self._connections.here, "published", str(generation))

    def set_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Record what the passages and vectors are made with."""
        self._set(self._connections.here, "manifest", json.dumps(dict(manifest), sort_keys=True))

    def set_reindexing(self, state: Mapping[str, Any]) -> None:
        """Record how far a `reindex` has come; until it ends, nothing else may open the data."""
        self._set(self._connections.here, "reindexing", json.dumps(dict(state), sort_keys=True))

    def without_indexes(self) -> None:
        """Record that no derived index is there: nothing is searched until they are built."""
        self.set_segments({})
        connection = self._connections.here
        self._set(connection, "published", "0")
        self._set(connection, "remade", str(self.generation))

    def end_reindexing(self, manifest: Mapping[str, Any]) -> None:
        """Record that all passages are made as the manifest says now."""
        with self._commit() as (connection, generation):
            self._set(connection, "manifest", json.dumps(dict(manifest), sort_keys=True))
            self._set(connection, "remade", str(generation))
            connection.execute("DELETE FROM meta WHERE key = 'reindexing'")

    def add(self, entries: Sequence[Entry], *, ingested_at: datetime) -> int:
        """Store new versions in one commit; each becomes its article's current one.

        Returns the new generation.
        """
        with self._commit() as (connection, generation):
            for entry in entries:
                self._bury_passages(connection, entry.article.ref.id, generation)
                self._insert_version(connection, entry, ingested_at)
                self._insert_passages(connection, entry.passages, entry.vectors, generation)
                if entry.signature is not None:
                    stories.link(connection, entry.article.ref.id, entry.signature)
        return generation

    def replace_passages(
        self, article_id: str, passages: Sequence[Passage], vectors: Vectors, signature: bytes
    ) -> int:
        """Replace what was derived from an article's current version; returns the generation."""
        with self._commit() as (connection, generation):
            self._bury_passages(connection, article_id, generation)
            self._insert_passages(connection, passages, vectors, generation)
            stories.link(connection, article_id, signature)
        return generation

    def link_origins(self, links: Mapping[str, Origin]) -> None:
        """Record what was seen at origins whose texts are already stored."""
        with self._commit() as (connection, _):
            for origin, seen in links.items():
                self._link(connection, origin, seen)

    @staticmethod
    def _link(connection: sqlite3.Connection, origin: str, seen: Origin) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO origins (origin, article_id, raw_sha256, bytes_sha256) "
            "VALUES (?, ?, ?, ?)",
            (origin, seen.article_id, seen.raw_sha256, seen.bytes_sha256),
        )

    def forget(self, article_ids: Sequence[str]) -> int:
        """Remove articles with every version of them; returns the generation."""
        with self._commit() as (connection, generation):
            self.fetches.forget_articles(article_ids)
            stories.unlink(connection, article_ids)
            for article_id in article_ids:
                self._bury_passages(connection, article_id, generation)
                connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
        return generation

    @staticmethod
    def _bury_passages(connection: sqlite3.Connection, article_id: str, generation: int) -> None:
        connection.execute(
            "INSERT INTO tombstones SELECT row, ? FROM passages WHERE article_id = ?",
            (generation, article_id),
        )
        connection.execute(
            "DELETE FROM vectors WHERE row IN (SELECT row FROM passages WHERE article_id = ?)",
            (article_id,),
        )
        connection.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))

    @staticmethod
    def _insert_version(
        connection: sqlite3.Connection, entry: Entry, ingested_at: datetime
    ) -> None:
        ref = entry.article.ref
        published = ref.published
        connection.execute(
            "INSERT INTO articles (id, current_version) VALUES (?, ?) "
            "ON CONFLICT (id) DO UPDATE SET current_version = excluded.current_version",
            (ref.id, ref.version),
        )
        for origin, seen in entry.origins.items():
            Store._link(connection, origin, seen)
        row = {
            "article_id": ref.id,
            "number": ref.version,
            "title": ref.title,
            "title_is_derived": ref.title_is_derived,
            "url": ref.url,
            "source": ref.source,
            "section": ref.section,
            "authors": json.dumps(ref.authors, ensure_ascii=False),
            "published_at": published.at.isoformat() if published else None,
            "published_precision": published.precision if published else None,
            "published_first": ref.dated.earliest.timestamp() if ref.dated else None,
            "published_last": ref.dated.latest.timestamp() if ref.dated else None,
            "modified_at": ref.modified.at.isoformat() if ref.modified else None,
            "modified_precision": ref.modified.precision if ref.modified else None,
            "language": ref.language,
            "place": ref.place,
            "agency": ref.agency,
            "fetched_at": entry.fetched_at.isoformat() if entry.fetched_at else None,
            "bytes_sha256": entry.bytes_sha256,
            "ingested_at": (entry.ingested_at or ingested_at).isoformat(),
            "text": entry.article.text,
            "text_sha256": entry.text_sha256,
            "raw": zlib.compress(entry.raw.encode()),
            "removed": json.dumps([(r.start, r.end, r.rule) for r in entry.removed]),
            "notes": json.dumps(entry.notes, ensure_ascii=False),
        }
        connection.execute(
            f"INSERT INTO versions ({','.join(row)}) VALUES ({','.join('?' * len(row))})",  # noqa: S608
            list(row.values()),
        )

    @staticmethod
    def _insert_passages(
        connection: sqlite3.Connection,
        passages: Sequence[Passage],
        vectors: Vectors,
        generation: int,
    ) -> None:
        for passage, vector in zip(passages, vectors, strict=True):
            row = connection.execute(
                "INSERT INTO passages "
                '(id, article_id, version, ordinal, start, "end", sentences, born) '
                "VALUES (?,?,?,?,?,?,?,?)",
                (
                    passage.id,
                    passage.article_id,
                    passage.version,
                    passage.ordinal,
                    passage.start,
                    passage.end,
                    json.dumps([sentence_spans(s) for s in passage.sentences]),
                    generation,
                ),
            ).lastrowid
            connection.execute(
                "INSERT INTO vectors VALUES (?, ?)", (row, vector.astype("<f2").tobytes())
            )

    def set_segments(self, segments: Mapping[str, str]) -> None:
        """Replace the list of the dense index's immutable files."""
        connection = self._connections.here
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM segments")
        connection.executemany("INSERT INTO segments VALUES (?, ?)", segments.items())
        connection.execute("COMMIT")
