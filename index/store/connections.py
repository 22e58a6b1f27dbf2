"""SQLite connections: one a thread, all set up alike, all closed together.

A database that was moved away or replaced by another stays open as it was: whoever reads
asks `replaced` and then `renew`s. It is never made anew where it was there before.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from index.errors import StoreReplaced

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
        self._file: tuple[int, int] | None = None
        self._era = 0

    @property
    def here(self) -> sqlite3.Connection:
        """The connection of this thread."""
        era, connection = getattr(self._local, "connection", (-1, None))
        if era != self._era or connection is None:
            if connection is not None:  # to what was there before
                self._drop(connection)
            era, connection = self._era, self._connect()
            self._local.connection = (era, connection)
            with self._guard:
                self._open.append(connection)
                self._file = self._file or self._found()
        opened: sqlite3.Connection = connection
        return opened

    def replaced(self) -> bool:
        """Whether another file than the one that was opened stands under its name.

        Raises:
            StoreReplaced: none does.
        """
        return self._file is not None and self._file != self._found()

    def renew(self) -> None:
        """Let every thread open what stands there now when it next reads."""
        with self._guard:
            self._file = self._found()
            self._era += 1

    def _found(self) -> tuple[int, int]:
        try:
            found = self.path.stat()
        except OSError as error:
            raise StoreReplaced(
                f"{str(self.path)!r} was moved or removed while it was open "
                f"({error.strerror}): put it back, restore a backup, or stop what uses it"
            ) from None
        return found.st_dev, found.st_ino

    def _drop(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            if connection in self._open:
                self._open.remove(connection)
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        mode = "rwc" if self._file is None else "rw"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
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
