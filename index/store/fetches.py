"""What servers said of addresses when they were last fetched, to ask with the next time.

To be written once the article is stored: what a kill leaves unwritten is fetched again.
Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.store.connections import Connections

if TYPE_CHECKING:
    from index.sources.payload import Payload


class FetchLog:
    """The table `fetches` of one store."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def get(self, url: str) -> tuple[str | None, str | None] | None:
        """ETag and Last-Modified of an address; None where nothing is known."""
        row = self._connections.here.execute(
            "SELECT etag, last_modified FROM fetches WHERE url = ?", (url,)
        ).fetchone()
        return None if row is None else (row[0], row[1])

    def put(self, payload: Payload) -> None:
        """Remember what came from a server; where it gave nothing to ask with, forget it."""
        url = payload.url or payload.origin
        if payload.fetched_at is None or not (payload.etag or payload.last_modified):
            self._connections.here.execute("DELETE FROM fetches WHERE url = ?", (url,))
            return
        at = payload.fetched_at.isoformat()
        self._connections.here.execute(
            "INSERT OR REPLACE INTO fetches (url, etag, last_modified, bytes_sha256, fetched_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (url, payload.etag, payload.last_modified, payload.sha256(), at),
        )

    def forget_articles(self, article_ids: Sequence[str]) -> None:
        """Forget what held these articles, before they go: it must not seem unchanged."""
        connection = self._connections.here
        for article_id in article_ids:
            connection.execute(
                "DELETE FROM fetches WHERE bytes_sha256 IN (SELECT bytes_sha256 FROM versions "
                "WHERE article_id = ? AND bytes_sha256 IS NOT NULL)",
                (article_id,),
            )
