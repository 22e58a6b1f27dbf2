from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import PublicationDate, Query
from index.fuse import (
    DECAY_FLOOR,
    UNKNOWN_AGE_DAYS,
    age_days,
    age_penalty,
    date_penalty,
    decay,
    future_penalty,
    reciprocal_rank_fusion,
)

ASKED = datetime(2025, 6, 2, tzinfo=UTC)
RANKINGS = st.lists(st.lists(st.integers(0, 30), unique=True, max_size=20), max_size=4)


def on(days_before: float) -> PublicationDate:
    return PublicationDate(ASKED - timedelta(days=days_before))


def test_fusion_of_a_worked_example():
    fused = reciprocal_rank_fusion([["a", "b"], ["b", "c"]])
    assert fused == pytest.approx({"a": 1 / 61, "b": 1 / 62 + 1 / 61, "c": 1 / 62})


@given(RANKINGS)
def test_fusion_agrees_with_its_definition(rankings):
    fused = reciprocal_rank_fusion(rankings, rrf_k=10)
    assert set(fused) == {key for ranking in rankings for key in ranking}
    for key, score in fused.items():
        expected = sum(1 / (10 + r.index(key) + 1) for r in rankings if key in r)
        assert score == pytest.approx(expected)


def test_decay_halves_towards_its_floor():
    assert decay(on(0), ASKED, 1.0) == 1.0
    assert decay(on(30), ASKED, 1.0) == pytest.approx(DECAY_FLOOR + (1 - DECAY_FLOOR) / 2)
    assert decay(on(30_000), ASKED, 1.0) == pytest.approx(DECAY_FLOOR)
    assert decay(on(30_000), ASKED, 0.0) == 1.0


@given(st.floats(0, 40_000), st.floats(0, 40_000))
def test_older_is_never_preferred(one, other):
    young, old = sorted((one, other))
    assert decay(on(young), ASKED, 1.0) >= decay(on(old), ASKED, 1.0)
    assert age_penalty(on(young), ASKED, 0.8) <= age_penalty(on(old), ASKED, 0.8)


def test_unknown_dates_have_a_middling_age():
    assert age_days(None, ASKED) == UNKNOWN_AGE_DAYS


def test_only_what_is_dated_more_than_a_week_later_is_from_the_future():
    assert future_penalty(on(-6.9), ASKED) == 0
    assert future_penalty(on(-7.1), ASKED) > 0
    assert future_penalty(None, ASKED) == 0
    assert age_days(on(-3), ASKED) == 0


def test_a_day_starts_at_midnight_utc():
    assert age_days(PublicationDate.of_day(date(2025, 6, 1)), ASKED) == 1.0


def test_age_counts_now_and_days_since_the_period_count_for_the_past():
    now = Query("q", ASKED)
    assert date_penalty(on(7), now, 0.8) == pytest.approx(age_penalty(on(7), ASKED, 0.8))
    period = ((ASKED - timedelta(days=60)).date(), (ASKED - timedelta(days=50)).date())
    past = Query("q", ASKED, recency=0.0, about="past", period=period)
    assert date_penalty(on(55), past, 0.8) == 0
    assert 0 < date_penalty(on(45), past, 0.8) < date_penalty(on(2), past, 0.8)
    assert date_penalty(on(61.5), past, 0.8) > date_penalty(on(2), past, 0.8)
    assert date_penalty(None, past, 0.8) == 0
    assert date_penalty(on(61.5), Query("q", ASKED, recency=0.0), 0.8) == 0
