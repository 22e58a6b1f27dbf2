"""Bytes of a file or of standard input: unpacked, line by line, within limits.

Knows nothing of articles or records. Never holds more than one line, and stops where
packed data, at whatever depth, unpacks to far more than any real text would.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from index.errors import UnreadableSource

GZIP_MAGIC = b"\x1f\x8b"
# A whole document, and one line of a JSONL file. A JSONL file may be of any size.
MAX_BYTES = 20_000_000
# Nobody writes so many in a row, and each takes time.
MAX_EMPTY_LINES = 100_000
# News packs by 3 to 10 and ever repeated records by 100; zeros by 1,000.
MAX_UNPACKED_RATIO = 250
# Below this a bomb does no harm.
MIN_SUSPECT_BYTES = 100_000_000
# Enough of a file to tell what it is.
HEAD_BYTES = 1 << 16

_READ_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 16
_PACKINGS = (
    (re.compile(re.escape(GZIP_MAGIC)), "gzip"),
    (re.compile(rb"BZh[1-9]1AY&SY"), "bzip2"),
    (re.compile(rb"\xfd7zXZ\x00"), "xz"),
)

_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)
# What a damaged file or an impossible path raises.
READ_ERRORS = (OSError, ValueError, struct.error, *_DAMAGE)


class Budget:
    """How much one input may unpack to, with whatever is packed inside it.

    `packed` are the bytes of the input itself, `unpacked` those made of them so far.
    """

    def __init__(self, packed: int = 0) -> None:
        self.packed = packed
        self.unpacked = 0

    @property
    def exhausted(self) -> bool:
        """Whether more came out than a real text gives: nothing else is read then."""
        return self.unpacked > max(MIN_SUSPECT_BYTES, MAX_UNPACKED_RATIO * self.packed)

    def spend(self, size: int, origin: str) -> None:
        """Count `size` unpacked bytes; raises `UnreadableSource` when they are too many."""
        self.unpacked += size
        if self.exhausted:
            raise UnreadableSource(
                origin,
                f"{self.packed:,} bytes unpack to more than {self.unpacked:,}, over "
                f"{MAX_UNPACKED_RATIO} to 1, so the rest is left; unpack it yourself if you "
                "trust it",
            )


class Source:
    """A stream with its first bytes looked at, unpacked where it is gzip, bzip2 or xz.

    `budget` is that of the input the stream is a part of; without one, the stream is
    the input, and its bytes are counted.
    """

    def __init__(self, stream: BinaryIO, origin: str, budget: Budget | None = None) -> None:
        self.origin = origin
        self.budget = Budget() if budget is None else budget
        outer = _Ahead(_reader(stream, self.budget if budget is None else None))
        start = outer.look(10)
        packing = next((name for magic, name in _PACKINGS if magic.match(start)), None)
        self.packed = packing is not None
        self._ahead = outer if packing is None else _Ahead(self._unpacking(outer, packing))
        self.stream = io.BufferedReader(self._ahead, _BUFFER_BYTES)

    def head(self) -> bytes:
        """The first `HEAD_BYTES`, which stay to be read; only before anything is read."""
        return self._ahead.look(HEAD_BYTES)

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes; fewer only at the end. Takes no more memory than there are."""
        parts: list[bytes] = []
        while size > 0 and (part := self.stream.read(min(size, _READ_BYTES))):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def lines(self) -> Iterator[bytes]:
        """Lines with their newlines; of one over `MAX_BYTES`, the first `MAX_BYTES + 1`."""
        empty = 0
        while line := self.stream.readline(MAX_BYTES + 1):
            empty = empty + 1 if len(line) <= 2 and line.isspace() else 0
            if empty > MAX_EMPTY_LINES:
                raise UnreadableSource(
                    self.origin,
                    f"it has more than {MAX_EMPTY_LINES:,} empty lines in a row; remove them",
                )
            yield line
            if len(line) > MAX_BYTES and not line.endswith(b"\n"):
                self._skip_line()

    def _skip_line(self) -> None:
        while part := self.stream.readline(_READ_BYTES):
            if part.endswith(b"\n"):
                return

    def _unpacking(self, packed: _Ahead, name: str) -> Callable[[int], bytes]:
        read = _unpacker(io.BufferedReader(packed), name).read1

        def unpacked(size: int) -> bytes:
            try:
                data = read(size)
            except (OSError, *_DAMAGE) as error:
                if getattr(error, "errno", None) is not None:  # of the disk, not of the data
                    raise
                raise UnreadableSource(
                    self.origin,
                    f"its {name} data is damaged or cut short ({error}); fetch the file again",
                ) from error
            self.budget.spend(len(data), self.origin)
            return data

        return unpacked


class _Ahead(io.RawIOBase):
    """Reads that can be looked at first. An error met while looking waits for its turn."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._seen = b""
        self._error: Exception | None = None

    def look(self, size: int) -> bytes:
        while len(self._seen) < size and self._error is None:
            try:
                data = self._read(size - len(self._seen))
            except (UnreadableSource, *READ_ERRORS) as error:
                self._error = error
                break
            if not data:
                break
            self._seen += data
        return self._seen[:size]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = len(buffer)
        if self._seen:
            data, self._seen = self._seen[:size], self._seen[size:]
        elif self._error is not None:
            raise self._error
        else:
            data = self._read(size)
        buffer[: len(data)] = data
        return len(data)


def _unpacker(
    stream: io.BufferedReader[_Ahead], name: str
) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    if name == "gzip":
        return gzip.GzipFile(fileobj=stream)
    return bz2.BZ2File(stream) if name == "bzip2" else lzma.LZMAFile(stream)


def _reader(stream: BinaryIO, counted: Budget | None) -> Callable[[int], bytes]:
    """Reads of what there is at once, so that an error costs nothing that came before it."""
    read: Callable[[int], bytes | None] = getattr(stream, "read1", stream.read)

    def counting(size: int) -> bytes:
        data = read(size) or b""
        if counted is not None:
            counted.packed += len(data)
        return data

    return counting


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
    if isinstance(error, _DAMAGE):
        return f"its data is damaged or cut short ({error}); fetch the file again"
    return f"it cannot be read ({getattr(error, 'strerror', None) or error})"


def printable(path: Path) -> str:
    """The path as text that UTF-8 can hold: bytes of no known encoding are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def printable_name(name: str) -> str:
    """A name from inside a file, which may hold anything, on one line and in UTF-8."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name
    )
