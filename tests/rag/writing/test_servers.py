"""Answers over a real socket whose server misbehaves: each ends right, or says what failed."""

import asyncio
from datetime import UTC, datetime

import pytest

from index.documents import RawArticle
from rag.answers import FallbackCode, Problem, Question
from tests.fakes import fake_dateline
from tests.scripted_http import DONE, Fault, Reply, Script, delta, problem, saying, scripted_server

ASKED = datetime(2025, 6, 2, tzinfo=UTC)
BRIDGE = (
    "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks in two "
    'piers. "We had no choice," said engineer Anna Berg. The repair will cost 4.2 million crowns.'
)
QUESTION = "Why did the harbour bridge at Port Merrow close?"
RIGHT = "The harbour bridge closed after inspectors found cracks in two piers [1]."
BRIEF = {"llm_first_token_s": 0.5, "llm_next_token_s": 0.5, "llm_timeout_s": 5.0}


def answered(home, reply):
    """The answer over a server that gives `reply`, and what is left running afterwards."""

    async def ask():
        script = Script(reply)
        async with scripted_server(script) as server:
            dateline = fake_dateline(home, llm_url=server.url, **BRIEF)
            try:
                dateline.ingestor.ingest([RawArticle("b", BRIDGE, id="bridge")])
                answer = await dateline.answerer.answer(Question(QUESTION, ASKED))
            finally:
                await dateline.disconnect()
                dateline.close()
        return answer, script

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply((Fault.STALL,)), "DATELINE_LLM_FIRST_TOKEN_S"),
        (Reply((delta("The harbour "), Fault.STALL)), "DATELINE_LLM_NEXT_TOKEN_S"),
        (Reply((delta("The harbour "), Fault.DROP)), ""),
        (Reply((delta("The harbour "), b"data: {oh\n\n", DONE)), ""),
        (Reply((delta("The harbour "),)), ""),
        (Reply((b"<html>",), content_type="text/html"), ""),
        (problem(429, "slow down", **{"Retry-After": "60"}), "slow down"),
        (problem(500, "out of memory"), "out of memory"),
        (problem(401, "no such key"), "no such key"),
    ],
)
def test_a_server_that_fails_leaves_it_to_the_articles(tmp_path, reply, told):
    answer, _ = answered(tmp_path, reply)
    assert answer.mode == "extractive"
    assert answer.fallback is not None
    assert answer.fallback.code is FallbackCode.MODEL_FAILED
    assert told in answer.fallback.detail
    assert "inspectors found cracks" in answer.text
    assert [c.marker for c in answer.citations] == list(range(1, len(answer.citations) + 1))


def test_a_server_that_works_is_shown_passages_in_the_user_message(tmp_path):
    answer, script = answered(tmp_path, saying(RIGHT))
    assert (answer.mode, answer.text) == ("llm", RIGHT)
    assert answer.models["llm"] == "scripted"
    system, user = script.asked[0].body["messages"]
    assert system["role"] == "system"
    assert "cracks" not in system["content"]
    assert "cracks" in user["content"]


def test_wrong_markers_and_fabricated_quotations_are_told(tmp_path):
    said = f'{RIGHT[:-4]}[7]. Berg said: "We love every bridge" [1].'
    answer, _ = answered(tmp_path, saying(said))
    assert [one.written for one in answer.failed] == ["[7]"]
    problems = [f.problem for s in answer.statements for f in s.findings]
    assert Problem.NOT_FOUND in problems


def test_a_marker_for_each_letter_is_one_marker(tmp_path):
    said = "".join(f"{letter}[1]" if letter.isalpha() else letter for letter in RIGHT[:-5])
    answer, _ = answered(tmp_path, saying(f"{said}."))
    assert answer.text == RIGHT


def test_100_kb_in_one_token(tmp_path):
    answer, _ = answered(tmp_path, Reply((delta("x" * 100_000), delta(None, "stop"), DONE)))
    assert answer.mode == "extractive"
    assert answer.fallback is not None
