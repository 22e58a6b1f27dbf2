"""The body of a request, in the words that a server was found to take.

Every server is first asked for all: a schema, no randomness, a longest reply. What it
refuses by name is left out from then on, so that no setting has to say what it can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.llm.chat import Message

# Statuses by which servers say that they don't know a field.
_UNKNOWN_FIELD = frozenset({400, 422, 501})
# llama.cpp makes a grammar of a schema and calls it that.
_SCHEMA_WORDS = ("response_format", "json_schema", "schema", "grammar")
# The likeliest words: an answer is to repeat what passages say, not to vary it.
_TEMPERATURE = 0.0
_OLD_LIMIT, _NEW_LIMIT = "max_tokens", "max_completion_tokens"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for, whatever the server."""

    messages: tuple[Message, ...]
    max_tokens: int
    schema: Mapping[str, Any] | None = None


class Dialect:
    """What one server takes, as it is found out."""

    def __init__(self) -> None:
        self._schema = True
        self._temperature = True
        self._limit = _OLD_LIMIT

    def body(self, ask: Ask, model: str) -> dict[str, Any]:
        """The body of a request."""
        body: dict[str, Any] = {
            "model": model,
            "messages": _messages(ask.messages),
            self._limit: ask.max_tokens,
            "stream": True,
        }
        if self._temperature:
            body["temperature"] = _TEMPERATURE
        if self._schema and ask.schema is not None:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "reply", "strict": True, "schema": dict(ask.schema)},
            }
        return body

    def learn(self, body: Mapping[str, Any], status: int | None, said: str) -> str | None:
        """What a refusal names that can be left out; None where there is nothing of the kind.

        Args:
            body: what was refused.
            status: how.
            said: in which words.
        """
        if status not in _UNKNOWN_FIELD:
            return None
        if _NEW_LIMIT in said and _OLD_LIMIT in body:
            self._limit = _NEW_LIMIT
            return _OLD_LIMIT
        if "response_format" in body and any(word in said for word in _SCHEMA_WORDS):
            self._schema = False
            return "response_format"
        if "temperature" in body and "temperature" in said:
            self._temperature = False
            return "temperature"
        return None


def _messages(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]
