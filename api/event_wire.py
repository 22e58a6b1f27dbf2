"""The events of an answer on the wire: one name and one JSON object each.

`hits`, `delta`, `citation`, `verdict`, then `answer`, which is the whole reply of the same
question without a stream; or `error`, a problem, at any point.
"""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.understood_wire import UnderstoodOut, understood_out
from api.wire import AnswerOut, CitationOut, HitOut, answer_out, citation_out, hit_out
from rag.answers import Answered, AnswerEvent, Cited, Delta, HitsFound, Verdict, Verified


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


def event_out(
    event: AnswerEvent,
) -> tuple[str, HitsEvent | DeltaEvent | CitationOut | VerdictEvent | AnswerOut]:
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
        case Answered():
            return "answer", answer_out(event.answer)
