"""The log: a line for each request, ids, nothing private, nothing that forges a line."""

import json
import logging
import logging.config
import os
import re
import signal
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.key_book import KeyBook
from api.keys import Scope
from api.logs import log_config, plain
from api.observing import Observer, current
from rag.assemble import now
from rag.settings import Settings
from tests.api.test_cli_process import start, wait_until_ready
from tests.fakes import fake_dateline

DOCS = (Path(__file__).parents[2] / "docs" / "observability.md").read_text("utf-8")
STORY = "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks."
QUESTION = "Why did the harbour bridge at Port Merrow close on Monday?"
PRIVATE = "Quillfeather"
FORGED = "x\n2026-11-25T08:30:02Z info    request status=200\r\x1b[2J\u202e\u2028\x00\x85"


@pytest.fixture
def log(capsys):
    """Sets the log up, and reads what was written since."""
    before = {name: logging.getLogger(name).level for name in (None, "dateline", "uvicorn")}
    handlers = list(logging.root.handlers)

    def read(settings=None):
        if settings is not None:
            logging.config.dictConfig(log_config(settings))
        return capsys.readouterr().err.splitlines()

    yield read
    for handler in set(logging.root.handlers) - set(handlers):
        logging.root.removeHandler(handler)
    for handler in handlers:
        logging.root.addHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def serving(tmp_path, log):
    """A client of an application whose log is on, and what it wrote since the last look."""
    opened = []

    def serve(**settings):
        dateline = fake_dateline(tmp_path, **{"log_format": "json"} | settings)
        client = TestClient(create_app(dateline), raise_server_exceptions=False)
        opened.append(client.__enter__())
        log(dateline.settings)
        assert client.post("/v1/articles", json={"text": STORY}).status_code == 201
        log()
        return client

    yield serve
    for client in opened:
        client.__exit__(None, None, None)


def requests(lines):
    return [line for line in map(json.loads, lines) if line["event"] == "request"]


def test_each_request_is_one_line_of_json(serving, log):
    client = serving()
    reply = client.post("/v1/ask", json={"question": QUESTION})
    (line,) = requests(log())
    body = reply.json()
    assert line["request_id"] == reply.headers["x-request-id"]
    assert (line["level"], line["logger"]) == ("info", "dateline.access")
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/ask", 200)
    assert line["bytes"] == len(reply.content)
    assert line["took_ms"] >= line["first_event_ms"] >= line["waited_ms"] >= 0
    assert (line["answer"], line["confidence"]) == ("answered", round(body["confidence"], 3))
    assert line.get("caution", False) == (body["caution"] is not None)
    assert (line["citations"], line["generation"]) == (len(body["citations"]), 1)
    timings = dict(body["timings_ms"])
    assert timings.pop("total")
    assert line["stages_ms"] == timings
    assert not {"reason", "problem", "key", "question", "client_left", "trace_id"} & set(line)


def test_lines_of_errors_streams_and_searches(serving, log):
    client = serving()
    client.post("/v1/ask", json={"question": " "})
    client.get("/v1/articles/nobody")
    client.post("/v1/ask", json={"question": QUESTION, "stream": True})
    client.get("/v1/search", params={"q": "harbour bridge"})
    client.post("/v1/ask", json={"question": "Who?", "filters": {"sources": ["x.example"]}})
    wrong, missing, streamed, found, abstained = requests(log())
    assert (wrong["status"], wrong["problem"]) == (422, "invalid-request")
    assert (missing["route"], missing["problem"]) == (
        "/v1/articles/{article_id}", "article-not-found",
    )  # fmt: skip
    assert streamed["answer"] == "answered"
    assert streamed["took_ms"] >= streamed["first_event_ms"]
    assert set(found["stages_ms"]) >= {"first_stages", "fuse", "rerank"}
    assert (abstained["answer"], abstained["reason"]) == ("abstained", "filter_empty")


def test_probes_are_quiet_until_they_fail_or_all_is_wanted(serving, log, monkeypatch):
    client = serving()
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200
    assert log() == []
    client.put("/healthz")
    assert [line["status"] for line in requests(log())] == [405]
    logging.getLogger("dateline").setLevel(logging.DEBUG)
    client.get("/healthz")
    assert [line["level"] for line in requests(log())] == ["debug"]


@pytest.mark.parametrize(
    ("level", "told"), [("debug", 2), ("info", 1), ("warning", 0), ("error", 0)]
)
def test_the_level_says_what_is_written(serving, log, level, told):
    client = serving(log_level=level)
    client.get("/healthz")
    client.get("/v1/articles")
    assert len(log()) == told


