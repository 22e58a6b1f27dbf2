"""The body of an answer: unpacked piece by piece, and never beyond the limits.

Of the encodings only gzip is read, as only gzip is asked for; one that comes unasked is
refused by its name. Knows nothing of connections.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from index.errors import FetchFailed, FetchRefused

_GZIP = frozenset(("gzip", "x-gzip"))
_PLAIN = frozenset(("", "identity", "none"))
_GZIP_MAGIC = b"\x1f\x8b"
_PIECE_BYTES = 1 << 16
# Servers join a few gzip files at most; thousands of empty ones are there to cost time.
_MAX_MEMBERS = 100
# Text packs by 3 to 10; below this size a bomb does no harm.
MIN_SUSPECT_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """How much may come out; `cut` keeps the beginning of what is longer."""

    max_bytes: int
    max_unpacked_ratio: int
    cut: bool = False


def read_body(chunks: Iterable[bytes], encoding: str, limits: BodyLimits, origin: str) -> bytes:
    """The bytes that `chunks` carry, unpacked.

    Raises:
        FetchRefused: they are more than the limits permit, or packed in another way.
        FetchFailed: they are damaged.
    """
    coding = encoding.strip().lower()
    if coding in _PLAIN:
        return _gathered(((chunk, 0) for chunk in chunks), limits, origin)
    if coding in _GZIP:
        return _gathered(_unpacked(chunks, origin), limits, origin)
    raise FetchRefused(origin, f"it is sent as {encoding[:40]!r}, though only gzip was asked for")


def _gathered(pieces: Iterable[tuple[bytes, int]], limits: BodyLimits, origin: str) -> bytes:
    """The pieces joined; with each comes how many packed bytes there were up to it, or 0."""
    body = bytearray()
    for piece, packed in pieces:
        body += piece
        if limits.cut and len(body) >= limits.max_bytes:
            break
        if len(body) > limits.max_bytes:
            raise FetchRefused(origin, f"it is larger than {limits.max_bytes:,} bytes, the limit")
        if packed and len(body) > max(MIN_SUSPECT_BYTES, packed * limits.max_unpacked_ratio):
            raise FetchRefused(
                origin,
                f"{packed:,} bytes of gzip unpack to more than {len(body):,}, over "
                f"{limits.max_unpacked_ratio} to 1",
            )
    return bytes(body[: limits.max_bytes])


def _unpacked(chunks: Iterable[bytes], origin: str) -> Iterator[tuple[bytes, int]]:
    """Pieces of at most `_PIECE_BYTES`; what only claims to be gzip comes as it is."""
    chunks = _from_two_bytes_on(chunks)
    unpack, packed, members = zlib.decompressobj(zlib.MAX_WBITS | 16), 0, 1
    for chunk in chunks:
        if not packed and not chunk.startswith(_GZIP_MAGIC):
            yield from ((part, 0) for part in (chunk, *chunks))
            return
        packed += len(chunk)
        rest = chunk
        while rest:
            if unpack.eof:
                if not rest.startswith(_GZIP_MAGIC):  # padding
                    return
                unpack, members = zlib.decompressobj(zlib.MAX_WBITS | 16), members + 1
            yield _piece(unpack, rest, members, origin), packed
            rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
    if packed and not unpack.eof:
        raise FetchFailed(origin, "its gzip data is cut short; try again later")


def _piece(unpack: zlib._Decompress, rest: bytes, members: int, origin: str) -> bytes:
    if members > _MAX_MEMBERS:
        raise FetchRefused(origin, f"its gzip data has over {_MAX_MEMBERS} parts")
    try:
        return unpack.decompress(rest, _PIECE_BYTES)
    except zlib.error as error:
        raise FetchFailed(origin, f"its gzip data is damaged ({error})") from error


def _from_two_bytes_on(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, of which the first chunk is long enough to tell gzip by."""
    chunks = iter(chunks)
    first = b""
    for chunk in chunks:
        first += chunk
        if len(first) >= len(_GZIP_MAGIC):
            break
    if first:
        yield first
    yield from chunks
