"""Text to vectors: one protocol and its two implementations.

`TorchEmbedder` is sentence-transformers as published, and the oracle.
`OnnxEmbedder` runs the same weights through ONNX Runtime (`export.py` makes its
file once) and is what Dateline uses. Knows nothing of articles or stores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.models.batching import Batcher

Embeddings = NDArray[np.float32]
Backend = Literal["onnx-int8", "onnx", "torch"]

# Texts that torch embeds at once: 8 to 16 were fastest on two cores.
BATCH_SIZE = 16


class Embedder(Protocol):
    """Maps texts to L2-normalised vectors of `dim` dimensions."""

    @property
    def name(self) -> str:
        """The name of the model, as the catalog has it."""

    @property
    def fingerprint(self) -> str:
        """What makes two embedders' vectors comparable: weights and backend."""

    @property
    def dim(self) -> int:
        """The number of dimensions."""

    @property
    def max_tokens(self) -> int:
        """The window: longer texts are cut."""

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """Vectors of shape (len(texts), dim), float32, in the order of the texts."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens of the window each text takes, special tokens left out."""


class OnnxEmbedder:
    """A sentence-transformers model as one ONNX graph, tokens to normalised vectors."""

    def __init__(
        self,
        model: Path,
        tokenizer: Path,
        *,
        name: str,
        fingerprint: str,
        max_tokens: int,
        batcher: Batcher,
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.max_tokens = max_tokens
        self._batcher = batcher
        self._session = onnx_session(model)
        self.dim = int(self._session.get_outputs()[0].shape[1])
        self._counter = Tokenizer.from_file(str(tokenizer))
        self._counter.no_truncation()
        self._counter.no_padding()
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """Vectors of shape (len(texts), dim), float32, in the order of the texts.

        The vector of a text depends on nothing but the text.
        """
        vectors = self._batcher.run(self._embed_one, texts)
        return np.array(vectors, dtype=np.float32).reshape(-1, self.dim)

    def _embed_one(self, text: str) -> Embeddings:
        encoded = self._tokenizer.encode(text)
        feed = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
        }
        vector: Embeddings = self._session.run(None, feed)[0][0]
        return vector

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens of the window each text takes, special tokens left out."""
        encoded = self._counter.encode_batch(list(texts), add_special_tokens=False)
        return [len(e.ids) for e in encoded]


class TorchEmbedder:
    """sentence-transformers itself: the published model in float32."""

    def __init__(self, folder: Path, *, name: str, fingerprint: str, threads: int) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        self.name = name
        self.fingerprint = fingerprint
        self.dim = int(self._model.get_embedding_dimension() or 0)
        self.max_tokens = int(self._model.max_seq_length or 0)

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """Vectors of shape (len(texts), dim), float32, in the order of the texts."""
        return by_length(texts, self._embed_batch, dim=self.dim, batch_size=BATCH_SIZE)

    def _embed_batch(self, texts: Sequence[str]) -> Embeddings:
        vectors: Embeddings = self._model.encode(
            list(texts), batch_size=len(texts), normalize_embeddings=True, show_progress_bar=False
        )
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens of the window each text takes, special tokens left out."""
        encoded = self._model.tokenizer(list(texts), add_special_tokens=False, truncation=False)
        return [len(ids) for ids in encoded["input_ids"]]


def by_length(
    texts: Sequence[str],
    embed_batch: Callable[[Sequence[str]], Embeddings],
    *,
    dim: int,
    batch_size: int,
) -> Embeddings:
    """Embed in batches of texts of like length, so that little is padding."""
    vectors = np.zeros((len(texts), dim), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        vectors[batch] = embed_batch([texts[i] for i in batch])
    return vectors


def onnx_session(model: Path) -> onnxruntime.InferenceSession:
    """A session that runs each call on the thread of its caller; several may call at once."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
