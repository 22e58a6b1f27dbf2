"""`GET /v1/search`: the passages that match, best first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.errors import responses
from api.routes.deps import Running
from api.schemas import SearchParams
from api.wire import SearchOut, search_out
from rag.assemble import now

router = APIRouter(prefix="/v1", tags=["search"])


@router.get(
    "/search",
    summary="Search for passages",
    responses=responses("invalid-request", "too-many-requests", "not-ready", "timeout"),
)
async def search(params: Annotated[SearchParams, Query()], running: Running) -> SearchOut:
    """Passages ranked by meaning and by words, newer ones a little ahead.

    The same search that `POST /v1/ask` reads its answer from.
    """
    question = params.to_question(now())
    understood, result = await running.find(question)
    return search_out(params.q, understood, result)
