"""What the OpenAPI description says of keys and rates: the same for every route.

A key may be left out, as it can be where none was given out; whether this server needs
one, only its replies tell.
"""

from __future__ import annotations

from typing import Any

from api.errors import responses
from api.guards.scopes import needed_scope

SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key that `dateline keys add NAME` made.",
    },
    "header": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key in a header of its own.",
    },
}
_PROBLEMS = (
    "unauthorized",
    "forbidden",
    "body-too-large",
    "body-too-slow",
    "wrong-host",
    "rate-limited",
    "timeout",
)
_ANY_OF_THEM_OR_NONE: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}, {}]


def describe(described: dict[str, Any]) -> None:
    """Add keys, and what is replied without them, to a description."""
    described["components"]["securitySchemes"] = SCHEMES
    replies = {str(status): reply for status, reply in responses(*_PROBLEMS).items()}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if needed_scope(method.upper(), path) is None:
                continue
            operation["security"] = _ANY_OF_THEM_OR_NONE
            for status, reply in replies.items():
                operation["responses"].setdefault(status, reply)
