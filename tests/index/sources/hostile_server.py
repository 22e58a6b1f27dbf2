"""A server on loopback that does what a test tells it to, byte by byte if need be."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

# Answers a request on its socket; the connection is closed afterwards.
Behaviour = Callable[[socket.socket, "Asked"], None]


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    at: float


def says(status: int = 200, body: bytes = b"", **headers: str) -> Behaviour:
    """An ordinary answer; `Content_Type="…"` is the header Content-Type."""

    def behave(connection: socket.socket, _: Asked) -> None:
        connection.sendall(head(status, **{"Content_Length": str(len(body)), **headers}) + body)

    return behave


def head(status: int = 200, **headers: str) -> bytes:
    """A status line and headers."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status} Status", *lines, "Connection: close", "", ""]).encode()


def sends(*parts: bytes, pause_s: float = 0.0, times: int = 1) -> Behaviour:
    """Bytes as they are: `parts[:-1]` once, the last as often as `times`."""

    def behave(connection: socket.socket, _: Asked) -> None:
        for part in parts[:-1]:
            connection.sendall(part)
        for _ in range(times):
            connection.sendall(parts[-1])
            time.sleep(pause_s)

    return behave


def moves(status: int, location: str) -> Behaviour:
    """A redirect."""
    return says(status, Location=location)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour a request; the last stays."""
    left = list(behaviours)

    def behave(connection: socket.socket, asked: Asked) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection, asked)

    return behave


@dataclass
class HostileServer:
    """Paths and what they do; what else is asked for is not there."""

    tls: ssl.SSLContext | None = None
    paths: dict[str, Behaviour] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> HostileServer:
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    owner._serve(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{host}:{self.port}{path}"

    def put(self, path: str, behaviour: Behaviour) -> str:
        """Let a path do something; returns its address."""
        self.paths[path] = behaviour
        return self.url(path)

    def asked_for(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    def _serve(self, connection: socket.socket) -> None:
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True)
        request = b""
        while b"\r\n\r\n" not in request:
            part = connection.recv(65536)
            if not part:
                return
            request += part
        first, *lines = request.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
        }
        asked = Asked(first.split()[1], headers, time.monotonic())
        self.asked.append(asked)
        behaviour = self.paths.get(asked.path.split("?")[0], says(404))
        behaviour(connection, asked)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        connection.close()
