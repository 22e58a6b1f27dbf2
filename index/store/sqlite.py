"""The truth: articles, versions, passages and their vectors, in one SQLite file.

Every change is one transaction that raises the *generation* by one; what it
returned from is durable. Knows nothing of FAISS, tantivy or models: the derived
indexes read `additions` and `removals` since the generation they last saw.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents import (
    Article,
    ArticleRef,
    Filters,
    Passage,
    PublicationDate,
    Removed,
    Sentence,
    Version,
)
from index.errors import ArticleNotFound, StoreFormatError
from index.store.migrations import migrate

Vectors = NDArray[np.float16]

_REF_COLUMNS = (
    "v.article_id, v.number, v.title, v.title_is_derived, v.url, v.source, v.section, "
    "v.authors, v.published_at, v.published_precision"
)
_ADDITIONS_PER_READ = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One article version ready to be stored, with its passages and their vectors.

    `vectors` is float16, shape (len(passages), dim), L2-normalised.
    """

    article: Article
    origin: str
    raw: str
    raw_sha256: str
    text_sha256: str
    removed: tuple[Removed, ...]
    notes: tuple[str, ...]
    passages: tuple[Passage, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Addition:
    """What the derived indexes need of one new passage."""

    row: int
    passage_id: str
    title: str
    text: str
    source: str | None
    section: str | None
    published_first: float | None
    published_last: float | None


@dataclass(frozen=True, slots=True)
class Origin:
    """What was last seen at an origin."""

    article_id: str
    raw_sha256: str


class Store:
    """One SQLite database in WAL mode. Reads from any thread; one writer at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            migrate(self._connection)
        except sqlite3.DatabaseError as error:
            self.close()
            raise StoreFormatError(
                f"{str(path)!r} is not a store ({error}): restore it from a backup, "
                "or point DATELINE_HOME at another folder"
            ) from error
        except StoreFormatError:
            self.close()
            raise

    @property
    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._path, timeout=30, isolation_level=None, check_same_thread=False
            )
            connection.create_function("casefold", 1, _casefold, deterministic=True)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_mode = WAL")
            self._local.connection = connection
            with self._guard:
                self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Close the connections of every thread."""
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    @contextmanager
    def _commit(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            generation = self.generation + 1
            yield connection, generation
            self._set(connection, "generation", str(generation))
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    # -- meta -----------------------------------------------------------------

    def _get(self, key: str) -> str | None:
        found = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if found is None else str(found[0])

    @staticmethod
    def _set(connection: sqlite3.Connection, key: str, value: str) -> None:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def generation(self) -> int:
        """The number of commits so far."""
        return int(self._get("generation") or 0)

    @property
    def published(self) -> int:
        """The last generation that every derived index has absorbed."""
        return int(self._get("published") or 0)

    def publish(self, generation: int) -> None:
        """Record that every derived index has absorbed `generation`."""
        self._set(self._connection, "published", str(generation))

    @property
    def manifest(self) -> dict[str, Any] | None:
        """What the passages and vectors were made with; None in a new store."""
        value = self._get("manifest")
        return None if value is None else dict(json.loads(value))

    def set_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Record what the passages and vectors are made with."""
        self._set(self._connection, "manifest", json.dumps(dict(manifest), sort_keys=True))

    # -- writing --------------------------------------------------------------

    def add(self, entries: Sequence[Entry], *, ingested_at: datetime) -> int:
        """Store new versions in one commit; each becomes its article's current one.

        Returns the new generation.
        """
        with self._commit() as (connection, generation):
            for entry in entries:
                self._bury_passages(connection, entry.article.ref.id, generation)
                self._insert_version(connection, entry, ingested_at)
                self._insert_passages(connection, entry.passages, entry.vectors, generation)
        return generation

    def replace_passages(
        self, article_id: str, passages: Sequence[Passage], vectors: Vectors
    ) -> int:
        """Replace the passages of an article's current version; returns the generation."""
        with self._commit() as (connection, generation):
            self._bury_passages(connection, article_id, generation)
            self._insert_passages(connection, passages, vectors, generation)
        return generation

    def link_origins(self, links: Sequence[tuple[str, str, str]]) -> None:
        """Record (origin, article id, raw sha256) for texts that are already stored."""
        with self._commit() as (connection, _):
            connection.executemany("INSERT OR REPLACE INTO origins VALUES (?, ?, ?)", links)

    def forget(self, article_ids: Sequence[str]) -> int:
        """Remove articles with every version of them; returns the generation."""
        with self._commit() as (connection, generation):
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
            "INSERT INTO articles VALUES (?, ?) "
            "ON CONFLICT (id) DO UPDATE SET current_version = excluded.current_version",
            (ref.id, ref.version),
        )
        connection.execute(
            "INSERT OR REPLACE INTO origins VALUES (?, ?, ?)",
            (entry.origin, ref.id, entry.raw_sha256),
        )
        connection.execute(
            "INSERT INTO versions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                ref.id,
                ref.version,
                ref.title,
                ref.title_is_derived,
                ref.url,
                ref.source,
                ref.section,
                json.dumps(ref.authors, ensure_ascii=False),
                published.at.isoformat() if published else None,
                published.precision if published else None,
                published.earliest.timestamp() if published else None,
                published.latest.timestamp() if published else None,
                ingested_at.isoformat(),
                entry.article.text,
                entry.text_sha256,
                zlib.compress(entry.raw.encode()),
                json.dumps([(r.start, r.end, r.rule) for r in entry.removed]),
                json.dumps(entry.notes, ensure_ascii=False),
            ),
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
                    json.dumps([(s.start, s.end) for s in passage.sentences]),
                    generation,
                ),
            ).lastrowid
            connection.execute(
                "INSERT INTO vectors VALUES (?, ?)", (row, vector.astype("<f2").tobytes())
            )

    # -- reading articles -------------------------------------------------------

    def origin(self, origin: str) -> Origin | None:
        """What was last seen at an origin, or None."""
        found = self._connection.execute(
            "SELECT article_id, raw_sha256 FROM origins WHERE origin = ?", (origin,)
        ).fetchone()
        return None if found is None else Origin(*found)

    def origins(self, article_id: str) -> list[str]:
        """Every origin of an article, sorted."""
        rows = self._connection.execute(
            "SELECT origin FROM origins WHERE article_id = ? ORDER BY origin", (article_id,)
        )
        return [origin for (origin,) in rows]

    def current(self, article_id: str) -> tuple[ArticleRef, str] | None:
        """The current version of an article and the sha256 of its text, or None."""
        found = self._connection.execute(
            f"SELECT {_REF_COLUMNS}, v.text_sha256 FROM articles a JOIN versions v "  # noqa: S608
            "ON v.article_id = a.id AND v.number = a.current_version WHERE a.id = ?",
            (article_id,),
        ).fetchone()
        return None if found is None else (_ref(found), str(found[10]))

    def article(self, article_id: str, version: int | None = None) -> Article:
        """An article at a version, by default the current one.

        Raises:
            ArticleNotFound: there is no such article or version.
        """
        found = self._connection.execute(
            f"SELECT {_REF_COLUMNS}, v.text FROM articles a JOIN versions v "  # noqa: S608
            "ON v.article_id = a.id AND v.number = coalesce(?, a.current_version) WHERE a.id = ?",
            (version, article_id),
        ).fetchone()
        if found is None:
            which = "" if version is None else f" at version {version}"
            raise ArticleNotFound(
                f"no article {article_id!r}{which}: `dateline status` counts what is there, "
                "GET /v1/articles lists it"
            )
        return Article(_ref(found), found[10])

    def raw(self, article_id: str, version: int | None = None) -> tuple[str, tuple[Removed, ...]]:
        """The text as it came, and the spans of it that preparation removed."""
        ref = self.article(article_id, version).ref
        raw, removed = self._connection.execute(
            "SELECT raw, removed FROM versions WHERE article_id = ? AND number = ?",
            (ref.id, ref.version),
        ).fetchone()
        return zlib.decompress(raw).decode(), tuple(Removed(*r) for r in json.loads(removed))

    def notes(self, article_id: str) -> tuple[str, ...]:
        """What the outlet said of the current version: updates, corrections."""
        found = self._connection.execute(
            "SELECT v.notes FROM articles a JOIN versions v "
            "ON v.article_id = a.id AND v.number = a.current_version WHERE a.id = ?",
            (article_id,),
        ).fetchone()
        return () if found is None else tuple(json.loads(found[0]))

    def versions(self, article_id: str) -> list[Version]:
        """The history of an article, oldest first."""
        rows = self._connection.execute(
            "SELECT v.number, v.title, v.published_at, v.published_precision, v.ingested_at, "
            "v.text_sha256, v.number = a.current_version FROM versions v "
            "JOIN articles a ON a.id = v.article_id WHERE a.id = ? ORDER BY v.number",
            (article_id,),
        )
        return [
            Version(
                number=number,
                title=title,
                published=_published(at, precision),
                ingested_at=datetime.fromisoformat(ingested_at),
                text_sha256=sha256,
                current=bool(current),
            )
            for number, title, at, precision, ingested_at, sha256, current in rows
        ]

    def list_articles(
        self, filters: Filters, *, limit: int, offset: int
    ) -> tuple[list[ArticleRef], int]:
        """A page of current articles, newest first, undated last; and how many match."""
        where, values = _where(filters)
        tables = (
            "FROM articles a JOIN versions v "
            f"ON v.article_id = a.id AND v.number = a.current_version {where}"
        )
        (total,) = self._connection.execute(f"SELECT count(*) {tables}", values).fetchone()  # noqa: S608
        rows = self._connection.execute(
            f"SELECT {_REF_COLUMNS} {tables} ORDER BY v.published_first IS NULL, "  # noqa: S608
            "v.published_first DESC, v.article_id LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [_ref(row) for row in rows], int(total)

    def find(self, name: str) -> list[str]:
        """The ids of the articles that an id, a URL, an origin or a folder names, sorted."""
        folder = name.rstrip("/") + "/"
        rows = self._connection.execute(
            "SELECT id FROM articles WHERE id = :name "
            "UNION SELECT article_id FROM versions WHERE url = :name "
            "UNION SELECT article_id FROM origins WHERE origin = :name "
            "OR substr(origin, 1, length(:folder)) = :folder "
            "OR substr(origin, 1, length(:record)) = :record ORDER BY 1",
            {"name": name, "folder": folder, "record": name + "#"},
        )
        return [article_id for (article_id,) in rows]

    def article_ids(self) -> list[str]:
        """Every article id, sorted."""
        return [i for (i,) in self._connection.execute("SELECT id FROM articles ORDER BY id")]

    def counts(self) -> dict[str, int]:
        """How many articles, versions and searchable passages there are."""
        tables = ("articles", "versions", "passages")
        return {
            table: int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
            for table in tables
        }

    # -- reading passages -------------------------------------------------------

    def passages(self, rows: Sequence[int]) -> dict[int, tuple[Passage, ArticleRef]]:
        """Passages with their articles by row; rows that are gone are left out."""
        marks = ",".join("?" * len(rows))
        found = self._connection.execute(
            f"SELECT {_REF_COLUMNS}, v.text, p.row, p.id, p.ordinal, p.start, "  # noqa: S608
            'p."end", p.sentences FROM passages p JOIN versions v '
            "ON v.article_id = p.article_id AND v.number = p.version "
            f"WHERE p.row IN ({marks})",
            list(rows),
        )
        return {record[11]: (_passage(record), _ref(record)) for record in found}

    def passages_of(self, article_id: str) -> list[Passage]:
        """The searchable passages of an article in their order."""
        rows = self._connection.execute(
            "SELECT row FROM passages WHERE article_id = ? ORDER BY ordinal", (article_id,)
        ).fetchall()
        found = self.passages([row for (row,) in rows])
        return [found[row][0] for (row,) in rows if row in found]

    # -- what the derived indexes read --------------------------------------------

    def additions(self, after: int, upto: int) -> Iterator[list[Addition]]:
        """Passages born in generations (after, upto], in row order, a few thousand at a time."""
        last = 0
        while True:
            rows = self._connection.execute(
                "SELECT p.row, p.id, CASE v.title_is_derived WHEN 1 THEN '' ELSE v.title END, "
                'substr(v.text, p.start + 1, p."end" - p.start), v.source, v.section, '
                "v.published_first, v.published_last FROM passages p JOIN versions v "
                "ON v.article_id = p.article_id AND v.number = p.version "
                "WHERE p.born > ? AND p.born <= ? AND p.row > ? ORDER BY p.row LIMIT ?",
                (after, upto, last, _ADDITIONS_PER_READ),
            ).fetchall()
            if not rows:
                return
            yield [Addition(*row) for row in rows]
            last = rows[-1][0]

    def removals(self, after: int, upto: int) -> list[int]:
        """Rows that died in generations (after, upto]."""
        rows = self._connection.execute(
            "SELECT row FROM tombstones WHERE died > ? AND died <= ? ORDER BY row", (after, upto)
        )
        return [row for (row,) in rows]

    def vectors(self, rows: Sequence[int], dim: int) -> tuple[NDArray[np.int64], Vectors]:
        """Rows that are still there and their vectors, float16 of shape (n, dim)."""
        found: list[tuple[int, bytes]] = []
        for start in range(0, len(rows), 500):
            part = list(rows[start : start + 500])
            marks = ",".join("?" * len(part))
            found += self._connection.execute(
                f"SELECT row, vector FROM vectors WHERE row IN ({marks}) ORDER BY row",  # noqa: S608
                part,
            ).fetchall()
        matrix = np.frombuffer(b"".join(v for _, v in found), dtype="<f2").reshape(-1, dim)
        return np.array([row for row, _ in found], dtype=np.int64), matrix

    def live_rows(self) -> NDArray[np.int64]:
        """The rows of every searchable passage, ascending, int64 of shape (passages,)."""
        rows = self._connection.execute("SELECT row FROM passages ORDER BY row")
        return np.fromiter((row for (row,) in rows), dtype=np.int64)

    def segments(self) -> dict[str, str]:
        """The dense index's immutable files: name to sha256."""
        return dict(self._connection.execute("SELECT name, sha256 FROM segments ORDER BY name"))

    def set_segments(self, segments: Mapping[str, str]) -> None:
        """Replace the list of the dense index's immutable files."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM segments")
        connection.executemany("INSERT INTO segments VALUES (?, ?)", segments.items())
        connection.execute("COMMIT")


def _casefold(value: str | None) -> str | None:
    return None if value is None else value.casefold()


def _published(at: str | None, precision: Any) -> PublicationDate | None:
    return None if at is None else PublicationDate(datetime.fromisoformat(at), precision)


def _ref(row: Sequence[Any]) -> ArticleRef:
    return ArticleRef(
        id=row[0],
        version=row[1],
        title=row[2],
        title_is_derived=bool(row[3]),
        url=row[4],
        source=row[5],
        section=row[6],
        authors=tuple(json.loads(row[7])),
        published=_published(row[8], row[9]),
    )


def _passage(row: Sequence[Any]) -> Passage:
    text, _, passage_id, ordinal, start, end, sentences = row[10:17]
    return Passage(
        id=passage_id,
        article_id=row[0],
        version=row[1],
        ordinal=ordinal,
        start=start,
        end=end,
        text=text[start:end],
        sentences=tuple(Sentence(s, e, text[s:e]) for s, e in json.loads(sentences)),
    )


def _where(filters: Filters) -> tuple[str, list[Any]]:
    clauses: list[str] = []
    values: list[Any] = []
    if filters.published_from is not None:
        clauses.append("v.published_first >= ?")
        values.append(filters.published_from.astimezone(UTC).timestamp())
    if filters.latest is not None:
        clauses.append("v.published_last <= ?")
        values.append(filters.latest.astimezone(UTC).timestamp())
    for column, names in (("v.source", filters.sources), ("v.section", filters.sections)):
        if names:
            clauses.append(f"casefold({column}) IN ({','.join('?' * len(names))})")
            values += [name.casefold() for name in names]
    return ("WHERE " + " AND ".join(clauses) if clauses else ""), values
