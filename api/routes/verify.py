"""`POST /v1/verify`: whether evidence supports a sentence."""

from __future__ import annotations

from fastapi import APIRouter

from api.errors import responses
from api.grounding_wire import VerifyOut, verify_out
from api.routes.deps import Running
from api.schemas import VerifyRequest
from rag.assemble import Dateline
from rag.grounding.evidence import evidence_of
from rag.grounding.judge import judge_sentence

router = APIRouter(prefix="/v1", tags=["verify"])


@router.post(
    "/verify",
    summary="Hold a sentence against evidence",
    responses=responses(
        "bad-request",
        "article-not-found",
        "invalid-request",
        "too-many-requests",
        "not-ready",
        "timeout",
    ),
)
async def verify(request: VerifyRequest, running: Running) -> VerifyOut:
    """Say whether the evidence supports, contradicts or lacks what the sentence says.

    The verdict joins checks of quotations, numbers, dates, names and denials with the
    probability that the evidence carries the meaning. Each finding says which words of the
    sentence it is about and what the evidence has.
    """
    return await running.search(_verified, running.dateline, request)


def _verified(dateline: Dateline, request: VerifyRequest) -> VerifyOut:
    if request.article_id is None:
        grounding = judge_sentence(request.sentence, request.pieces(), dateline.support)
        return verify_out(request.sentence, grounding, None)
    article = dateline.engine.store.article(request.article_id, request.version)
    grounding = judge_sentence(request.sentence, [evidence_of(article)], dateline.support)
    return verify_out(request.sentence, grounding, article.ref)
