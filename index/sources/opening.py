"""One stream to what it holds: records and members of containers are taken out one by one.

A single document is handed on whole. Nothing is held but one record or one document, and
what cannot be read is yielded as an error. Knows nothing of paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from index.documents import RawArticle
from index.errors import SourceError, UnreadableSource
from index.sources.archives import Member, tar_members
from index.sources.columns import Columns
from index.sources.detect import kind_of
from index.sources.json_files import read_json
from index.sources.mail import read_mbox
from index.sources.payload import Payload
from index.sources.streams import MAX_BYTES, Budget, Source, refused
from index.sources.tables import read_table
from index.sources.warc import read_warc
from index.sources.zips import zip_members

if TYPE_CHECKING:
    from index.exchange import Exported

    Found = Payload | RawArticle | Exported | SourceError

# Archives in archives in archives hold no news.
MAX_DEPTH = 3


def opened(
    stream: BinaryIO, origin: str, columns: Columns, *, depth: int = 0, budget: Budget | None = None
) -> Iterator[Found]:
    """What a stream holds; an error of reading ends it and is yielded last.

    Args:
        stream: read from where it stands.
        origin: where it comes from.
        columns: what the columns of tables and the keys of records mean.
        depth: how many archives it is in.
        budget: what the input that it is a part of may still unpack to.
    """
    try:
        with refused(origin):
            source = Source(stream, origin, budget)
            yield from _held(source, stream if depth == 0 else None, columns, depth)
    except SourceError as error:
        yield error


def _held(source: Source, file: BinaryIO | None, columns: Columns, depth: int) -> Iterator[Found]:
    kind = kind_of(source.head(), columns)
    if kind in ("zip", "tar") and depth >= MAX_DEPTH:
        raise UnreadableSource(
            source.origin, f"it is an archive inside {depth} others, the limit; unpack it yourself"
        )
    if kind == "json":
        yield from read_json(source, columns)
    elif kind == "table":
        yield from read_table(source, columns)
    elif kind == "zip":
        yield from _members(zip_members(source, file), source, columns, depth)
    elif kind == "tar":
        yield from _members(tar_members(source), source, columns, depth)
    elif kind == "warc":
        yield from read_warc(source)
    elif kind == "mbox":
        yield from read_mbox(source)
    else:
        yield _document(source)


def _members(
    members: Iterable[Member | SourceError], source: Source, columns: Columns, depth: int
) -> Iterator[Found]:
    for member in members:
        if isinstance(member, SourceError):
            yield member
        else:
            yield from opened(
                member.stream, member.origin, columns, depth=depth + 1, budget=source.budget
            )


def _document(source: Source) -> Payload:
    data = source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UnreadableSource(
            source.origin,
            f"it is larger than {MAX_BYTES:,} bytes, the limit for a document; split it",
        )
    return Payload(source.origin, data)
