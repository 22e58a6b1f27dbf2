import pytest

from rag.llm.breaker import Breaker, Breaking
from rag.llm.errors import LLMUnavailable
from tests.rag.llm.models import Clock

BREAKING = Breaking(failures=3, window_s=60, rest_s=20)


def fail(breaker, times=1):
    for _ in range(times):
        breaker.enter()
        breaker.failed()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(BREAKING, clock.timing.clock)


def test_it_opens_after_failures_in_a_row_and_says_for_how_long(breaker, clock):
    fail(breaker, 3)
    clock.at += 5
    with pytest.raises(LLMUnavailable, match="tried again in 15 s") as told:
        breaker.enter()
    assert told.value.retry_after_s == 15


def test_a_success_between_keeps_it_closed(breaker):
    for _ in range(5):
        fail(breaker, 2)
        breaker.enter()
        breaker.worked()


def test_failures_long_ago_do_not_count(breaker, clock):
    for _ in range(6):
        fail(breaker)
        clock.at += 31


def test_a_probe_that_fails_opens_it_again(breaker, clock):
    fail(breaker, 3)
    clock.at += 20
    fail(breaker)
    clock.at += 19
    with pytest.raises(LLMUnavailable):
        breaker.enter()
    clock.at += 1
    breaker.enter()


def test_only_one_probes_until_it_begins_to_work(breaker, clock):
    fail(breaker, 3)
    clock.at += 20
    breaker.enter()
    with pytest.raises(LLMUnavailable, match="another request"):
        breaker.enter()
    breaker.began()
    breaker.enter()


def test_a_probe_that_is_given_up_lets_the_next_one_try(breaker, clock):
    fail(breaker, 3)
    clock.at += 20
    breaker.enter()
    breaker.left()
    breaker.enter()


def test_replies_that_begin_and_break_off_open_it(breaker):
    for _ in range(3):
        breaker.enter()
        breaker.began()
        breaker.failed()
    with pytest.raises(LLMUnavailable):
        breaker.enter()


def test_requests_from_before_it_opened_do_not_prolong_its_rest(breaker, clock):
    fail(breaker, 3)
    clock.at += 19
    breaker.failed()
    clock.at += 1
    breaker.enter()
