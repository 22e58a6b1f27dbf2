"""Markers and the exact spans they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from index.documents import Query
from rag.answers import Citation, Highlight, Verdict
from rag.attribution import attribution
from rag.lead_in import quote_start
from rag.read import Draft, Pick


@dataclass(frozen=True, slots=True)
class Statement:
    """A quotation of the answer with its marker, and the citation behind it."""

    text: str
    citation: Citation


def cite(
    draft: Draft, query: Query, *, first: int = 1, part: str | None = None
) -> Iterator[Statement]:
    """The draft's quotations, each ending with a marker, numbered densely from `first`.

    One that is old, for the question, begins with its date and outlet, once for each article.
    """
    dated: set[str] = set()
    for marker, pick in enumerate(draft.picks, start=first):
        article = pick.source.article
        named = part is not None
        lead = None if article.id in dated else attribution(article, query, is_named=named)
        dated.add(article.id)
        citation = _citation(pick, marker, lead, part)
        words = f"{lead} {citation.quote}" if lead else citation.quote
        yield Statement(f"{words} [{marker}]", citation)


def _citation(pick: Pick, marker: int, lead: str | None, part: str | None) -> Citation:
    passage, sentence, answer = pick.source.passage, pick.sentence, pick.answer
    start = quote_start(passage, sentence)
    sentences = [s for s in passage.sentences if start <= s.start <= sentence.start]
    return Citation(
        marker=marker,
        quote=passage.text[start - passage.start : sentence.end - passage.start],
        start=start,
        end=sentence.end,
        verdict=Verdict.UNCHECKED,
        passage_id=passage.id,
        article=pick.source.article,
        dates=tuple(mention for s in sentences for mention in s.dates),
        part=part,
        highlight=Highlight(answer.start, answer.end, answer.text) if pick.is_heard else None,
        attribution=lead,
    )
