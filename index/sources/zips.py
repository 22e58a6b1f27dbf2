"""ZIP archives: their members one by one, nothing written to disk, within limits.

A member that is damaged or encrypted is refused alone. What all of them unpack to is
counted by the budget of the input they are in. Knows nothing of what members hold.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from index.errors import SourceError, UnreadableSource
from index.sources.archives import DAMAGED, Member, is_hidden
from index.sources.streams import Budget, Source, printable_name

# The list of a ZIP's members, which is held in memory: some 300,000 of them.
MAX_DIRECTORY_BYTES = 32_000_000
# A ZIP must be held whole where it comes from a stream or from inside an archive.
MAX_HELD_BYTES = 100_000_000

_END = b"PK\x05\x06"
_END_BYTES = 22
_MAX_COMMENT = 65_535
_DOCUMENTS = (
    ("word/", "a Word document (.docx)"),
    ("xl/", "an Excel workbook (.xlsx)"),
    ("ppt/", "a PowerPoint presentation (.pptx)"),
    ("META-INF/container.xml", "an e-book (.epub)"),
    ("META-INF/MANIFEST.MF", "a Java archive"),
    ("mimetype", "an OpenDocument file"),
)
_DOCUMENT_MARKS = frozenset(("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"))


def zip_members(source: Source, file: BinaryIO | None) -> Iterator[Member | SourceError]:
    """The files of a ZIP archive, in its order; `file` is what `source` reads if it is a file.

    Raises:
        UnreadableSource: it is damaged, too large, or a document in the form of a ZIP.
    """
    with _opened(_seekable(source, file), source) as archive:
        members = archive.infolist()
        _refuse_documents({member.filename for member in members}, source.origin)
        for member in members:
            if not (member.filename.endswith("/") or is_hidden(member.filename)):
                yield from _zip_member(archive, member, source)
                if source.budget.exhausted:
                    return


def _zip_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, source: Source
) -> Iterator[Member | SourceError]:
    origin = f"{source.origin}!{printable_name(member.filename)}"
    if member.flag_bits & 0x1:
        yield UnreadableSource(origin, "it is encrypted; unpack the archive with its password")
        return
    try:
        stream = archive.open(member)
    except DAMAGED as error:
        yield UnreadableSource(origin, f"it cannot be unpacked ({error}); pack it anew")
        return
    with stream:
        yield Member(origin, _Unpacked(stream, origin, source.budget))  # type: ignore[arg-type]


def _seekable(source: Source, file: BinaryIO | None) -> BinaryIO:
    """The archive where it can be read at any place: the file itself, or held in memory."""
    if file is not None and not source.packed and file.seekable():
        size = file.seek(0, io.SEEK_END)
        source.budget.packed = max(source.budget.packed, size)
        return file
    data = source.read(MAX_HELD_BYTES + 1)
    if len(data) > MAX_HELD_BYTES:
        raise UnreadableSource(
            source.origin,
            f"it is a ZIP archive of more than {MAX_HELD_BYTES:,} bytes that is no file of its "
            "own; save it as one and name it",
        )
    return io.BytesIO(data)


def _opened(file: BinaryIO, source: Source) -> zipfile.ZipFile:
    size = _directory_bytes(file)
    if size > MAX_DIRECTORY_BYTES:
        raise UnreadableSource(
            source.origin,
            f"the list of its members has {size:,} bytes, the limit is {MAX_DIRECTORY_BYTES:,}; "
            "split it",
        )
    try:
        return zipfile.ZipFile(file)
    except DAMAGED as error:
        raise UnreadableSource(
            source.origin, f"its list of members is damaged ({error}); fetch the archive again"
        ) from error


def _directory_bytes(file: BinaryIO) -> int:
    """The size of the list of members, as the end of the archive says."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END_BYTES - _MAX_COMMENT))
    tail = file.read()
    file.seek(0)
    ends = {tail.rfind(_END), len(tail) - _END_BYTES if tail[-_END_BYTES:][:4] == _END else -1}
    return max(min(_said(tail, at), size) for at in ends)


def _said(tail: bytes, at: int) -> int:
    if at < 0:
        return 0
    said = int.from_bytes(tail[at + 12 : at + 16], "little")
    if said == 0xFFFFFFFF:  # the real figure stands in the ZIP64 record before it
        return int.from_bytes(tail[max(0, at - 36) : max(0, at - 28)], "little")
    return said


def _refuse_documents(names: set[str], origin: str) -> None:
    if names & _DOCUMENT_MARKS:
        kind = next(
            (kind for start, kind in _DOCUMENTS if any(name.startswith(start) for name in names)),
            "an office document",
        )
        raise UnreadableSource(origin, f"it is {kind}; save it as PDF, HTML or plain text")


class _Unpacked(io.RawIOBase):
    """A member's bytes, counted."""

    def __init__(self, stream: zipfile.ZipExtFile, origin: str, budget: Budget) -> None:
        self._stream = stream
        self._origin = origin
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read1(len(buffer))
        except DAMAGED as error:
            raise UnreadableSource(
                self._origin, f"it is damaged ({error}); fetch the archive again"
            ) from error
        self._budget.spend(len(data), self._origin)
        buffer[: len(data)] = data
        return len(data)
