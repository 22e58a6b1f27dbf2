"""What it costs to give a model several texts at once, and what it does to its scores.

    python -m benchmarks.batching --home HOME --split report --limit 25

The passages that the cross-encoder is to read for each question, in batches of like length:
of one question, or of all questions together, as a server could form them of what waits. CPU
milliseconds a question on two threads of their own; then how far logits lie from those of
each pair read alone, and from those of the same weights in float32, and for how many questions
the best passage, and the order of the best five, stay. At the end the vectors of questions. Ways
are measured in turn, as the machine's speed drifts; medians of `--rounds`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from transformers import BertConfig, BertModel

from benchmarks.load import recorded
from benchmarks.newsqa import asked_at, parser, questions
from benchmarks.train_reader import _state
from index.models.adapter import ADAPTER, Weights, adapted_reader
from index.models.catalog import RERANKER, resolve
from index.models.embed import OnnxEmbedder
from index.models.rerank import OnnxReader
from rag.answers import Question
from rag.assemble import assemble
from rag.settings import Settings

Pair = tuple[str, str]
THREADS = 2
SIZES = (1, 2, 4, 8)
BEST = 5


class Model:
    """A session and a tokenizer that pads, as batches need it."""

    def __init__(self, session: onnxruntime.InferenceSession, tokenizer: Tokenizer) -> None:
        self._session = session
        self._inputs = [one.name for one in session.get_inputs()]
        self._tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self._tokenizer.enable_padding()

    def feed(self, batch: Sequence[Pair] | Sequence[str]) -> dict[str, NDArray[np.int64]]:
        """What the graph takes for texts or pairs."""
        encoded = self._tokenizer.encode_batch(list(batch))
        return {name: _column(encoded, name) for name in self._inputs}

    def run(self, batch: Sequence[Pair] | Sequence[str]) -> NDArray[np.float32]:
        """The first output for each text or pair."""
        found: NDArray[np.float32] = self._session.run(None, self.feed(batch))[0]
        return found


def _column(encoded: Sequence[Encoding], name: str) -> NDArray[np.int64]:
    columns: dict[str, Callable[[Encoding], list[int]]] = {
        "input_ids": lambda e: e.ids,
        "attention_mask": lambda e: e.attention_mask,
        "token_type_ids": lambda e: e.type_ids,
    }
    return np.array([columns[name](e) for e in encoded], dtype=np.int64)


class Exact:
    """The cross-encoder with the same weights, and nothing rounded on the way."""

    def __init__(self, settings: Settings) -> None:
        files = resolve(RERANKER, settings.reranker_path)
        made = adapted_reader(files, ADAPTER, settings.model_cache)
        weights = Weights(onnx.load(made))
        self._bert = BertModel(
            BertConfig(
                hidden_size=384,
                num_hidden_layers=12,
                num_attention_heads=12,
                intermediate_size=1536,
            )
        ).eval()
        self._bert.load_state_dict(_state(weights))
        self._head = weights.tensor("classifier.weight").reshape(-1)
        self._bias = float(weights.tensor("classifier.bias")[0])

    def relevance(self, feed: dict[str, NDArray[np.int64]]) -> float:
        """The logit of one pair."""
        with torch.no_grad():
            out = self._bert(**{name: torch.from_numpy(column) for name, column in feed.items()})
        return float(out.pooler_output.numpy()[0] @ self._head) + self._bias


def main() -> None:
    """Print the figures."""
    options = parser("texts given to a model at once")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    asked = questions(chosen.data, chosen.split, chosen.limit)
    with closing(assemble(replace(Settings.from_env({}), home=chosen.home))) as dateline:
        read = recorded(dateline, [Question(q.text, asked_at(q)) for q in asked])
        reader, embedder = dateline.searcher.reranker, dateline.searcher.embedder
        assert isinstance(reader, OnnxReader)
        assert isinstance(embedder, OnnxEmbedder)
        with ThreadPoolExecutor(THREADS) as pool:
            model, exact = Model(reader._session, reader._tokenizer), Exact(dateline.settings)
            say_reading(model, exact, read, pool, chosen.rounds)
    say_vectors(Model(embedder._session, embedder._tokenizer), [question for question, _ in read])


def say_reading(
    model: Model,
    exact: Exact,
    read: Sequence[tuple[str, Sequence[str]]],
    pool: ThreadPoolExecutor,
    rounds: int,
) -> None:
    """CPU and scores of each way to form batches of pairs."""
    groups = [[(question, text) for text in texts] for question, texts in read]
    everything = [[pair for group in groups for pair in group]]
    ways = {f"of one question, {size}": by_length(groups, size) for size in SIZES}
    ways |= {f"of all questions, {size}": by_length(everything, size) for size in SIZES[1:]}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    scores: dict[str, dict[Pair, float]] = {}
    for _ in range(rounds):
        for name, batches in ways.items():
            started = time.process_time()
            found = list(pool.map(model.run, batches))
            cpu[name].append((time.process_time() - started) * 1000 / len(groups))
            scores[name] = {
                pair: float(logit)
                for batch, logits in zip(batches, found, strict=True)
                for pair, logit in zip(batch, logits[:, 0], strict=True)
            }
    alone = scores[f"of one question, {SIZES[0]}"]
    true = {pair: exact.relevance(model.feed([pair])) for pair in alone}
    for name, own in scores.items():
        away = np.array([abs(own[pair] - alone[pair]) for pair in alone])
        same = [(order(group, own), order(group, alone)) for group in groups]
        print(
            f"{name}: {np.median(cpu[name]):.0f} CPU ms a question; logits away by "
            f"{np.median(away):.3f} (median), {away.max():.3f} (most), from float32 by "
            f"{rms(own, true):.3f} (root of mean square); best passage the same "
            f"{np.mean([a[:1] == b[:1] for a, b in same]):.2f}, best {BEST} "
            f"{np.mean([a[:BEST] == b[:BEST] for a, b in same]):.2f}"
        )


def rms(own: dict[Pair, float], true: dict[Pair, float]) -> float:
    """How far scores lie from others, as the root of the mean square."""
    return float(np.sqrt(np.mean([(own[pair] - true[pair]) ** 2 for pair in true])))


def by_length(groups: Sequence[Sequence[Pair]], size: int) -> list[list[Pair]]:
    """Batches of pairs of like length, of each group by itself."""
    return [
        list(ordered[start : start + size])
        for ordered in (sorted(group, key=lambda pair: -len(pair[1])) for group in groups)
        for start in range(0, len(ordered), size)
    ]


def order(group: Sequence[Pair], scores: dict[Pair, float]) -> list[Pair]:
    """The pairs of a question, best first."""
    return sorted(group, key=lambda pair: -scores[pair])


def say_vectors(model: Model, texts: Sequence[str]) -> None:
    """How far vectors of questions lie from those of each question alone."""
    alone = np.vstack([model.run([text]) for text in texts])
    for size in SIZES[1:]:
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        cosines = (np.vstack([model.run(batch) for batch in batches]) * alone).sum(axis=1)
        print(
            f"vectors of {size} questions at once: cosine with alone {np.median(cosines):.4f} "
            f"(median), {cosines.min():.4f} (least)"
        )


if __name__ == "__main__":
    main()
