"""One address asked over HTTP: in its host's turn, guarded, bounded, and again if it may help.

httpcore below httpx is used as it is, since a client of httpx would keep cookies and write
whole addresses into the log. Knows nothing of redirects or robots.txt.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import httpcore
import httpx

from index.errors import FetchFailed
from index.sources.web.allowance import Allowance
from index.sources.web.answers import RETRIED, Answer, check_head, is_page
from index.sources.web.bodies import BodyLimits, read_body
from index.sources.web.connect import Guard, GuardedBackend
from index.sources.web.limits import FetchSettings, Timing
from index.sources.web.turns import Turns

_MAX_CONNECTIONS = 16
_KEPT_CONNECTION_S = 15.0
# The first pause before a retry; each further one is twice as long, spread by half.
_FIRST_PAUSE_S = 1.0
_ACCEPT = (
    "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,"
    "application/feed+json;q=0.9,*/*;q=0.8"
)
_TRANSIENT = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.RemoteProtocolError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for; `pause_s` is how long its host rests afterwards."""

    url: httpx.URL
    origin: str
    headers: Mapping[str, str]
    allowance: Allowance
    limits: BodyLimits
    pause_s: float


class PoliteClient:
    """Asks from any thread; one request at a time to each host."""

    def __init__(
        self, settings: FetchSettings, guard: Guard, tls: ssl.SSLContext | None, timing: Timing
    ) -> None:
        self._settings = settings
        self._timing = timing
        self._turns = Turns(timing.clock, timing.sleep)
        self._backend = GuardedBackend(guard)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or httpx.create_ssl_context(trust_env=False),
            max_connections=_MAX_CONNECTIONS,
            keepalive_expiry=_KEPT_CONNECTION_S,
            network_backend=self._backend,
        )
        self._timeouts = {
            "connect": settings.connect_s,
            "read": settings.read_s,
            "write": settings.read_s,
            "pool": settings.total_s,
        }

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def get(self, request: Request) -> Answer:
        """The answer, whatever its status; with its body if that is a page's.

        Raises:
            FetchFailed: there is none.
            FetchRefused: it may not be asked for, or is over a limit.
        """
        attempt = 0
        while True:
            last = attempt >= self._settings.retries
            try:
                answer = self._in_turn(request)
            except (httpcore.ProtocolError, *_TRANSIENT) as error:
                if last or not isinstance(error, _TRANSIENT):
                    raise FetchFailed(request.origin, self._why(error, request.url)) from error
                pause_s = self._back_off(attempt)
            else:
                if answer.status not in RETRIED:
                    return answer
                pause_s = answer.retry_after_s(self._timing.now) or self._back_off(attempt)
                last = last or pause_s > self._settings.max_pause_s
            self._turns.hold(request.url.host, min(pause_s, self._settings.max_pause_s))
            if last:
                return answer
            attempt += 1

    def _back_off(self, attempt: int) -> float:
        pause_s = _FIRST_PAUSE_S * 2.0**attempt * (0.75 + self._timing.chance() / 2)
        return min(pause_s, self._settings.max_pause_s)

    def _in_turn(self, request: Request) -> Answer:
        asked_at = self._timing.clock()
        with self._turns.turn(request.url.host, request.pause_s):
            request.allowance.extend(self._timing.clock() - asked_at)
            with self._backend.within(request.allowance):
                return self._ask(request)

    def _ask(self, request: Request) -> Answer:
        url = request.url
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        headers = [
            ("User-Agent", self._settings.user_agent),
            ("Accept", _ACCEPT),
            ("Accept-Encoding", "gzip"),
            *request.headers.items(),
        ]
        with self._pool.stream(
            "GET", target, headers=headers, extensions={"timeout": self._timeouts}
        ) as response:
            head = httpx.Headers(response.headers)
            if not is_page(response.status):
                return Answer(response.status, head)
            if not request.limits.cut:
                check_head(head, request.limits.max_bytes, request.origin)
            encoding = head.get("content-encoding", "")
            chunks = response.iter_stream()
            return Answer(
                response.status, head, read_body(chunks, encoding, request.limits, request.origin)
            )

    def _why(self, error: Exception, url: httpx.URL) -> str:
        host = repr(url.host)
        if isinstance(error, httpcore.ConnectTimeout):
            return f"{host} does not answer within {self._settings.connect_s:g} s"
        if isinstance(error, httpcore.TimeoutException):
            return f"{host} sends nothing for {self._settings.read_s:g} s"
        if isinstance(error, httpcore.ConnectError):
            return f"no connection to {host} ({error})"
        return f"the answer of {host} broke off or is no HTTP ({error}); try again later"
