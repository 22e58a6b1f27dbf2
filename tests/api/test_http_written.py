"""Answers that a language model writes, over HTTP."""

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.event_wire import ReplaceEvent
from api.wire import AnswerOut
from rag.llm.errors import LLMMalformed
from tests.api.test_http_stream import SSE, events_of
from tests.fakes import fake_dateline
from tests.scripted_llm import ScriptedModel

BRIDGE = (
    "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks in two "
    "piers. The repair will cost 4.2 million crowns."
)
ASK = {"question": "Why did the harbour bridge at Port Merrow close?"}
RIGHT = "The harbour bridge closed after inspectors found cracks in two piers [1]."
WRONG = "The repair will cost 2.4 million crowns [1][9]."


@pytest.fixture
def ask(tmp_path):
    """What the events, and the reply, are of a question whose answer is scripted."""

    def asking(*script, headers=None, **more):
        model = ScriptedModel(script[0] if len(script) == 1 else list(script))
        with TestClient(create_app(fake_dateline(tmp_path, model=model))) as client:
            client.post("/v1/articles", json={"id": "bridge", "text": BRIDGE})
            return client.post("/v1/ask", json=ASK | more, headers=headers)

    return asking


def test_the_wire_form_of_a_written_answer(ask):
    body = ask(f"{RIGHT} {WRONG}").json()
    AnswerOut.model_validate(body)
    assert body["mode"] == "llm"
    assert body["models"]["llm"] == "scripted"
    assert body["fallback"] is None
    assert body["supported_share"] == 0.5
    right, wrong = body["statements"]
    assert right["verdict"] == "supported"
    assert right["findings"] == []
    assert wrong["verdict"] == "contradicted"
    assert body["answer"][wrong["start"] : wrong["end"]].startswith("The repair will cost 2.4")
    (number,) = [f for f in wrong["findings"] if f["check"] == "number"]
    assert body["answer"][number["start"] : number["end"]] == "2.4 million"
    (failed,) = body["failed"]
    assert failed["written"] == "[9]"
    assert body["answer"][failed["start"] : failed["end"]] == "[?]"


def test_strictness_is_of_the_request(ask):
    body = ask(f"{RIGHT} {WRONG}", strictness="strict").json()
    assert "2.4" not in body["answer"]
    assert body["withheld"] == 1


@pytest.mark.parametrize("more", [{"strictness": "lax"}, {"mode": "poem"}])
def test_other_words_are_refused(ask, more):
    assert ask(RIGHT, **more).status_code == 422


def test_extractive_can_be_asked_for(ask):
    assert ask(RIGHT, mode="extractive").json()["mode"] == "extractive"


def test_what_was_sent_is_withdrawn_when_the_model_breaks_off(ask):
    reply = ask("The harbour bridge ", LLMMalformed("it broke off"), headers=SSE)
    text, names = "", []
    for name, carried in events_of(reply.text):
        names.append(name)
        if name == "delta":
            text += carried["text"]
        elif name == "replace":
            text = ReplaceEvent.model_validate(carried).text
    answer = events_of(reply.text)[-1][1]
    assert names.count("replace") == 1
    assert names[-1] == "answer"
    assert text == answer["answer"]
    assert answer["mode"] == "extractive"
    assert answer["fallback"] == {"code": "model_failed", "detail": "it broke off"}
