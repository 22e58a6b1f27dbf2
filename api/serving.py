"""One process that serves: assembled, warm, and stopped once what runs has ended.

The first signal ends it in order: nothing new is accepted, answers and streams finish
within `GRACE_S`, then the data directory is released. A second one ends it at once, which
costs nothing that was acknowledged. Knows nothing of other processes.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from types import FrameType

import uvicorn

from api.app import create_app
from api.commands.running import INTERRUPTED
from api.commands.serve import listen
from api.errors import logger
from api.guards.serving import server_options
from api.logs import log_config
from rag.assemble import Dateline, assemble
from rag.settings import Settings

# What a stop waits for: questions that are being answered.
GRACE_S = 10
# What it waits for after that: a thread, which cannot be stopped, and a poll of feeds.
RELEASE_S = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How a process serves: `alone` is false where another process hears the signals first."""

    settings: Settings
    listening: socket
    watch: bool = False
    alone: bool = True


def serve_here(serving: Serving, on_ready: Callable[[Dateline], None]) -> None:
    """Serve until a signal says to stop; `on_ready` is called once requests are accepted.

    Raises:
        ModelError: a model cannot be found, or is not the pinned one.
        StoreError: the data directory cannot be used.
    """
    dateline = assemble(serving.settings)
    app = create_app(dateline, watch=serving.watch, bound_to=serving.listening.getsockname()[0])
    config = uvicorn.Config(
        app,
        log_config=log_config(serving.settings),
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        **server_options(serving.settings),
    )
    server = Server(
        config,
        on_ready=lambda: on_ready(dateline),
        on_stop=app.state.runtime.stop,
        alone=serving.alone,
    )
    listen(serving.listening)
    server.run(sockets=[serving.listening])


class Server(uvicorn.Server):
    """uvicorn's server, which says when it accepts requests, and obeys a second signal."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_ready: Callable[[], None],
        on_stop: Callable[[], None],
        alone: bool,
    ) -> None:
        super().__init__(config)
        self._on_ready, self._on_stop, self._alone = on_ready, on_stop, alone

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Begin to stop, or stop at once. The exit code is 0: whoever stops it wants that."""
        if self.should_exit and self._alone:
            end_at_once(INTERRUPTED)
        self.should_exit = True
        self._on_stop()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Let what runs end; what has not ended by then is left to the end of the process."""
        last = threading.Timer(GRACE_S + RELEASE_S, _give_up)
        last.daemon = True
        last.start()
        await super().shutdown(sockets)


def _give_up() -> None:
    logger.warning("what was running has not ended in time, and was cut off")
    end_at_once(0)


def end_at_once(code: int) -> None:
    """End this process without waiting for its threads."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
