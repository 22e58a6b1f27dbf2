"""How a question was read, as replies show it. `wire.py` has the rest of a reply."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from index.documents import About, DateMention
from rag.answers import Understood


class DateOut(BaseModel):
    """Words that name a day or a span of days, and which."""

    text: str = Field(description='Such as "on Friday".')
    start: int
    end: int
    first: str = Field(description="The first day, such as 2025-03-14.")
    last: str = Field(description="The last day, included; the same for a single day.")


class SpanOut(BaseModel):
    """A span of days, both included."""

    first: str
    last: str


class PartOut(BaseModel):
    """One of several outlets that are heard, and what it is searched for."""

    source: str
    text: str


class UnderstoodOut(BaseModel):
    """What was read out of the question's words; `literal` of a request takes it back."""

    text: str = Field(description="The question standing alone.")
    about: About
    period: SpanOut | None = Field(description="The days asked about; they only rank.")
    dates: list[DateOut] = Field(description="Words of `text` that name days.")
    as_of: str | None = Field(description="Nothing published later is seen.")
    published: SpanOut | None = Field(description="Nothing published on other days is seen.")
    sources: list[str] = Field(description="Outlets whose words are asked for: no other is seen.")
    preferred_sources: list[str] = Field(description="Outlets that are mentioned; they only rank.")
    phrases: list[str] = Field(description="Words in quotation marks.")
    parts: list[PartOut] = Field(description="Outlets that are heard one by one.")
    notes: list[str] = Field(description="What was asked for in vain.")


def understood_out(understood: Understood) -> UnderstoodOut:
    """How a question was read, on the wire."""
    return UnderstoodOut(
        text=understood.text,
        about=understood.about,
        period=_span(understood.period),
        dates=[date_out(mention) for mention in understood.dates],
        as_of=understood.as_of.isoformat() if understood.as_of else None,
        published=_span(understood.published),
        sources=list(understood.sources),
        preferred_sources=list(understood.preferred_sources),
        phrases=list(understood.phrases),
        parts=[PartOut(source=part.source, text=part.text) for part in understood.parts],
        notes=list(understood.notes),
    )


def date_out(mention: DateMention) -> DateOut:
    """Words that name days on the wire."""
    return DateOut(
        text=mention.text,
        start=mention.start,
        end=mention.end,
        first=mention.first.isoformat(),
        last=mention.last.isoformat(),
    )


def _span(days: tuple[date, date] | None) -> SpanOut | None:
    return SpanOut(first=days[0].isoformat(), last=days[1].isoformat()) if days else None
