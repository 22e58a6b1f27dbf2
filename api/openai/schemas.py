"""What OpenAI's clients send. Unlike elsewhere, unknown parameters are taken: each has its own.

Temperature, penalties, `user`, `metadata` and the like mean nothing to quotations. What would
change the reply and cannot be had (several choices, tools, sound) is refused by name, in
`conversation.py`. Knows nothing of how a request is answered.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

MAX_MESSAGES = 2_000
MAX_MODEL_CHARS = 200
MAX_TYPE_CHARS = 100
# No part is longer than a page of a chat; a bound also has half characters refused.
MAX_TEXT_CHARS = 1_000_000
# At most so many texts, of so many characters, are embedded at once: seconds on two cores.
MAX_INPUTS = 256
MAX_INPUT_CHARS = 20_000


class _Tolerant(BaseModel):
    model_config = ConfigDict(extra="ignore")


class PartIn(_Tolerant):
    """A part of a message; only text is read."""

    type: str = Field(max_length=MAX_TYPE_CHARS, examples=["text"])
    text: str | None = Field(None, max_length=MAX_TEXT_CHARS)


def _parts(content: object) -> object:
    """Text as its only part, so that a wrong part is named by its place."""
    if content is None:
        return []
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


_PART = {"$ref": "#/components/schemas/PartIn"}
Content = Annotated[
    list[PartIn],
    BeforeValidator(_parts),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": _PART}, {"type": "null"}]}
    ),
]


class MessageIn(_Tolerant):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content = []


class StreamOptions(_Tolerant):
    """What a stream carries beside the answer."""

    include_usage: bool | None = Field(None, strict=True)


class ChatRequest(_Tolerant):
    """A conversation whose last message, by the user, is the question."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "model": "dateline",
                    "messages": [
                        {"role": "user", "content": "How many people died on the Lady Corrigan?"}
                    ],
                }
            ]
        },
    )

    model: str = Field(max_length=MAX_MODEL_CHARS, examples=["dateline"])
    messages: list[MessageIn] = Field(
        min_length=1,
        max_length=MAX_MESSAGES,
        description="Oldest first. `system` and `developer` messages are not obeyed.",
    )
    stream: bool | None = Field(None, strict=True)
    stream_options: StreamOptions | None = None
    # The description says what is taken; `conversation.py` refuses the rest in its own words.
    n: int | None = Field(
        None, description="1: there is one answer.", json_schema_extra={"enum": [1, None]}
    )
    tools: list[Any] | None = Field(
        None, description="None: there are no tools to call.", json_schema_extra={"maxItems": 0}
    )
    functions: list[Any] | None = Field(
        None, description="None, as of `tools`.", json_schema_extra={"maxItems": 0}
    )
    modalities: list[Any] | None = Field(
        None, description="`text`.", json_schema_extra={"items": {"const": "text"}}
    )


def _listed(value: object) -> object:
    tokens = value[0] if isinstance(value, list) and value else None
    if isinstance(tokens, (int, list)):
        raise ValueError("it holds tokens, which are another model's: give the text")  # noqa: TRY004
    return [value] if isinstance(value, str) else value


InputText = Annotated[str, Field(min_length=1, max_length=MAX_INPUT_CHARS)]
_TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_INPUT_CHARS}
Input = Annotated[
    list[InputText],
    Field(min_length=1, max_length=MAX_INPUTS),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                _TEXT,
                {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MAX_INPUTS},
            ]
        }
    ),
]


class EmbeddingRequest(_Tolerant):
    """Texts to embed."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "model": "sentence-transformers/all-MiniLM-L6-v2",
                    "input": ["The harbour bridge reopened on Wednesday."],
                }
            ]
        },
    )

    model: str = Field(max_length=MAX_MODEL_CHARS)
    input: Input = Field(description="A text, or several. Tokens are not taken.")
    encoding_format: Literal["float", "base64"] | None = Field(
        None, description="`base64` holds little-endian 32-bit floats."
    )
    dimensions: int | None = Field(None, description="Nothing but the model's own number.")
