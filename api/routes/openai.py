"""OpenAI's routes under `/v1`: models, chat completions, embeddings. See docs/openai.md."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.errors import problem_content, problem_of, responses
from api.openai.chunks import (
    Envelope,
    answer_chunks,
    answer_completion,
    text_chunks,
    text_completion,
)
from api.openai.conversation import no_such_model, question_of, said_in
from api.openai.errors import error_content
from api.openai.housekeeping import housekeeping_reply
from api.openai.replies import MODEL, ChatCompletion, EmbeddingList, ModelList, ModelOut, Usage
from api.openai.schemas import ChatRequest, EmbeddingRequest
from api.openai.tokens import check_dimensions, embedded, usage_of
from api.routes.deps import Running
from api.runtime import Runtime
from api.streaming import event_stream, unless_gone
from index.documents import ArticleRef
from rag.answers import Question
from rag.assemble import now

router = APIRouter(prefix="/v1", tags=["openai"])

_STREAM = {
    "description": "The completion; as `text/event-stream`, its chunks and last `[DONE]`.",
    "content": {
        "text/event-stream": {
            "schema": {
                "type": "object",
                "description": "One event without a name; `data` is JSON, or `[DONE]`.",
                "required": ["data"],
                "properties": {"data": {"type": "string"}},
            }
        }
    },
}


@router.get("/models", summary="List models", responses=responses("not-ready"))
async def list_models(running: Running) -> ModelList:
    """List the model that answers, and the one that embeds."""
    return ModelList(data=_models(running))


@router.get(
    "/models/{model:path}",
    summary="Read a model",
    responses=responses("model-not-found", "invalid-request"),
)
async def get_model(model: str, running: Running) -> ModelOut:
    """Return one model."""
    for known in _models(running):
        if known.id == model:
            return known
    raise no_such_model(model)


def _models(running: Runtime) -> list[ModelOut]:
    return [ModelOut(id=MODEL), ModelOut(id=running.dateline.models["embedder"])]


@router.post(
    "/chat/completions",
    summary="Complete a chat",
    response_model=ChatCompletion,
    responses={
        200: _STREAM,
        **responses(
            "invalid-request", "model-not-found", "too-many-requests", "not-ready", "timeout"
        ),
    },
)
async def complete_chat(
    asked: ChatRequest, request: Request, running: Running
) -> ChatCompletion | EventSourceResponse:
    """Answer the last message from the articles, word for word, as OpenAI's clients read it.

    The answer's markers `[n]` are `annotations` with the article's address. When the
    articles do not hold the answer, the text says so and why. Parameters that mean nothing
    to quotations are taken and change nothing.
    """
    said = said_in(asked)
    reply = housekeeping_reply(said)
    if reply is not None:
        envelope = _envelope(asked, request, running, [one.text for one in said])
        if asked.stream:
            return event_stream(_frames(text_chunks(reply, envelope), request.scope["path"]))
        return await text_completion(reply, envelope)
    question = question_of(said, now())
    envelope = _envelope(asked, request, running, _read(question))
    if asked.stream:
        chunks = answer_chunks(await running.stream(question), envelope)
        return event_stream(_frames(chunks, request.scope["path"]))
    answer = await unless_gone(request, running.ask(question))
    return await answer_completion(answer, envelope)


def _read(question: Question) -> list[str]:
    return [*(turn.content for turn in question.history), question.text]


def _envelope(
    asked: ChatRequest, request: Request, running: Runtime, prompt: Sequence[str]
) -> Envelope:
    embedder = running.dateline.searcher.embedder
    base = str(request.base_url)

    def address(article: ArticleRef) -> str:
        return f"{base}v1/articles/{quote(article.id, safe='')}?version={article.version}"

    async def measure(text: str) -> Usage:
        return await running.in_thread(usage_of, embedder, prompt, text)

    return Envelope(
        id=f"chatcmpl-{secrets.token_hex(12)}",
        created=int(now().timestamp()),
        address=address,
        measure=measure,
        holds_back=running.dateline.answerer.default_mode == "llm",
        with_usage=bool(asked.stream_options and asked.stream_options.include_usage),
        with_sources=running.dateline.settings.open_webui_sources,
    )


async def _frames(
    chunks: AsyncGenerator[dict[str, Any], None], path: str
) -> AsyncIterator[ServerSentEvent]:
    """The chunks as frames, then `[DONE]`; or the error that ended them."""
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                yield ServerSentEvent(_json(chunk), sep="\n")
        yield ServerSentEvent("[DONE]", sep="\n")
    except Exception as error:
        problem = problem_of(path, error)
        content = problem_content(path, problem)
        told = error_content(problem.slug, content["status"], content["detail"], problem.members)
        yield ServerSentEvent(_json(told), sep="\n")


def _json(carried: dict[str, Any]) -> str:
    """On one line of ASCII: readers that split text know more line ends than this format."""
    return json.dumps(carried, separators=(",", ":"))


@router.post(
    "/embeddings",
    summary="Embed texts",
    responses=responses("invalid-request", "model-not-found", "too-many-requests", "timeout"),
)
async def create_embeddings(
    asked: EmbeddingRequest, request: Request, running: Running
) -> EmbeddingList:
    """Return the vectors of texts, by the model that passages are searched with.

    A text longer than the window of the model is cut to it.
    """
    embedder = running.dateline.searcher.embedder
    if asked.model != embedder.name:
        raise no_such_model(asked.model)
    check_dimensions(asked, embedder)
    return await unless_gone(request, running.search(embedded, asked, embedder))
