"""Model calls of many at once: each is told what it would be alone, in its turn or not at all."""

import contextvars
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index.errors import Abandoned, ModelsClosed
from index.models.batching import OLDEST_EVERY, Batcher
from index.models.waiting import patiently, until

LIMIT_S = 20


class Held:
    """Work that notes what is begun, and waits until it is let go."""

    def __init__(self):
        self.go = threading.Event()
        self.begun = []

    def __call__(self, text):
        self.begun.append(text)
        assert self.go.wait(LIMIT_S)
        return text.upper()


def wait_for(condition):
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def batcher():
    made = Batcher(1)
    yield made
    made.close()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(16) as made:
        yield made


def queued(batcher, pool, work, texts, *, patient=False):
    """Hand over a batch from a thread of its own, and wait until it is waited for."""
    before = batcher.waiting

    def run():
        if not patient:
            return batcher.run(work, texts)
        with patiently():
            return batcher.run(work, texts)

    future = pool.submit(run)
    wait_for(lambda: batcher.waiting == before + len(texts))
    return future


def held_up(batcher, pool):
    """A call that keeps the only thread busy until it is let go."""
    held = Held()
    future = pool.submit(batcher.run, held, ["first"])
    wait_for(lambda: held.begun == ["first"])
    return held, future


def test_results_are_those_of_each_text_alone_whoever_else_asks():
    chance = random.Random(7)

    def work(number):
        def call(text):
            time.sleep(chance.random() / 2_000)
            return number, len(text), text[::-1]

        return call

    asked = [
        ["x" * chance.randrange(90) + str(place) for place in range(chance.randrange(40))]
        for _ in range(60)
    ]
    batcher = Batcher(3)
    with ThreadPoolExecutor(12) as clients:
        found = list(clients.map(lambda n: batcher.run(work(n), asked[n]), range(len(asked))))
    batcher.close()
    assert found == [[work(n)(text) for text in texts] for n, texts in enumerate(asked)]
    assert batcher.waiting == 0


def test_the_texts_of_one_batch_are_spread_over_the_threads_and_no_more():
    batcher, inside, most = Batcher(3), threading.Semaphore(3), []
    meeting = threading.Barrier(3)

    def work(text):
        assert inside.acquire(blocking=False)
        meeting.wait(LIMIT_S)
        most.append(threading.current_thread().name)
        inside.release()

    batcher.run(work, ["a"] * 9)
    batcher.close()
    assert len(set(most)) == 3


def test_the_longest_text_is_begun_first(batcher):
    begun = []
    assert batcher.run(lambda text: begun.append(text) or len(text), ["bb", "a", "ccc", "dd"])
    assert begun == ["ccc", "bb", "dd", "a"]


def test_the_oldest_goes_first_but_for_single_texts_and_ingest_goes_last(batcher, pool):
    held, first = held_up(batcher, pool)
    begun = []
    batches = [
        queued(batcher, pool, begun.append, ["p1", "p2"], patient=True),
        queued(batcher, pool, begun.append, ["a1", "a2"]),
        queued(batcher, pool, begun.append, ["b1", "b2"]),
        queued(batcher, pool, begun.append, ["q"]),
    ]
    held.go.set()
    for batch in [first, *batches]:
        batch.result(LIMIT_S)
    assert begun == ["q", "a1", "a2", "b1", "b2", "p1", "p2"]


def test_what_has_waited_longest_gets_its_turn_however_much_is_asked(batcher, pool):
    held, first = held_up(batcher, pool)
    begun = []
    ingest = queued(batcher, pool, begun.append, ["p"] * 3, patient=True)
    asked = [queued(batcher, pool, begun.append, ["a"] * OLDEST_EVERY) for _ in range(4)]
    held.go.set()
    for batch in [first, ingest, *asked]:
        batch.result(LIMIT_S)
    places = [place for place, text in enumerate(begun, start=2) if text == "p"]
    assert places == [OLDEST_EVERY, 2 * OLDEST_EVERY, 3 * OLDEST_EVERY]


