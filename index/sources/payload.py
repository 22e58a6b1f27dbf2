"""Bytes on their way to becoming articles, and where they came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Payload:
    """One file, archive member, upload or answer of a server, whole.

    `url` is where it was fetched from, after redirects; `content_type` is what the server
    or the archive said of it, which helps with the encoding and never decides what it is.
    `etag` and `last_modified` are what to ask that server with the next time.
    """

    origin: str
    data: bytes
    url: str | None = None
    content_type: str | None = None
    fetched_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None

    def sha256(self) -> str:
        """The hash of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class NotModified:
    """A server said that what was fetched from an address before is still what it holds."""

    origin: str
