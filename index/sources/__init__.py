"""Bytes to `RawArticle`: files, folders and standard input, one record at a time.

What a file is, its content decides, not its name: JSON Lines (also packed with
gzip), else the text of one article. What cannot be read is yielded as an error and
the run goes on. Knows nothing of dates, boilerplate or the store.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from index.documents import RawArticle
from index.errors import SourceError, UnreadableSource
from index.sources.records import looks_like_record, read_records, record_to_raw
from index.sources.streams import MAX_BYTES, Source, printable, refused
from index.sources.text import decode, read_text, text_to_raw
from index.store.sqlite import STORE_FILE

__all__ = ["decode", "read_sources", "read_text", "record_to_raw"]

STDIN = "stdin"


def read_sources(
    paths: Iterable[str | Path], *, stdin: BinaryIO | None = None
) -> Iterator[RawArticle | SourceError]:
    """Yield the articles of files, folders and `-` (`stdin`), in the order given.

    A folder is read with its subfolders, in the order of names; hidden entries are
    passed over, and a folder reached again by a link is not read again. Raises
    nothing: a `SourceError` is yielded for whatever is missing, refused or damaged.
    """
    for path in paths:
        if str(path) == "-":
            yield from _read_stdin(stdin)
        else:
            yield from _read_path(Path(os.path.normpath(Path(path).absolute())))


def _read_stdin(stdin: BinaryIO | None) -> Iterator[RawArticle | SourceError]:
    if stdin is None:
        yield UnreadableSource(STDIN, "there is no standard input; name a file or a folder")
    else:
        yield from _read_stream(stdin, STDIN)


def _read_path(root: Path) -> Iterator[RawArticle | SourceError]:
    """A file, or every file of a folder; `seen` holds device and inode of folders read."""
    seen: set[tuple[int, int]] = set()
    waiting = [root]
    while waiting:
        path = waiting.pop()
        origin = printable(path)
        try:
            with refused(origin):
                status = path.stat()
                if stat.S_ISDIR(status.st_mode):
                    waiting += _entries(path, (status.st_dev, status.st_ino), seen)
                    continue
            yield from _read_file(path, origin, status.st_mode, piped=path == root)
        except SourceError as error:
            yield error


def _entries(path: Path, key: tuple[int, int], seen: set[tuple[int, int]]) -> list[Path]:
    """What a folder shows, the first name last; nothing when it was read before.

    A data directory shows nothing: it holds articles that were ingested already.
    """
    if key in seen or (path / STORE_FILE).is_file():
        return []
    seen.add(key)
    shown = (entry for entry in path.iterdir() if not entry.name.startswith("."))
    return sorted(shown, key=lambda entry: entry.name, reverse=True)


def _read_file(
    path: Path, origin: str, mode: int, *, piped: bool
) -> Iterator[RawArticle | SourceError]:
    """One file; a pipe only where `piped`, for one inside a folder would wait for ever."""
    if not (stat.S_ISREG(mode) or (piped and stat.S_ISFIFO(mode))):
        raise UnreadableSource(origin, "it is neither a file nor a folder; name one")
    with refused(origin), path.open("rb") as stream:
        yield from _read_stream(stream, origin)


def _read_stream(stream: BinaryIO, origin: str) -> Iterator[RawArticle | SourceError]:
    """What a stream holds; an error of reading ends it and is yielded last."""
    try:
        with refused(origin):
            yield from _parse(Source(stream, origin), origin)
    except SourceError as error:
        yield error


def _parse(source: Source, origin: str) -> Iterator[RawArticle | SourceError]:
    """JSON Lines if the first line with anything on it is an object, else one text."""
    lines = source.lines()
    head: list[bytes] = []
    for line in lines:
        head.append(line)
        if line.strip() or sum(map(len, head)) > MAX_BYTES:
            break
    if head and looks_like_record(head[-1]):
        yield from read_records(enumerate(chain(head, lines), start=1), origin)
    else:
        start = b"".join(head)
        yield text_to_raw(start + source.read(MAX_BYTES + 1 - len(start)), origin)
