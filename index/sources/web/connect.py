"""Connections to public addresses only, each within an allowance of time and bytes.

A name is looked up once, every address it has is checked, and the connection is made to
one of these: what a second look-up would say plays no part. As the check stands where
connections are made, it holds after redirects, whatever the URL looks like. Knows nothing
of HTTP.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from ssl import SSLCertVerificationError, SSLContext
from typing import Any

import httpcore

from index.errors import FetchFailed, FetchRefused
from index.sources.web.addresses import IPAddress, is_public
from index.sources.web.allowance import Allowance

# Names of large sites have many addresses; if this many don't answer, none will.
MAX_ADDRESSES_TRIED = 3
# Below it stand the ports of mail, files, shells and databases; of those above it, these
# are what browsers don't connect to either (the Fetch standard's list).
MIN_HIGH_PORT = 1024
_WEB_PORTS = frozenset((80, 443))
_BARRED_HIGH_PORTS = frozenset(
    (
        *(1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566),
        *(6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    )
)

Resolve = Callable[[str, int], Sequence[str]]


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Every address that a name has, in the order of preference; raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Which addresses may be connected to."""

    allow_private: bool = False
    resolve: Resolve = resolve_host
    public: Callable[[IPAddress], bool] = is_public

    def addresses(self, host: str, port: int, timeout_s: float) -> list[IPAddress]:
        """The addresses of a host, all of which may be connected to.

        Raises:
            FetchRefused: one of them is not public, or the port is not one of the web.
            FetchFailed: there is no such host.
            httpcore.ConnectError: there is no answer to who it is.
        """
        if port not in _WEB_PORTS and (port < MIN_HIGH_PORT or port in _BARRED_HIGH_PORTS):
            raise FetchRefused(host, f"port {port} is not one that web pages are served at")
        addresses = list(dict.fromkeys(ip_address(a) for a in self._look_up(host, port, timeout_s)))
        for address in addresses:
            if not self.allow_private and not self.public(address):
                raise FetchRefused(host, _not_public(host, address))
        return addresses

    def _look_up(self, host: str, port: int, timeout_s: float) -> Sequence[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            pass
        answer = _within(timeout_s, lambda: self.resolve(host, port))
        if _is_no_host(answer):
            raise FetchFailed(host, f"there is no host {host!r}; check the address")
        if isinstance(answer, Exception):
            raise httpcore.ConnectError(f"{host!r} could not be looked up ({answer})") from answer
        return answer


def _is_no_host(answer: Sequence[str] | Exception) -> bool:
    if isinstance(answer, socket.gaierror):
        return answer.errno != socket.EAI_AGAIN
    return isinstance(answer, UnicodeError)


def _not_public(host: str, address: IPAddress) -> str:
    name = f"{host!r}" if host == str(address) else f"{host!r} ({address})"
    return (
        f"{name} is not an address of the public internet; if the server is yours, "
        "DATELINE_FETCH_PRIVATE=yes permits it"
    )


def _uncertified(host: str, error: SSLCertVerificationError) -> str:
    return f"the certificate of {host!r} is not valid for it: {error.verify_message}"


def _within(timeout_s: float, work: Callable[[], Sequence[str]]) -> Sequence[str] | Exception:
    """What `work` returns or raises; the system's look-up itself knows no time limit."""
    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def answer() -> None:
        try:
            answers.put(work())
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=answer, name="look-up", daemon=True).start()
    try:
        return answers.get(timeout=timeout_s)
    except Empty:
        return TimeoutError(f"no answer in {timeout_s:.0f} s")


class GuardedBackend(httpcore.NetworkBackend):
    """Makes connections that the guard permits, for the allowance of the calling thread."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._tcp = httpcore.SyncBackend()
        self._local = threading.local()

    @contextmanager
    def within(self, allowance: Allowance) -> Iterator[None]:
        """What this thread sends and receives counts against `allowance`."""
        allowance.begin_answer()
        self._local.allowance = allowance
        try:
            yield
        finally:
            del self._local.allowance

    @property
    def allowance(self) -> Allowance:
        """That of the calling thread."""
        allowance: Allowance = self._local.allowance
        return allowance

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the addresses of `host`, tried in their order."""
        allowance = self.allowance
        failed: Exception = httpcore.ConnectError(f"{host!r} has no address")
        addresses = self._guard.addresses(host, port, allowance.at_most(timeout, host))
        for address in addresses[:MAX_ADDRESSES_TRIED]:
            limit = allowance.at_most(timeout, host)
            try:
                stream = self._tcp.connect_tcp(
                    str(address), port, limit, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, host, self)
        raise failed


class _Stream(httpcore.NetworkStream):
    """A connection, whose every use counts against the allowance of whoever uses it."""

    def __init__(self, stream: httpcore.NetworkStream, host: str, owner: GuardedBackend) -> None:
        self._stream = stream
        self._host = host
        self._owner = owner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        allowance = self._owner.allowance
        try:
            data = self._stream.read(max_bytes, allowance.at_most(timeout, self._host))
        except httpcore.ReadTimeout:
            allowance.at_most(timeout, self._host)
            raise
        allowance.take(len(data), self._host)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._owner.allowance.at_most(timeout, self._host))

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limit = self._owner.allowance.at_most(timeout, self._host)
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, limit)
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, SSLCertVerificationError):
                raise FetchFailed(self._host, _uncertified(self._host, error.__cause__)) from error
            raise
        except ValueError as error:
            raise FetchFailed(self._host, f"{self._host!r} is no name of a host") from error
        return _Stream(stream, self._host, self._owner)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()
