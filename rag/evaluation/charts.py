"""Geometry of the report's plots: numbers to coordinates, nothing of colours or words.

A plot is a square of `SIDE` units with its origin at the bottom left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.evaluation.calibration import BINS, Bin, Floats

SIDE = 240.0
# The largest dot of a reliability plot stands for the fullest bin.
MAX_RADIUS, MIN_RADIUS = 11.0, 3.0
# Points of a curve that are drawn, at most: more cannot be told apart.
MAX_POINTS = 240


@dataclass(frozen=True, slots=True)
class Dot:
    """A bin of a reliability plot."""

    x: float
    y: float
    radius: float
    bin: Bin


def x_of(value: float) -> float:
    """Where a share lies from the left."""
    return round(value * SIDE, 2)


def y_of(value: float) -> float:
    """Where a share lies from the top."""
    return round((1 - value) * SIDE, 2)


def dots(bins: Sequence[Bin]) -> list[Dot]:
    """The dots of a reliability plot; their areas go by the questions in the bin."""
    most = max((b.n for b in bins), default=1)
    return [
        Dot(
            x_of(b.confidence),
            y_of(b.share),
            round(max(MIN_RADIUS, MAX_RADIUS * (b.n / most) ** 0.5), 2),
            b,
        )
        for b in bins
    ]


def path(curve: tuple[Floats, Floats]) -> str:
    """The path of a curve of (x, y) shares, thinned where it has many points."""
    xs, ys = curve
    if len(xs) > MAX_POINTS:
        kept = np.unique(np.linspace(0, len(xs) - 1, MAX_POINTS).astype(int))
        xs, ys = xs[kept], ys[kept]
    return "M" + " L".join(
        f"{x_of(float(x))} {y_of(float(y))}" for x, y in zip(xs, ys, strict=True)
    )


def area_under(line: str) -> str:
    """The closed path between a curve and the bottom."""
    return f"{line} L{SIDE} {SIDE} L0 {SIDE} Z"


def histogram(values: Floats) -> list[float]:
    """The share of values in each of ten bins of equal width."""
    counts, _ = np.histogram(np.clip(values, 0, 1), bins=BINS, range=(0, 1))
    return [float(c) / max(len(values), 1) for c in counts]
