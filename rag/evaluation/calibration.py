"""Is a confidence worth what it says? Calibration error, reliability, ROC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score, roc_curve

BINS = 10

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of one tenth of the confidence: how many, what was claimed, what held."""

    low: float
    high: float
    n: int
    confidence: float
    share: float


def reliability(confidence: Floats, held: Floats) -> list[Bin]:
    """The bins that hold a question: ten of equal width, the last closed at 1.

    Args:
        confidence: of each question, 0 to 1, shape (n,).
        held: 1 where a cited sentence holds the answer, else 0, shape (n,).
    """
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(
            b / BINS,
            (b + 1) / BINS,
            int(inside.sum()),
            float(confidence[inside].mean()),
            float(held[inside].mean()),
        )
        for b in range(BINS)
        if (inside := places == b).any()
    ]


def calibration_error(confidence: Floats, held: Floats) -> float:
    """Expected calibration error over ten equal-width bins (Naeini et al., AAAI 2015)."""
    bins = reliability(confidence, held)
    return sum(b.n * abs(b.confidence - b.share) for b in bins) / len(confidence)


def area(positive: Floats, negative: Floats) -> float:
    """The chance that a positive scores above a negative; NaN without one of the two."""
    if not len(positive) or not len(negative):
        return float("nan")
    return float(roc_auc_score(*_labelled(positive, negative)))


def curve(positive: Floats, negative: Floats) -> tuple[Floats, Floats]:
    """False and true positive rates at each threshold, both rising from 0 to 1."""
    false_rate, true_rate, _ = roc_curve(*_labelled(positive, negative))
    return false_rate, true_rate


def _labelled(positive: Floats, negative: Floats) -> tuple[Floats, Floats]:
    labels = np.concatenate([np.ones(len(positive)), np.zeros(len(negative))])
    return labels, np.concatenate([positive, negative])
