"""Which other sites' pages may use the API from a browser: none, or those of the settings.

`Cors` tells browsers so on every reply, errors and streams included; `Origins` refuses
what a page of any other site has its visitor's browser change or ask. Knows nothing of
keys: no cookie is ever read, so a page needs one as everybody else does.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from api.errors import ProblemError, problem_response
from api.limits import HEADERS

ANY = "*"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# What a page may read of a reply beside its body.
_EXPOSED = (
    "Retry-After",
    "X-Request-Id",
    "Mcp-Session-Id",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "WWW-Authenticate",
)


class Origins:
    """The origins that are allowed beside the server's own."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = frozenset(allowed)

    def check(self, scope: Scope) -> None:
        """Refuse what a page of another site would change, or ask, behind its visitor's back.

        A browser says what it is about in `Sec-Fetch-Site`; an older one in `Origin` alone.

        Raises:
            ProblemError: `cross-site`.
        """
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if scope["method"] not in _UNSAFE or self._allows(origin):
            return
        site = headers.get("sec-fetch-site")
        if site == "cross-site" or (site is None and _is_foreign(origin, headers.get("host", ""))):
            raise ProblemError(
                "cross-site",
                "a page of another site may not change or ask anything here: "
                "DATELINE_CORS_ORIGINS allows sites",
            )

    def _allows(self, origin: str | None) -> bool:
        return ANY in self._allowed or origin in self._allowed


def _is_foreign(origin: str | None, host: str) -> bool:
    """Whether an origin is of another host; behind a proxy only the names can be compared."""
    return origin is not None and urlsplit(origin).netloc.lower() != host.lower()


class Cors(CORSMiddleware):
    """Starlette's, with problems for refusals and our headers on preflights."""

    def __init__(self, app: ASGIApp, *, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=tuple(origins),
            allow_methods=_METHODS,
            # What is asked for is allowed: the clients of OpenAI send a dozen of their own.
            allow_headers=(ANY,),
            expose_headers=_EXPOSED,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """The reply to a browser that asks whether a page may send a request."""
        reply = super().preflight_response(request_headers)
        if reply.status_code >= 400:
            why = bytes(reply.body).decode()
            told = ProblemError("bad-request", f"{why}: DATELINE_CORS_ORIGINS allows sites")
            told.headers = {"Vary": reply.headers["Vary"]}
            reply = problem_response("", told)
        for name, value in HEADERS.items():
            reply.headers.setdefault(name, value)
        return reply
