"""Replies as servers send them, well or badly: the right text or a named error."""

import json

import pytest

from rag.llm.errors import LLMMalformed, LLMRateLimited, LLMRefused, LLMUnavailable
from rag.llm.limits import Limits
from tests.rag.llm.models import KINDS, Clock, ask, model_over, run, said
from tests.scripted_http import DONE, Fault, Reply, Script, delta, event, problem, saying

TEXT = "Mayor Öz: «ja», 7–4 市長 🚋."
WHOLE = b"".join(saying(TEXT).chunks)
CRLF = WHOLE.replace(b"\n", b"\r\n")
USAGE = event({"object": "chat.completion.chunk", "choices": [], "usage": {"total_tokens": 9}})
BIG = "x" * 100_000


def cut(data: bytes, size: int) -> tuple[bytes, ...]:
    return tuple(data[i : i + size] for i in range(0, len(data), size))


def in_lines() -> bytes:
    """One event whose JSON stands on many lines of data."""
    chunk = json.loads(delta(TEXT, "stop").removeprefix(b"data: "))
    lines = json.dumps(chunk, indent=1, ensure_ascii=False).splitlines()
    return "".join(f"data:{line}\n" for line in lines).encode() + b"\n"


RIGHT = {
    "word by word": Reply(saying(TEXT).chunks),
    "byte by byte": Reply(cut(WHOLE, 1)),
    "cut in sevens": Reply(cut(WHOLE, 7)),
    "in one": Reply((WHOLE,)),
    "CRLF, cut between": Reply(cut(CRLF, 1)),
    "CR alone": Reply((WHOLE.replace(b"\n", b"\r"),)),
    "a byte order mark": Reply((b"\xef\xbb\xbf" + WHOLE,)),
    "comments": Reply(
        (b": hello\n\n", *saying(TEXT).chunks[:2], b":\n\n", *saying(TEXT).chunks[2:])
    ),
    "other fields": Reply((b"event: message\nid: 1\nretry: 5\n" + WHOLE,)),
    "data on many lines": Reply((in_lines(), DONE)),
    "no space after the colon": Reply((WHOLE.replace(b"data: ", b"data:"),)),
    "a usage chunk": Reply((*saying(TEXT).chunks[:-1], USAGE, DONE)),
    "choices that are empty first": Reply((USAGE, *saying(TEXT).chunks)),
    "content null and roles": Reply((delta(None, role="assistant"), *saying(TEXT).chunks)),
    "thoughts": Reply((delta(None, reasoning_content="Hm"), *saying(TEXT).chunks)),
    "no [DONE]": Reply(saying(TEXT).chunks[:-1]),
    "no [DONE], no last empty line": Reply((WHOLE.removesuffix(DONE).removesuffix(b"\n\n"),)),
    "[DONE] but no reason": Reply((delta(TEXT), DONE)),
    "stalls after its end": Reply((*saying(TEXT).chunks, Fault.STALL)),
    "drops after its end": Reply((*saying(TEXT).chunks, Fault.DROP)),
    "no content type": Reply(saying(TEXT).chunks, content_type=None),
    "text/plain": Reply(saying(TEXT).chunks, content_type="text/plain"),
    "content in parts": Reply(
        (event({"choices": [{"delta": {"content": [{"text": TEXT}]}, "finish_reason": "stop"}]}),)
    ),
    "not streamed": Reply(
        (
            json.dumps(
                {"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]}
            ).encode(),
        ),
        content_type="application/json; charset=utf-8",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RIGHT)
def test_the_text_is_right(name, kind):
    assert ask(Script(RIGHT[name]), kind) == (TEXT, None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_piece_of_100_kb_passes_as_one(kind):
    async def test():
        async with model_over(Script(saying(BIG)), kind) as model:
            return await said(model)

    assert run(test) == [BIG]


MALFORMED = {
    "a page": (Reply((b"<html>Welcome</html>",), content_type="text/html"), "", "web page"),
    "no events": (Reply((b"Welcome to the router\n\n",)), "", "broke off"),
    "nothing": (Reply(()), "", "broke off"),
    "ends early": (Reply((delta("Half"), delta(" an"))), "Half an", "broke off"),
    "ends within an event": (Reply((delta("Half"), delta(" an")[:-20])), "Half", "not JSON"),
    "no JSON": (Reply((delta("Half"), event("{'a': 1}"))), "Half", r"not JSON: \"{'a': 1}\""),
    "a list": (Reply((event([1]),)), "", "no object"),
    "deep JSON": (Reply((event("[" * 100_000),)), "", "not JSON"),
    "not UTF-8": (Reply((b'data: {"a": "\xff"}\n\n',)), "", "not UTF-8"),
    "no text": (Reply((delta(None, "stop"), DONE)), "", "holds no text"),
    "only thoughts": (Reply((delta(None, "length", reasoning="Hm"), DONE)), "", "thoughts"),
    "compressed": (Reply((b"xx",), headers={"content-encoding": "gzip"}), "", "compressed"),
    "JSON of no reply": (Reply((b'"hello"',), content_type="application/json"), "", "no object"),
    "JSON cut": (Reply((b'{"choices": [',), content_type="application/json"), "", "not JSON"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MALFORMED)
def test_nonsense_is_named(name, kind):
    reply, before, message = MALFORMED[name]
    text, error = ask(Script(reply), kind)
    assert text == before
    assert isinstance(error, LLMMalformed)
    assert message.replace("\\", "") in str(error)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ((b"data: " + b"x" * 3_000,) * 2, "a line of the reply has over 5000 bytes"),
        ((b"data: " + b"x" * 900 + b"\n",) * 8, "an event of the reply has over 5000 bytes"),
        ((b": ping\n\n",) * 3_000, "the reply has over 20000 bytes"),
        ((delta("word "),) * 500, "the reply has over 20000 bytes"),
        ((delta("x" * 800),) * 20, "the reply has over 3000 characters"),
    ],
    ids=["line", "event", "comments", "endless", "text"],
)
def test_what_is_too_large_is_refused_by_name(chunks, message, kind):
    limits = Limits(
        max_line_bytes=5_000, max_event_bytes=5_000, max_reply_bytes=20_000, max_chars=3_000
    )
    _, error = ask(Script(Reply((*chunks, Fault.STALL))), kind, arguments={"limits": limits})
    assert isinstance(error, LLMMalformed)
    assert message in str(error)


@pytest.mark.parametrize(
    ("reason", "told"),
    [("stop", "stop"), ("length", "length"), ("content_filter", "filtered"), ("odd", "unknown")],
)
def test_why_it_ended_is_told_once_after_the_text(reason, told):
    heard = []

    async def test():
        async with model_over(Script(saying("One two", reason))) as model:
            async for piece in model.stream([], max_tokens=9, on_finish=heard.append):
                assert heard == []
                assert piece

    run(test)
    assert heard == [told]


def test_a_refusal_of_the_model_is_named():
    _, error = ask(Script(Reply((delta(None, refusal="I can't"), delta(None, "stop"), DONE))))
    assert isinstance(error, LLMRefused)
    assert "I can't" in str(error)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (problem(400, "Too long\n\x00for it"), LLMRefused, "says 400 (Too long for it)"),
        (problem(401, "No"), LLMRefused, "is DATELINE_LLM_KEY right?"),
        (problem(404, "No model"), LLMRefused, "DATELINE_LLM_MODEL right?"),
        (Reply((b"<!doctype html>\n<p>x",), 403, "text/html"), LLMRefused, "(a web page)"),
        (Reply((b'{"detail": "bad"}',), 422), LLMRefused, "says 422 (bad)"),
        (Reply((b"x" * 500_000,), 400), LLMRefused, "says 400"),
        (Reply((), 418), LLMRefused, "says 418"),
        (Reply((b"{",), 502), LLMUnavailable, "says 502 ({)"),
        (
            Reply((), 307, headers={"location": "https://u:pw@elsewhere.example/x?k=1"}),
            LLMRefused,
            "'elsewhere.example', which is not followed",
        ),
    ],
)
def test_statuses_are_named(reply, error, message, kind):
    told = ask(Script(reply), kind, arguments={"timing": Clock().timing})[1]
    assert type(told) is error
    assert message in str(told)
    assert "pw" not in str(told)
    assert len(str(told)) < 500


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"error": {"message": "out of memory", "code": 500}}, LLMUnavailable),
        ({"error": {"message": "slow down", "code": 429}}, LLMRateLimited),
        ({"error": {"message": "too long", "code": 400}}, LLMRefused),
        ({"error": "it crashed"}, LLMUnavailable),
    ],
)
def test_errors_amid_a_stream_are_named(error, kind):
    text, told = ask(Script(Reply((delta("Half"), event(error)))))
    assert text == "Half"
    assert type(told) is kind


def test_the_error_field_of_old_servers_is_read():
    text, told = ask(Script(Reply((delta("Half"), b'error: {"message": "no", "code": 500}\n\n'))))
    assert text == "Half"
    assert isinstance(told, LLMUnavailable)
