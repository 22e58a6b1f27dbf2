"""Bytes to articles: files, folders, archives, addresses and standard input, piece by piece.

What a file is, its content decides, not its name (`detect.py`). Records and members of
containers are taken out here, however large the file; a single document is handed on whole,
as a `Payload`, for `parse.py` in another process. What cannot be read is yielded as an
error and the run goes on. Knows nothing of dates, boilerplate or the store.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from index.documents import RawArticle
from index.errors import FetchRefused, SourceError, UnreadableSource
from index.sources.columns import Columns
from index.sources.opening import opened
from index.sources.payload import NotModified, Payload
from index.sources.records import record_to_raw
from index.sources.streams import printable, refused
from index.sources.text import decode, read_text
from index.store.connections import STORE_FILE

if TYPE_CHECKING:
    from index.sources.opening import Found

    Sourced = Found | NotModified

__all__ = ["Columns", "decode", "read_payload", "read_sources", "read_text", "record_to_raw"]

STDIN = "stdin"
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class PageFetcher(Protocol):
    """Fetches an address."""

    def fetch(self, url: str) -> Payload | NotModified:
        """What is there; raises `FetchFailed`."""


def read_sources(
    paths: Iterable[str | Path],
    *,
    stdin: BinaryIO | None = None,
    columns: Columns | None = None,
    fetcher: PageFetcher | None = None,
) -> Iterator[Sourced]:
    """Yield what files, folders, addresses and `-` (`stdin`) hold, in the order given.

    A folder is read with its subfolders, in the order of names; hidden entries are
    passed over, and a folder reached again by a link is not read again. Raises
    nothing: a `SourceError` is yielded for whatever is missing, refused or damaged.

    Args:
        paths: what to read.
        stdin: what `-` stands for.
        columns: what the columns of tables and the keys of records mean.
        fetcher: fetches addresses; without one they are refused.
    """
    known = columns or Columns()
    for path in paths:
        if str(path) == "-":
            yield from _read_stdin(stdin, known)
        elif isinstance(path, str) and _ADDRESS.match(path):
            yield from _read_address(path, fetcher, known)
        else:
            yield from _read_path(Path(os.path.normpath(Path(path).absolute())), known)


def read_payload(payload: Payload, *, columns: Columns | None = None) -> Iterator[Sourced]:
    """The same for bytes in hand: an upload, or what a server answered."""
    for item in opened(io.BytesIO(payload.data), payload.origin, columns or Columns()):
        yield _as_fetched(item, payload)


def _as_fetched(item: Found, payload: Payload) -> Found:
    """What a payload held, with what is known of the payload."""
    if isinstance(item, Payload) and item.origin == payload.origin:  # unpacked, if anything
        return replace(payload, data=item.data)
    if isinstance(item, Payload) and item.fetched_at is None:
        return replace(item, fetched_at=payload.fetched_at)
    if isinstance(item, RawArticle) and payload.fetched_at is not None:
        return replace(item, fetched_at=payload.fetched_at)
    return item


def _read_address(url: str, fetcher: PageFetcher | None, columns: Columns) -> Iterator[Sourced]:
    try:
        if fetcher is None:
            raise FetchRefused(url, "addresses are not fetched here; save the page and name it")
        fetched = fetcher.fetch(url)
    except SourceError as error:
        yield error
        return
    if isinstance(fetched, NotModified):
        yield fetched
    else:
        yield from read_payload(fetched, columns=columns)


def _read_stdin(stdin: BinaryIO | None, columns: Columns) -> Iterator[Sourced]:
    if stdin is None:
        yield UnreadableSource(STDIN, "there is no standard input; name a file or a folder")
    else:
        yield from opened(stdin, STDIN, columns)


def _read_path(root: Path, columns: Columns) -> Iterator[Sourced]:
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
            yield from _read_file(path, origin, columns, status.st_mode, piped=path == root)
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
    path: Path, origin: str, columns: Columns, mode: int, *, piped: bool
) -> Iterator[Sourced]:
    """One file; a pipe only where `piped`, for one inside a folder would wait for ever."""
    if not (stat.S_ISREG(mode) or (piped and stat.S_ISFIFO(mode))):
        raise UnreadableSource(origin, "it is neither a file nor a folder; name one")
    with refused(origin), path.open("rb") as stream:
        yield from opened(stream, origin, columns)
