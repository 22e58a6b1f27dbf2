"""Everything the store can be asked. Reads from any thread; changes nothing."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents import Article, ArticleRef, Filters, Passage, Removed, Version
from index.errors import ArticleNotFound
from index.store import stories, tally
from index.store.connections import Connections
from index.store.fetches import FetchLog
from index.store.values import (
    AFTER_REF,
    REF_COLUMNS,
    Addition,
    Origin,
    StoredVersion,
    Vector,
    Vectors,
    passage_of,
    published_of,
    ref_of,
    stored_version,
    where,
)

_ADDITIONS_PER_READ = 2_000
_VECTORS_PER_READ = 500


class ReadingStore:
    """The questions: of its state, of articles, of passages, and of the derived indexes."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self.fetches = FetchLog(connections)

    # -- its state --------------------------------------------------------------

    def _get(self, key: str) -> str | None:
        found = self._connections.here.execute(
            "SELECT value FROM meta WHERE key = ?", (key,)
        ).fetchone()
        return None if found is None else str(found[0])

    @property
    def generation(self) -> int:
        """The number of commits so far."""
        return int(self._get("generation") or 0)

    @property
    def published(self) -> int:
        """The last generation that every derived index has absorbed."""
        return int(self._get("published") or 0)

    @property
    def manifest(self) -> dict[str, Any] | None:
        """What the passages and vectors were made with; None in a new store."""
        value = self._get("manifest")
        return None if value is None else dict(json.loads(value))

    @property
    def reindexing(self) -> dict[str, Any] | None:
        """How far an unfinished `reindex` has come; None when there is none."""
        value = self._get("reindexing")
        return None if value is None else dict(json.loads(value))

    @property
    def remade(self) -> int:
        """The generation that ended the last `reindex`; 0 when there was none."""
        return int(self._get("remade") or 0)

    def replaced(self) -> bool:
        """Whether another file than the one that was opened stands under its name.

        Raises:
            StoreReplaced: none does.
        """
        return self._connections.replaced()

    # -- articles ---------------------------------------------------------------

    def origin(self, origin: str) -> Origin | None:
        """What was last seen at an origin, or None."""
        found = self._connections.here.execute(
            "SELECT article_id, raw_sha256, bytes_sha256 FROM origins WHERE origin = ?", (origin,)
        ).fetchone()
        return None if found is None else Origin(*found)

    def origins(self, article_id: str) -> list[str]:
        """Every origin of an article, sorted."""
        rows = self._connections.here.execute(
            "SELECT origin FROM origins WHERE article_id = ? ORDER BY origin", (article_id,)
        )
        return [origin for (origin,) in rows]

    def current(self, article_id: str) -> tuple[ArticleRef, str] | None:
        """The current version of an article and the sha256 of its text, or None."""
        found = self._connections.here.execute(
            f"SELECT {REF_COLUMNS}, v.text_sha256 FROM articles a JOIN versions v "  # noqa: S608
            "ON v.article_id = a.id AND v.number = a.current_version WHERE a.id = ?",
            (article_id,),
        ).fetchone()
        return None if found is None else (ref_of(found), str(found[AFTER_REF]))

    def article(self, article_id: str, version: int | None = None) -> Article:
        """An article at a version, by default the current one.

        Raises:
            ArticleNotFound: there is no such article or version.
        """
        found = self._connections.here.execute(
            f"SELECT {REF_COLUMNS}, v.text FROM articles a JOIN versions v "  # noqa: S608
            "ON v.article_id = a.id AND v.number = coalesce(?, a.current_version) WHERE a.id = ?",
            (version, article_id),
        ).fetchone()
        if found is None:
            which = "" if version is None else f" at version {version}"
            raise ArticleNotFound(
                f"no article {article_id!r}{which}: `dateline status` counts what is there, "
                "GET /v1/articles lists it"
            )
        return Article(ref_of(found), found[AFTER_REF])

    def raw(self, article_id: str, version: int | None = None) -> tuple[str, tuple[Removed, ...]]:
        """The text as it came, and the spans of it that preparation removed."""
        ref = self.article(article_id, version).ref
        raw, removed = self._connections.here.execute(
            "SELECT raw, removed FROM versions WHERE article_id = ? AND number = ?",
            (ref.id, ref.version),
        ).fetchone()
        return zlib.decompress(raw).decode(), tuple(Removed(*r) for r in json.loads(removed))

    def stored_versions(self, article_id: str) -> list[StoredVersion]:
        """Every version of an article, oldest first, with all that is stored of it."""
        rows = self._connections.here.execute(
            f"SELECT {REF_COLUMNS}, v.text, v.raw, v.removed, v.notes, v.ingested_at, "  # noqa: S608
            "v.fetched_at, v.bytes_sha256 FROM versions v WHERE v.article_id = ? "
            "ORDER BY v.number",
            (article_id,),
        )
        return [stored_version(row) for row in rows]

    def notes(self, article_id: str, version: int) -> tuple[str, ...]:
        """What the outlet said of a version: updates, corrections."""
        found = self._connections.here.execute(
            "SELECT notes FROM versions WHERE article_id = ? AND number = ?",
            (article_id, version),
        ).fetchone()
        return () if found is None else tuple(json.loads(found[0]))

    def versions(self, article_id: str) -> list[Version]:
        """The history of an article, oldest first."""
        rows = self._connections.here.execute(
            "SELECT v.number, v.title, v.published_at, v.published_precision, v.modified_at, "
            "v.modified_precision, v.fetched_at, v.ingested_at, v.text_sha256, "
            "v.number = a.current_version FROM versions v "
            "JOIN articles a ON a.id = v.article_id WHERE a.id = ? ORDER BY v.number",
            (article_id,),
        )
        return [
            Version(
                number=number,
                title=title,
                published=published_of(at, precision),
                modified=published_of(modified_at, modified_precision),
                fetched_at=datetime.fromisoformat(fetched_at) if fetched_at else None,
                ingested_at=datetime.fromisoformat(ingested_at),
                text_sha256=sha256,
                current=bool(current),
            )
            for (
                number,
                title,
                at,
                precision,
                modified_at,
                modified_precision,
                fetched_at,
                ingested_at,
                sha256,
                current,
            ) in rows
        ]

    def list_articles(
        self, filters: Filters, *, limit: int, offset: int
    ) -> tuple[list[ArticleRef], int]:
        """A page of current articles, newest first, undated last; and how many match."""
        clause, values = where(filters)
        tables = (
            "FROM articles a JOIN versions v "
            f"ON v.article_id = a.id AND v.number = a.current_version {clause}"
        )
        (total,) = self._connections.here.execute(f"SELECT count(*) {tables}", values).fetchone()
        rows = self._connections.here.execute(
            f"SELECT {REF_COLUMNS} {tables} ORDER BY v.published_first IS NULL, "
            "v.published_first DESC, v.article_id LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [ref_of(row) for row in rows], int(total)

    def find(self, name: str) -> list[str]:
        """The ids of the articles that an id, a URL, an origin or a folder names, sorted.

        A blank name, such as an unset variable gives, names nothing.
        """
        if not name.strip():
            return []
        folder = name.rstrip("/") + "/"
        rows = self._connections.here.execute(
            "SELECT id FROM articles WHERE id = :name "
            "UNION SELECT article_id FROM versions WHERE url = :name "
            "UNION SELECT article_id FROM origins WHERE origin = :name "
            "OR substr(origin, 1, length(:folder)) = :folder "
            "OR substr(origin, 1, length(:record)) = :record "
            "OR substr(origin, 1, length(:member)) = :member ORDER BY 1",
            {"name": name, "folder": folder, "record": name + "#", "member": name + "!"},
        )
        return [article_id for (article_id,) in rows]

    def article_ids(self) -> list[str]:
        """Every article id, sorted."""
        return [i for (i,) in self._connections.here.execute("SELECT id FROM articles ORDER BY id")]

    def copies(self, article_id: str) -> list[ArticleRef]:
        """The other articles that carry the text of this one, the earliest first."""
        return stories.copies(self._connections.here, article_id)

    def copies_of(self, article_ids: Sequence[str], filters: Filters) -> dict[str, list[Article]]:
        """The other articles with the texts of these that pass the filters, some of each."""
        return stories.copies_of(self._connections.here, article_ids, filters)

    def count_copies(self, article_ids: Sequence[str]) -> int:
        """How many of these articles carry a text that was there before, in another one."""
        return stories.count_copies(self._connections.here, article_ids)

    def counts(self) -> dict[str, int]:
        """How many articles, versions and searchable passages there are."""
        (row,) = self._connections.here.execute(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM versions), "
            "(SELECT count(*) FROM passages)"
        )
        return dict(zip(("articles", "versions", "passages"), map(int, row), strict=True))

    def tallies(self) -> list[tally.Tally]:
        """How many current articles there are of each day and outlet."""
        return tally.tallies(self._connections.here)

    def last_ingest(self) -> datetime | None:
        """When the newest version came in; None in an empty store."""
        return tally.last_ingest(self._connections.here)

    # -- passages -------------------------------------------------------

    def passages(self, rows: Sequence[int]) -> dict[int, tuple[Passage, ArticleRef]]:
        """Passages with their articles by row; rows that are gone are left out."""
        marks = ",".join("?" * len(rows))
        found = self._connections.here.execute(
            f"SELECT {REF_COLUMNS}, v.text, p.row, p.id, p.ordinal, p.start, "  # noqa: S608
            'p."end", p.sentences FROM passages p JOIN versions v '
            "ON v.article_id = p.article_id AND v.number = p.version "
            f"WHERE p.row IN ({marks})",
            list(rows),
        )
        return {record[AFTER_REF + 1]: (passage_of(record), ref_of(record)) for record in found}

    def passages_of(self, article_id: str) -> list[Passage]:
        """The searchable passages of an article in their order."""
        rows = self._connections.here.execute(
            "SELECT row FROM passages WHERE article_id = ? ORDER BY ordinal", (article_id,)
        ).fetchall()
        found = self.passages([row for (row,) in rows])
        return [found[row][0] for (row,) in rows if row in found]

    def embedded_passages(self, article_id: str, dim: int) -> list[tuple[Passage, Vector]]:
        """The searchable passages of an article with their vectors, float16 of shape (dim,)."""
        rows = self._connections.here.execute(
            "SELECT row FROM passages WHERE article_id = ? ORDER BY row", (article_id,)
        ).fetchall()
        found = self.passages([row for (row,) in rows])
        kept, vectors = self.vectors([row for (row,) in rows], dim)
        return [
            (found[row][0], vector)
            for row, vector in zip(kept.tolist(), vectors, strict=True)
            if row in found
        ]

    # -- what the derived indexes read --------------------------------------------

    def additions(self, after: int, upto: int) -> Iterator[list[Addition]]:
        """Passages born in generations (after, upto], in row order, a few thousand at a time."""
        last = 0
        while True:
            rows = self._connections.here.execute(
                "SELECT p.row, p.id, p.article_id, "
                "CASE v.title_is_derived WHEN 1 THEN '' ELSE v.title END, "
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
        rows = self._connections.here.execute(
            "SELECT row FROM tombstones WHERE died > ? AND died <= ? ORDER BY row", (after, upto)
        )
        return [row for (row,) in rows]

    def vectors(self, rows: Sequence[int], dim: int) -> tuple[NDArray[np.int64], Vectors]:
        """Rows that are still there and their vectors, float16 of shape (n, dim)."""
        found: list[tuple[int, bytes]] = []
        for start in range(0, len(rows), _VECTORS_PER_READ):
            part = list(rows[start : start + _VECTORS_PER_READ])
            marks = ",".join("?" * len(part))
            found += self._connections.here.execute(
                f"SELECT row, vector FROM vectors WHERE row IN ({marks}) ORDER BY row",  # noqa: S608
                part,
            ).fetchall()
        matrix = np.frombuffer(b"".join(v for _, v in found), dtype="<f2").reshape(-1, dim)
        return np.array([row for row, _ in found], dtype=np.int64), matrix

    def live_rows(self) -> NDArray[np.int64]:
        """The rows of every searchable passage, ascending, int64 of shape (passages,)."""
        rows = self._connections.here.execute("SELECT row FROM passages ORDER BY row")
        return np.fromiter((row for (row,) in rows), dtype=np.int64)

    def segments(self) -> dict[str, str]:
        """The dense index's immutable files: name to sha256."""
        return dict(
            self._connections.here.execute("SELECT name, sha256 FROM segments ORDER BY name")
        )
