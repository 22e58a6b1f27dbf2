"""Calibration, areas, intervals and tests against their definitions, computed slowly."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.evaluation.calibration import area, calibration_error, curve, reliability
from rag.evaluation.figures import FIGURES
from rag.evaluation.significance import difference, estimate

SHARES = st.sampled_from([0.0, 0.05, 0.1, 0.3, 0.35, 0.5, 0.7, 0.95, 1.0])
PAIRS = st.lists(st.tuples(SHARES, st.sampled_from([0.0, 1.0])), min_size=1, max_size=30)
HITS, AUROC, ECE = (
    next(f for f in FIGURES if f.name == name) for name in ("hits@1", "abstention_auroc", "ece")
)


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_calibration_error_is_the_mean_distance_of_bins(pairs):
    confidence, held = map(np.array, zip(*pairs, strict=True))
    bins = {}
    for c, h in pairs:
        bins.setdefault(min(int(c * 10), 9), []).append((c, h))
    expected = sum(
        abs(sum(c for c, _ in inside) - sum(h for _, h in inside)) for inside in bins.values()
    ) / len(pairs)
    assert calibration_error(confidence, held) == pytest.approx(expected)
    assert sum(b.n for b in reliability(confidence, held)) == len(pairs)


@given(st.lists(SHARES, min_size=1, max_size=12), st.lists(SHARES, min_size=1, max_size=12))
@settings(max_examples=50, deadline=None)
def test_the_area_is_the_chance_to_rank_right(positive, negative):
    wins = [(p > n) + 0.5 * (p == n) for p in positive for n in negative]
    found = area(np.array(positive), np.array(negative))
    assert found == pytest.approx(sum(wins) / len(wins))
    false_rate, true_rate = curve(np.array(positive), np.array(negative))
    assert np.trapezoid(true_rate, false_rate) == pytest.approx(found)


def test_no_area_without_both_groups():
    assert np.isnan(area(np.array([]), np.array([1.0])))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=8))
@settings(max_examples=25, deadline=None)
def test_the_p_value_of_few_questions_is_that_of_all_exchanges(pairs):
    this, that = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    found = difference(HITS, {"hits@1": this}, {"hits@1": that})
    seen = (this - that).mean()
    exchanged = [
        (np.array(signs) * (this - that)).mean()
        for signs in itertools.product((1, -1), repeat=len(pairs))
    ]
    expected = np.mean([abs(d) >= abs(seen) - 1e-12 for d in exchanged])
    assert found.value == pytest.approx(seen)
    assert found.p == pytest.approx(min(1.0, expected))


def test_an_interval_of_a_mean_covers_as_it_should():
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(100):
        sample = (random.random(60) < 0.3).astype(float)
        one = estimate(HITS, {"hits@1": sample})
        covered += one.low <= 0.3 <= one.high
    assert 0.88 <= covered / 100 <= 0.99


def test_questions_without_a_say_do_not_count():
    table = {"hits@1": np.array([1.0, np.nan, 0.0, np.nan])}
    one = estimate(HITS, table)
    assert (one.value, one.n) == (0.5, 2)
    assert estimate(HITS, {"hits@1": np.array([np.nan])}) is None
    assert estimate(HITS, {"hits@1": np.array([1.0])}).low is None


def test_a_difference_is_over_the_questions_of_both():
    this = {"hits@1": np.array([1.0, 1.0, np.nan, 0.0])}
    that = {"hits@1": np.array([0.0, np.nan, 1.0, 0.0])}
    found = difference(HITS, this, that)
    assert (found.n, found.this, found.that) == (2, 0.5, 0.0)


def test_areas_and_errors_have_intervals_and_differences():
    random = np.random.default_rng(5)
    n = 80
    good = random.random(n) * 0.5 + 0.5
    table = {
        "confident": good,
        "without": random.random(n) * 0.6,
        "unanswerable": np.full(n, np.nan),
        "confidence": good,
        "held": (random.random(n) < good).astype(float),
    }
    blind = table | {"confident": random.random(n), "confidence": np.zeros(n)}
    for figure in (AUROC, ECE):
        one = estimate(figure, table)
        assert one.low <= one.value <= one.high
        apart = difference(figure, table, blind)
        assert apart.p < 0.05
        assert min(apart.low, apart.high) <= apart.value <= max(apart.low, apart.high)
        same = difference(figure, table, table)
        assert (same.value, same.p) == (0.0, 1.0)
