"""From a question to an answer that can be checked. Read this file first.

    1. understand   the question becomes a query, or one for each outlet it wants to hear
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
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

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
    Understood,
    Verified,
)
from rag.cite import cite
from rag.errors import InvalidQuestion
from rag.hearing import heading, in_turn, judged_together, summed
from rag.read import Draft, ExtractiveReader
from rag.understand import Understanding, interpret
from rag.understanding.outlet_names import Outlets
from rag.understanding.phrases import missing
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
        caution_below: float,
        outlets: Callable[[], Outlets],
    ) -> None:
        self._searcher = searcher
        self._reader = reader
        self._store = store
        self._models = dict(models)
        self._abstain_below, self._caution_below = abstain_below, caution_below
        self._outlets = outlets

    async def answer(self, question: Question) -> Answer:
        """The whole answer: the last event of the stream."""
        async for event in self.stream(question):
            if isinstance(event, Answered):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def understand(self, question: Question) -> Understanding:
        """Stage 1: how a question is read, given the outlets of the corpus."""
        return interpret(question, self._outlets())

    def search(self, question: Question) -> tuple[Understood, SearchResult]:
        """Stages 1 and 2: the passages near to a question; of several parts, all as one."""
        understanding = self.understand(question)
        return understanding.understood, self._searcher.search(understanding.query)

    def consider(self, question: Question) -> Considered:
        """Stages 1 to 4 at once, for whoever measures them; of several parts, all as one."""
        query = self.understand(question).query
        return self._judged(query, self._searcher.search(query))

    def _judged(self, query: Query, result: SearchResult) -> Considered:
        # 3. read
        reading = time.perf_counter()
        draft = self._reader.read(query, result.candidates)
        timings = {**result.timings_ms, "read": _ms_since(reading)}
        # 4. abstain
        judgement = judge(
            query,
            result,
            draft,
            abstain_below=self._abstain_below,
            caution_below=self._caution_below,
        )
        return Considered(query, result, draft, judgement, timings)

    async def stream(self, question: Question) -> AsyncGenerator[AnswerEvent, None]:
        """The answer as it comes about; the last event is `Answered`.

        Raises:
            InvalidQuestion: it is empty or longer than `MAX_QUESTION_CHARS`.
        """
        check(question)
        started = time.perf_counter()
        # 1. understand
        understanding = await asyncio.to_thread(self.understand, question)
        understood_ms = _ms_since(started)
        # 2. search
        results = [
            await asyncio.to_thread(self._searcher.search, part) for part in understanding.parts
        ]
        hits = in_turn([result.hits for result in results], question.k)
        generation = results[-1].generation
        understood = _with_phrases(understanding.understood, results)
        yield HitsFound(understood, hits, generation)
        # 3. read, 4. abstain
        considered = [
            await asyncio.to_thread(self._judged, part, result)
            for part, result in zip(understanding.parts, results, strict=True)
        ]
        judgement = judged_together([one.judgement for one in considered])
        citations: list[Citation] = []
        text = ""
        verified_ms = 0.0
        for name, one in zip(understanding.names, considered, strict=True):
            if name and judgement.reason is None:
                words = ("\n" if text else "") + heading(name, one.judgement)
                text += words
                yield Delta(words)
            if one.judgement.reason is not None:
                continue
            # 5. cite
            for statement in cite(one.draft, one.query, first=len(citations) + 1, part=name):
                words = (" " if text else "") + statement.text
                text += words
                yield Delta(words)
                yield Cited(statement.citation)
                # 6. verify
                checking = time.perf_counter()
                checked = await asyncio.to_thread(verify, statement.citation, self._store)
                verified_ms += _ms_since(checking)
                citations.append(checked)
                yield Verified(checked.marker, checked.verdict)
        timings = {
            "understand": understood_ms,
            **summed(one.timings_ms for one in considered),
            "verify": round(verified_ms, 3),
            "total": _ms_since(started),
        }
        yield Answered(
            Answer(
                question=question.text,
                understood=understood,
                status="answered" if judgement.reason is None else "abstained",
                reason=judgement.reason,
                caution=judgement.caution,
                text=text,
                confidence=judgement.confidence,
                citations=tuple(citations),
                hits=hits,
                mode="extractive",
                models=self._models,
                generation=generation,
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


def _with_phrases(understood: Understood, results: Sequence[SearchResult]) -> Understood:
    """What was understood, with a note on each phrase that nothing found holds."""
    texts = (found.passage.text for result in results for found in result.candidates)
    notes = (
        f"no passage that was found holds the words “{phrase}”"
        for phrase in missing(understood.phrases, texts)
    )
    return replace(understood, notes=(*understood.notes, *notes))


def _ms_since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 3)
