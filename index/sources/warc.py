"""WARC to documents: what a crawl got, each capture with its address and its time.

Captures of one address have one origin, so that a later one is a later version of it.
A damaged record is refused alone; reading goes on at the next that can be found.
"""

from __future__ import annotations

import io
import logging
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from index.errors import UnreadableSource
from index.sources.detect import document_kind
from index.sources.payload import Payload
from index.sources.streams import HEAD_BYTES, MAX_BYTES, Source, printable_name

# What stands before a page: headers of the record and of the answer.
MAX_HEADER_BYTES = 1 << 18

_START = b"WARC/"
_RECORDS = ("response", "resource", "conversion")
_TYPES = (
    *("text/html", "text/plain", "text/xml", "application/xml", "application/xhtml+xml"),
    *("application/rss+xml", "application/atom+xml", "application/rdf+xml"),
    *("application/feed+json", "application/pdf", "message/rfc822"),
)
# These say nothing: the content must be that of a page, a feed or a PDF.
_UNTOLD = ("", "application/octet-stream", "binary/octet-stream")
_DAMAGED = (
    *(ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, zlib.error),
    *(ValueError, LookupError, AttributeError, TypeError),
)

# It tells of oddities of archives; whoever wants to know can listen.
logging.getLogger("warcio").addHandler(logging.NullHandler())


def read_warc(source: Source) -> Iterator[Payload | UnreadableSource]:
    """The documents that were captured with status 200, in their order, at `origin!url`."""
    stream = _Stream(source.stream)
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
    number = 0
    while (line := stream.next_start()) is not None:
        number += 1
        place = f"{source.origin}!/{number}"
        if stream.skipped:
            yield UnreadableSource(
                place, f"{stream.skipped:,} bytes before it belong to no record; fetch it again"
            )
        try:
            record = loader.parse_record_stream(stream, line, known_format="warc")
            yield from _captured(record, source)
            _pass_over(record)
        except UnreadableSource as error:
            if error.origin == source.origin or source.budget.exhausted:
                raise
            yield error
        except _DAMAGED as error:
            yield UnreadableSource(
                place, f"it is a damaged record ({error!r:.200}); fetch the archive again"
            )


def _captured(record: Any, source: Source) -> Iterator[Payload]:
    """The document of a record, if it holds one; raises `UnreadableSource`."""
    url = str(record.rec_headers.get_header("WARC-Target-URI") or "")
    headers = record.http_headers or record.rec_headers
    content_type = str(headers.get_header("Content-Type") or "")
    media = content_type.partition(";")[0].strip().lower()
    if not _is_wanted(record, url) or media not in (*_TYPES, *_UNTOLD):
        return
    place = f"{source.origin}!{printable_name(url)}"
    data = _body(record, place)
    source.budget.spend(len(data), place)
    if not data.strip() or (media in _UNTOLD and document_kind(data[:HEAD_BYTES]) == "text"):
        return
    taken_at = _time(record.rec_headers.get_header("WARC-Date"))
    yield Payload(place, data, url, content_type or None, taken_at)


def _is_wanted(record: Any, url: str) -> bool:
    if record.rec_type not in _RECORDS or not url.startswith(("http://", "https://")):
        return False
    if record.rec_type == "response":
        answered = record.http_headers is not None and record.http_headers.get_statuscode() == "200"
        return answered and urlsplit(url).path != "/robots.txt"
    return True


def _body(record: Any, place: str) -> bytes:
    """The content of a record, without what the connection put around it."""
    if record.raw_stream.limit > MAX_BYTES:
        raise _too_large(place)
    data: bytes = record.raw_stream.read(MAX_BYTES + 1)
    if record.raw_stream.limit:
        raise UnreadableSource(place, "its record is cut short; fetch the archive again")
    http = record.http_headers
    if http is None:
        return data
    if _said(http, "Transfer-Encoding") == "chunked":
        data = ChunkedDataReader(io.BytesIO(data)).read()
    return _unpacked(data, _said(http, "Content-Encoding"), place)


def _unpacked(data: bytes, encoding: str, place: str) -> bytes:
    """The content as its encoding says; crawlers that unpack it leave the header as it was."""
    if encoding in ("gzip", "x-gzip", "deflate"):
        for wbits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
            unpacker = zlib.decompressobj(wbits)
            try:
                found = unpacker.decompress(data, MAX_BYTES + 1)
            except zlib.error:
                continue
            if len(found) > MAX_BYTES:
                raise _too_large(place)
            return found
    elif encoding == "br" and document_kind(data[:HEAD_BYTES]) == "text":
        raise UnreadableSource(place, "it is packed with Brotli; crawl it without that encoding")
    return data


def _too_large(place: str) -> UnreadableSource:
    return UnreadableSource(place, f"it is larger than {MAX_BYTES:,} bytes, the limit for a page")


def _pass_over(record: Any) -> None:
    """Read to the end of the record."""
    while record.raw_stream.read(1 << 16):
        pass


def _said(headers: Any, name: str) -> str:
    return str(headers.get_header(name) or "").strip().lower()


def _time(value: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class _Stream:
    """What warcio reads from: lines are those of headers, and may be only so long."""

    def __init__(self, stream: _Readable) -> None:
        self._stream = stream
        self._left = MAX_HEADER_BYTES
        self.skipped = 0

    def next_start(self) -> bytes | None:
        """The first line of the next record; `skipped` are bytes of no record before it."""
        self.skipped = 0
        self._left = MAX_HEADER_BYTES
        while line := self._stream.readline(MAX_HEADER_BYTES):
            if line.startswith(_START):
                return line
            self.skipped += len(line) if line.strip() else 0
        return None

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes."""
        return self._stream.read(size)

    def readline(self, size: int = -1) -> bytes:
        """Read a line of the headers."""
        line = self._stream.readline(self._left if size < 0 else min(size, self._left))
        self._left -= len(line)
        if self._left <= 0:
            raise ValueError(f"its headers are longer than {MAX_HEADER_BYTES:,} bytes")
        return line

    def tell(self) -> int:
        """Asked for only where a record does not say how long it is."""
        raise ValueError("it does not say how long it is")
