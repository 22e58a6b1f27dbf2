"""Which names of the server a browser may have called: against DNS rebinding.

A page of another site can have its own name resolve to this machine, and would then be
of the same origin as the server. Without keys that would be enough to read everything,
so the `Host` of a request must be a name of this machine, or one of the settings.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import Scope

from api.errors import ProblemError
from api.guards.connection import address_of, end_of, is_loopback

_LOCAL_NAME = "localhost"


class Hosts:
    """The names under which the server may be called."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = frozenset(name.lower() for name in allowed)

    def check(self, scope: Scope) -> None:
        """Refuse a request that calls this machine by a name which is not its own.

        Inside one process, where there is no address, any name will do.

        Raises:
            ProblemError: `wrong-host`.
        """
        name = host_name(Headers(scope=scope).get("host", ""))
        if address_of(end_of(scope, "server") or "") is None or self.allows(name):
            return
        raise ProblemError(
            "wrong-host",
            f"{name[:100]!r} is no name of this machine: call it localhost, name it in "
            "DATELINE_ALLOWED_HOSTS, or make a key with `dateline keys add NAME`",
        )

    def allows(self, name: str) -> bool:
        """Whether it is a name of this machine; no browser leaves it out."""
        return not name or name == _LOCAL_NAME or is_loopback(name) or name in self._allowed


def host_name(host: str) -> str:
    """The name or address in a `Host`, without port, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].rstrip(".").lower()
