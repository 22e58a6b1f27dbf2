"""How sure a figure is: bootstrap intervals, paired differences, randomisation tests.

Questions are what is resampled, with everything known of each, so that two systems are
compared on the same questions. By scipy, with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from rag.evaluation.figures import Figure, Table

# Means cost nothing; areas and calibration errors are computed one sample after another.
RESAMPLES = 5_000
SLOW_RESAMPLES = 500
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over `n` questions, with its 95% interval where there are two or more."""

    value: float
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """This minus that, over the `n` questions that both have a say on."""

    this: float
    that: float
    n: int
    low: float | None
    high: float | None
    p: float | None

    @property
    def value(self) -> float:
        """This minus that."""
        return self.this - self.that


def estimate(figure: Figure, table: Table) -> Estimate | None:
    """A figure with its percentile bootstrap interval; None where no question can tell."""
    value = figure.value(table)
    if value is None:
        return None
    applies = figure.applies(table)
    rows = [table[column][applies] for column in figure.columns]
    n = int(applies.sum())
    low, high = _interval(tuple(rows), figure.statistic, is_mean=figure.is_mean, n=n)
    return Estimate(value, n, low, high)


def difference(figure: Figure, this: Table, that: Table) -> Difference | None:
    """This against that, whose places are the same questions; None where either cannot tell."""
    both = figure.applies(this) & figure.applies(that)
    if not both.any():
        return None
    here = [this[column][both] for column in figure.columns]
    there = [that[column][both] for column in figure.columns]
    values = figure.statistic(*here), figure.statistic(*there)
    if np.isnan(values).any():
        return None
    n = int(both.sum())
    if figure.is_mean:
        low, high = _interval((here[0] - there[0],), figure.statistic, is_mean=True, n=n)
    else:

        def apart(*rows: NDArray[np.float64]) -> float:
            return figure.statistic(*rows[: len(here)]) - figure.statistic(*rows[len(here) :])

        low, high = _interval((*here, *there), apart, is_mean=False, n=n)
    p = _p_value(figure, here, there, n)
    return Difference(float(values[0]), float(values[1]), n, low, high, p)


def _interval(
    rows: tuple[NDArray[np.float64], ...],
    statistic: Callable[..., float],
    *,
    is_mean: bool,
    n: int,
) -> tuple[float | None, float | None]:
    if n < 2:
        return None, None
    if not is_mean:
        return _slow_interval(rows, statistic, n)
    ends = stats.bootstrap(
        rows,
        np.mean,
        n_resamples=RESAMPLES,
        batch=100,
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(ends.low), float(ends.high)


def _slow_interval(
    rows: tuple[NDArray[np.float64], ...], statistic: Callable[..., float], n: int
) -> tuple[float | None, float | None]:
    """The same of a statistic that some samples leave undefined, which scipy does not take."""
    random = np.random.default_rng(0)
    samples = random.integers(n, size=(SLOW_RESAMPLES, n))
    values = np.array([statistic(*(row[sample] for row in rows)) for sample in samples])
    values = values[~np.isnan(values)]
    if not values.size:
        return None, None
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _p_value(
    figure: Figure, here: list[NDArray[np.float64]], there: list[NDArray[np.float64]], n: int
) -> float | None:
    """Two-sided paired randomisation test: which system a result came from is exchanged.

    Source: Smucker, Allan and Carterette, "A Comparison of Statistical Significance Tests
    for Information Retrieval Evaluation", CIKM 2007.
    """
    if n < 2:
        return None
    columns = [np.concatenate(pair) for pair in zip(here, there, strict=True)]
    statistic: Callable[..., Any]
    if figure.is_mean:

        def statistic(x: NDArray[np.int_], y: NDArray[np.int_], axis: int = -1) -> Any:
            return columns[0][x].mean(axis=axis) - columns[0][y].mean(axis=axis)
    else:

        def statistic(x: NDArray[np.int_], y: NDArray[np.int_]) -> Any:
            return figure.statistic(*(c[x] for c in columns)) - figure.statistic(
                *(c[y] for c in columns)
            )

    result = stats.permutation_test(
        (np.arange(n), np.arange(n) + n),
        statistic,
        permutation_type="samples",
        vectorized=figure.is_mean,
        n_resamples=RESAMPLES if figure.is_mean else SLOW_RESAMPLES,
        batch=100,
        rng=np.random.default_rng(0),
    )
    return float(result.pvalue)
