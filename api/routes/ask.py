"""`POST /v1/ask`: a question, answered with citations or declined with a reason."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.errors import problem_content, problem_of, responses
from api.event_wire import EVENTS, event_out
from api.routes.deps import Running
from api.schemas import AskRequest
from api.streaming import event_stream, unless_gone
from api.wire import AnswerOut, answer_out
from rag.answers import AnswerEvent
from rag.assemble import now

router = APIRouter(prefix="/v1", tags=["ask"])

EVENT_STREAM = "text/event-stream"
_STREAM = {
    "description": "The answer; as `text/event-stream`, the events that it comes about by: "
    "`hits`, `delta`, `citation`, `verdict`, and last `answer` or `error`.",
    "content": {
        EVENT_STREAM: {
            "schema": {
                "type": "object",
                "description": "One event; `data` is JSON.",
                "required": ["event", "data"],
                "properties": {"event": {"enum": EVENTS}, "data": {"type": "string"}},
            }
        }
    },
}


@router.post(
    "/ask",
    summary="Ask a question",
    response_model=AnswerOut,
    responses={
        200: _STREAM,
        **responses("bad-request", "invalid-request", "too-many-requests", "not-ready", "timeout"),
    },
)
async def ask(
    asked: AskRequest, request: Request, running: Running
) -> AnswerOut | EventSourceResponse:
    """Answer from the articles, word for word.

    Each `[n]` of `answer` is a citation: `quote` equals `text[start:end]` of that
    version of the article. When the articles do not hold the answer, `status` is
    `abstained`, `reason` says why, and `hits` are the nearest passages. Declining is a
    normal reply with status 200. With `stream`, or `Accept: text/event-stream`, the same
    answer comes event by event.
    """
    question = asked.to_domain(now())
    if asked.stream or EVENT_STREAM in request.headers.get("accept", ""):
        return event_stream(_frames(await running.stream(question), request.scope["path"]))
    return answer_out(await unless_gone(request, running.ask(question)))


async def _frames(
    events: AsyncGenerator[AnswerEvent, None], path: str
) -> AsyncIterator[ServerSentEvent]:
    try:
        async with aclosing(events):
            async for event in events:
                name, carried = event_out(event)
                yield ServerSentEvent(carried.model_dump_json(), event=name, sep="\n")
    except Exception as error:
        problem = problem_content(path, problem_of(path, error))
        yield ServerSentEvent(json.dumps(problem), event="error", sep="\n")
