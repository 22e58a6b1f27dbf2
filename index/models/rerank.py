"""Question and text in, relevance and the words that may answer out: one cross-encoder pass.

A published cross-encoder gives the relevance; the adapter of `adapter.py` marks the answers.
Knows nothing of passages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.models.batching import Batcher
from index.models.embed import onnx_session

Scores = NDArray[np.float32]

MAX_PAIR_TOKENS = 256
# An answer is a name, a number, a few words: spans of more tokens are not looked at.
MAX_SPAN_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text, and the score that they answer."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one pass over a text says of it, for one question.

    `relevance` is a logit; `silence` the score that nothing in the text answers. For each
    token of the text, `offsets`, int of shape (tokens, 2), are its characters, `starts` and
    `ends`, float32 of shape (tokens,), how well an answer begins and ends there. Scores
    compare across the texts of a question.
    """

    relevance: float
    silence: float
    offsets: NDArray[np.int32]
    starts: Scores
    ends: Scores

    def spans(self, start: int, end: int, *, most: int = 1) -> list[Span]:
        """The best spans inside the characters `start` to `end`, best first, none overlapping."""
        inside = np.flatnonzero((self.offsets[:, 0] >= start) & (self.offsets[:, 1] <= end))
        if not inside.size:
            return []
        scores = _span_scores(self.starts[inside], self.ends[inside])
        found: list[Span] = []
        while len(found) < most and np.isfinite(best := scores.max()):
            first, last = divmod(int(scores.argmax()), scores.shape[1])
            offsets = self.offsets[inside]
            found.append(Span(int(offsets[first, 0]), int(offsets[last, 1]), float(best)))
            scores[: last + 1, first:] = -np.inf
        return found


def _span_scores(starts: Scores, ends: Scores) -> Scores:
    """Scores of spans from token to token, shape (n, n); -inf where it is none."""
    scores = starts[:, None] + ends[None, :]
    length = np.arange(len(ends))[None, :] - np.arange(len(starts))[:, None]
    scores[(length < 0) | (length >= MAX_SPAN_TOKENS)] = -np.inf
    return scores


class Reranker(Protocol):
    """Reads texts for a question; relevance compares across questions."""

    @property
    def name(self) -> str:
        """The name of the model, as the catalog has it."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in the order of the texts."""


class OnnxReader:
    """A cross-encoder with the adapter as one ONNX graph: relevance and answers in one pass."""

    def __init__(self, model: Path, tokenizer: Path, *, name: str, batcher: Batcher) -> None:
        self.name = name
        self._batcher = batcher
        self._session = onnx_session(model)
        self._inputs = [i.name for i in self._session.get_inputs()]
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_PAIR_TOKENS, strategy="longest_first")
        self._tokenizer.no_padding()

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in the order of the texts.

        A reading depends on nothing but the question and its text.
        """
        return self._batcher.run(partial(self._read_one, question), texts)

    def _read_one(self, question: str, text: str) -> Reading:
        encoded = self._tokenizer.encode(question, text)
        columns = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        feed = {name: np.array([columns[name]], dtype=np.int64) for name in self._inputs}
        logits, spans = self._session.run(None, feed)
        return _reading(encoded, float(logits[0, 0]), spans[0])


def _reading(encoded: Encoding, relevance: float, spans: NDArray[np.float32]) -> Reading:
    """The reading of a text: `spans` has shape (tokens, 2), token 0 stands for no answer."""
    text = [place for place, part in enumerate(encoded.sequence_ids) if part == 1]
    offsets = encoded.offsets  # made anew at each access
    return Reading(
        relevance=relevance,
        silence=float(spans[0].sum()),
        offsets=np.array([offsets[place] for place in text], np.int32).reshape(-1, 2),
        starts=spans[text, 0],
        ends=spans[text, 1],
    )
