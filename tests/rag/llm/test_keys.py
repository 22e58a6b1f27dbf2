"""A key is sent where it belongs and shown nowhere."""

import copy
import logging
import pickle
import traceback

import httpx
import pytest

from rag.errors import SettingsError
from rag.llm.client import OpenAIChatModel
from rag.llm.errors import LLMError
from rag.llm.secret import Secret
from rag.settings import Settings
from tests.rag.llm.models import KINDS, Clock, model_over, outcome, run
from tests.scripted_http import DONE, Fault, Reply, Script, delta, event, problem, saying

KEY = "sk-meridian-0123456789"
REPLIES = {
    "fine": saying("It rained."),
    "refused": problem(401, f"Incorrect API key provided: {KEY}"),
    "refused in text": Reply((f"{KEY} is wrong".encode(),), 403, "text/plain"),
    "failing": problem(500, f"key {KEY} caused this"),
    "limited": problem(429, f"{KEY} is over its quota"),
    "error amid a stream": Reply((delta("It"), event({"error": {"message": KEY, "code": 500}}))),
    "nonsense": Reply((event(f"{KEY}"),)),
    "JSON of no reply": Reply((f'"{KEY}"'.encode(),), content_type="application/json"),
    "a refusal": Reply((delta(None, refusal=f"not with {KEY}"), DONE)),
    "dropped": Reply(before=Fault.DROP),
    "stalled": Reply(before=Fault.STALL),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", REPLIES)
def test_the_key_is_in_no_log_and_no_error(name, kind, caplog):
    """At DEBUG, with the loggers of httpx and httpcore."""
    caplog.set_level(logging.DEBUG)
    routes = {
        "/v1/models": problem(401, KEY),
        "/props": problem(403, KEY),
        "/tokenize": problem(400, KEY),
    }
    script = Script(REPLIES[name], routes=routes)

    async def test():
        arguments = {"timing": Clock().timing}
        async with model_over(
            script, kind, key=Secret(KEY), first_token_s=0.2, arguments=arguments
        ) as model:
            await model.prepare(["a text"])
            return repr(model), (await outcome(model))[1]

    shown, error = run(test)
    told = "".join(traceback.format_exception(error)) if error else ""
    assert (error is None) == (name == "fine")
    assert KEY not in caplog.text + told + shown + repr(error)
    assert script.asked[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "reply",
    [
        Reply((b"",), headers={"content-encoding": KEY}),
        Reply((), 302, headers={"location": f"https://{KEY}@x.example/{KEY}"}),
        Reply((), 302, headers={"location": f"https://{KEY}.example/"}),
        Reply((f"{'x' * 290} {KEY}".encode(),), 400),
        Reply((event(f"{'x' * 70}{KEY}"),)),
    ],
)
def test_no_part_of_a_key_that_a_server_repeats_is_in_an_error(reply, kind):
    async def test():
        async with model_over(Script(reply), kind, key=Secret(KEY)) as model:
            return (await outcome(model))[1]

    error = run(test)
    assert isinstance(error, LLMError)
    assert KEY[:6] not in str(error)


def test_no_error_leads_to_a_request_with_the_key():
    """An error's chain and arguments hold no request, which a crash reporter would unfold."""

    async def test():
        async with model_over(Script(Reply(before=Fault.DROP)), key=Secret(KEY)) as model:
            return (await outcome(model))[1]

    error = run(test)
    assert isinstance(error, LLMError)
    assert (error.__cause__, error.__suppress_context__) == (None, True)
    assert not any(isinstance(a, httpx.Request | httpx.Response) for a in error.args)


def test_without_a_key_none_is_sent():
    script = Script(saying("It rained."))

    async def test():
        async with model_over(script) as model:
            await outcome(model)

    run(test)
    assert "authorization" not in script.asked[0].headers


def test_a_secret_is_not_shown():
    secret = Secret(KEY)
    settings = Settings(llm_url="http://127.0.0.1", llm_key=secret)
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", repr(settings)):
        assert KEY not in shown
    assert secret.reveal() == KEY
    assert secret == Secret(KEY) != Secret("other")
    for leak in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(secret)


@pytest.mark.parametrize("key", [f"{KEY}\r\nX-Other: 1", f"{KEY} x", f"{KEY}é", KEY * 1_000])
def test_a_key_that_cannot_be_sent_is_refused_unshown(key):
    with pytest.raises(
        SettingsError, match=r"^DATELINE_LLM_KEY cannot be used: give a key"
    ) as told:
        Settings.from_env({"DATELINE_LLM_URL": "http://127.0.0.1", "DATELINE_LLM_KEY": key})
    assert KEY not in "".join(traceback.format_exception(told.value))


def test_a_key_is_taken_without_the_line_it_stands_on():
    settings = Settings.from_env(
        {"DATELINE_LLM_URL": "http://127.0.0.1", "DATELINE_LLM_KEY": f"{KEY}\n"}
    )
    assert settings.llm_key == Secret(KEY)


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://models.example/v1", True),
        ("http://10.0.0.7:8080", True),
        ("https://models.example/v1", False),
        ("http://127.0.0.1:8080", False),
        ("http://[::1]:8080", False),
        ("http://localhost:11434/v1", False),
    ],
)
def test_a_key_that_others_could_read_is_warned_of(url, warned, caplog):
    settings = Settings(llm_url=url, llm_key=Secret(KEY))
    OpenAIChatModel(settings, httpx.AsyncClient())
    assert ("unencrypted" in caplog.text) == warned
    assert KEY not in caplog.text
