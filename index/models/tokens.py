"""Text to one vector per token, each of which knows its neighbours: for late interaction.

`OnnxTokenEmbedder` runs a published ColBERT; the vectors are those of its last layer, which
compare by dot product. Knows nothing of what is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.models.batching import Batcher
from index.models.embed import onnx_session

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

    def __init__(self, model: Path, tokenizer: Path, *, name: str, batcher: Batcher) -> None:
        self.name = name
        self._model = model
        self._batcher = batcher
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return onnx_session(self._model)

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The token vectors of each text, in the order of the texts.

        Those of a text depend on nothing but the text.
        """
        return self._batcher.run(partial(self._embed_one, self._session), texts)

    def _embed_one(self, session: onnxruntime.InferenceSession, text: str) -> TokenVectors:
        encoded = self._tokenizer.encode(text)
        feed = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([encoded.type_ids], dtype=np.int64),
        }
        hidden: NDArray[np.float32] = session.run([_HIDDEN], feed)[0]
        return _of_text(encoded, hidden[0])


def _of_text(encoded: Encoding, rows: NDArray[np.float32]) -> TokenVectors:
    real = np.flatnonzero(np.array(encoded.special_tokens_mask) == 0)
    vectors = rows[real]
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    spans = np.array(encoded.offsets, dtype=np.int32).reshape(-1, 2)[real]
    return TokenVectors(vectors, spans)
