"""`/v1/corpus`: what can be asked about, for pages that let people steer."""

from __future__ import annotations

from fastapi import APIRouter, Request

from api.corpus_wire import (
    AccessOut,
    CorpusOut,
    ExamplesOut,
    outlets_out,
    timeline_out,
    unit_of,
)
from api.errors import responses
from api.example_questions import ExampleQuestions
from api.guards.access import ALLOWED
from api.keys import Scope
from api.routes.deps import Running
from api.wire import instant
from rag.assemble import Dateline

router = APIRouter(prefix="/v1/corpus", tags=["articles"])


@router.get("", summary="Describe the corpus", responses=responses("not-ready"))
async def get_corpus(request: Request, running: Running) -> CorpusOut:
    """Tell how many articles there are of each outlet and day, and how they can be asked about."""
    scope: Scope = getattr(request.state, ALLOWED)
    return await running.in_thread(_corpus, running.dateline, scope)


@router.get("/examples", summary="Suggest questions", responses=responses("not-ready"))
async def get_examples(request: Request) -> ExamplesOut:
    """Suggest questions about the newest articles, each of which was tried and is answered.

    They are found on the first request, which takes as long as some questions do, and kept
    for a quarter of an hour. While the server is busy there may be none.
    """
    examples: ExampleQuestions = request.app.state.examples
    return ExamplesOut(questions=await examples())


def _corpus(dateline: Dateline, scope: Scope) -> CorpusOut:
    writes = dateline.answerer.default_mode == "llm"
    generation = dateline.engine.refresh()
    store = dateline.engine.store
    counts, tallies = store.counts(), store.tallies()
    days = [tally.day for tally in tallies if tally.day is not None]
    first, last = min(days, default=None), max(days, default=None)
    outlets, unit = outlets_out(tallies), unit_of(first, last)
    ingested = store.last_ingest()
    return CorpusOut(
        generation=generation,
        articles=counts["articles"],
        passages=counts["passages"],
        undated=sum(tally.articles for tally in tallies if tally.day is None),
        first_day=first.isoformat() if first else None,
        last_day=last.isoformat() if last else None,
        last_ingest_at=instant(ingested) if ingested else None,
        outlets=outlets,
        unit=unit,
        timeline=timeline_out(tallies, unit, outlets),
        modes=["llm", "extractive"] if writes else ["extractive"],
        strictness=dateline.settings.llm_strictness,
        access=AccessOut(ingest=scope.allows(Scope.INGEST)),
    )
