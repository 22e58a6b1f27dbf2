"""One error shape for every route: `application/problem+json` (RFC 9457).

    {"type", "title", "status", "detail", "instance"}

OpenAI's paths have the shape that OpenAI's clients read, see `openai/errors.py`.

`type` is `urn:dateline:problem:` and a slug of `PROBLEMS`. A detail never holds a
path of this machine or a stack trace: what was not foreseen is logged and reported
as `internal`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from api.observing import note_problem
from api.openai import errors as openai
from api.streaming import ClientGone
from index.errors import (
    ArticleNotFound,
    BeingReindexed,
    FeedNotFound,
    ManifestMismatch,
    StoreError,
    StoreLocked,
    StoreReplaced,
)
from rag.errors import InvalidQuestion

logger = logging.getLogger("dateline")

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:dateline:problem:"
LOCKED_RETRY_S = 5
# What proxies log for it; nobody reads the reply.
_CLIENT_GONE = 499
_NOT_ALLOWED = 405
_MAX_SHOWN_ERRORS = 10
_MAX_DETAIL_CHARS = 500
_MAX_INSTANCE_CHARS = 2_000

# slug: (status, title)
PROBLEMS: Mapping[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be read"),
    "unauthorized": (401, "A key is needed"),
    "forbidden": (403, "The key does not allow this"),
    "cross-site": (403, "Requests from other sites are refused"),
    "not-found": (404, "There is nothing here"),
    "article-not-found": (404, "There is no such article"),
    "feed-not-found": (404, "There is no such feed"),
    "model-not-found": (404, "There is no such model"),
    "method-not-allowed": (405, "The route does not take this method"),
    "body-too-slow": (408, "The request body did not come in time"),
    "body-too-large": (413, "The request body is too large"),
    "wrong-host": (421, "The server has another name"),
    "invalid-request": (422, "The request is not valid"),
    "invalid-question": (422, "The question cannot be asked"),
    "nothing-stored": (422, "None of the articles could be taken"),
    "feed-unusable": (422, "The address gives no feed"),
    "too-many-requests": (429, "Too many questions at once"),
    "rate-limited": (429, "Too many requests in a minute"),
    "internal": (500, "Something went wrong"),
    "store-locked": (503, "The corpus is being written to"),
    "feeds-busy": (503, "Feeds are being polled"),
    "not-ready": (503, "The corpus cannot be used"),
    "timeout": (504, "It took too long"),
}
_OF_STATUS = {
    status: slug
    for slug, (status, _) in reversed(list(PROBLEMS.items()))
    if slug not in ("invalid-question", "nothing-stored", "feed-unusable")
} | {404: "not-found", 503: "not-ready"}
# What to do, where the framework only says what it is.
_DETAILS = {
    "bad-request": "{detail}: give JSON in UTF-8, with numbers of up to 4,300 digits",
    "not-found": "no route has this path: GET /docs shows those there are",
    "method-not-allowed": "this path takes {allow}: GET /docs shows how",
}


class Problem(BaseModel):
    """What went wrong."""

    type: str = Field(examples=["urn:dateline:problem:invalid-request"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for, percent-encoded.")


class ProblemError(HTTPException):
    """Raised by a route or a guard; becomes a problem reply.

    An `HTTPException`, because FastAPI lets only those through from reading a body.
    """

    def __init__(
        self, slug: str, detail: str, *, retry_after_s: int | None = None, **members: Any
    ) -> None:
        headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        super().__init__(PROBLEMS[slug][0], detail, headers)
        self.slug = slug
        self.members = members


def problem_content(path: str, error: ProblemError) -> dict[str, Any]:
    """The five fields of a problem, and its `members`."""
    note_problem(error.slug)
    status, title = PROBLEMS[error.slug]
    return {
        "type": TYPE_PREFIX + error.slug,
        "title": title,
        "status": status,
        "detail": error.detail[:_MAX_DETAIL_CHARS],
        "instance": quote(path, safe="/:@", errors="replace")[:_MAX_INSTANCE_CHARS],
        **error.members,
    }


def problem_response(path: str, error: ProblemError) -> Response:
    """The reply of a problem, in the shape that the clients of the path read."""
    content, status, media_type = problem_content(path, error), error.status_code, MEDIA_TYPE
    if openai.is_spoken_at(path):
        content = openai.error_content(error.slug, status, content["detail"], error.members)
        status, media_type = openai.status_of(status), "application/json"
    # A refused name may hold half a character, which UTF-8 cannot: it is escaped.
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, status, error.headers, media_type)


def internal_error(path: str, error: BaseException) -> Response:
    """Log what was not foreseen, and tell nothing of it."""
    return problem_response(path, unforeseen(path, error))


def unforeseen(path: str, error: BaseException) -> ProblemError:
    """What is told of an error that nobody foresaw: nothing; the log has it."""
    logger.error("unexpected error at %s", ascii(path), exc_info=error)
    return ProblemError("internal", "the server's log has what happened; try again")


def responses(*slugs: str) -> dict[int | str, dict[str, Any]]:
    """The documentation of the problems a route may reply with."""
    documented: dict[int | str, dict[str, Any]] = {}
    for slug in slugs:
        status, title = PROBLEMS[slug]
        others = documented.get(status, {}).get("description")
        documented[status] = {
            "description": f"{others}, or: {title}" if others else title,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
    return documented


def install(app: FastAPI) -> None:
    """Map every error that a route may raise."""

    async def problem(request: Request, error: Exception) -> Response:
        path = request.scope["path"]
        if isinstance(error, HTTPException) and error.status_code == _NOT_ALLOWED:
            methods = _methods(app, path)
            error.headers = {"Allow": ", ".join(methods)} if methods else error.headers
        return problem_response(path, as_problem(error))

    async def gone(_: Request, __: Exception) -> Response:
        return Response(status_code=_CLIENT_GONE)

    app.add_exception_handler(ClientGone, gone)
    for kind in (ProblemError, RequestValidationError, HTTPException, *_MESSAGES, InvalidQuestion):
        app.add_exception_handler(kind, problem)


def _methods(app: FastAPI, path: str) -> list[str]:
    """The methods that a path takes; the framework names only those of its first route."""
    described = app.openapi()["paths"].items()
    taken = [list(of) for template, of in described if compile_path(template)[0].match(path)]
    return sorted({method.upper() for methods in taken for method in methods})


# What HTTP says of an error whose own message may name a folder of this machine.
_MESSAGES: Mapping[type[Exception], tuple[str, str]] = {
    StoreLocked: ("store-locked", "another process is writing; try again in a few seconds"),
    BeingReindexed: (
        "not-ready",
        "the corpus is being reindexed or restored: try again when that has finished",
    ),
    ManifestMismatch: (
        "not-ready",
        "the corpus was made with other models than this server runs: restart the server "
        "with the settings of the last `dateline reindex`, or run that with the server's",
    ),
    StoreReplaced: (
        "not-ready",
        "the data directory was moved or removed: put it back or restore a backup",
    ),
    StoreError: ("not-ready", "the data directory cannot be used; the server's log says why"),
    ArticleNotFound: ("article-not-found", "GET /v1/articles lists the articles there are"),
    FeedNotFound: ("feed-not-found", "GET /v1/feeds lists the feeds there are"),
}


def problem_of(path: str, error: Exception) -> ProblemError:
    """The problem that any error is told as; the log has what nobody foresaw."""
    known = (HTTPException, RequestValidationError, InvalidQuestion, *_MESSAGES)
    return as_problem(error) if isinstance(error, known) else unforeseen(path, error)


def as_problem(error: Exception) -> ProblemError:
    """The problem that an error is told as."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, InvalidQuestion):
        return ProblemError("invalid-question", str(error))
    if isinstance(error, HTTPException):
        return _from_status(error)
    slug, detail = next(told for kind, told in _MESSAGES.items() if isinstance(error, kind))
    if slug == "not-ready":
        logger.error("%s", error)
    retry = LOCKED_RETRY_S if slug == "store-locked" else None
    return ProblemError(slug, detail, retry_after_s=retry)


def _from_status(error: HTTPException) -> ProblemError:
    slug = _OF_STATUS.get(error.status_code)
    if slug is None:
        slug = "bad-request" if error.status_code < 500 else "internal"
    allowed = {"allow": (error.headers or {}).get("Allow", "another method")}
    told = ProblemError(slug, _DETAILS.get(slug, "{detail}").format(detail=error.detail, **allowed))
    told.headers = error.headers
    return told


def _invalid(errors: Sequence[Any]) -> ProblemError:
    """One line for a person and the list for a machine; values are not repeated."""
    listed = [
        {"field": ".".join(str(part) for part in e["loc"])[:200], "message": _message(e)}
        for e in errors[:_MAX_SHOWN_ERRORS]
    ]
    detail = "; ".join(f"{e['field']}: {e['message']}" for e in listed[:3])
    more = len(errors) - 3
    return ProblemError(
        "invalid-request", detail + (f"; and {more} more" if more > 0 else ""), errors=listed
    )


def _message(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such field"
    return str(error["msg"]).removeprefix("Value error, ")[:300]
