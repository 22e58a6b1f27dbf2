"""The layer around everything: sizes, times, other sites, headers, what nobody foresaw.

Plain ASGI, so that what it does holds for every reply, also for those of the layers
inside it. Knows nothing of keys, which have their own layer (`access.py`).
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ProblemError, internal_error, problem_response
from api.guards.bodies import Body, check_length
from api.guards.deadlines import Deadline, seconds_for
from api.guards.origins import Origins
from api.limits import HEADERS


class Guard:
    """Bounds bodies and time, refuses other sites, adds headers, hides what was not foreseen."""

    def __init__(
        self, app: ASGIApp, *, max_body_bytes: int, timeout_s: float, origins: Origins
    ) -> None:
        self._app = app
        self._max = max_body_bytes
        self._timeout_s = timeout_s
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        deadline = Deadline(seconds_for(scope["method"], scope["path"], self._timeout_s))

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                deadline.lift()
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._origins.check(scope)
            check_length(scope, self._max)
            body = Body(receive, self._max, on_part=deadline.extend)
            async with deadline.running():
                await self._app(scope, body.receive, send_guarded)
        except Exception as error:
            if started:  # too late for another reply; the server cuts the connection
                raise
            await _told(scope["path"], error, deadline)(scope, receive, send_guarded)


def _told(path: str, error: Exception, deadline: Deadline) -> Response:
    if isinstance(error, ProblemError):
        return problem_response(path, error)
    if deadline.is_over:
        return problem_response(path, deadline.problem())
    return internal_error(path, error)
