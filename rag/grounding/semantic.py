"""How likely evidence supports a sentence: a logistic function of its features.

Weights, and what they were fitted on, stand in support.json; benchmarks/grounding.py fits
them. Knows the features, not how they are found.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from index.models.tokens import TokenEmbedder
from rag.grounding.evidence import Line
from rag.grounding.features import Features, features
from rag.grounding.findings import Finding


@dataclass(frozen=True, slots=True)
class Weights:
    """An intercept, and a weight for each feature of `Features`."""

    intercept: float
    by_feature: dict[str, float]


def load_weights() -> Weights:
    """The weights that come with Dateline."""
    fitted = json.loads(files("rag.grounding").joinpath("support.json").read_text("utf-8"))
    return Weights(fitted["intercept"], dict(fitted["weights"]))


def estimate(seen: Features, weights: Weights) -> float:
    """The probability, 0 to 1, that evidence with these features supports the sentence."""
    z = weights.intercept + sum(w * getattr(seen, name) for name, w in weights.by_feature.items())
    return 1.0 / (1.0 + math.exp(-max(min(z, 50.0), -50.0)))


class SemanticSupport:
    """The estimate over one model of token vectors. Safe to share between threads."""

    def __init__(self, model: TokenEmbedder, weights: Weights | None = None) -> None:
        self._model = model
        self._weights = weights or load_weights()

    def probability(
        self, sentence: str, lines: Sequence[Line], findings: Sequence[Finding]
    ) -> float:
        """The probability, 0 to 1."""
        return estimate(features(sentence, lines, findings, self._model), self._weights)
