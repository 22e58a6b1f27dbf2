"""How a question was read, in lines for a person: only what is more than its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.answers import Understood


def read_as(understood: Understood, asked: str) -> Iterator[str]:
    """One line for each thing that was read out of the words.

    Args:
        understood: how the question was read.
        asked: the question as it was typed.
    """
    if understood.text != " ".join(asked.split()):
        yield f"read as: {understood.text}"
    if understood.as_of:
        yield f"as of {understood.as_of.isoformat()}: nothing later is seen"
    if understood.published:
        yield f"only what was published {_days(understood.published)}"
    elif understood.period:
        yield f"about {_days(understood.period)}"
    if understood.sources:
        yield f"only {_listed(understood.sources)}"
    if understood.preferred_sources:
        yield f"rather {_listed(understood.preferred_sources)}"
    yield from understood.notes


def _days(days: tuple[date, date]) -> str:
    first, last = (day.isoformat() for day in days)
    return f"on {first}" if first == last else f"from {first} to {last}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
