"""The chat page: files of `api/web/`, read once, served as they are.

`/` is the page for whoever takes HTML, and tells programs where to go. Every file has an
ETag and is asked for again each time, so that a new release is seen at once. The policy lets
the page load its own files and call its own server, and nothing else. Knows nothing of what
the page does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from api.errors import ProblemError

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
FOLDER = "/web/"
INDEX = "index.html"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Welcome(BaseModel):
    """Where to go next."""

    name: str = "Dateline"
    page: str = "/"
    docs: str = "/docs"
    openapi: str = "/openapi.json"
    ask: str = "POST /v1/ask"
    search: str = "GET /v1/search?q="
    articles: str = "GET /v1/articles"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page."""

    body: bytes
    media_type: str
    etag: str


def read_files() -> Mapping[str, File]:
    """The files of the page by name; those of unknown kinds are left out."""
    found = {}
    for entry in files("api").joinpath("web").iterdir():
        kind = _TYPES.get("." + entry.name.rpartition(".")[2])
        if entry.is_file() and kind is not None:
            body = entry.read_bytes()
            found[entry.name] = File(body, kind, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    return found


def install(app: FastAPI) -> None:
    """Serve the page."""
    held = read_files()

    @app.get("/", include_in_schema=False)
    async def root(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return _reply(request, held[INDEX])
        return JSONResponse(Welcome().model_dump(), headers={"Vary": "Accept"})

    @app.get(FOLDER + "{name}", include_in_schema=False)
    async def file(name: str, request: Request) -> Response:
        if name not in held:
            raise ProblemError("not-found", f"the page has no file {name[:100]!r}: reload it")
        return _reply(request, held[name])


def _reply(request: Request, file: File) -> Response:
    headers = {
        "ETag": file.etag,
        "Cache-Control": "no-cache",
        "Content-Security-Policy": CSP,
        "Vary": "Accept",
    }
    known = [tag.strip().removeprefix("W/") for tag in _if_none_match(request).split(",")]
    if file.etag in known:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)


def _if_none_match(request: Request) -> str:
    return request.headers.get("if-none-match", "")
