"""Is it up, and is it ready."""

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
    """The models have run, and searches see the newest generation."""

    status: Literal["ready"] = "ready"
    generation: int = Field(description="Rises by one with every change of the corpus.")
    articles: int
    versions: int
    passages: int
    models: dict[str, str]


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
    running.require_ready()
    return await running.in_thread(_ready, running.dateline)


def _ready(dateline: Dateline) -> Ready:
    try:
        generation = dateline.engine.refresh()
        counts = dateline.engine.store.counts()
    except sqlite3.Error as error:
        logger.exception("the store cannot be read")
        raise ProblemError("not-ready", "the store cannot be read") from error
    return Ready.model_validate({"generation": generation, "models": dateline.models, **counts})
