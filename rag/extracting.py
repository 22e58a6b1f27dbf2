"""An answer in the words of the articles, as events: stages 5 and 6 of rag/pipeline.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from index.documents import Query
from index.search import SearchResult
from index.store.sqlite import Store
from rag.abstain import Judgement
from rag.answers import AnswerEvent, Cited, Delta, Judged, Statement, Verified
from rag.cite import cite
from rag.hearing import heading
from rag.read import Draft
from rag.verify import verify


@dataclass(frozen=True, slots=True)
class Considered:
    """What stages 1 to 4 come to: the draft is there whether or not it will be said."""

    query: Query
    result: SearchResult
    draft: Draft
    judgement: Judgement
    timings_ms: dict[str, float]


async def extracted(
    heard: Sequence[tuple[str | None, Considered]], store: Store
) -> AsyncGenerator[AnswerEvent, None]:
    """The drafts of all parts, each quotation cited, verified and judged.

    Args:
        heard: the outlet of each part, None where there is but one, and what it came to.
        store: what citations are held against.
    """
    said = markers = 0
    for name, one in heard:
        if name:
            words = ("\n" if said else "") + heading(name, one.judgement)
            said += len(words)
            yield Delta(words)
        if one.judgement.reason is not None:
            continue
        # 5. cite
        for statement in cite(one.draft, one.query, first=markers + 1, part=name):
            markers += 1
            lead = " " if said else ""
            yield Delta(lead + statement.text)
            yield Cited(statement.citation)
            # 6. verify
            checked = await asyncio.to_thread(verify, statement.citation, store)
            yield Verified(checked.marker, checked.verdict)
            start = said + len(lead)
            said = start + len(statement.text)
            yield Judged(Statement(start, said, checked.verdict, (checked.marker,)))
