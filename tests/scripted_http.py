"""A server of chat models that does what a test wrote down, faults among it.

A `Script` of replies is played by `ScriptedTransport` (an httpx transport, without a
network) and by `scripted_server` (a real socket on loopback).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import httpx


class Fault(Enum):
    """What may stand among the chunks of a `Reply`."""

    STALL = "nothing more comes, the connection stays"
    DROP = "the connection is reset"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server does when it is asked: chunks are sent one by one, as they are.

    `before` comes before the head; without a content type, none is told.
    """

    chunks: tuple[bytes | Fault, ...] = ()
    status: int = 200
    content_type: str | None = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Fault | None = None

    @property
    def head(self) -> list[tuple[str, str]]:
        """The headers."""
        kind = [] if self.content_type is None else [("content-type", self.content_type)]
        return [*kind, *self.headers.items()]


def event(value: object) -> bytes:
    """A server-sent event; text is sent as it is, the rest as JSON."""
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"data: {data}\n\n".encode()


def delta(text: str | None, finish: str | None = None, **more: Any) -> bytes:
    """A chunk of a streamed reply, as OpenAI's servers send it."""
    choice = {"index": 0, "delta": {"content": text, **more}, "finish_reason": finish}
    return event({"object": "chat.completion.chunk", "choices": [choice]})


DONE = event("[DONE]")


def saying(text: str, finish: str | None = "stop") -> Reply:
    """A reply without fault, word by word."""
    words = text.replace(" ", " \0").split("\0")
    return Reply((*map(delta, words), delta(None, finish), DONE))


def problem(status: int, message: str, **headers: str) -> Reply:
    """An error as OpenAI's servers tell it."""
    body = json.dumps({"error": {"message": message, "type": "some_error"}}).encode()
    return Reply((body,), status, "application/json", headers)


def told(value: object) -> Reply:
    """A JSON body."""
    return Reply((json.dumps(value).encode(),), content_type="application/json")


@dataclass(frozen=True, slots=True)
class Request:
    """What came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class Script:
    """Replies in turn to requests for a reply, the last for all after; `routes` to others.

    A reply may be made from the request. What is not foreseen gets a 404.
    """

    def __init__(
        self, *replies: Reply | Callable[[Request], Reply], routes: Mapping[str, Any] | None = None
    ) -> None:
        self.requests: list[Request] = []
        self._replies = replies
        self._routes = {"/v1/models": {"data": [{"id": "scripted"}]}} | dict(routes or {})

    @property
    def asked(self) -> list[Request]:
        """The requests for a reply."""
        return [r for r in self.requests if r.path.endswith("/chat/completions")]

    def reply(self, request: Request) -> Reply:
        """What is done about a request."""
        self.requests.append(request)
        if request.path.endswith("/chat/completions"):
            chosen = self._replies[min(len(self.asked), len(self._replies)) - 1]
        else:
            chosen = self._routes.get(request.path, problem(404, "no such route"))
            if not isinstance(chosen, Reply) and not callable(chosen):
                chosen = told(chosen)
        return chosen(request) if callable(chosen) else chosen


class ScriptedTransport(httpx.AsyncBaseTransport):
    """A script without a socket: nothing is cut, joined or timed by a network.

    `open` counts the replies that are neither read to the end nor closed.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.open = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The next reply."""
        data = await request.aread()
        body = json.loads(data) if data else None
        reply = self.script.reply(
            Request(request.method, request.url.path, dict(request.headers), body)
        )
        if reply.before is not None:
            await _fault(reply.before)
        self.open += 1
        return httpx.Response(reply.status, headers=reply.head, stream=_Stream(self, reply))


class _Stream(httpx.AsyncByteStream):
    def __init__(self, transport: ScriptedTransport, reply: Reply) -> None:
        self._transport = transport
        self._reply = reply
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._reply.chunks:
            if isinstance(chunk, Fault):
                await _fault(chunk)
            else:
                yield chunk

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            self._transport.open -= 1


async def _fault(fault: Fault) -> None:
    if fault is Fault.DROP:
        raise httpx.ReadError("connection reset")
    await asyncio.Event().wait()


class ScriptedServer:
    """A script behind a real socket on loopback, in raw HTTP/1.1."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.url = ""
        self.open = 0
        self.connections = 0
        self._changed = asyncio.Condition()

    async def all_closed(self) -> None:
        """Until no connection is open; for whoever waits for it with a time-out."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.open == 0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        await self._count(1)
        try:
            while (request := await _read_request(reader)) is not None:
                if not await _send(self.script.reply(request), reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            await self._count(-1)

    async def _count(self, step: int) -> None:
        async with self._changed:
            self.open += step
            self._changed.notify_all()


@asynccontextmanager
async def scripted_server(script: Script) -> AsyncIterator[ScriptedServer]:
    """The server, listening at its `url`; leaving the block ends it."""
    scripted = ScriptedServer(script)
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(scripted.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    scripted.url = f"http://127.0.0.1:{port}"
    try:
        yield scripted
    finally:
        listening.close()
        for task in tasks.copy():
            task.cancel()
        await asyncio.gather(*tasks.copy(), return_exceptions=True)
        await listening.wait_closed()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    data = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, json.loads(data) if data else None)


async def _send(reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Whether the connection can be used again."""
    if reply.before is not None:
        return await _break(reply.before, reader, writer)
    head = [f"HTTP/1.1 {reply.status} Scripted", "transfer-encoding: chunked"]
    head += [f"{name}: {value}" for name, value in reply.head]
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
    for chunk in reply.chunks:
        await writer.drain()
        if isinstance(chunk, Fault):
            return await _break(chunk, reader, writer)
        if chunk:
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


async def _break(fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    if fault is Fault.DROP:
        writer.transport.abort()
    else:
        await writer.drain()
        await reader.read()  # until the client goes
    return False
