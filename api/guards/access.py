"""Keys and rates: who may come in, and how often.

A key is needed as soon as one has been given out, and on every address that others can
reach; without keys, on this machine alone, everything is open. `api/keys.py` has the
keys, `scopes.py` what each route needs. A presented key goes no further than this module.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ProblemError
from api.guards.connection import address_of, end_of, is_loopback, network_of
from api.guards.hosts import Hosts
from api.guards.scopes import is_answering, needed_scope
from api.key_book import KeyBook
from api.keys import Key, KeysUnreadable
from api.keys import Scope as KeyScope
from api.observing import note_key
from api.rates import MovingWindow, Passage
from rag.assemble import now as present

logger = logging.getLogger("dateline")

# Wrong keys that an address may present in a minute, each told so. A right one always passes:
# whoever shares an address with somebody that guesses is not locked out by it.
FAILURES_PER_MINUTE = 20
# In the state of a request: the `api.keys.Scope` that its sender has.
ALLOWED = "allowed"
_BEARER = "bearer "
# RFC 6455, 7.4.1.
_POLICY_VIOLATION = 1008


class Access:
    """Lets a request in, or says with which key it would be."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: KeyBook,
        hosts: Hosts,
        rate_per_minute: int,
        bound_to: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = present,
    ) -> None:
        self._app = app
        self._keys = keys
        self._hosts = hosts
        self._bound_to = bound_to
        self._now = now
        self._rates = MovingWindow(rate_per_minute, clock=clock) if rate_per_minute else None
        self._failures = MovingWindow(FAILURES_PER_MINUTE, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            key = self._admitted(scope)
            passage = self._counted(scope, key)
            scope.setdefault("state", {})[ALLOWED] = key.scope if key else KeyScope.INGEST
            await self._app(scope, receive, send if passage is None else _telling(send, passage))
        else:  # nothing here speaks over websockets, so none goes around the keys
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    def _admitted(self, scope: Scope) -> Key | None:
        """The key of a request that may come in; None where it needs none."""
        try:
            are_needed = self._keys.are_needed() or self._is_public(scope)
            needed = needed_scope(scope["method"], scope["path"])
            if not are_needed:
                self._hosts.check(scope)
            if not are_needed or needed is None:
                return None
            key = self._presented(scope)
            note_key(key.name)
        except KeysUnreadable as error:
            raise _unreadable(error) from error
        if not key.scope.allows(needed):
            raise ProblemError(
                "forbidden",
                f"this needs a key with the scope `{needed}`, the key {key.name!r} has "
                f"`{key.scope}`: `dateline keys add NAME --scope {needed}` makes one",
            )
        return key

    def _is_public(self, scope: Scope) -> bool:
        """Whether others may reach the server; inside one process there is no address."""
        local = self._bound_to or end_of(scope, "server") or ""
        return address_of(local) is not None and not is_loopback(local)

    def _presented(self, scope: Scope) -> Key:
        text = _key_in(Headers(scope=scope))
        # Headers are bytes: as they came, with nothing normalised.
        key = self._keys.find(text.encode("latin-1")) if text else None
        if key is not None and key.works_at(self._now()):
            return key
        passage = self._failures.enter(network_of(end_of(scope, "client")))
        if not passage.passed:
            raise ProblemError(
                "rate-limited",
                f"{passage.limit} requests of the last minute had no key that works: try again "
                f"in {passage.reset_s} seconds",
                retry_after_s=passage.reset_s,
            )
        raise _unauthorized(given=bool(text))

    def _counted(self, scope: Scope, key: Key | None) -> Passage | None:
        """Count a question against its key or, without keys, its address."""
        if self._rates is None or not is_answering(scope["method"], scope["path"]):
            return None
        who = f"key {key.name}" if key else self._stranger(scope)
        if who is None:
            return None
        passage = self._rates.enter(who)
        if not passage.passed:
            raise _too_often(passage, "key" if key else "address")
        return passage

    def _stranger(self, scope: Scope) -> str | None:
        """Who asks without a key; None for whoever sits at this machine."""
        client, local = end_of(scope, "client"), end_of(scope, "server")
        if address_of(local or "") is None or is_loopback(client or ""):
            return None
        return f"address {network_of(client)}"


def _key_in(headers: Headers) -> str:
    given = headers.get("authorization", "")
    if given[: len(_BEARER)].lower() == _BEARER:
        return given[len(_BEARER) :].strip()
    return headers.get("x-api-key", "").strip()


def _unreadable(error: KeysUnreadable) -> ProblemError:
    logger.error("%s", error)
    return ProblemError("not-ready", "the keys cannot be read: the server's log says why")


def _unauthorized(*, given: bool) -> ProblemError:
    what = (
        "the key does not work: it is unknown, was revoked or has expired"
        if given
        else "this needs a key: send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`"
    )
    error = ProblemError("unauthorized", f"{what}; `dateline keys add NAME` makes one")
    error.headers = {"WWW-Authenticate": 'Bearer realm="dateline"'}
    return error


def _too_often(passage: Passage, whose: str) -> ProblemError:
    error = ProblemError(
        "rate-limited",
        f"this {whose} has asked {passage.limit} times in the last minute: try again in "
        f"{passage.reset_s} seconds, or raise DATELINE_RATE_PER_MINUTE",
        retry_after_s=passage.reset_s,
    )
    error.headers = {**(error.headers or {}), **_rate_headers(passage)}
    return error


def _rate_headers(passage: Passage) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(passage.limit),
        "RateLimit-Remaining": str(passage.remaining),
        "RateLimit-Reset": str(passage.reset_s),
    }


def _telling(send: Send, passage: Passage) -> Send:
    async def send_telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_rate_headers(passage))
        await send(message)

    return send_telling
