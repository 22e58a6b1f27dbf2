"""Archives: tar, and what all kinds of them share. Nothing is written to disk.

Knows nothing of what members hold: they are handed on as streams, each to be read before
the next.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from index.errors import SourceError, UnreadableSource
from index.sources.streams import READ_ERRORS, Source, printable_name

# What stands before a member of a tar archive: its name in several forms.
MAX_TAR_HEADER_BYTES = 1_000_000
# What a damaged archive raises.
DAMAGED = (*READ_ERRORS, RuntimeError, LookupError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, open until the next is asked for."""

    origin: str
    stream: BinaryIO


def is_hidden(name: str) -> bool:
    """Whether a member is none that a person put there: hidden, or made by macOS."""
    parts = [part for part in name.split("/") if part not in (".", "..", "")]
    return any(part.startswith((".", "__MACOSX")) for part in parts)


def tar_members(source: Source) -> Iterator[Member | SourceError]:
    """The files of a tar archive as they come; links and devices are passed over.

    Raises:
        UnreadableSource: it is damaged. What came before has been yielded.
    """
    stream = _Limited(source)
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            while (member := archive.next()) is not None:
                archive.members = []  # it would keep every one
                stream.allow(member.size if member.isreg() else 0)
                if member.isreg() and not is_hidden(member.name):
                    yield from _tar_member(archive, member, source)
                    if source.budget.exhausted:
                        return
    except DAMAGED as error:
        raise UnreadableSource(
            source.origin, f"its tar data is damaged ({error}); fetch it again"
        ) from error
    if any(stream.last):
        raise UnreadableSource(source.origin, "it is damaged or cut short; fetch it again")


def _tar_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, source: Source
) -> Iterator[Member | SourceError]:
    origin = f"{source.origin}!{printable_name(member.name)}"
    stream = None if member.issparse() else archive.extractfile(member)
    if stream is None:
        yield UnreadableSource(origin, "it is a file with holes; pack the archive without --sparse")
    else:
        yield Member(origin, stream)  # type: ignore[arg-type]


class _Limited:
    """What tarfile reads from, which between members may be only so much."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._left = MAX_TAR_HEADER_BYTES
        self.last = b""  # of the archive: empty blocks, if it is whole

    def allow(self, size: int) -> None:
        """A member of `size` bytes is read or passed over, then comes a header."""
        self._left = size + MAX_TAR_HEADER_BYTES

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes."""
        data = self._source.read(size)
        self._left -= len(data)
        self.last = data[-tarfile.BLOCKSIZE :] or self.last
        if self._left < 0:
            raise UnreadableSource(
                self._source.origin,
                f"a header in it is larger than {MAX_TAR_HEADER_BYTES:,} bytes; pack it anew",
            )
        return data
