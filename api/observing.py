"""What became of each request and each question, told to whoever watches.

`Observed` is the outermost layer of the application: it gives every request an id, which
every reply carries, and notes what became of it. Metrics, the log and traces are
`Observer`s; a route or the runtime only says what happened. Knows none of them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.answers import Answer, Answered, AnswerEvent

logger = logging.getLogger("dateline")

REQUEST_ID = "X-Request-Id"
# The route of a request that no route takes: paths of strangers are never told apart.
UNMATCHED = "unmatched"
# What gates let in, a few at once.
WORK = ("questions", "fetches", "writes")
# What a client may call its request: what no log, header or shell reads as anything else.
_SANE = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_ID_BYTES = 16


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and its reply, filled in as it goes.

    `status` is 0 where no reply was begun. `key_name` is what the client's API key is
    called, `problem` the name of the problem that it was told. `span` is of whoever traces.
    """

    request_id: str
    method: str
    route: str = UNMATCHED
    status: int = 0
    sent_bytes: int = 0
    took_s: float = 0.0
    key_name: str | None = None
    problem: str | None = None
    trace_id: str | None = None
    span: object = None
    asking: Asking | None = None


class Observer:
    """Hears what happens; what it does not override passes it by."""

    def began(self, exchange: Exchange, headers: Mapping[str, str]) -> None:
        """A request came."""

    def ended(self, exchange: Exchange) -> None:
        """Its reply has gone out, or its client."""

    def refused(self, problem: str) -> None:
        """A problem was told, by its name."""

    def finished(self, asking: Asking) -> None:
        """A question was answered, refused or abandoned."""

    def load(self, work: str, inside: int, waiting: int) -> None:
        """So many are at this kind of work now, so many wait for it."""


@dataclass(slots=True)
class Asking:
    """One question or search on its way; moments are seconds of `time.perf_counter`."""

    observation: Observation
    exchange: Exchange | None
    question: str | None
    began_s: float = field(default_factory=time.perf_counter)
    entered_s: float | None = None
    first_event_s: float | None = None
    ended_s: float | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    answer: Answer | None = None
    left: bool = False

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Around the wait for a turn."""
        try:
            yield
        except BaseException as error:
            self._end(error)
            raise
        self.entered_s = time.perf_counter()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Around everything after it."""
        try:
            yield
        except BaseException as error:
            self._end(error)
            raise
        self._end(None)

    def saw(self, event: AnswerEvent) -> None:
        """The next event of its answer."""
        if self.first_event_s is None:
            self.first_event_s = time.perf_counter()
        if isinstance(event, Answered):
            self.answer, self.timings_ms = event.answer, event.answer.timings_ms

    def stages_ms(self) -> Iterator[tuple[str, float]]:
        """What each stage took, in their order; without the whole."""
        return ((name, took) for name, took in self.timings_ms.items() if name != "total")

    def _end(self, error: BaseException | None) -> None:
        self.ended_s = time.perf_counter()
        gone = isinstance(error, asyncio.CancelledError | GeneratorExit)
        self.left = gone and self.answer is None
        self.observation.finished(self)


class Observation:
    """Tells every observer. None of them can make a request fail."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self._observers = tuple(observers)

    def asking(self, question: str | None = None) -> Asking:
        """A question that begins to wait for its turn."""
        exchange = current()
        asking = Asking(self, exchange, question)
        _asking.set(asking)
        if exchange is not None:
            exchange.asking = asking
        return asking

    def began(self, exchange: Exchange, headers: Mapping[str, str]) -> None:
        """A request came."""
        self._tell("began", exchange, headers)

    def ended(self, exchange: Exchange) -> None:
        """Its reply has gone out, or its client."""
        self._tell("ended", exchange)

    def refused(self, problem: str) -> None:
        """A problem was told."""
        self._tell("refused", problem)

    def finished(self, asking: Asking) -> None:
        """A question was answered, refused or abandoned."""
        self._tell("finished", asking)

    def load(self, work: str, inside: int, waiting: int) -> None:
        """So many are at it, so many wait."""
        self._tell("load", work, inside, waiting)

    def _tell(self, what: str, *said: object) -> None:
        for observer in self._observers:
            try:
                getattr(observer, what)(*said)
            except Exception:
                logger.exception("%s failed to note what %s", type(observer).__name__, what)


_here: ContextVar[tuple[Observation, Exchange] | None] = ContextVar("exchange", default=None)
_asking: ContextVar[Asking | None] = ContextVar("asking", default=None)


def current() -> Exchange | None:
    """The request that is being handled here, in a task or a thread of it."""
    here = _here.get()
    return None if here is None else here[1]


def note_key(name: str) -> None:
    """Say what the key of this request's client is called."""
    if (exchange := current()) is not None:
        exchange.key_name = name


def note_problem(problem: str) -> None:
    """Say which problem the client of this request is told."""
    if (here := _here.get()) is not None:
        here[1].problem = problem
        here[0].refused(problem)


def note_search(text: str, timings_ms: Mapping[str, float]) -> None:
    """Say, from within a search, what was searched for and what each stage took."""
    if (asking := _asking.get()) is not None:
        asking.question, asking.timings_ms = text, timings_ms


class Observed:
    """Gives each request an id, and tells how it began and how it ended."""

    def __init__(self, app: ASGIApp, observation: Observation) -> None:
        self._app = app
        self._observation = observation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        exchange = Exchange(request_id=_request_id(headers), method=scope["method"])
        # Never reset after a failure: the server logs that in this context, with the id.
        token = _here.set((self._observation, exchange))
        self._observation.began(exchange, headers)
        started = time.perf_counter()
        try:
            await self._app(scope, receive, _counted(send, exchange))
        finally:
            exchange.took_s = time.perf_counter() - started
            exchange.route = route_of(scope)
            self._observation.ended(exchange)
        _here.reset(token)


def route_of(scope: Scope) -> str:
    """The template of the route that took a request, such as `/v1/articles/{article_id}`."""
    route = scope.get("route")
    if route is not None:
        return str(getattr(route, "path", "")) or "/"
    # The framework names no route where it takes a plain path, such as the description.
    fixed = {getattr(r, "path", None) for r in getattr(scope.get("app"), "routes", ())}
    return scope["path"] if scope["path"] in fixed else UNMATCHED


def _request_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID, "")
    return given if _SANE.fullmatch(given) else secrets.token_hex(_ID_BYTES)


def _counted(send: Send, exchange: Exchange) -> Send:
    """Sends with the id, and notes status and size."""

    async def send_counted(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            MutableHeaders(scope=message)[REQUEST_ID] = exchange.request_id
        exchange.sent_bytes += len(message.get("body", b""))
        await send(message)

    return send_counted
