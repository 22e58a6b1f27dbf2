"""From a question to an answer that can be checked. Read this file first.

    1. understand   the question becomes a query, or one for each outlet it wants to hear
    2. search       passages, ranked
    3. read         the sentences that answer
    4. abstain      is the answer likely to be right? If not, say why not
    5. cite         each sentence bound to its exact characters
    6. verify       each citation held against the stored text

Where a language model writes, it does so after stage 4, held to the passages
(`rag/writing/writer.py`); when that fails, stages 5 and 6 go on as they do without one.

`Answerer.stream` is the one path: JSON, server-sent events, the command line and
every other way in fold or forward its events. Knows no web framework.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from index.documents import Query
from index.search import Searcher, SearchResult
from index.store.sqlite import Store
from rag.abstain import Judgement, judge
from rag.answers import (
    Answer,
    Answered,
    AnswerEvent,
    HitsFound,
    Mode,
    Question,
    Reason,
    ReasonCode,
    Understood,
)
from rag.errors import InvalidQuestion
from rag.extracting import Considered, extracted
from rag.hearing import in_turn, judged_together, summed
from rag.read import ExtractiveReader
from rag.telling import Telling
from rag.understand import Understanding, interpret
from rag.understanding.outlet_names import Outlets
from rag.understanding.phrases import missing
from rag.writing.prompt import Asked
from rag.writing.writer import NoWriter, Outcome, Writing

MAX_QUESTION_CHARS = 2_000
_DECLINED = Reason(
    ReasonCode.DECLINED, "The language model found no answer in the passages that it was shown."
)


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
        writer: Writing | None = None,
    ) -> None:
        self._searcher = searcher
        self._reader = reader
        self._store = store
        self._models = dict(models)
        self._abstain_below, self._caution_below = abstain_below, caution_below
        self._outlets = outlets
        self._writer: Writing = writer or NoWriter()

    @property
    def default_mode(self) -> Mode:
        """How a question is answered that does not say."""
        return self._writer.default_mode

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
        told, outcome = Telling(), Outcome()
        timings = summed(one.timings_ms for one in considered)
        telling = time.perf_counter()
        if judgement.reason is None:
            async with aclosing(self._told(question, understanding, considered)) as events:
                async for event in events:
                    if isinstance(event, Outcome):
                        outcome = event
                        continue
                    told.take(event)
                    yield event
        is_written = judgement.reason is None and self._mode(question) == "llm"
        by_model = is_written and outcome.fallback is None
        timings["write" if by_model else "verify"] = _ms_since(telling)
        reason = _DECLINED if outcome.declined else judgement.reason
        yield Answered(
            Answer(
                question=question.text,
                understood=understood,
                status="answered" if reason is None else "abstained",
                reason=reason,
                caution=_cautions(outcome, judgement) if reason is None else None,
                text=told.text,
                confidence=judgement.confidence,
                citations=told.citations,
                hits=hits,
                mode="llm" if by_model else "extractive",
                models=self._models | ({"llm": self._writer.name} if by_model else {}),
                generation=generation,
                timings_ms={"understand": understood_ms, **timings, "total": _ms_since(started)},
                statements=told.statements,
                supported_share=outcome.supported_share if by_model else told.supported_share,
                failed=told.failed,
                fallback=outcome.fallback,
                withheld=outcome.withheld if by_model else 0,
                neutralised=outcome.neutralised,
            )
        )

    async def _told(
        self, question: Question, understanding: Understanding, considered: Sequence[Considered]
    ) -> AsyncGenerator[AnswerEvent | Outcome, None]:
        """The words of the model and their outcome, then those of the articles if need be."""
        outcome = Outcome()
        if self._mode(question) == "llm":
            results = [one.result.candidates for one in considered]
            found = list(zip(understanding.names, results, strict=True))
            asked = _asked(question, understanding)
            async with aclosing(self._writer.write(asked, found, question.strictness)) as events:
                async for event in events:
                    outcome = event if isinstance(event, Outcome) else outcome
                    yield event
        if self._mode(question) == "extractive" or outcome.fallback:
            heard = list(zip(understanding.names, considered, strict=True))
            async with aclosing(extracted(heard, self._store)) as quoted:
                async for said in quoted:
                    yield said

    def _mode(self, question: Question) -> Mode:
        return question.mode or self.default_mode


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


def _asked(question: Question, understanding: Understanding) -> Asked:
    """What a language model is asked: the question standing alone, and its days."""
    latest = understanding.query.filters.latest
    return Asked(
        understanding.understood.text,
        today=question.asked_at.date(),
        as_of=latest.date() if latest else None,
    )


def _cautions(outcome: Outcome, judgement: Judgement) -> str | None:
    cautions = (None if outcome.fallback else outcome.caution, judgement.caution)
    return " ".join(one for one in cautions if one) or None


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
