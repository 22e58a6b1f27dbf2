"""What a chat model is to whoever asks one. Knows no server.

    async with contextlib.aclosing(model.stream(messages, max_tokens=500)) as deltas:
        async for delta in deltas:
            ...

Leaving the block, by an error, a cancellation or `break`, ends the request at once.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

# "unknown" is for servers that end without saying why.
FinishReason = Literal["stop", "length", "filtered", "unknown"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatModel(Protocol):
    """Writes text after a prompt, piece by piece. Safe to share between tasks."""

    @property
    def name(self) -> str:
        """The model, as answers tell it."""

    @property
    def context_tokens(self) -> int:
        """How many tokens prompt and reply may have together, as far as is known."""

    def count_tokens(self, text: str) -> int:
        """How many tokens a text has: exact once `prepare` had it, else rather too many.

        A message costs `MESSAGE_TOKENS` more than its text.
        """

    async def prepare(self, texts: Sequence[str] = ()) -> None:
        """Ask the server what `context_tokens` and `count_tokens` of these texts need.

        Not needed, never raises, and takes no longer than a few seconds: where the server
        tells nothing, `context_tokens` is a default and `count_tokens` an estimate.
        """

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        on_finish: Callable[[FinishReason], None] | None = None,
    ) -> AsyncGenerator[str, None]:
        """The reply, in pieces that are not empty.

        Args:
            messages: the prompt.
            max_tokens: the longest reply.
            schema: JSON schema of the reply. A hint: a server that has no such thing
                writes what the prompt asks for, so the prompt must ask for it too.
            on_finish: told why the reply ended, after its last piece; "length" where
                `max_tokens` cut it.

        Raises:
            LLMError: there is no reply, or no more of it; never after `on_finish`.
        """


# What chat templates put around a message: four tokens in ChatML, up to seven in Llama 3.
MESSAGE_TOKENS = 8
