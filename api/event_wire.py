"""The events of an answer on the wire: one name and one JSON object each.

`hits`, `delta`, `citation`, `verdict`, `statement`, `replace`, then `answer`, which is the whole
reply of the same question without a stream; or `error`, a problem, at any point.
"""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.understood_wire import UnderstoodOut, understood_out
from api.wire import AnswerOut, CitationOut, HitOut, answer_out, citation_out, hit_out
from api.written_wire import FailedCitationOut, StatementOut, failed_out, statement_out
from rag.answers import (
    Answered,
    AnswerEvent,
    Cited,
    Delta,
    HitsFound,
    Judged,
    Replaced,
    Verdict,
    Verified,
)

EVENTS = ["hits", "delta", "citation", "verdict", "statement", "replace", "answer", "error"]


class HitsEvent(BaseModel):
    """The question is read and the search is done."""

    understood: UnderstoodOut = Field(description="How the question was read.")
    hits: list[HitOut]
    generation: int


class DeltaEvent(BaseModel):
    """The next words of the answer."""

    text: str


class VerdictEvent(BaseModel):
    """The verdict on the citation with this marker, which was sent as `unchecked`."""

    marker: int
    verdict: Verdict


class StatementEvent(StatementOut):
    """The verdict on a sentence of the text so far."""

    failed: list[FailedCitationOut] = Field(description="Its markers that point nowhere.")


class ReplaceEvent(BaseModel):
    """The text so far is withdrawn: it is now `text`, a beginning of it, or nothing.

    Citations whose markers it does not hold are withdrawn, too, and so are statements.
    """

    text: str


Out = (
    HitsEvent | DeltaEvent | CitationOut | VerdictEvent | StatementEvent | ReplaceEvent | AnswerOut
)


def event_out(event: AnswerEvent) -> tuple[str, Out]:
    """The name of an event, and what it carries."""
    match event:
        case HitsFound():
            hits = [hit_out(hit) for hit in event.hits]
            understood = understood_out(event.understood)
            return "hits", HitsEvent(understood=understood, hits=hits, generation=event.generation)
        case Delta():
            return "delta", DeltaEvent(text=event.text)
        case Cited():
            return "citation", citation_out(event.citation)
        case Verified():
            return "verdict", VerdictEvent(marker=event.marker, verdict=event.verdict)
        case Judged():
            statement = statement_out(event.statement).model_dump()
            failed = [failed_out(one) for one in event.failed]
            return "statement", StatementEvent(**statement, failed=failed)
        case Replaced():
            return "replace", ReplaceEvent(text=event.text)
        case Answered():
            return "answer", answer_out(event.answer)
