"""The application on a real port of the loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from api.app import create_app
from rag.assemble import Dateline

# What a loaded machine may take to end.
_END_S = 30


@contextmanager
def served(dateline: Dateline, *, lifespan: str = "on") -> Iterator[str]:
    """The address of a server over a system, which it closes at its end if `lifespan` is on."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = create_app(dateline)
    config = uvicorn.Config(app, log_level="error", lifespan=lifespan, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while thread.is_alive() and not server.started:
        thread.join(0.01)
    assert server.started, "the server has not started"
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_END_S)
        listening.close()
    assert not thread.is_alive()
