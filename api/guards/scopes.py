"""What a key must allow for each request, and which requests are questions: two tables.

Whatever is not listed needs a key, and whatever may change something one with the scope
`ingest`, so that a route which somebody forgets here is closed, not open.
"""

from __future__ import annotations

from api.keys import Scope

# Open to everyone: the page, which asks for a key, what describes the API, and health.
_OPEN = frozenset({"/", "/docs", "/openapi.json", "/healthz", "/readyz", "/favicon.ico"})
_OPEN_FOLDER = "/web/"
# They post, but change nothing that is stored.
_ASKING = (
    "/v1/ask",
    "/v1/verify",
    "/v1/chat",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/responses",
    "/mcp",
)
# What needs a model, and so costs a second of CPU or so: their number is limited.
_ANSWERING = (*_ASKING, "/v1/search")
_READING_METHODS = ("GET", "HEAD", "OPTIONS")


def needed_scope(method: str, path: str) -> Scope | None:
    """The scope that a request needs; None for what is open to everyone."""
    if path in _OPEN or path.startswith(_OPEN_FOLDER):
        return None
    if method in _READING_METHODS or _is_under(path, _ASKING):
        return Scope.READ
    return Scope.INGEST


def is_answering(method: str, path: str) -> bool:
    """Whether a request is a question, a search, or other work for a model."""
    if path == "/v1/search":
        return method in _READING_METHODS
    return method == "POST" and _is_under(path, _ANSWERING)


def _is_under(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in roots)
