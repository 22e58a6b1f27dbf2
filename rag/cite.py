"""Markers and the exact spans they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rag.answers import Citation, Verdict
from rag.read import Draft


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the answer with its marker, and the citation behind it."""

    text: str
    citation: Citation


def cite(draft: Draft, *, first: int = 1, part: str | None = None) -> Iterator[Statement]:
    """The draft's sentences, each ending with a marker, numbered densely from `first`."""
    for marker, pick in enumerate(draft.picks, start=first):
        sentence = pick.sentence
        citation = Citation(
            marker=marker,
            quote=sentence.text,
            start=sentence.start,
            end=sentence.end,
            verdict=Verdict.UNCHECKED,
            passage_id=pick.source.passage.id,
            article=pick.source.article,
            dates=sentence.dates,
            part=part,
        )
        yield Statement(f"{sentence.text} [{marker}]", citation)
