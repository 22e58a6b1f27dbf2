"""When feeds are polled next: bounds, pace, and what others ask for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.following.schedule import (
    LONGEST_S,
    MAX_PAGE_TRIES,
    SHORTEST_S,
    USUAL_S,
    back_off_s,
    interval_s,
    page_retry_s,
    slower_s,
)

NOW = datetime(2025, 6, 2, 12, tzinfo=UTC)
moments = st.lists(st.datetimes(timezones=st.just(UTC)), max_size=40)
seconds = st.none() | st.floats(0, 1e7)


def every(minutes, count=30, quiet=0):
    return [NOW - timedelta(minutes=quiet + minutes * i) for i in range(count)]


@given(moments, st.lists(seconds, max_size=3))
def test_an_interval_is_between_five_minutes_and_a_day(published, asked):
    assert SHORTEST_S <= interval_s(published, NOW, asked_s=asked) <= LONGEST_S


@given(moments, st.floats(SHORTEST_S, LONGEST_S))
def test_a_feed_is_not_asked_more_often_than_it_wants(published, asked):
    assert interval_s(published, NOW, asked_s=[None, asked]) >= asked


def test_the_pace_of_a_feed_sets_its_interval():
    assert interval_s(every(60), NOW) == 1_800
    assert interval_s(every(1), NOW) == SHORTEST_S
    assert interval_s(every(7 * 24 * 60), NOW) == LONGEST_S
    assert interval_s([], NOW) == USUAL_S


def test_a_feed_that_fell_silent_is_asked_less():
    assert interval_s(every(20, quiet=16 * 60), NOW) == 4 * 3_600


def test_entries_of_the_future_do_not_count():
    coming = [NOW + timedelta(days=i) for i in range(1, 9)]
    assert interval_s(every(60) + coming, NOW) == interval_s(every(60), NOW)


@given(st.integers(1, 1_000), st.floats(0, 1), seconds)
def test_back_off_is_bounded(failures, chance, asked):
    wait = back_off_s(failures, chance, asked_s=asked)
    assert SHORTEST_S <= wait <= LONGEST_S
    assert wait >= min(asked or 0, LONGEST_S)


def test_back_off_doubles_and_is_spread():
    assert [back_off_s(n, 0.5) for n in (1, 2, 3, 4)] == [300, 600, 1_200, 2_400]
    assert back_off_s(5, 0.0) == pytest.approx(0.8 * 4_800)
    assert back_off_s(5, 1.0) == pytest.approx(1.2 * 4_800)


def test_a_feed_without_news_is_asked_less_and_less_up_to_a_day():
    wait = SHORTEST_S
    for _ in range(50):
        assert wait < slower_s(wait) or wait == LONGEST_S
        wait = slower_s(wait)
    assert wait == LONGEST_S


def test_pages_are_tried_again_later_and_later_and_not_for_ever():
    waits = [page_retry_s(tries) for tries in range(1, MAX_PAGE_TRIES + 1)]
    assert waits[-1] is None
    assert waits[:-1] == sorted(waits[:-1])
