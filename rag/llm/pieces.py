"""What a server's JSON says: a piece of the reply, its end, or an error.

Reads chunks of a stream and whole replies alike, from whatever dialect: fields that are
missing, null or of another type count as not there. Knows no HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.llm.chat import FinishReason
from rag.llm.errors import LLMMalformed

DONE = "[DONE]"
_SHOWN = 80
# By the names that OpenAI, Ollama, vLLM, Anthropic's and Google's gateways give.
_REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filtered",
    "safety": "filtered",
}
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk brings.

    `alive` is whether the model wrote anything, be it thoughts that are not part of the
    reply. `refusal` is what it says instead of a reply.
    """

    text: str = ""
    finish: FinishReason | None = None
    alive: bool = False
    refusal: str = ""
    error: ServerError | None = None


@dataclass(frozen=True, slots=True)
class ServerError:
    """An error that a server reports in JSON; `status` where it says one."""

    message: str
    status: int | None = None


def piece_of(data: str) -> Piece:
    """The piece that the data of an event, or a whole body, is.

    Raises:
        LLMMalformed: it is no JSON object.
    """
    value = _object(data)
    if (error := error_in(value)) is not None:
        return Piece(error=error)
    choice = _first(value.get("choices"))
    said = _mapping(choice.get("delta")) or _mapping(choice.get("message"))
    text = _text(said.get("content")) or _text(choice.get("text"))
    refusal = _text(said.get("refusal"))
    thought = any(_text(said.get(name)) for name in _THOUGHTS)
    return Piece(text, _finish(choice), bool(text or refusal or thought), refusal)


def error_in(value: Mapping[str, Any]) -> ServerError | None:
    """The error that JSON reports, in OpenAI's shape, FastAPI's or a bare string."""
    error = value.get("error")
    if isinstance(error, str) and error:
        return ServerError(error)
    if isinstance(error, Mapping):
        message = _text(error.get("message")) or json.dumps(error)
        return ServerError(message, _status(error.get("code")) or _status(error.get("status")))
    if "choices" in value:
        return None
    for name in ("detail", "message"):
        if told := value.get(name):
            return ServerError(told if isinstance(told, str) else json.dumps(told))
    return None


def _object(data: str) -> Mapping[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise LLMMalformed(f"the reply holds what is not JSON: {data[:_SHOWN]!r}") from None
    if not isinstance(value, dict):
        raise LLMMalformed(f"the reply holds JSON that is no object: {data[:_SHOWN]!r}")
    return value


def _finish(choice: Mapping[str, Any]) -> FinishReason | None:
    reason = choice.get("finish_reason")
    return _REASONS.get(reason.lower(), "unknown") if isinstance(reason, str) and reason else None


def _first(choices: object) -> Mapping[str, Any]:
    return _mapping(choices[0]) if isinstance(choices, list) and choices else {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """Text; or that of a list of parts, which some servers send."""
    if isinstance(value, list):
        return "".join(_text(_mapping(part).get("text")) for part in value)
    return value if isinstance(value, str) else ""


def _status(code: object) -> int | None:
    return code if isinstance(code, int) and 400 <= code <= 599 else None
