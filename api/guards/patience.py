"""Connections that hold the server up without asking anything of it are cut.

uvicorn waits without end for a first request, for the rest of a body that nobody reads
any more, and for a client that takes no more of its reply: whoever is slow enough could
hold every connection. What is being answered is bounded elsewhere (`bodies.py`,
`deadlines.py`).
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

# For the head of a request, from the start of the connection or the end of the last reply.
REQUEST_S = 30.0
# For a client to take the 64 kB that wait for it; a heartbeat of a stream has 20 bytes.
READING_S = 60.0


class PatientProtocol(H11Protocol):
    """HTTP/1.1 of uvicorn, with limits on the time without a request, and without a reader."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._asking: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request."""
        super().connection_made(transport)
        self._await_request()

    def data_received(self, data: bytes) -> None:
        """Wait no more if the request is whole."""
        super().data_received(data)
        if self._is_answering:
            _cancel(self._asking)

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it is there already."""
        super().on_response_complete()
        if not self._is_answering:
            self._await_request()

    def pause_writing(self) -> None:
        """Wait for the client to take what was written."""
        super().pause_writing()
        self._reading = self.loop.call_later(READING_S, self.transport.abort)

    def resume_writing(self) -> None:
        """It took it."""
        super().resume_writing()
        _cancel(self._reading)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        _cancel(self._asking)
        _cancel(self._reading)
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_request(self) -> None:
        _cancel(self._asking)
        self._asking = self.loop.call_later(REQUEST_S, self.transport.abort)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
