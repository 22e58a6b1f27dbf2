"""An application on a real port of the loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

# What a loaded machine may take to end.
_END_S = 30


@contextmanager
def served(app: FastAPI, *, lifespan: str = "on") -> Iterator[str]:
    """The address of a server, which closes the application's system if `lifespan` is on."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan=lifespan, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_END_S)
        listening.close()
    assert not thread.is_alive()
