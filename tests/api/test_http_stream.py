"""`POST /v1/ask` as events: the same answer, told while it comes about."""

import asyncio
import json
import threading

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from api import streaming
from api.app import create_app
from api.errors import Problem
from api.event_wire import EVENTS, DeltaEvent, HitsEvent, StatementEvent, VerdictEvent
from api.wire import AnswerOut, CitationOut
from tests.api.test_http_limits import ASK, STORY, Slow, problem, serving, until
from tests.fakes import fake_dateline
from tests.serving import served

FORMS = {
    "hits": HitsEvent,
    "delta": DeltaEvent,
    "citation": CitationOut,
    "verdict": VerdictEvent,
    "statement": StatementEvent,
    "answer": AnswerOut,
    "error": Problem,
}
SSE = {"Accept": "text/event-stream"}


def events_of(text):
    """What a bare reader makes of a stream: (name, object), comments left out."""
    found = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            fields = dict(line.split(": ", 1) for line in lines)
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def stable(answer):
    return {key: value for key, value in answer.items() if key != "timings_ms"}


@pytest.fixture
def client(tmp_path):
    with TestClient(create_app(fake_dateline(tmp_path))) as client:
        assert client.post("/v1/articles", json={"id": "n1", "text": STORY}).status_code == 201
        yield client


@pytest.mark.parametrize("question", ["Why did the harbour bridge close?", "Who won the regatta?"])
def test_the_events_add_up_to_the_plain_answer(client, question):
    plain = client.post("/v1/ask", json={"question": question}).json()
    reply = client.post("/v1/ask", json={"question": question}, headers=SSE)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["cache-control"] == "no-store"
    events = events_of(reply.text)
    for name, carried in events:
        TypeAdapter(FORMS[name]).validate_python(carried)
    assert [name for name, _ in events][:1] == ["hits"]
    name, answer = events[-1]
    assert name == "answer"
    assert stable(answer) == stable(plain)
    assert (
        "".join(carried["text"] for name, carried in events if name == "delta") == plain["answer"]
    )
    said = {c["marker"]: c for name, c in events if name == "citation"}
    verdicts = {c["marker"]: c["verdict"] for name, c in events if name == "verdict"}
    assert all(citation["verdict"] == "unchecked" for citation in said.values())
    told = [citation | {"verdict": verdicts[marker]} for marker, citation in said.items()]
    assert told == plain["citations"]
    first = dict(events)["hits"]
    assert (first["hits"], first["understood"]) == (plain["hits"], plain["understood"])


def test_a_field_of_the_body_asks_for_the_stream_too(client):
    reply = client.post("/v1/ask", json=ASK | {"stream": True})
    assert events_of(reply.text)[-1][0] == "answer"
    plain = client.post("/v1/ask", json=ASK | {"stream": False})
    assert plain.headers["content-type"] == "application/json"
    assert client.post("/v1/ask", json=ASK | {"stream": "yes"}).status_code == 422


def test_what_fails_before_the_stream_has_its_status(client):
    for body in ({"question": " "}, {"question": "x" * 3_000}, {}):
        reply = client.post("/v1/ask", json=body, headers=SSE)
        assert reply.status_code == 422
        assert reply.headers["content-type"] == "application/problem+json"


def test_a_busy_server_refuses_a_stream_with_429(tmp_path, monkeypatch):
    monkeypatch.setattr("api.runtime.WAITING_PER_SLOT", 2)

    async def run():
        async with serving(tmp_path, max_concurrency=1) as (client, dateline):
            slow = Slow(dateline, monkeypatch)
            asked = [
                asyncio.ensure_future(client.post("/v1/ask", json=ASK, headers=SSE))
                for _ in range(4)
            ]
            await until(lambda: any(task.done() for task in asked))
            slow.go.set()
            return await asyncio.gather(*asked)

    replies = asyncio.run(run())
    assert sorted(reply.status_code for reply in replies) == [200, 200, 200, 429]


