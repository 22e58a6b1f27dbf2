"""Trains the adapter of the reader: low-rank changes to the upper layers, and a head of spans.

    python -m benchmarks.train_reader reader.safetensors --news ../shared/data/news-qa-dev
        --squad ../shared/data/unanswerable-dev

The base is the cross-encoder that its package carries, made float again. A text is right if
an answer stands in it. Losses: the mass of right spans among all spans of a question's texts
(shared normalisation, Clark and Gardner, "Simple and Effective Multi-Paragraph Reading
Comprehension", ACL 2018); silence for texts without an answer; the right text among those of
a question; each text right or not. About half an hour on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from benchmarks.newsqa import DEFAULT_DATA
from benchmarks.reader_data import Group, news_groups, squad_groups
from index.models.adapter import LAYERS, MATRICES, Weights
from index.models.catalog import RERANKER, TOKENIZER, ModelFiles, resolve
from rag.assemble import load_embedder
from rag.settings import Settings

RANK = 16
FIRST_LAYER = 6
EPOCHS = 2
# Of the encyclopedia's questions, the share that is seen in an epoch.
SQUAD_SHARE = 0.35
BATCH = 8
MAX_TOKENS = 208
LEARNING_RATE = 7e-4
HEAD_LEARNING_RATE = 2e-3
WARMUP_STEPS = 60
# How much a group counts: questions that nobody found an answer to may have one.
GROUP_WEIGHTS = {"news": 1.5, "news-removed": 0.5, "news-none": 0.3, "squad": 1.0}
RANK_WEIGHTS = {"news": 2.0, "squad": 0.5}
_NO = -1e4


class LowRank(nn.Module):
    """A linear layer that stays as it is, and a low-rank change that is learnt."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.randn(base.in_features, RANK) / math.sqrt(base.in_features))
        self.up = nn.Parameter(torch.zeros(RANK, base.out_features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What the layer gives, changed."""
        return self.base(x) + (x @ self.down.to(x.dtype)) @ self.up.to(x.dtype)


class Reader(nn.Module):
    """The published cross-encoder with what is learnt: relevance, and spans of answers."""

    def __init__(self, model: ModelFiles) -> None:
        super().__init__()
        weights = Weights(onnx.load(model.weights))
        self.bert = BertModel(BertConfig(
            vocab_size=30522, hidden_size=384, num_hidden_layers=LAYERS, num_attention_heads=12,
            intermediate_size=1536, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        ))  # fmt: skip
        self.bert.load_state_dict(_state(weights), strict=False)
        self.relevance = nn.Linear(384, 1)
        with torch.no_grad():
            self.relevance.weight.copy_(torch.tensor(weights.tensor("classifier.weight").T))
            self.relevance.bias.copy_(torch.tensor(weights.tensor("classifier.bias")))
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        for layer in range(FIRST_LAYER, LAYERS):
            for name in MATRICES:
                *path, last = name.split("/")
                holder: Any = self.bert.encoder.layer[layer]
                for step in path:
                    holder = getattr(holder, step)
                setattr(holder, last, LowRank(getattr(holder, last)))
        self.spans = nn.Linear(384, 2)
        nn.init.normal_(self.spans.weight, std=0.02)
        nn.init.zeros_(self.spans.bias)

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """Relevance, shape (texts,), and scores of spans, shape (texts, tokens, 2)."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = self.bert(
                input_ids=batch.ids, attention_mask=batch.mask, token_type_ids=batch.types
            )
        spans = self.spans(out.last_hidden_state.float())
        return (
            self.relevance(out.pooler_output.float())[:, 0],
            spans.masked_fill(~batch.open[..., None], _NO),
        )

    def learnt(self) -> dict[str, np.ndarray]:
        """What the adapter's file holds, by the names of index/models/adapter.py."""
        arrays = {}
        for layer in range(FIRST_LAYER, LAYERS):
            for name in MATRICES:
                low = self.bert.encoder.layer[layer].get_submodule(name.replace("/", "."))
                arrays[f"{layer}/{name}/down"] = low.down
                arrays[f"{layer}/{name}/up"] = low.up
        arrays["spans/weight"], arrays["spans/bias"] = self.spans.weight.T, self.spans.bias
        return {
            name: np.ascontiguousarray(array.detach().numpy().astype(np.float16))
            for name, array in arrays.items()
        }


def _state(weights: Weights) -> dict[str, torch.Tensor]:
    state = {n[5:]: weights.tensor(n) for n in weights.names() if n.startswith("bert.")}
    for kind in ("word", "position", "token_type"):
        name = f"embeddings.{kind}_embeddings.weight"
        state[name] = weights.tensor(f"bert.{name}")
    for layer in range(LAYERS):
        for name in MATRICES:
            key = f"encoder.layer.{layer}.{name.replace('/', '.')}.weight"
            state[key] = weights.matrix(layer, name).T
    state["pooler.dense.weight"] = weights.tensor("bert.pooler.dense.weight").T
    return {name: torch.tensor(np.ascontiguousarray(array)) for name, array in state.items()}


@dataclass(frozen=True, slots=True)
class Batch:
    """Groups as tensors of shape (texts, tokens); `group` says whose each text is.

    `open` are tokens where an answer may begin or end, and token 0 for none; `first` and
    `last` those where one does.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    open: torch.Tensor
    first: torch.Tensor
    last: torch.Tensor
    group: torch.Tensor


def encoded(tokenizer: Tokenizer, groups: Sequence[Group]) -> Batch:
    """The texts of groups, padded to one length."""
    rows = [(g, t, s) for g in groups for t, s in zip(g.texts, g.spans, strict=True)]
    tokens = tokenizer.encode_batch([(g.question, text) for g, text, _ in rows])
    ids = torch.tensor([e.ids for e in tokens])
    marks = torch.zeros(3, *ids.shape, dtype=torch.bool)
    for row, (e, (_, _, spans)) in enumerate(zip(tokens, rows, strict=True)):
        text = [place for place, part in enumerate(e.sequence_ids) if part == 1]
        marks[0, row, [0, *text]] = True
        for start, end in spans:
            first = [i for i in text if e.offsets[i][0] <= start < e.offsets[i][1]]
            last = [i for i in text if e.offsets[i][0] < end <= e.offsets[i][1]]
            if first and last:
                marks[1, row, first[0]] = marks[2, row, last[0]] = True
    return Batch(
        ids,
        torch.tensor([e.attention_mask for e in tokens]),
        torch.tensor([e.type_ids for e in tokens]),
        *marks,
        torch.tensor([place for place, g in enumerate(groups) for _ in g.texts]),
    )


def loss_of(model: Reader, groups: Sequence[Group], batch: Batch) -> torch.Tensor:
    """The mean loss of the groups."""
    relevance, spans = model(batch)
    losses = [
        _loss(
            group.kind,
            relevance[batch.group == place],
            spans[batch.group == place],
            (batch.first[batch.group == place], batch.last[batch.group == place]),
        )
        for place, group in enumerate(groups)
    ]
    return torch.stack(losses).mean()


def _loss(
    kind: str,
    relevance: torch.Tensor,
    spans: torch.Tensor,
    marks: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    right = marks[0].any(1)
    silent = spans[~right]
    loss = torch.zeros(())
    for end, mark in enumerate(marks):
        if right.any():
            loss = loss + torch.logsumexp(spans[..., end].flatten(), 0)
            loss = loss - torch.logsumexp(spans[..., end][mark], 0)
        silence = torch.logsumexp(silent[..., end], 1) - silent[:, 0, end]
        loss = loss + (0.3 if right.any() else 0.5) * silence.sum()
    loss = GROUP_WEIGHTS[kind] * loss / 2
    if right.any() and len(right) > 1:
        rank = torch.logsumexp(relevance, 0) - torch.logsumexp(relevance[right], 0)
        loss = loss + RANK_WEIGHTS[kind] * rank
    each = nn.functional.binary_cross_entropy_with_logits(relevance / 2 - 1, right.float())
    return loss + 0.25 * GROUP_WEIGHTS[kind] * each


def batches(groups: list[Group], order: random.Random) -> list[list[Group]]:
    """Batches of groups of like size, in random order."""
    order.shuffle(groups)
    made = []
    for start in range(0, len(groups), BATCH * 8):
        near = groups[start : start + BATCH * 8]
        near.sort(key=lambda g: (len(g.texts), max(map(len, g.texts))))
        made += [near[place : place + BATCH] for place in range(0, len(near), BATCH)]
    order.shuffle(made)
    return made


def train(model: Reader, tokenizer: Tokenizer, news: list[Group], squad: list[Group]) -> None:
    """Two epochs; says how far it is."""
    order = random.Random(0)
    plan: list[list[Group]] = []
    for _ in range(EPOCHS):
        seen = order.sample(squad, int(len(squad) * SQUAD_SHARE))
        plan += batches([*news, *seen], order)
    head = set(model.spans.parameters())
    learnt = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in learnt if p not in head], "lr": LEARNING_RATE},
            {"params": list(head), "lr": HEAD_LEARNING_RATE},
        ]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min(1, (step + 1) / WARMUP_STEPS) * max(0.02, 1 - step / len(plan)),
    )
    for step, groups in enumerate(plan, start=1):
        loss = loss_of(model, groups, encoded(tokenizer, groups))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            print(f"{step} of {len(plan)} steps, loss {loss.item():.3f}", flush=True)


def main() -> None:
    """Train and write the adapter."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("target", type=Path)
    options.add_argument("--news", type=Path, default=DEFAULT_DATA)
    options.add_argument("--squad", type=Path, default=DEFAULT_DATA.parent / "unanswerable-dev")
    chosen = options.parse_args()
    torch.manual_seed(0)
    files = resolve(RERANKER)
    tokenizer = Tokenizer.from_file(str(files.paths[TOKENIZER]))
    tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")
    tokenizer.enable_padding()
    news = [g for g in news_groups(chosen.news, load_embedder(Settings())) if g.texts]
    squad = list(squad_groups(chosen.squad, aside=False))
    print(f"{len(news)} groups of news, {len(squad)} of the encyclopedia")
    model = Reader(files)
    model.train()
    train(model, tokenizer, news, squad)
    data = hashlib.sha256(json.dumps([repr(g) for g in [*news, *squad]]).encode()).hexdigest()
    save_file(model.learnt(), chosen.target, {"base": files.sha256, "data": f"sha256:{data}"})


if __name__ == "__main__":
    main()
