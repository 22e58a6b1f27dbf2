"""The keys of a data directory, in a file that a running server sees change.

JSON rather than a table of the store: a server is told of a change by one `stat`, keys
need no lock of the corpus, and a folder without articles can hold them. Knows nothing of
HTTP, and of a key only its digest.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from api.keys import Key, KeyRefused, KeysUnreadable, Scope, digest_of, new_key
from index.files import durable_replace

KEYS_FILE = "keys.json"
LOCK_FILE = "keys.lock"
FORMAT = 1
# Each request is compared with all of them.
MAX_KEYS = 1_000
_LOCK_TIMEOUT_S = 10.0


class KeyBook:
    """The keys of one data directory; each question about them sees the latest."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = home / KEYS_FILE
        self._seen: tuple[int, int, int] | None = None
        self._read: tuple[Key, ...] = ()

    def all(self) -> tuple[Key, ...]:
        """Every key that was ever made, oldest first.

        Raises:
            KeysUnreadable: the file cannot be read.
        """
        try:
            status = self._file.stat()
        except FileNotFoundError:
            self._seen, self._read = None, ()
            return ()
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from error
        # Each change is another file, so its inode differs from that of the one before.
        seen = (status.st_mtime_ns, status.st_ino, status.st_size)
        if seen != self._seen:
            self._read = self._load()
            self._seen = seen
        return self._read

    def are_needed(self) -> bool:
        """Whether a key has been given out that is not revoked; one that expired counts.

        Raises:
            KeysUnreadable: the file cannot be read.
        """
        return any(key.revoked_at is None for key in self.all())

    def find(self, presented: bytes) -> Key | None:
        """The key with these characters, whether or not it still works.

        The whole is hashed, and compared with every digest, so that the time it takes tells
        neither how much of a key was right nor which key it was.

        Raises:
            KeysUnreadable: the file cannot be read.
        """
        digest = digest_of(presented)
        found = None
        for key in self.all():
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found

    def add(
        self, name: str, scope: Scope, *, now: datetime, expires_at: datetime | None = None
    ) -> tuple[Key, str]:
        """Make a key; returns what is kept of it, and the key, which nobody can show again.

        Raises:
            KeyRefused: the name cannot be one or is taken, or there are too many keys.
            KeysUnreadable: the file cannot be read.
        """
        key, secret = new_key(name, scope, now=now, expires_at=expires_at)
        self._change(lambda keys: (*_room_for(name, keys), key))
        return key, secret

    def revoke(self, name: str, *, now: datetime) -> Key:
        """End a key, at once and for good.

        Raises:
            KeyRefused: no key has this name that is not revoked already.
            KeysUnreadable: the file cannot be read.
        """
        ended: list[Key] = []

        def change(keys: tuple[Key, ...]) -> tuple[Key, ...]:
            ended.extend(replace(k, revoked_at=now) for k in keys if _is_called(k, name))
            if not ended:
                raise KeyRefused(
                    f"no key is called {name[:80]!r}: `dateline keys list` shows those there are"
                )
            return tuple(ended[0] if _is_called(k, name) else k for k in keys)

        self._change(change)
        return ended[0]

    def _change(self, change: Callable[[tuple[Key, ...]], tuple[Key, ...]]) -> None:
        self._home.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._home / LOCK_FILE, timeout=_LOCK_TIMEOUT_S):
                self._write(change(self.all()))
        except Timeout:
            raise KeyRefused(
                f"another process has held {LOCK_FILE} for {_LOCK_TIMEOUT_S:g} seconds: try again"
            ) from None

    def _write(self, keys: tuple[Key, ...]) -> None:
        temporary = self._file.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"format": FORMAT, "keys": [_row(key) for key in keys]}, file, indent=1)
        durable_replace(temporary, self._file)

    def _load(self) -> tuple[Key, ...]:
        try:
            held = json.loads(self._file.read_bytes())
            if held["format"] != FORMAT:
                raise self._unreadable(f"its format is {held['format']!r}, not {FORMAT}")
            return tuple(_key(row) for row in held["keys"])
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._unreadable(f"{type(error).__name__}: {error}") from error

    def _unreadable(self, why: str) -> KeysUnreadable:
        return KeysUnreadable(
            f"{str(self._file)!r} cannot be read as keys ({why}): make it readable, or move it "
            "away and make new keys with `dateline keys add`"
        )


def _is_called(key: Key, name: str) -> bool:
    return key.name == name and key.revoked_at is None


def _room_for(name: str, keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """The keys beside which one more has room; the longest revoked makes it where none is.

    Raises:
        KeyRefused: the name is taken, or all keys are in use.
    """
    if any(_is_called(key, name) for key in keys):
        raise KeyRefused(
            f"a key is called {name!r} already: give another name, or first "
            f"`dateline keys revoke {name}`"
        )
    revoked = [key for key in keys if key.revoked_at is not None]
    if len(keys) < MAX_KEYS:
        return keys
    if not revoked:
        raise KeyRefused(f"there are {MAX_KEYS:,} keys, which is the limit: revoke one first")
    oldest = min(revoked, key=lambda key: str(key.revoked_at))
    return tuple(key for key in keys if key is not oldest)


def _row(key: Key) -> dict[str, str | None]:
    return {
        "name": key.name,
        "sha256": key.digest.hex(),
        "scope": key.scope.value,
        "created": key.created_at.isoformat(),
        "expires": _written(key.expires_at),
        "revoked": _written(key.revoked_at),
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _key(row: dict[str, Any]) -> Key:
    return Key(
        name=row["name"],
        digest=bytes.fromhex(row["sha256"]),
        scope=Scope(row["scope"]),
        created_at=_moment(row["created"]),
        expires_at=row["expires"] and _moment(row["expires"]),
        revoked_at=row["revoked"] and _moment(row["revoked"]),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return moment
