"""A completion, whole or in chunks: the events of an answer, as OpenAI's clients read them.

The chunks are the role, the words as they come, the annotations (always, also when there are
none), the end, and the usage if it was asked for. These clients cannot take words back: those
of a language model, which may be withdrawn, come once the answer is whole. Pure functions of
events; knows no HTTP.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from api.openai.citations import Address, source_event, sources, url_citations
from api.openai.replies import (
    MODEL,
    Annotation,
    ChatCompletion,
    Choice,
    MessageOut,
    Particulars,
    Usage,
)
from api.openai.wording import closing
from rag.answers import Answer, Answered, AnswerEvent, Delta, HitsFound

Measure = Callable[[str], Awaitable[Usage]]
"""The usage of a completion with this text."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all chunks of a completion have in common, and what they are to carry."""

    id: str
    created: int
    address: Address
    measure: Measure
    holds_back: bool = False
    with_usage: bool = False
    with_sources: bool = False

    def chunk(
        self, delta: dict[str, Any], fingerprint: str | None, *, finish: str | None = None
    ) -> dict[str, Any]:
        """One chunk with the one choice."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._chunk([choice], fingerprint, None)

    def usage_chunk(self, usage: Usage, fingerprint: str | None) -> dict[str, Any]:
        """The last chunk, which has no choice."""
        return self._chunk([], fingerprint, usage)

    def _chunk(
        self, choices: list[dict[str, Any]], fingerprint: str | None, usage: Usage | None
    ) -> dict[str, Any]:
        chunk = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": MODEL,
            "system_fingerprint": fingerprint,
            "choices": choices,
        }
        if self.with_usage:
            chunk["usage"] = usage.model_dump() if usage else None
        return chunk


async def answer_chunks(
    events: AsyncGenerator[AnswerEvent, None], envelope: Envelope
) -> AsyncGenerator[dict[str, Any], None]:
    """The chunks of an answer, as its events come, which are closed with them."""
    text, sent, mark = "", "", None
    async with aclosing(events):
        async for event in events:
            match event:
                case HitsFound():
                    mark = fingerprint(event.generation)
                    yield envelope.chunk({"role": "assistant", "content": ""}, mark)
                case Delta() if not envelope.holds_back:
                    sent += event.text
                    yield envelope.chunk({"content": event.text}, mark)
                case Answered():
                    text = event.answer.text + closing(event.answer)
                    if words := text.removeprefix(sent):
                        yield envelope.chunk({"content": words}, mark)
                    for chunk in _ending(event.answer, envelope):
                        yield chunk
    if envelope.with_usage:
        yield envelope.usage_chunk(await envelope.measure(text), mark)


def _ending(answer: Answer, envelope: Envelope) -> Iterator[dict[str, Any]]:
    mark = fingerprint(answer.generation)
    if envelope.with_sources:
        for source in sources(answer, envelope.address):
            yield source_event(source, answer.confidence)
    found = url_citations(answer.text, answer, envelope.address)
    yield envelope.chunk({"annotations": [one.model_dump() for one in found]}, mark)
    end = envelope.chunk({}, mark, finish="stop")
    yield end | {"dateline": particulars(answer).model_dump()}


async def text_chunks(text: str, envelope: Envelope) -> AsyncGenerator[dict[str, Any], None]:
    """The chunks of a text that rests on no article."""
    yield envelope.chunk({"role": "assistant", "content": ""}, None)
    yield envelope.chunk({"content": text}, None)
    yield envelope.chunk({"annotations": []}, None)
    yield envelope.chunk({}, None, finish="stop")
    if envelope.with_usage:
        yield envelope.usage_chunk(await envelope.measure(text), None)


async def answer_completion(answer: Answer, envelope: Envelope) -> ChatCompletion:
    """The whole answer at once; its text is that of the chunks."""
    text = answer.text + closing(answer)
    found = url_citations(answer.text, answer, envelope.address)
    return await _completion(text, found, envelope, answer)


async def text_completion(text: str, envelope: Envelope) -> ChatCompletion:
    """A text that rests on no article, at once."""
    return await _completion(text, [], envelope, None)


async def _completion(
    text: str, found: list[Annotation], envelope: Envelope, answer: Answer | None
) -> ChatCompletion:
    return ChatCompletion(
        id=envelope.id,
        created=envelope.created,
        system_fingerprint=fingerprint(answer.generation) if answer else None,
        choices=[Choice(message=MessageOut(content=text, annotations=found))],
        usage=await envelope.measure(text),
        dateline=particulars(answer) if answer else None,
    )


def fingerprint(generation: int) -> str:
    """What names the state of the corpus."""
    return f"generation-{generation}"


def particulars(answer: Answer) -> Particulars:
    """What the text alone does not tell a machine."""
    return Particulars(
        status=answer.status,
        reason=answer.reason.code if answer.reason else None,
        confidence=answer.confidence,
        caution=answer.caution,
        mode=answer.mode,
        fallback=answer.fallback.code if answer.fallback else None,
        generation=answer.generation,
    )
