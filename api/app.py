"""The HTTP application: routes, error shape, limits, documentation. Start here.

`create_app` is handed an assembled system, so that tests hand it one with small fake
models. Everything under `/v1` is versioned; see docs/http.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from api import docs_page, errors, page
from api.errors import Problem
from api.example_questions import ExampleQuestions
from api.guards import layers
from api.guards.described import describe
from api.mcp.server import McpEndpoint, mcp_server
from api.observability import observability
from api.observing import Observed, Observer
from api.openai import errors as openai_errors
from api.routes import articles, ask, corpus, feeds, health, metrics, openai, search, verify
from api.runtime import Runtime
from api.watch import Watcher
from rag.assemble import Dateline

DESCRIPTION = """
Question answering over news: every sentence of an answer is tied to the exact words
of a dated article, or the reply says plainly that it does not know.

* **Ask**: `POST /v1/ask` answers with citations, or abstains with a reason.
* **Search**: `GET /v1/search` finds passages.
* **Verify**: `POST /v1/verify` holds any sentence against evidence.
* **Articles**: list, read, add and remove what is searched.
* **OpenAI's clients** find models, chat completions and embeddings under `/v1`, assistants
  their tools at `/mcp`.

Offsets (`start`, `end`) count Unicode code points of the article's `text`, half open:
`text[start:end]` is the quote, exactly. Dates are days (`2025-03-12`) or instants
(`2025-03-12T17:14:00Z`). Every error is `application/problem+json`,
but on OpenAI's routes, where it has the shape that their clients read.
"""
TAGS = [
    {"name": "ask", "description": "Questions, and answers that can be checked."},
    {"name": "search", "description": "Passages, without an answer."},
    {"name": "verify", "description": "Sentences, held against evidence."},
    {"name": "articles", "description": "What was published, and its history."},
    {"name": "feeds", "description": "Feeds that are followed, and their health."},
    {"name": "openai", "description": "What OpenAI's clients and chat pages speak."},
    {"name": "health", "description": "For whoever runs the server."},
]


class Application(FastAPI):
    """FastAPI, whose description also holds the one shape of errors."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI description."""
        described = super().openapi()
        problem = Problem.model_json_schema()
        described["components"]["schemas"].setdefault("ProblemDetails", problem)
        describe(described)
        openai_errors.describe(described)
        return described


def create_app(
    dateline: Dateline,
    *,
    watch: bool = False,
    bound_to: str | None = None,
    observers: Sequence[Observer] = (),
) -> FastAPI:
    """The application over one assembled system, which it closes when it ends.

    With `watch` it polls the feeds that are subscribed to meanwhile. `bound_to` is the address
    it listens on: on one that others can reach, nothing is done without a key. `observers` hear of
    requests and questions beside those that the settings name.
    """
    watching = observability(dateline, release=release(), also=observers)
    runtime = Runtime(dateline, watching.observation)
    dateline.feeds.courtesy.give_way_to(runtime.is_busy)
    watcher = Watcher(dateline.feeds) if watch else None
    assistants = McpEndpoint(
        mcp_server(runtime, release()), max_body_bytes=dateline.settings.max_body_bytes
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await runtime.warm_up()
        if watcher is not None:
            watcher.start()
        try:
            async with assistants.running():
                yield
        finally:
            dateline.feeds.courtesy.stop()
            if watcher is not None:
                await asyncio.to_thread(watcher.stop)
            await runtime.close()
            await asyncio.to_thread(watching.close)

    app = Application(
        title="Dateline",
        summary="Answers over news that quote the words they rest on.",
        description=DESCRIPTION,
        version=release(),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.runtime = runtime
    app.state.metrics = watching.metrics
    app.state.examples = ExampleQuestions(runtime)
    errors.install(app)
    routers = (ask, search, verify, articles, corpus, feeds, openai, health, metrics)
    for router in (module.router for module in routers):
        app.include_router(router)
    app.router.routes.append(Route("/mcp", assistants, methods=["POST"]))
    docs_page.install(app)
    page.install(app)
    layers.install(app, dateline.settings, bound_to=bound_to)
    # Last, which is outermost: every reply has an id, whoever makes it.
    app.add_middleware(Observed, observation=watching.observation)
    return app


def release() -> str:
    """The version of this distribution."""
    try:
        return version("dateline")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0+unknown"


def _operation_id(route: APIRoute) -> str:
    return route.name
