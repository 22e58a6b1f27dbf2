"""`/v1/articles`: list, read, add and remove what is searched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from api.article_wire import (
    ArticleDetail,
    ArticlePage,
    DiffOut,
    StoredOut,
    article_detail,
    article_diff,
    stored_out,
)
from api.errors import ProblemError, responses
from api.examples import RECORD
from api.posted import MAX_RECORDS, Document, from_documents, from_json
from api.routes.deps import Running
from api.runtime import Runtime
from api.schemas import MAX_VERSION, NOT_BLANK, DocumentParams, PageParams
from api.wire import article_out
from index.documents import Filters
from index.forget import forget_article
from index.intake import Input
from index.sources import Columns

router = APIRouter(prefix="/v1/articles", tags=["articles"])

_TEXT = {"type": ["string", "null"]}
_RECORD = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "id": {"type": ["string", "null"], "pattern": "^[A-Za-z0-9._:-]{0,128}$"},
        "url": {
            "anyOf": [{"type": "string", "format": "uri"}, {"enum": ["", None]}],
        },
        "title": _TEXT,
        "published": _TEXT | {"examples": ["2025-03-12T17:14:00Z"]},
        "source": _TEXT,
        "modified": _TEXT,
        "section": _TEXT,
        "authors": {"type": ["array", "string", "null"], "items": {"type": "string"}},
        "language": _TEXT | {"examples": ["en"]},
        "text": {"type": "string", "pattern": NOT_BLANK},
    },
}
_ADDRESS = {
    "type": "object",
    "required": ["url"],
    "properties": {"url": {"type": "string", "format": "uri"}},
    "additionalProperties": False,
}
_ITEM = {"anyOf": [_RECORD, _ADDRESS]}
_FILE = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        _RECORD,
                        _ADDRESS,
                        {
                            "type": "object",
                            "required": ["articles"],
                            "properties": {
                                "articles": {"type": "array", "items": _ITEM, "maxItems": 1000}
                            },
                        },
                    ]
                },
                "examples": {
                    "one": {"summary": "One article", "value": RECORD},
                    "many": {"summary": "Several", "value": {"articles": [RECORD]}},
                    "address": {"summary": "To be fetched", "value": {"url": RECORD["url"]}},
                },
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "array", "items": _FILE, "minItems": 1}},
                    "additionalProperties": False,
                }
            },
            "application/octet-stream": {"schema": _FILE},
            "text/plain": {
                "schema": {"type": "string"},
                "example": "The harbour bridge reopened on Wednesday.\n"
                "Source: National - meridianwire.example",
            },
        },
    }
}


@router.get("", summary="List articles", responses=responses("invalid-request", "not-ready"))
async def list_articles(
    params: Annotated[PageParams, Query()], request: Request, running: Running
) -> ArticlePage:
    """List current articles, newest first, undated ones last."""
    return await running.in_thread(_page, running, params, request)


def _page(running: Running, params: PageParams, request: Request) -> ArticlePage:
    filters: Filters = params.to_domain()
    refs, total = running.dateline.engine.store.list_articles(
        filters, limit=params.limit, offset=params.offset
    )
    after = params.offset + len(refs)
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in ("limit", "offset")]
    query = urlencode([*kept, ("limit", params.limit), ("offset", after)])
    return ArticlePage(
        articles=[article_out(ref) for ref in refs],
        total=total,
        limit=params.limit,
        offset=params.offset,
        next=f"{request.url.path}?{query}" if refs and after < total else None,
    )


@router.get(
    "/{article_id}",
    summary="Read an article",
    responses=responses("article-not-found", "invalid-request", "not-ready"),
)
async def get_article(
    article_id: str,
    running: Running,
    version: Annotated[
        int | None, Query(ge=1, le=MAX_VERSION, description="Default: the current one.")
    ] = None,
) -> ArticleDetail:
    """Return the cleaned text that offsets refer to, with passages and history."""
    store = running.dateline.engine.store
    return await running.in_thread(article_detail, store, article_id, version)


@router.get(
    "/{article_id}/diff",
    summary="Compare two versions",
    responses=responses("article-not-found", "invalid-request", "not-ready"),
)
async def get_diff(
    article_id: str,
    running: Running,
    from_: Annotated[
        int | None,
        Query(alias="from", ge=1, le=MAX_VERSION, description="Default: the one before `to`."),
    ] = None,
    to: Annotated[
        int | None, Query(ge=1, le=MAX_VERSION, description="Default: the current one.")
    ] = None,
) -> DiffOut:
    """Return what was removed and added, paragraph by paragraph and word by word."""
    store = running.dateline.engine.store
    return await running.in_thread(article_diff, store, article_id, from_, to)


@router.post(
    "",
    summary="Add articles",
    status_code=201,
    openapi_extra=_BODY,
    responses={
        200: {"model": StoredOut, "description": "Everything was stored already"},
        **responses(
            "bad-request",
            "body-too-large",
            "invalid-request",
            "nothing-stored",
            "too-many-requests",
            "store-locked",
        ),
    },
)
async def add_articles(
    request: Request,
    response: Response,
    running: Running,
    params: Annotated[DocumentParams, Query()],
) -> StoredOut:
    """Store records, addresses, documents or archives; what a document is, its content decides.

    As `application/json`: one record, or up to 1,000 under `articles`; a record that is
    nothing but a `url` is fetched. As `multipart/form-data`: files. Any other body is one
    document. An article with a known `id` or `url` and other words becomes a new version.
    What is refused is listed in `skipped` beside what was stored; when nothing could be
    stored the reply is a problem with the same members.
    """
    items = await _items(request, running, params)
    report = await running.write(running.dateline.ingestor.ingest, items)
    stored = stored_out(report)
    if not (stored.new or stored.changed or stored.same):
        why = stored.skipped[0].reason if stored.skipped else "it holds no articles"
        raise ProblemError(
            "nothing-stored", f"{len(stored.skipped)} refused: {why}", **stored.model_dump()
        )
    response.status_code = 201 if stored.new or stored.changed else 200
    return stored


async def _items(request: Request, running: Runtime, params: DocumentParams) -> Iterator[Input]:
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/json":
        fetch = running.dateline.fetcher.fetch
        posted = from_json(await request.body())
        return iter(await running.fetch(lambda: list(posted.items(fetch))))
    columns = _columns(params.columns)
    if media_type == "multipart/form-data":
        return from_documents(await _files(request), url=params.url, columns=columns)
    document = Document(await request.body(), None, content_type or None)
    return from_documents([document], url=params.url, columns=columns)


async def _files(request: Request) -> list[Document]:
    """The files of a form, in its order."""
    async with request.form(max_files=MAX_RECORDS, max_fields=0) as form:
        return [
            Document(await part.read(), part.filename, part.content_type)
            for _, part in form.multi_items()
            if isinstance(part, UploadFile)
        ]


def _columns(text: str | None) -> Columns:
    try:
        return Columns.parse(text) if text else Columns()
    except ValueError as error:
        raise ProblemError("invalid-request", f"query.columns: {error}") from None


@router.delete(
    "/{article_id}",
    summary="Remove an article",
    status_code=204,
    responses=responses("article-not-found", "invalid-request", "store-locked"),
)
async def delete_article(article_id: str, running: Running) -> Response:
    """Remove an article with every version of it, from the store and from search."""
    await running.write(forget_article, running.dateline.engine, article_id)
    return Response(status_code=204)
