"""Is it up, is it ready, and where to go next."""

from __future__ import annotations

import sqlite3
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.errors import ProblemError, logger, responses
from api.routes.deps import Running
from rag.assemble import Dateline

router = APIRouter()


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """The models are loaded and the corpus is open."""

    status: Literal["ready"] = "ready"
    generation: int = Field(description="Rises by one with every change of the corpus.")
    articles: int
    versions: int
    passages: int
    models: dict[str, str]


class Welcome(BaseModel):
    """Where to go next."""

    name: str = "Dateline"
    docs: str = "/docs"
    openapi: str = "/openapi.json"
    ask: str = "POST /v1/ask"
    search: str = "GET /v1/search?q="
    articles: str = "GET /v1/articles"


@router.get("/", include_in_schema=False)
async def root() -> Welcome:
    """Point to the documentation."""
    return Welcome()


@router.get("/healthz", summary="Is the process up?", tags=["health"])
async def health() -> Health:
    """Reply at once, whatever else goes on."""
    return Health()


@router.get(
    "/readyz",
    summary="Can questions be answered?",
    tags=["health"],
    responses=responses("not-ready"),
)
async def ready(running: Running) -> Ready:
    """Tell the generation that searches see, how much there is, and the models."""
    return await running.in_thread(_ready, running.dateline)


def _ready(dateline: Dateline) -> Ready:
    try:
        generation = dateline.engine.refresh()
        counts = dateline.engine.store.counts()
    except sqlite3.Error as error:
        logger.exception("the store cannot be read")
        raise ProblemError("not-ready", "the store cannot be read") from error
    return Ready.model_validate({"generation": generation, "models": dateline.models, **counts})
