"""What OpenAI's clients get, as pydantic models. Names and nesting are OpenAI's.

`dateline` is the one key of our own: what the text alone does not tell a machine.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from rag.answers import FallbackCode, Mode, ReasonCode

MODEL = "dateline"
# Clients want a moment for each model; it says nothing, so it is always this one (2025-01-01).
MODEL_CREATED = 1_735_689_600


class ModelOut(BaseModel):
    """A model that can be asked for."""

    id: str
    object: Literal["model"] = "model"
    created: int = MODEL_CREATED
    owned_by: str = MODEL


class ModelList(BaseModel):
    """The models there are."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


class UrlCitation(BaseModel):
    """A marker of the text and the article behind it."""

    start_index: int = Field(description="Where `[n]` begins, in code points of the text.")
    end_index: int = Field(description="Where it has ended: `content[start_index:end_index]`.")
    url: str = Field(description="The article's, or where Dateline shows the article.")
    title: str


class Annotation(BaseModel):
    """What a part of the text rests on."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class Usage(BaseModel):
    """Tokens of the embedder's tokenizer; of the prompt, those of the messages that were read."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Particulars(BaseModel):
    """What Dateline says of its answer beside the text."""

    status: Literal["answered", "abstained"]
    reason: ReasonCode | None
    confidence: float
    caution: str | None
    mode: Mode
    fallback: FallbackCode | None = Field(
        description="Why no language model wrote it, if one was to."
    )
    generation: int


class MessageOut(BaseModel):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation]


class Choice(BaseModel):
    """The one choice."""

    index: int = 0
    message: MessageOut
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class ChatCompletion(BaseModel):
    """An answer, or a plain statement that there is none."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    system_fingerprint: str | None = Field(description="Names the state of the corpus.")
    choices: list[Choice]
    usage: Usage
    dateline: Particulars | None = Field(
        description="Null where a chat page asked for a title and the like."
    )


class EmbeddingOut(BaseModel):
    """The vector of one text."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str = Field(description="Normalised to length 1.")


class EmbeddingUsage(BaseModel):
    """Tokens that were read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(BaseModel):
    """Vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[EmbeddingOut]
    model: str
    usage: EmbeddingUsage
