"""Text to one vector per token, each of which knows its neighbours: for late interaction.

`OnnxTokenEmbedder` runs a published ColBERT; the vectors are those of its last layer, which
compare by dot product. Knows nothing of what is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.models.embed import onnx_session

# benchmarks/grounding.py: texts of like length, four a batch, as with the reranker.
BATCH_SIZE = 4
MAX_TOKENS = 256
_HIDDEN = "last_hidden_state"


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The tokens of a text, special ones left out.

    `vectors` is float32 of shape (tokens, dim), L2-normalised; `spans`, int32 of shape
    (tokens, 2), are their characters in the text. What lies beyond the window is missing.
    """

    vectors: NDArray[np.float32]
    spans: NDArray[np.int32]


class TokenEmbedder(Protocol):
    """Maps texts to vectors of their tokens."""

    @property
    def name(self) -> str:
        """The name of the model, as the catalog has it."""

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The token vectors of each text, in the order of the texts."""


class OnnxTokenEmbedder:
    """A ColBERT as an ONNX graph. The graph is loaded when it is first needed."""

    def __init__(self, model: Path, tokenizer: Path, *, name: str, threads: int) -> None:
        self.name = name
        self._model = model
        self._threads = threads
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return onnx_session(self._model, self._threads)

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The token vectors of each text, in the order of the texts."""
        found: dict[int, TokenVectors] = {}
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        for start in range(0, len(order), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            found |= zip(batch, self._embed_batch([texts[i] for i in batch]), strict=True)
        return [found[i] for i in range(len(texts))]

    def _embed_batch(self, texts: Sequence[str]) -> list[TokenVectors]:
        encoded = self._tokenizer.encode_batch(list(texts))
        feed = {
            "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encoded], dtype=np.int64),
            "token_type_ids": np.array([e.type_ids for e in encoded], dtype=np.int64),
        }
        hidden: NDArray[np.float32] = self._session.run([_HIDDEN], feed)[0]
        return [_of_text(e, rows) for e, rows in zip(encoded, hidden, strict=True)]


def _of_text(encoded: Encoding, rows: NDArray[np.float32]) -> TokenVectors:
    real = np.flatnonzero(np.array(encoded.special_tokens_mask) == 0)
    vectors = rows[real]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    spans = np.array(encoded.offsets, dtype=np.int32).reshape(-1, 2)[real]
    return TokenVectors(vectors, spans)
