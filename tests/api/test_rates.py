"""The moving window, against a list of all times; and that it forgets."""

from hypothesis import given
from hypothesis import strategies as st

from api import rates
from api.rates import WINDOW_S, MovingWindow


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@given(
    limit=st.integers(1, 4),
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), max_size=60),
)
def test_as_many_pass_in_any_minute_as_a_list_of_them_says(limit, steps):
    clock, passed = Clock(), []
    window = MovingWindow(limit, clock=clock)
    for name, later in steps:
        clock.now += later
        recent = [t for n, t in passed if n == name and t > clock.now - WINDOW_S]
        got = window.enter(name)
        assert got.passed == (len(recent) < limit)
        if got.passed:
            passed.append((name, clock.now))
            recent.append(clock.now)
        assert got.remaining == limit - len(recent)
        assert got.reset_s == recent[0] + WINDOW_S - clock.now


def test_whoever_waits_as_long_as_told_passes_and_no_sooner():
    clock = Clock()
    window = MovingWindow(2, clock=clock)
    window.enter("a")
    clock.now += 10.4
    window.enter("a")
    clock.now += 0.3
    refused = window.enter("a")
    assert (refused.passed, refused.remaining, refused.reset_s) == (False, 0, 50)
    clock.now += 49
    assert not window.enter("a").passed
    clock.now += 1
    assert window.enter("a").passed
    assert not window.enter("a").passed


def test_others_are_not_held_up():
    window = MovingWindow(1, clock=Clock())
    assert window.enter("a").passed
    assert not window.enter("a").passed
    assert window.enter("b").passed


def test_who_is_away_for_a_minute_is_forgotten():
    clock = Clock()
    window = MovingWindow(3, clock=clock)
    for i in range(500):
        window.enter(f"a{i}")
    assert len(window) == 500
    clock.now += WINDOW_S + 1
    window.enter("b")
    assert len(window) == 1


def test_no_more_are_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(rates, "MAX_KNOWN", 100)
    clock = Clock()
    window = MovingWindow(1, clock=clock)
    window.enter("first")
    for i in range(10_000):
        clock.now += 0.001
        window.enter(f"a{i}")
        window.enter("regular")
    assert len(window) <= 101
    assert not window.enter("regular").passed
    assert window.enter("first").passed