def test_an_error_on_the_way_is_the_last_event(tmp_path, monkeypatch):
    async def run(settings, prepare):
        async with serving(tmp_path, **settings) as (client, dateline):
            slow = prepare(dateline)
            reply = await client.post("/v1/ask", json=ASK, headers=SSE)
            if slow:
                slow.go.set()
            return reply

    late = asyncio.run(run({"timeout_s": 0.2}, lambda dateline: Slow(dateline, monkeypatch)))
    assert late.status_code == 200
    [(name, told)] = events_of(late.text)
    assert (name, told["type"], told["status"]) == ("error", "urn:dateline:problem:timeout", 504)

    def broken(dateline):
        def search(query):
            raise RuntimeError("a secret path")

        monkeypatch.setattr(dateline.searcher, "search", search)

    [(name, told)] = events_of(asyncio.run(run({}, broken)).text)
    assert (name, told["type"]) == ("error", "urn:dateline:problem:internal")
    assert "secret" not in json.dumps(told)


def test_a_silent_stream_has_heartbeats(tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.05)

    async def run():
        async with serving(tmp_path) as (client, dateline):
            slow = Slow(dateline, monkeypatch)
            threading.Timer(0.5, slow.go.set).start()
            return await client.post("/v1/ask", json=ASK, headers=SSE)

    reply = asyncio.run(run())
    assert reply.text.count(": heartbeat\n") >= 2
    assert events_of(reply.text)[-1][0] == "answer"


@pytest.mark.parametrize("headers", [SSE, {}])
def test_a_client_that_leaves_stops_the_work(tmp_path, monkeypatch, headers):
    """The stage that runs ends; the next one does not begin, and the slot is free again."""

    async def run():
        async with serving(tmp_path, max_concurrency=1) as (client, dateline):
            await client.post("/v1/articles", json={"id": "n1", "text": STORY})
            slow, read = Slow(dateline, monkeypatch), []
            judged = dateline.answerer._judged
            monkeypatch.setattr(
                dateline.answerer, "_judged", lambda *args: read.append(1) or judged(*args)
            )
            body = json.dumps(ASK).encode()
            await leave(client._transport.app, body, headers, until_inside=lambda: slow.inside == 1)
            slow.go.set()
            await until(lambda: slow.inside == 0)
            after = await client.post("/v1/ask", json=ASK)
            return after, read

    after, read = asyncio.run(run())
    assert after.status_code == 200
    assert len(read) == 1


async def leave(app, body, headers, *, until_inside):
    """Ask as a client that closes its connection once the search runs."""
    sent, gone = [], asyncio.Event()
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    listed = [(b"content-type", b"application/json")]
    listed += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "method": "POST", "path": "/v1/ask", "raw_path": b"/v1/ask",
        "query_string": b"", "headers": [(b"host", b"test"), *listed], "root_path": "",
        "scheme": "http", "http_version": "1.1", "client": None, "server": ("test", 80),
        "asgi": {"version": "3.0"},
    }  # fmt: skip
    asking = asyncio.ensure_future(app(scope, receive, send))
    await until(until_inside)
    gone.set()
    await asyncio.wait_for(asking, 10)
    if not headers:
        assert sent[0]["status"] == 499


def test_a_question_is_answered_with_real_models_event_by_event(sample):
    dateline, _ = sample
    asked = {"question": "How many people died when the Lady Corrigan capsized?"}
    with (
        served(dateline, lifespan="off") as url,
        httpx.stream("POST", url + "/v1/ask", json=asked, headers=SSE, timeout=60) as reply,
    ):
        events = events_of("\n".join(reply.iter_lines()))
    assert events[-1][1]["status"] == "answered"
    assert {name for name, _ in events} == {*EVENTS} - {"replace", "error"}


def test_429_in_a_stream_names_when_to_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr("api.runtime.WAITING_PER_SLOT", 2)

    async def run():
        async with serving(tmp_path, max_concurrency=1) as (client, dateline):
            slow = Slow(dateline, monkeypatch)
            asked = [asyncio.ensure_future(client.post("/v1/ask", json=ASK)) for _ in range(3)]
            await until(lambda: slow.inside == 1)
            refused = await client.post("/v1/ask", json=ASK, headers=SSE)
            slow.go.set()
            await asyncio.gather(*asked)
            return refused

    refused = asyncio.run(run())
    assert problem(refused, "too-many-requests")
    assert refused.headers["retry-after"] == "2"
