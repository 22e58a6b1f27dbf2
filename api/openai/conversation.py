"""From a chat request to what was said, and from that to a question with its history.

The last message is the question. Earlier ones of user and assistant become its history: the
latest that the limits allow, so that a long conversation is never refused. `system` and
`developer` messages are read past: quotations cannot be told to be otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.errors import ProblemError
from api.openai.replies import MODEL
from api.openai.schemas import ChatRequest, MessageIn
from api.openai.wording import without_our_words
from api.schemas import MAX_TURN_CHARS, MAX_TURNS
from rag.answers import Question, Turn
from rag.pipeline import MAX_QUESTION_CHARS

_TEXT_PARTS = ("text", "input_text", "output_text")
_INSTRUCTIONS = ("system", "developer")
_MAX_SHOWN_CHARS = 50
# "[1]", "[1, 2]", "[[1]](https://…)"
_MARKER = re.compile(r"\s?\[{1,2}\d{1,3}(?:, ?\d{1,3})*\]{1,2}(?:\([^()\s]*\))?")
# The heading of a list of citations that a chat page put under an answer.
_CITATIONS = re.compile(
    r"^[^\w\n]*(?:sources|references|citations)[^\w\n]*$", re.IGNORECASE | re.MULTILINE
)
_CITATION_LINE = re.compile(r"^[^\w\n]{0,3}\[\d{1,3}\].*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation, as text."""

    role: str
    text: str


def said_in(request: ChatRequest) -> list[Said]:
    """The messages as text, oldest first.

    Raises:
        ProblemError: what is asked for cannot be had, or the last message is not the user's.
    """
    _refuse(request)
    said = [
        Said(message.role, _text(message, f"messages.{place}.content"))
        for place, message in enumerate(request.messages)
    ]
    last = next((one.role for one in reversed(said) if one.role not in _INSTRUCTIONS), None)
    if last != "user":
        raise _refused(
            f"the last message has the role {last or 'system'}: the question is the last message, "
            "with the role user",
            "messages",
        )
    return said


def question_of(said: Sequence[Said], now: datetime) -> Question:
    """The question with its history, which fits the limits.

    Raises:
        ProblemError: the question is blank or too long.
    """
    last = max(place for place, one in enumerate(said) if one.role not in _INSTRUCTIONS)
    text, field = said[last].text.strip(), f"messages.{last}.content"
    if not text:
        raise _refused("the last message is blank: ask something", field)
    if len(text) > MAX_QUESTION_CHARS:
        raise _refused(
            f"the question has {len(text):,} characters, the limit is {MAX_QUESTION_CHARS:,}: "
            "shorten it",
            field,
            "string_above_max_length",
        )
    return Question(text=text, asked_at=now, history=_history(said[:last]))


def _history(said: Sequence[Said]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for one in reversed(said):
        content = one.text[:MAX_TURN_CHARS].strip()
        if one.role == "assistant" and (words := bare(content)):
            turns.append(Turn("assistant", words))
        elif one.role == "user" and content:
            turns.append(Turn("user", content))
        if len(turns) == MAX_TURNS:
            break
    return tuple(reversed(turns))


def bare(answer: str) -> str:
    """The words of an earlier answer, without markers, citations and what we say of it."""
    words = _CITATIONS.split(without_our_words(answer), maxsplit=1)[0]
    return _MARKER.sub("", _CITATION_LINE.sub("", words)).strip()


def _text(message: MessageIn, field: str) -> str:
    for part in message.content:
        if part.type not in _TEXT_PARTS:
            shown = part.type[:_MAX_SHOWN_CHARS]
            raise _refused(
                f"a part of type {shown!r} cannot be read: give text", field, "unsupported_content"
            )
    return "\n".join(part.text or "" for part in message.content)


def _refuse(request: ChatRequest) -> None:
    if request.model != MODEL:
        raise no_such_model(request.model)
    if request.n is not None and request.n != 1:
        raise _refused("`n` is not 1: there is one answer", "n", "unsupported_value")
    for name, given in (("tools", request.tools), ("functions", request.functions)):
        if given:
            raise _refused(
                f"`{name}` cannot be called: leave them out", name, "unsupported_parameter"
            )
    if any(modality != "text" for modality in request.modalities or ()):
        raise _refused("`modalities` may only be text", "modalities", "unsupported_value")


def no_such_model(name: str) -> ProblemError:
    """The error of a model that is not there."""
    shown = name[:_MAX_SHOWN_CHARS]
    return ProblemError(
        "model-not-found",
        f"there is no model {shown!r}: GET /v1/models lists those there are",
        param="model",
        code="model_not_found",
    )


def _refused(detail: str, param: str, code: str | None = None) -> ProblemError:
    return ProblemError("invalid-request", detail, param=param, code=code)
