"""SQLite connections: one a thread, all set up alike, all closed together."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

# The name of the database in a data directory.
STORE_FILE = "dateline.sqlite3"
_BUSY_TIMEOUT_S = 30


class Connections:
    """Connections to one database in WAL mode, durable at each commit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._guard = threading.Lock()

    @property
    def here(self) -> sqlite3.Connection:
        """The connection of this thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
            with self._guard:
                self._open.append(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.create_function("casefold", 1, _casefold, deterministic=True)
        for pragma in (
            "foreign_keys = ON",
            "secure_delete = ON",
            "synchronous = FULL",
            "journal_mode = WAL",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def close(self) -> None:
        """Close the connections of every thread."""
        with self._guard:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()


def _casefold(value: str | None) -> str | None:
    return None if value is None else value.casefold()
