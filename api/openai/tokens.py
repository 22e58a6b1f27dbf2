"""Usage and vectors, by the embedder of the running system."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from api.errors import ProblemError
from api.openai.replies import EmbeddingList, EmbeddingOut, EmbeddingUsage, Usage
from api.openai.schemas import EmbeddingRequest
from index.models.embed import Embedder, Embeddings


def usage_of(embedder: Embedder, prompt: Sequence[str], text: str) -> Usage:
    """Tokens of what was read and of what was said."""
    *read, said = embedder.count_tokens([*prompt, text])
    return Usage(prompt_tokens=sum(read), completion_tokens=said, total_tokens=sum(read) + said)


def check_dimensions(request: EmbeddingRequest, embedder: Embedder) -> None:
    """Refuse what the model does not give.

    Raises:
        ProblemError: another number of dimensions is asked for.
    """
    if request.dimensions not in (None, embedder.dim):
        raise ProblemError(
            "invalid-request",
            f"`dimensions` may only be {embedder.dim}, which the model has: leave it out",
            param="dimensions",
            code="unsupported_value",
        )


def embedded(request: EmbeddingRequest, embedder: Embedder) -> EmbeddingList:
    """The vectors of the texts, each cut to the window of the model."""
    vectors = embedder.embed(request.input)
    counts = embedder.count_tokens(request.input)
    tokens = sum(min(count, embedder.max_tokens) for count in counts)
    encode = _base64 if request.encoding_format == "base64" else _floats
    return EmbeddingList(
        data=[
            EmbeddingOut(index=index, embedding=encode(vector))
            for index, vector in enumerate(vectors)
        ],
        model=embedder.name,
        usage=EmbeddingUsage(prompt_tokens=tokens, total_tokens=tokens),
    )


def _floats(vector: Embeddings) -> list[float]:
    return [float(number) for number in vector]


def _base64(vector: Embeddings) -> str:
    return base64.b64encode(vector.astype(np.dtype("<f4")).tobytes()).decode("ascii")
