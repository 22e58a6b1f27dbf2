"""Writes an answer by a language model, held to the passages. Start here.

    1. context     passages of distinct stories, orders left out     context.py  orders.py
    2. prompt      instructions apart, passages neutral, question last   prompt.py  neutral.py
    3. read        deltas become words and markers, links go          markers.py  links.py
    4. sentences   each with its markers                              statements.py
    5. check       against what it cites: a verdict, and where        checking.py  binding.py
    6. rule        said, quoted instead, or withheld                  policy.py
    7. say         text, citations, verdicts, as events               reply.py  wording.py

When the model fails, or the passages carry too little of what it writes, `Outcome.fallback`
says so, and whoever asked gives the sentences of the passages instead. Knows no server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from index.search import Scored
from index.store.sqlite import Store
from rag.answers import AnswerEvent, Fallback, FallbackCode, Mode, Replaced, Strictness
from rag.grounding.judge import Support
from rag.llm.chat import ChatModel, FinishReason
from rag.llm.errors import LLMError
from rag.writing.context import Context, Shown, context_of
from rag.writing.leaks import declines
from rag.writing.policy import is_english
from rag.writing.prompt import Asked, cost, messages, room
from rag.writing.reply import Reply
from rag.writing.weighing import Weigher

# Four sentences with markers, in any language, and room to spare.
MAX_ANSWER_TOKENS = 600
Found = Sequence[tuple[str | None, Sequence[Scored]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the model's answer, beside what was said.

    With a `fallback`, or where the model `declined`, nothing is left of what was said.
    """

    fallback: Fallback | None = None
    declined: bool = False
    supported_share: float | None = None
    caution: str | None = None
    withheld: int = 0
    neutralised: int = 0


class Writing(Protocol):
    """Writes an answer from what was found."""

    @property
    def name(self) -> str:
        """The name of what writes."""

    @property
    def default_mode(self) -> Mode:
        """How a question is answered that does not say."""

    def write(
        self, asked: Asked, found: Found, strictness: Strictness | None = None
    ) -> AsyncGenerator[AnswerEvent | Outcome, None]:
        """What is said, and at the end its outcome."""


class NoWriter:
    """Where no model is configured: says so when it is asked."""

    name = ""
    default_mode: Mode = "extractive"

    async def write(
        self, asked: Asked, found: Found, strictness: Strictness | None = None
    ) -> AsyncGenerator[AnswerEvent | Outcome, None]:
        """Nothing but the outcome."""
        del asked, found, strictness
        told = "no language model is configured: set DATELINE_LLM_URL and DATELINE_LLM_MODEL"
        yield Outcome(Fallback(FallbackCode.NOT_CONFIGURED, told))


class Writer:
    """Writes answers with one model. Safe to share between tasks."""

    default_mode: Mode = "llm"

    def __init__(
        self, model: ChatModel, store: Store, support: Support | None, *, strictness: Strictness
    ) -> None:
        self._model, self._store, self._support = model, store, support
        self._strictness: Strictness = strictness

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def write(
        self, asked: Asked, found: Found, strictness: Strictness | None = None
    ) -> AsyncGenerator[AnswerEvent | Outcome, None]:
        """What is said, and at the end its outcome. Raises nothing of the model's."""
        await self._model.prepare()
        context = await asyncio.to_thread(self._context, asked, found)
        if not context.shown:
            told = "no passage fits into the language model's context beside the question"
            yield Outcome(Fallback(FallbackCode.NO_ROOM, told), neutralised=context.neutralised)
            return
        reply = self._reply(asked, context, strictness or self._strictness)
        ended: list[FinishReason] = []
        try:
            async with aclosing(self._said(asked, context, reply, ended)) as events:
                async for event in events:
                    yield event
        except LLMError as error:
            outcome = Outcome(Fallback(FallbackCode.MODEL_FAILED, str(error)))
        else:
            outcome = _outcome(reply, context, ended)
        if (outcome.fallback or outcome.declined) and reply.text:
            yield Replaced("")
        yield outcome

    async def _said(
        self, asked: Asked, context: Context, reply: Reply, ended: list[FinishReason]
    ) -> AsyncGenerator[AnswerEvent, None]:
        stream = self._model.stream(
            messages(asked, context.shown),
            max_tokens=self._answer_tokens,
            on_finish=ended.append,
        )
        async with aclosing(stream) as deltas:
            async for delta in deltas:
                async for event in reply.take(delta):
                    yield event
                if reply.is_over:
                    break
        async for event in reply.end():
            yield event

    def _reply(self, asked: Asked, context: Context, strictness: Strictness) -> Reply:
        weigher = Weigher(
            context,
            self._support,
            strictness=strictness,
            foreign_is_withheld=is_english(asked.question),
        )
        return Reply(context, self._store, weigher, strictness)

    @property
    def _answer_tokens(self) -> int:
        return min(MAX_ANSWER_TOKENS, self._model.context_tokens // 4)

    def _context(self, asked: Asked, found: Found) -> Context:
        left = room(asked, self._model, max_tokens=self._answer_tokens)

        def fits(one: Shown) -> bool:
            nonlocal left
            left -= cost(one, self._model)
            return left >= 0

        return context_of(found, self._store.copies, fits)


def _outcome(reply: Reply, context: Context, ended: Sequence[FinishReason]) -> Outcome:
    """What a reply that came to its end is worth."""
    tally, neutralised = reply.tally, context.neutralised
    if reply.leaked:
        told = "the language model recited its instructions"
        return Outcome(Fallback(FallbackCode.LEAKED, told), neutralised=neutralised)
    if reply.declined or (not tally.supported and declines(reply.text)):
        return Outcome(declined=True, neutralised=neutralised)
    if not tally.written:
        told = "the language model wrote nothing that says anything"
        return Outcome(Fallback(FallbackCode.MODEL_FAILED, told), neutralised=neutralised)
    cautions = [tally.caution()]
    if reply.is_cut or "length" in ended:
        cautions.append("The language model's answer was too long and is cut.")
    return Outcome(
        fallback=tally.fallback(),
        supported_share=tally.share,
        caution=" ".join(one for one in cautions if one) or None,
        withheld=tally.withheld,
        neutralised=neutralised,
    )
