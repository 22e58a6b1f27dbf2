"""From a question to an answer that can be checked. Read this file first.

    1. understand   the question becomes a query: words, filters, the day it is asked on
    2. search       passages, ranked
    3. read         the sentences that answer
    4. abstain      is the answer likely to be right? If not, say why not
    5. cite         each sentence bound to its exact characters
    6. verify       each citation held against the stored text

`Answerer.stream` is the one path: JSON, server-sent events, the command line and
every other way in fold or forward its events. Knows no web framework.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from index.documents import Query
from index.search import Searcher, SearchResult
from index.store.sqlite import Store
from rag.abstain import Judgement, judge
from rag.answers import (
    Answer,
    Answered,
    AnswerEvent,
    Citation,
    Cited,
    Delta,
    HitsFound,
    Question,
    Verified,
)
from rag.cite import cite
from rag.errors import InvalidQuestion
from rag.read import Draft, ExtractiveReader
from rag.understand import understand
from rag.verify import verify

MAX_QUESTION_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Considered:
    """What stages 1 to 4 come to: the draft is there whether or not it will be said."""

    query: Query
    result: SearchResult
    draft: Draft
    judgement: Judgement
    timings_ms: dict[str, float]


class Answerer:
    """Answers questions over one searcher. Safe to share between tasks."""

    def __init__(
        self,
        searcher: Searcher,
        reader: ExtractiveReader,
        store: Store,
        *,
        models: Mapping[str, str],
        abstain_below: float,
    ) -> None:
        self._searcher = searcher
        self._reader = reader
        self._store = store
        self._models = dict(models)
        self._abstain_below = abstain_below

    async def answer(self, question: Question) -> Answer:
        """The whole answer: the last event of the stream."""
        async for event in self.stream(question):
            if isinstance(event, Answered):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def consider(self, question: Question) -> Considered:
        """Stages 1 to 4 at once, for whoever measures them."""
        return self._judged(*self._searched(question))

    def _searched(self, question: Question) -> tuple[Query, SearchResult]:
        # 1. understand
        query = understand(question)
        # 2. search
        return query, self._searcher.search(query)

    def _judged(self, query: Query, result: SearchResult) -> Considered:
        # 3. read
        reading = time.perf_counter()
        draft = self._reader.read(query, result.candidates)
        timings = {**result.timings_ms, "read": _ms_since(reading)}
        # 4. abstain
        judgement = judge(query, result, draft, abstain_below=self._abstain_below)
        return Considered(query, result, draft, judgement, timings)

    async def stream(self, question: Question) -> AsyncIterator[AnswerEvent]:
        """The answer as it comes about; the last event is `Answered`.

        Raises:
            InvalidQuestion: it is empty or longer than `MAX_QUESTION_CHARS`.
        """
        check(question)
        started = time.perf_counter()
        query, result = await asyncio.to_thread(self._searched, question)
        yield HitsFound(result.hits, result.generation)
        considered = await asyncio.to_thread(self._judged, query, result)
        draft, judgement, timings = considered.draft, considered.judgement, considered.timings_ms
        citations: list[Citation] = []
        text = ""
        if judgement.reason is None:
            for statement in cite(draft):
                # 5. cite
                words = (" " if text else "") + statement.text
                text += words
                yield Delta(words)
                yield Cited(statement.citation)
                # 6. verify
                checked = await asyncio.to_thread(verify, statement.citation, self._store)
                citations.append(checked)
                yield Verified(checked.marker, checked.verdict)
        timings["total"] = _ms_since(started)
        yield Answered(
            Answer(
                question=question.text,
                status="answered" if judgement.reason is None else "abstained",
                reason=judgement.reason,
                text=text,
                confidence=judgement.confidence,
                citations=tuple(citations),
                hits=result.hits,
                mode="extractive",
                models=self._models,
                generation=result.generation,
                timings_ms=timings,
            )
        )


def check(question: Question) -> None:
    """Refuse a question that cannot be asked.

    Raises:
        InvalidQuestion: it is empty or longer than `MAX_QUESTION_CHARS`.
    """
    if not question.text.strip():
        raise InvalidQuestion("the question is empty: ask something")
    if len(question.text) > MAX_QUESTION_CHARS:
        raise InvalidQuestion(
            f"the question has {len(question.text)} characters, "
            f"the limit is {MAX_QUESTION_CHARS}: shorten it"
        )


def _ms_since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 3)
