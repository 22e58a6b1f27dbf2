"""Servers that stall, drop and fail, and readers who leave: named, in time, nothing left."""

import asyncio
from contextlib import aclosing

import httpx
import pytest

from rag.llm.breaker import Breaking
from rag.llm.client import Message, OpenAIChatModel
from rag.llm.errors import (
    LLMMalformed,
    LLMRateLimited,
    LLMRefused,
    LLMTimeout,
    LLMUnavailable,
)
from rag.settings import Settings
from tests.rag.llm.models import (
    HANGS_S,
    KINDS,
    PROMPT,
    Clock,
    ask,
    model_at,
    model_over,
    outcome,
    run,
    said,
)
from tests.scripted_http import (
    Fault,
    Reply,
    Script,
    delta,
    event,
    problem,
    saying,
    scripted_server,
)

FINE = saying("It rained.")
PATIENT = {"first_token_s": HANGS_S, "next_token_s": HANGS_S, "timeout_s": HANGS_S}
BRIEF_S = 0.2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("reply", "brief", "phase", "before"),
    [
        (Reply(before=Fault.STALL), "first_token_s", "first token", ""),
        (Reply((Fault.STALL,)), "first_token_s", "first token", ""),
        (Reply((b": wait\n\n", delta(None), Fault.STALL)), "first_token_s", "first token", ""),
        (Reply((delta("It"), Fault.STALL)), "next_token_s", "next token", "It"),
        (Reply((delta("It"), b": wait\n\n", Fault.STALL)), "next_token_s", "next token", "It"),
        (Reply((delta("It"), Fault.STALL)), "timeout_s", "whole reply", "It"),
        (Reply(before=Fault.STALL), "timeout_s", "whole reply", ""),
        (Reply((b"no", Fault.STALL), 400), "first_token_s", "first token", ""),
        (
            Reply((b"{", Fault.STALL), content_type="application/json"),
            "first_token_s",
            "first token",
            "",
        ),
    ],
)
def test_a_stall_ends_with_its_phase(reply, brief, phase, before, kind):
    script = Script(reply)
    text, error = ask(script, kind, **(PATIENT | {brief: BRIEF_S}))
    assert text == before
    assert isinstance(error, LLMTimeout)
    assert error.phase == phase
    assert f"DATELINE_LLM_{brief.upper()}" in str(error)
    assert len(script.asked) == 1  # who is slow is not asked twice


@pytest.mark.parametrize("kind", KINDS)
def test_comments_for_ever_are_no_words(kind):
    """A server that only keeps the connection alive runs out of time all the same."""
    reply = Reply((*(b": ping\n\n", delta(None)) * 5_000, Fault.STALL))
    _, error = ask(Script(reply), kind, **(PATIENT | {"first_token_s": BRIEF_S}))
    assert isinstance(error, LLMTimeout)
    assert error.phase == "first token"


@pytest.mark.parametrize("kind", KINDS)
def test_thoughts_are_signs_of_life(kind):
    """Once a model thinks, it is the time between tokens that counts."""
    reply = Reply((delta(None, reasoning_content="Hm"), Fault.STALL))
    _, error = ask(Script(reply), kind, **(PATIENT | {"next_token_s": BRIEF_S}))
    assert isinstance(error, LLMTimeout)
    assert error.phase == "next token"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("reply", "before"),
    [
        (Reply((delta("It"), Fault.DROP)), "It"),
        (Reply((delta("It"), delta(" rai")[:-9], Fault.DROP)), "It"),
        (Reply((b'{"choices', Fault.DROP), content_type="application/json"), ""),
    ],
)
def test_a_connection_dropped_amid_a_reply_is_told_and_not_asked_again(reply, before, kind):
    script = Script(reply, FINE)
    text, error = ask(script, kind)
    assert text == before
    assert isinstance(error, LLMMalformed)
    assert "broke off" in str(error)
    assert len(script.asked) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "bad",
    [
        Reply(before=Fault.DROP),
        problem(500, "oops"),
        problem(503, "Loading model"),
        problem(429, "slow"),
        Reply((event({"error": {"message": "busy", "code": 503}}),)),
    ],
)
def test_what_may_pass_is_tried_again_before_the_first_word(bad, kind):
    clock = Clock()
    script = Script(bad, bad, FINE)
    assert ask(script, kind, arguments={"timing": clock.timing}) == ("It rained.", None)
    assert clock.slept == [0.5, 1.0]
    assert [r.body for r in script.asked] == [script.asked[0].body] * 3


def test_pauses_have_full_jitter():
    clock = Clock(chance=0.25)
    ask(Script(problem(500, "x")), arguments={"timing": clock.timing})
    assert clock.slept == [0.125, 0.25]


@pytest.mark.parametrize(
    ("bad", "error"),
    [(problem(500, "oops"), LLMUnavailable), (problem(429, "slow"), LLMRateLimited)],
)
def test_after_three_tries_the_last_error_is_told(bad, error):
    script = Script(bad)
    told = ask(script, arguments={"timing": Clock().timing})[1]
    assert type(told) is error
    assert len(script.asked) == 3