def test_nothing_private_is_written(serving, log):
    client = serving(log_level="debug")
    headers = {"Authorization": f"Bearer {PRIVATE}", "User-Agent": PRIVATE, "Cookie": PRIVATE}
    client.post("/v1/ask", json={"question": f"Who is {PRIVATE}?"}, headers=headers)
    client.post("/v1/ask", json={"question": QUESTION})
    client.get(f"/v1/search?q={PRIVATE}", headers=headers)
    client.get(f"/v1/articles/{PRIVATE}?x={PRIVATE}", headers=headers)
    client.get(f"/{PRIVATE}", headers=headers)
    client.post("/v1/ask", json={"question": QUESTION, PRIVATE: PRIVATE}, headers=headers)
    written = "\n".join(log())
    assert len(requests(written.splitlines())) == 6
    assert PRIVATE not in written
    assert "inspectors" not in written
    assert "harbour" not in written


def test_a_key_is_named_and_never_written(serving, log, tmp_path):
    client = serving(log_level="debug")
    _, key = KeyBook(tmp_path).add("newsroom", Scope.READ, now=now())
    ways = [{"Authorization": f"Bearer {key}"}, {"X-Api-Key": key}, {"X-Api-Key": key + "x"}, {}]
    for headers in ways:
        client.post("/v1/ask", json={"question": QUESTION}, headers=headers)
    client.post("/v1/articles", json={"text": STORY}, headers=ways[0])
    told = client.get("/metrics", headers=ways[0]).text
    written = "\n".join(log())
    lines = requests(written.splitlines())
    assert [line["status"] for line in lines] == [200, 200, 401, 401, 403, 200]
    assert [line.get("key") for line in lines] == ["newsroom"] * 2 + [None] * 2 + ["newsroom"] * 2
    for text in (written, told):
        assert key not in text
        assert key[8:24] not in text


def test_questions_are_written_where_that_is_asked_for(serving, log):
    client = serving(log_questions=True)
    client.post("/v1/ask", json={"question": QUESTION})
    client.get("/v1/search", params={"q": PRIVATE})
    assert [line["question"] for line in requests(log())] == [QUESTION, PRIVATE]


@pytest.mark.parametrize("form", ["text", "json"])
def test_nobody_forges_a_line(serving, log, form):
    client = serving(log_questions=True, log_format=form)
    client.post("/v1/ask", json={"question": FORGED})
    logging.getLogger("dateline").error("could not read %s", FORGED)
    (asked, told) = log()
    for line in (asked, told):
        assert all(character.isprintable() for character in line)
        assert not line.startswith("2026-11-25T08:30:02Z")
    if form == "json":
        assert json.loads(asked)["question"] == FORGED
        assert json.loads(told)["event"] == f"could not read {FORGED}"
    else:
        assert r'question="x\x0a2026' in asked
        assert r"\x0d\x1b[2J\u202e\u2028\x00\x85" in told


@pytest.mark.parametrize(
    "text", ["", "plain", FORGED, "Zoë Brânză", "back\\slash", "\ud800", "\U000e0001", "\x7f", "𝒽"]
)
def test_what_is_escaped_can_be_read_back(text):
    shown = plain(text)
    assert shown.isprintable()
    back = re.sub(
        r"\\(?:\\|x(..)|u(.{4})|U(.{8}))",
        lambda m: chr(int(m[1] or m[2] or m[3], 16)) if m[0] != "\\\\" else "\\",
        shown,
    )
    assert back == text


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_nobody_foresaw_is_written_once_with_its_request(serving, log, form, monkeypatch):
    client = serving(log_format=form)

    def broken(*_):
        raise ZeroDivisionError("a\n2026 forged")

    monkeypatch.setattr(client.app.state.runtime.dateline.searcher, "search", broken)
    for body in ({"question": QUESTION}, {"question": QUESTION, "stream": True}):
        reply = client.post("/v1/ask", json=body, headers={"X-Request-Id": "mine-1"})
        assert "ZeroDivision" not in reply.text
        lines = log()
        written = "\n".join(lines)
        assert written.count("Traceback (most recent call last)") == 1
        if form == "json":
            problem, access = map(json.loads, lines)
            assert problem["request_id"] == access["request_id"] == "mine-1"
            assert access["problem"] == "internal"
            assert "ZeroDivisionError" in problem["exception"]
        else:
            heads = [line for line in lines if not line.startswith("    ")]
            assert len(heads) == 2
            assert all("request_id=mine-1" in line for line in heads)
            assert "    2026 forged" in lines