def test_an_error_reaches_its_batch_alone_and_drops_the_rest_of_it(batcher, pool):
    held, first = held_up(batcher, pool)
    begun = []

    def broken(text):
        begun.append(text)
        raise ValueError(text)

    failing = queued(batcher, pool, broken, ["bb", "a"])
    other = queued(batcher, pool, str.upper, ["c", "d"])
    held.go.set()
    with pytest.raises(ValueError, match="bb"):
        failing.result(LIMIT_S)
    assert other.result(LIMIT_S) == ["C", "D"]
    assert first.result(LIMIT_S) == ["FIRST"]
    assert begun == ["bb"]


def test_what_nobody_waits_for_is_dropped_before_it_is_begun(batcher, pool):
    held, first = held_up(batcher, pool)
    gone, begun = threading.Event(), []

    def leaving():
        with until(gone.is_set):
            return contextvars.copy_context().run(batcher.run, begun.append, ["a", "b"])

    left = pool.submit(leaving)
    wait_for(lambda: batcher.waiting == 2)
    stays = queued(batcher, pool, str.upper, ["c"])
    gone.set()
    held.go.set()
    with pytest.raises(Abandoned):
        left.result(LIMIT_S)
    assert stays.result(LIMIT_S) == ["C"]
    assert first.result(LIMIT_S) == ["FIRST"]
    assert begun == []


def test_half_a_batch_may_be_dropped_too(batcher, pool):
    gone, held = threading.Event(), Held()

    def leaving():
        with until(gone.is_set):
            return batcher.run(held, ["a1", "a2", "a3"])

    left = pool.submit(leaving)
    wait_for(lambda: held.begun)
    gone.set()
    held.go.set()
    with pytest.raises(Abandoned):
        left.result(LIMIT_S)
    assert held.begun == ["a1"]


def test_a_close_ends_what_waits_and_waits_for_what_runs():
    with ThreadPoolExecutor(4) as pool:
        batcher = Batcher(1)
        held, first = held_up(batcher, pool)
        waiting = queued(batcher, pool, str.upper, ["a", "b"])
        closing = pool.submit(batcher.close)
        with pytest.raises(ModelsClosed):
            waiting.result(LIMIT_S)
        assert not closing.done()
        held.go.set()
        closing.result(LIMIT_S)
        assert first.result(LIMIT_S) == ["FIRST"]
    with pytest.raises(ModelsClosed):
        batcher.run(str.upper, ["a"])
    batcher.close()


def test_threads_end_with_the_work_and_begin_again(batcher):
    assert batcher.run(str.upper, []) == []
    for _ in range(200):
        assert batcher.run(str.upper, ["a", "b"]) == ["A", "B"]
    assert batcher.waiting == 0


def test_waiters_are_of_their_context_only():
    gone = threading.Event()
    gone.set()
    batcher = Batcher(2)
    with until(gone.is_set), pytest.raises(Abandoned):
        batcher.run(str.upper, ["a"])
    assert batcher.run(str.upper, ["a"]) == ["A"]
    batcher.close()


def test_real_models_say_of_a_text_what_they_say_of_it_alone(real_models):
    embedder, reader = real_models
    texts = ["The bridge fell on Monday.", "Rain.", "A ballet in four acts opened. " * 12] * 2
    questions = [f"What happened on {day}?" for day in ("Monday", "Friday", "the stage last year")]
    alone = {(q, text): reader.read(q, [text])[0] for q in questions for text in texts}
    vectors = {text: embedder.embed([text])[0] for text in texts}
    with ThreadPoolExecutor(6) as pool:
        read = [pool.submit(reader.read, q, texts) for q in questions * 2]
        embedded = [pool.submit(embedder.embed, texts) for _ in range(3)]
        for question, future in zip(questions * 2, read, strict=True):
            for text, one in zip(texts, future.result(), strict=True):
                other = alone[question, text]
                assert (one.relevance, one.silence) == (other.relevance, other.silence)
                assert np.array_equal(one.starts, other.starts)
                assert np.array_equal(one.ends, other.ends)
                assert np.array_equal(one.offsets, other.offsets)
        for future in embedded:
            assert np.array_equal(future.result(), np.array([vectors[text] for text in texts]))
