"""`POST /v1/ask`: a question, answered with citations or declined with a reason."""

from __future__ import annotations

from fastapi import APIRouter

from api.errors import responses
from api.routes.deps import Running
from api.schemas import AskRequest
from api.wire import AnswerOut, answer_out
from rag.assemble import now

router = APIRouter(prefix="/v1", tags=["ask"])


@router.post(
    "/ask",
    summary="Ask a question",
    responses=responses("invalid-request", "too-many-requests", "not-ready", "timeout"),
)
async def ask(request: AskRequest, running: Running) -> AnswerOut:
    """Answer from the articles, word for word.

    Each `[n]` of `answer` is a citation: `quote` equals `text[start:end]` of that
    version of the article. When the articles do not hold the answer, `status` is
    `abstained`, `reason` says why, and `hits` are the nearest passages. Declining is a
    normal reply with status 200.
    """
    return answer_out(await running.ask(request.to_domain(now())))