@pytest.mark.parametrize("given", ["abc", "A-1_b.c:2", "x" * 128])
def test_a_client_may_name_its_request(serving, given):
    reply = serving().get("/healthz", headers={"X-Request-Id": given})
    assert reply.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\tb", '"><script>', "ключ".encode()])
def test_any_other_name_is_replaced(serving, given):
    reply = serving().get("/healthz", headers={"X-Request-Id": given})
    assert re.fullmatch(r"[0-9a-f]{32}", reply.headers["x-request-id"])


def test_every_reply_has_an_id_of_its_own(serving):
    client = serving(max_body_bytes=1_000)
    replies = [
        client.get("/"),
        client.get("/docs"),
        client.get("/nothing"),
        client.put("/v1/ask"),
        client.post("/v1/ask", content=b"x" * 1_001),
        client.post("/v1/ask", json={}, headers={"Sec-Fetch-Site": "cross-site"}),
        client.post("/v1/ask", json={"question": QUESTION, "stream": True}),
    ]
    assert [reply.status_code for reply in replies] == [200, 200, 404, 405, 413, 403, 200]
    assert len({reply.headers["x-request-id"] for reply in replies}) == len(replies)


def test_threads_know_their_request(serving, monkeypatch):
    client = serving()
    dateline = client.app.state.runtime.dateline
    seen = []

    def noted(function):
        def call(*args):
            seen.append(current().request_id)
            return function(*args)

        return call

    monkeypatch.setattr(dateline.searcher, "search", noted(dateline.searcher.search))
    monkeypatch.setattr(dateline.ingestor, "ingest", noted(dateline.ingestor.ingest))
    monkeypatch.setattr(dateline.engine.store, "article", noted(dateline.engine.store.article))
    for n, (method, path, body) in enumerate(
        [
            ("POST", "/v1/ask", {"question": QUESTION}),
            ("POST", "/v1/ask", {"question": QUESTION, "stream": True}),
            ("GET", "/v1/search?q=bridge", None),
            ("POST", "/v1/articles", {"text": STORY}),
            ("GET", "/v1/articles/x", None),
        ]
    ):
        before = len(seen)
        client.request(method, path, json=body, headers={"X-Request-Id": f"r{n}"})
        assert set(seen[before:]) == {f"r{n}"}


class Broken(Observer):
    """Fails at whatever it hears."""

    def began(self, exchange, headers):
        raise ValueError

    ended = refused = finished = load = began


def test_an_observer_that_fails_costs_no_reply(tmp_path):
    app = create_app(fake_dateline(tmp_path), observers=[Broken()])
    with TestClient(app) as client:
        assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 200
        assert "dateline_answers_total" in client.get("/metrics").text


def test_other_libraries_are_heard_from_warning_on(log):
    log(Settings(log_level="debug"))
    for name in ("httpx", "sse_starlette.sse", "mcp", "openai", "httpcore"):
        logging.getLogger(name).info("https://x.example/?q=%s", PRIVATE)
        logging.getLogger(name).warning("something is wrong")
    lines = log()
    assert len(lines) == 5
    assert all("something is wrong" in line for line in lines)


def test_the_server_writes_its_lines_to_standard_error(tmp_path):
    environment = {**os.environ, "DATELINE_HOME": str(tmp_path), "DATELINE_LOG_FORMAT": "json"}
    process = start(environment, "serve", "--port", 0)
    try:
        welcome = [process.stdout.readline()]
        while not welcome[-1].lstrip().startswith("stop"):
            welcome.append(process.stdout.readline())
            assert welcome[-1], process.stderr.read()
        url = re.search(r"http://[\d.:]+", "".join(welcome))[0]
        wait_until_ready(url)
        reply = httpx.get(url + "/v1/articles", headers={"X-Request-Id": "mine"})
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert out == ""
    lines = [line for line in errors.splitlines() if line.startswith("{")]
    (line,) = requests(lines)
    assert (line["request_id"], line["bytes"]) == ("mine", len(reply.content))
    assert lines == [lines[0]]


def test_the_table_lists_the_fields(serving, log):
    client = serving(log_questions=True)
    client.post("/v1/ask", json={"question": QUESTION})
    client.post("/v1/ask", json={"question": "Who?", "filters": {"sources": ["x.example"]}})
    client.get("/nothing")
    written = set().union(*map(json.loads, log()))
    rows = DOCS.split("## The log")[1].split("## Traces")[0]
    names = re.findall(r"^\| (`.*?) \|", rows, re.MULTILINE)
    documented = set(re.findall(r"`(\w+)`", "".join(names)))
    elsewhere = {"key", "trace_id", "client_left", "exception"}
    assert written | elsewhere | {"caution"} == documented
