"""One request for a reply, and the pieces that come: streamed, or whole from who can't stream.

A reply counts as whole once the server said why it ends, or `[DONE]`: a connection that is
closed before that has broken off, be it ever so politely.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, suppress
from typing import Any

import httpx

from rag.llm.errors import LLMError, LLMMalformed
from rag.llm.limits import Limits
from rag.llm.pieces import DONE, Piece, piece_of
from rag.llm.refusals import named
from rag.llm.server import Server
from rag.llm.sse import EventReader
from rag.llm.waiting import Waiting

# What follows the end of a reply is read so that the connection can be used again.
_DRAIN_S = 0.5
_END = Piece(finish="unknown")


async def exchange(
    server: Server, body: Mapping[str, Any], waiting: Waiting, limits: Limits
) -> AsyncGenerator[Piece, None]:
    """The pieces of a reply; the last one has `finish`.

    Raises:
        LLMError: there is no reply, or no more of it.
    """
    waiting.ask_anew()
    async with server.asked(server.address.chat, waiting, json=body) as response:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml"):
            raise LLMMalformed(
                f"{server.address.host} answers with a web page: does DATELINE_LLM_URL lead to "
                "an OpenAI-compatible server?"
            )
        pieces = _whole if kind.endswith("json") else _streamed
        async with aclosing(pieces(server, response, waiting, limits)) as coming:
            async for piece in coming:
                if piece.error is not None:
                    raise named(piece.error, server.address.host, server.hide)
                yield piece


async def _whole(
    server: Server, response: httpx.Response, waiting: Waiting, limits: Limits
) -> AsyncGenerator[Piece, None]:
    """A reply in one, as some servers send it though asked for a stream."""
    data = await server.body(response, waiting, limits.max_reply_bytes)
    try:
        piece = piece_of(server.hide(data.decode("utf-8")))
    except UnicodeDecodeError:
        raise LLMMalformed("the reply is not UTF-8") from None
    yield piece
    if piece.finish is None:
        yield _END


async def _streamed(
    server: Server, response: httpx.Response, waiting: Waiting, limits: Limits
) -> AsyncGenerator[Piece, None]:
    """The events of a stream that bring something."""
    reader = EventReader(limits)
    size = 0
    async with aclosing(server.chunks(response, waiting)) as chunks:
        async for chunk in chunks:
            size += len(chunk)
            if size > limits.max_reply_bytes:
                raise LLMMalformed(f"the reply has over {limits.max_reply_bytes} bytes: refused")
            for piece in _pieces(map(server.hide, reader.feed(chunk))):
                yield piece
                if piece.alive:
                    waiting.token_came()
                if piece.finish is not None:
                    await _drain(chunks)
                    return
    for piece in _pieces(map(server.hide, reader.end())):
        yield piece
        if piece.finish is not None:
            return
    raise LLMMalformed(
        f"the reply of {server.address.host} broke off: it ended after {size} bytes without "
        "a reason to finish"
    )


def _pieces(events: Iterator[str]) -> Iterator[Piece]:
    for data in events:
        if data.strip() == DONE:
            yield _END
        elif data.strip():
            yield piece_of(data)


async def _drain(chunks: AsyncGenerator[bytes, None]) -> None:
    with suppress(TimeoutError, LLMError):
        async with asyncio.timeout(_DRAIN_S):
            async for _ in chunks:
                pass
