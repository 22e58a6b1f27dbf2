"""CPU milliseconds that the client of a language model takes for one reply.

    python -m benchmarks.llm_client --pieces 400 --replies 50

A server in a thread of its own sends replies of so many pieces over loopback, each in a
write of its own; counted is the CPU time of the client's thread alone. With the prompt: the
estimate of its tokens, for twenty passages of 1,500 characters.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
import time

import numpy as np

from rag.llm.client import Message, OpenAIChatModel, llm_http_client
from rag.settings import Settings

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_PASSAGE = "The council of Meridian voted 7-4 on Tuesday to build the tram, the mayor said. " * 19


def main() -> None:
    """Print medians."""
    options = argparse.ArgumentParser(description="the client's own cost")
    options.add_argument("--pieces", type=int, default=400)
    options.add_argument("--replies", type=int, default=50)
    chosen = options.parse_args()
    port = _served(chosen.pieces)
    costs = np.array(asyncio.run(_measured(port, chosen.replies)))
    reply, count = np.median(costs[1:], axis=0)
    print(f"a reply of {chosen.pieces} pieces: {reply:.1f} ms; counting the prompt: {count:.1f} ms")


async def _measured(port: int, replies: int) -> list[tuple[float, float]]:
    settings = Settings(llm_url=f"http://127.0.0.1:{port}", llm_model="none", llm_timeout_s=600)
    costs = []
    async with llm_http_client(settings) as client:
        model = OpenAIChatModel(settings, client)
        for _ in range(replies + 1):
            began = time.thread_time()
            pieces = model.stream([Message("user", _PASSAGE * 20)], max_tokens=1_000)
            size = sum([len(piece) async for piece in pieces])
            replied = time.thread_time()
            assert size > 0
            for _ in range(20):
                model.count_tokens(_PASSAGE)
            costs.append(((replied - began) * 1e3, (time.thread_time() - replied) * 1e3))
    return costs


def _served(pieces: int) -> int:
    ready: list[int] = []
    listening = threading.Event()

    async def serve() -> None:
        server = await asyncio.start_server(
            lambda reader, writer: _reply(pieces, reader, writer), "127.0.0.1", 0
        )
        ready.append(server.sockets[0].getsockname()[1])
        listening.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    listening.wait()
    return ready[0]


async def _reply(pieces: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        writer.write(_HEAD)
        for i in range(pieces):
            finish = "stop" if i == pieces - 1 else None
            choice = {"index": 0, "delta": {"content": " word"}, "finish_reason": finish}
            data = f"data: {json.dumps({'id': 'x' * 24, 'choices': [choice]})}\n\n".encode()
            writer.write(b"%x\r\n%b\r\n" % (len(data), data))
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")


if __name__ == "__main__":
    main()
