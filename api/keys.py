"""API keys as values: who may read, and who may also change the corpus.

A key is 256 random bits, shown once; what is kept has only its sha256, so that nobody who
reads that can use it. `key_book.py` keeps them. Knows nothing of HTTP or files.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# A key says whose it is, so that one that leaked is recognised by who finds it.
PREFIX = "dl_"
KEY_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class KeysError(Exception):
    """The keys cannot be used as was asked.

    KeysError
    ├── KeysUnreadable   the file is no file of keys, or may not be read
    └── KeyRefused       no such key, a name that is taken or cannot be one, too many keys
    """


class KeysUnreadable(KeysError):
    """The file is damaged, of another format, or not ours to read."""


class KeyRefused(KeysError):
    """There is no such key, or there cannot be one."""


class Scope(StrEnum):
    """What a key allows; `ingest` allows what `read` does."""

    READ = "read"
    INGEST = "ingest"

    def allows(self, needed: Scope) -> bool:
        """Whether this scope holds the needed one."""
        return self is needed or self is Scope.INGEST


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key; times are UTC."""

    name: str
    digest: bytes = field(repr=False)
    scope: Scope
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def works_at(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def digest_of(presented: bytes) -> bytes:
    """The sha256 that is kept of a key."""
    return hashlib.sha256(presented).digest()


def new_key(
    name: str, scope: Scope, *, now: datetime, expires_at: datetime | None = None
) -> tuple[Key, str]:
    """Make a key; returns what is kept of it, and the key itself.

    Raises:
        KeyRefused: the name cannot be one.
    """
    if not _NAME.fullmatch(name):
        raise KeyRefused(
            f"{name[:80]!r} cannot name a key: give 1 to 64 letters, digits, '.', '_', '-' "
            "or '@', the first a letter or digit"
        )
    secret = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    return Key(name, digest_of(secret.encode()), scope, now, expires_at), secret
