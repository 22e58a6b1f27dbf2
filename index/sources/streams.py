"""Bytes of a file or of standard input: unpacked, line by line, within limits.

Knows nothing of articles or records. Never holds more than one line, and stops at
a gzip file that unpacks to far more than any real text would.
"""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from index.errors import UnreadableSource

GZIP_MAGIC = b"\x1f\x8b"
# A whole text, and one line of a JSONL file. A JSONL file may be of any size.
MAX_BYTES = 20_000_000
# News packs by 3 to 10 and ever repeated records by 100; zeros by 1,000.
MAX_UNPACKED_RATIO = 250
# Below this a bomb does no harm.
MIN_SUSPECT_BYTES = 100_000_000

_SKIP_BYTES = 1 << 20

# What a damaged file or an impossible path raises.
READ_ERRORS = (OSError, EOFError, zlib.error, ValueError)


class Source:
    """A stream with its first bytes looked at; `unpacked` tells whether it was gzip."""

    def __init__(self, stream: BinaryIO, origin: str) -> None:
        self.origin = origin
        self._packed = _Counted(stream)
        buffered = io.BufferedReader(self._packed)
        self.unpacked = buffered.peek(2)[:2] == GZIP_MAGIC
        self._stream: io.BufferedIOBase = (
            gzip.GzipFile(fileobj=buffered) if self.unpacked else buffered
        )
        self._read = 0

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes; fewer only at the end."""
        return self._checked(self._stream.read(size))

    def lines(self) -> Iterator[bytes]:
        """Lines with their newlines; of one over `MAX_BYTES`, the first `MAX_BYTES + 1`."""
        while line := self._checked(self._stream.readline(MAX_BYTES + 1)):
            yield line
            if len(line) > MAX_BYTES and not line.endswith(b"\n"):
                self._skip_line()

    def _skip_line(self) -> None:
        while part := self._checked(self._stream.readline(_SKIP_BYTES)):
            if part.endswith(b"\n"):
                return

    def _checked(self, data: bytes) -> bytes:
        self._read += len(data)
        packed = self._packed.read_bytes
        if self._read > max(MIN_SUSPECT_BYTES, MAX_UNPACKED_RATIO * packed):
            raise UnreadableSource(
                self.origin,
                f"{packed:,} bytes of gzip unpack to more than {self._read:,}, over "
                f"{MAX_UNPACKED_RATIO} to 1; unpack it yourself if you trust it",
            )
        return data


class _Counted(io.RawIOBase):
    """Counts the bytes taken from a stream, which it leaves open."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.read_bytes += len(data)
        return len(data)


@contextmanager
def refused(origin: str) -> Iterator[None]:
    """Turn what reading raises into `UnreadableSource`."""
    try:
        yield
    except READ_ERRORS as error:
        raise UnreadableSource(origin, why(error)) from error


def why(error: Exception) -> str:
    """What went wrong, in words, without the path that the origin already names."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder; check the path"
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return f"its gzip data is damaged or cut short ({error}); fetch the file again"
    return f"it cannot be read ({getattr(error, 'strerror', None) or error})"


def printable(path: Path) -> str:
    """The path as text that UTF-8 can hold: bytes of no known encoding are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
