"""Models that mean something without weights: shared words, near vectors, high scores.

Both are pure functions of the words, the same in every process; `fake_dateline` is
the whole system over them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from index.models.rerank import Reading
from index.models.tokens import TokenVectors
from rag.assemble import Dateline, assemble
from rag.llm.chat import ChatModel
from rag.settings import Settings

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_STEMMER = snowballstemmer.stemmer("english")
_STOP = frozenset(
    """
    a about after all also an and any are as at be been before but by can could did do does for
    from had has have he her his how i if in into is it its many me more most much no not of on
    or our out over said say says she should so some such tell than that the their them then
    there these they this to under up was we were what when where which while who whom whose why
    will with would you your
    """.split()  # noqa: SIM905 - a list of literals would take a page
)
# The range of the logits of the cross-encoder that the fake stands for.
_LOWEST, _HIGHEST = -11.0, 9.0


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order."""
    words = (word for word in _WORD.findall(text.casefold()) if word not in _STOP)
    return [str(stem) for stem in _STEMMER.stemWords(list(words))]


class HashingEmbedder:
    """A bag of stems, each hashed to a direction; no shared stem, no planned nearness."""

    name = "hashing-embedder"
    fingerprint = "sha256:hashing-embedder/1"
    max_tokens = 256

    def __init__(self, dim: int = 64) -> None:
        self.dim = dim

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dim), float32, L2-normalised."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._vector(content_stems(text))
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many words each text has."""
        return [len(_WORD.findall(text)) for text in texts]

    def _vector(self, stems: Iterable[str]) -> NDArray[np.float32]:
        total = np.zeros(self.dim, dtype=np.float32)
        # Sorted, so that the order of the words cannot change the last bit of a sum.
        for stem in sorted(stems):
            total += _direction(stem, self.dim)
        norm = float(np.linalg.norm(total))
        return total / norm if norm > 0 else _direction("", self.dim)


class OverlapReranker:
    """Relevance is the share of the question's stems in a text; answers are its other names.

    A word may answer if it is a number or begins with a capital and is not in the question,
    the better, the more of the question's stems its sentence holds.
    """

    name = "overlap-reranker"

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Relevance from -11 (no stem shared) to +9 (all of them), and words that may answer."""
        asked = frozenset(content_stems(question))
        return [_reading(asked, text) for text in texts]


class HashingTokenEmbedder:
    """A vector for each word, which only its stem decides: equal stems, equal vectors."""

    name = "hashing-token-embedder"

    def embed_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The words of each text, as tokens."""
        return [self._vectors(text) for text in texts]

    def _vectors(self, text: str) -> TokenVectors:
        words = list(_WORD.finditer(text))
        stems = _STEMMER.stemWords([word.group().casefold() for word in words])
        vectors = np.array([_direction(stem, 64) for stem in stems], np.float32).reshape(-1, 64)
        return TokenVectors(vectors, np.array([w.span() for w in words], np.int32).reshape(-1, 2))


def fake_dateline(home: Path, *, model: ChatModel | None = None, **settings: Any) -> Dateline:
    """A whole system over `home` that needs no weights."""
    return assemble(
        Settings(**{"home": home, "threads": 1, "parsers": 0} | settings),
        embedder=HashingEmbedder(),
        reranker=OverlapReranker(),
        aligner=HashingTokenEmbedder(),
        model=model,
    )


def _reading(asked: frozenset[str], text: str) -> Reading:
    offsets, scores = [], []
    for sentence in _SENTENCE.finditer(text):
        share = _share(asked, sentence.group())
        for word in _WORD.finditer(sentence.group()):
            offsets.append((sentence.start() + word.start(), sentence.start() + word.end()))
            names = word.group()[0].isupper() or word.group()[0].isdigit()
            stems = content_stems(word.group())
            new = bool(stems) and not asked.intersection(stems)
            scores.append(4.0 * share + (1.0 if names and new else -1.0 if new else -3.0))
    marks = np.array(scores, dtype=np.float32)
    relevance = _LOWEST + (_HIGHEST - _LOWEST) * _share(asked, text)
    return Reading(relevance, 0.0, np.array(offsets, np.int32).reshape(-1, 2), marks, marks)


def _share(asked: frozenset[str], text: str) -> float:
    return len(asked.intersection(content_stems(text))) / len(asked) if asked else 0.0


def _direction(stem: str, dim: int) -> NDArray[np.float32]:
    """A unit vector of signs that only the stem decides."""
    bits = hashlib.shake_256(stem.encode("utf-8", "surrogatepass")).digest((dim + 7) // 8)
    signs = np.unpackbits(np.frombuffer(bits, dtype=np.uint8))[:dim].astype(np.float32) * 2 - 1
    unit: NDArray[np.float32] = signs / np.float32(np.sqrt(dim))
    return unit
