"""A chat model in memory that says what a test wrote down.

What it says may depend on the prompt, so that a test can play a model that obeys whatever
it is told. Servers that do so over HTTP are in `tests.scripted_http`.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.llm.client import FinishReason, Message
from tests.scripted_http import Reply, Script, ScriptedTransport, scripted_server

__all__ = [
    "Asked",
    "Reply",
    "Script",
    "ScriptedModel",
    "ScriptedTransport",
    "scripted_server",
]

Deltas = Iterable[str] | str
Saying = (
    Deltas
    | BaseException
    | Callable[[Sequence[Message]], Deltas | BaseException | Awaitable[Deltas | BaseException]]
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of `stream`."""

    messages: tuple[Message, ...]
    max_tokens: int
    schema: Mapping[str, Any] | None


class ScriptedModel:
    """A `ChatModel` whose replies are given: one script for each call, the last for all after.

    A script is the pieces of a reply, a string (sent word by word), an error to raise, or a
    function (or coroutine function) of the messages that returns one of these. An error
    among the pieces is raised at its place. `closed` counts the streams that were left
    before their end.
    """

    def __init__(
        self,
        *scripts: Saying | list[str | BaseException],
        name: str = "scripted",
        context_tokens: int = 8192,
        finish: FinishReason = "stop",
    ) -> None:
        self.name = name
        self.context_tokens = context_tokens
        self.asked: list[Asked] = []
        self.prepared: list[tuple[str, ...]] = []
        self.closed = 0
        self._scripts = scripts
        self._finish = finish

    def count_tokens(self, text: str) -> int:
        """A token for every four characters."""
        return -(-len(text) // 4)

    async def prepare(self, texts: Sequence[str] = ()) -> None:
        """Notes what was asked."""
        self.prepared.append(tuple(texts))

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        on_finish: Callable[[FinishReason], None] | None = None,
    ) -> AsyncGenerator[str, None]:
        """The pieces of the next script."""
        script = self._scripts[min(len(self.asked), len(self._scripts) - 1)]
        self.asked.append(Asked(tuple(messages), max_tokens, schema))
        said: Any = script(messages) if callable(script) else script
        if inspect.isawaitable(said):
            said = await said
        try:
            for piece in _pieces(said):
                if isinstance(piece, BaseException):
                    raise piece
                if piece:
                    yield piece
        except GeneratorExit:
            self.closed += 1
            raise
        if on_finish is not None:
            on_finish(self._finish)


def _pieces(said: Any) -> Iterable[str | BaseException]:
    if isinstance(said, BaseException):
        return [said]
    if isinstance(said, str):
        return said.replace(" ", " \0").split("\0")
    return list(said)