@pytest.mark.parametrize("bad", [problem(400, "no"), problem(401, "no"), Reply((b"x",))])
def test_what_will_not_pass_is_not_tried_again(bad):
    script = Script(bad, FINE)
    assert ask(script)[1] is not None
    assert len(script.asked) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("value", "slept_s"),
    [
        ("3", 3.5),
        ("0", 0.5),
        ("Sun, 01 Mar 2026 12:00:06 GMT", 6.5),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.5),
        ("soon", 0.5),
        ("-4", 0.5),
        ("1e9", 0.5),
    ],
)
def test_retry_after_is_the_least_pause(value, slept_s, kind):
    clock = Clock()
    script = Script(problem(429, "slow", **{"retry-after": value}), FINE)
    assert ask(script, kind, arguments={"timing": clock.timing}) == ("It rained.", None)
    assert clock.slept == [slept_s]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("9", 9), ("Sun, 01 Mar 2026 13:00:00 GMT", 3600), ("999999999", 999999999)],
)
def test_a_longer_retry_after_is_told_and_not_waited_for(value, seconds):
    clock = Clock()
    script = Script(problem(429, "slow", **{"retry-after": value}))
    error = ask(script, arguments={"timing": clock.timing})[1]
    assert isinstance(error, LLMRateLimited)
    assert error.retry_after_s == seconds
    assert clock.slept == []


def test_no_pause_reaches_over_the_whole_time():
    clock = Clock()
    script = Script(problem(503, "x", **{"retry-after": "4"}))
    error = ask(script, arguments={"timing": clock.timing}, timeout_s=5.0)[1]
    assert isinstance(error, LLMUnavailable)
    assert clock.slept == [4.5]


def test_a_server_that_is_not_there_is_named():
    async def test():
        async with scripted_server(Script()) as server:
            gone = server.url
        async with model_at(gone, arguments={"timing": Clock().timing}) as model:
            return await outcome(model)

    error = run(test)[1]
    assert isinstance(error, LLMUnavailable)
    assert "cannot be reached" in str(error)
    assert "DATELINE_LLM_URL" in str(error)


@pytest.mark.parametrize(
    "reply",
    [Reply(before=Fault.STALL), Reply((Fault.STALL,)), Reply((delta("It"), Fault.STALL))],
    ids=["before headers", "before the first token", "between tokens"],
)
def test_the_server_sees_at_once_that_a_reader_is_cancelled(reply):
    script = Script(reply)

    async def test():
        async with scripted_server(script) as server, model_at(server.url, **PATIENT) as model:
            task = asyncio.create_task(said(model))
            while not script.asked:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await server.all_closed()  # while the client still is open

    run(test)


def test_the_server_sees_at_once_that_a_reader_has_enough():
    async def test():
        script = Script(Reply((delta("It"), Fault.STALL)))
        async with scripted_server(script) as server, model_at(server.url, **PATIENT) as model:
            async with aclosing(model.stream(PROMPT, max_tokens=9)) as pieces:
                assert await anext(pieces) == "It"
                assert server.open == 1
            await server.all_closed()

    run(test)


def test_a_connection_is_used_again():
    script = Script(FINE)

    async def test():
        async with scripted_server(script) as server, model_at(server.url) as model:
            for _ in range(3):
                assert await outcome(model) == ("It rained.", None)
            return server.connections

    assert run(test) == 1


def test_many_readers_at_once_do_not_mix():
    def echo(request):
        return saying(request.body["messages"][-1]["content"])

    async def test():
        async def one(model, text):
            return "".join([p async for p in model.stream([Message("user", text)], max_tokens=9)])

        async with model_over(Script(echo), "socket") as model:
            texts = [f"text number {i} of many" for i in range(40)]
            assert await asyncio.gather(*(one(model, text) for text in texts)) == texts

    run(test)


def test_a_server_that_keeps_failing_is_left_alone_and_tried_by_one():
    clock = Clock()
    script = Script(*[problem(500, "x")] * 5, Reply((Fault.STALL,)), FINE)
    breaking = Breaking(failures=5, window_s=60, rest_s=20)

    async def test():
        async with model_over(
            script, arguments={"timing": clock.timing, "breaking": breaking}, **PATIENT
        ) as model:
            first, second = await outcome(model), await outcome(model)
            assert isinstance(first[1], LLMUnavailable)
            assert "left alone" in str(second[1])
            assert second[1].retry_after_s == pytest.approx(20, abs=2)
            assert len(script.asked) == 5
            await outcome(model)
            assert len(script.asked) == 5
            clock.at += 20
            probe = asyncio.create_task(outcome(model))
            while len(script.asked) < 6:
                await asyncio.sleep(0.001)
            assert "tried by another" in str((await outcome(model))[1])
            probe.cancel()
            with pytest.raises(asyncio.CancelledError):
                await probe
            assert await outcome(model) == ("It rained.", None)
            assert await outcome(model) == ("It rained.", None)

    run(test)


def test_refusals_do_not_open_the_breaker():
    script = Script(problem(400, "no"))

    async def test():
        async with model_over(script, arguments={"breaking": Breaking(failures=2)}) as model:
            for _ in range(4):
                assert isinstance((await outcome(model))[1], LLMRefused)

    run(test)
    assert len(script.asked) == 4


def test_a_stream_that_never_lets_go_runs_out_of_time():
    """Chunks that are always there give asyncio no moment to look at the clock."""
    clock = Clock()

    class Comments(httpx.AsyncByteStream):
        async def __aiter__(self):
            while True:
                clock.at += 1
                yield b": ping\n\n"

    async def test():
        answer = httpx.MockTransport(lambda _: httpx.Response(200, stream=Comments()))
        settings = Settings(llm_url="http://127.0.0.1:1", llm_model="scripted")
        async with httpx.AsyncClient(transport=answer) as client:
            return await outcome(OpenAIChatModel(settings, client, timing=clock.timing))

    error = run(test)[1]
    assert isinstance(error, LLMTimeout)
    assert error.phase == "first token"
