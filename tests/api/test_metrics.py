"""What /metrics tells after real requests, and that docs/observability.md lists it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api import corpus_metrics
from api.app import create_app
from api.corpus_metrics import CorpusCollector
from tests.api.test_cli_process import start, wait_until_ready
from tests.api.test_http_limits import Slow, until
from tests.fakes import fake_dateline

DOCS = (Path(__file__).parents[2] / "docs" / "observability.md").read_text("utf-8")
STORY = "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks."
QUESTION = "Why did the harbour bridge at Port Merrow close on Monday?"
PRIVATE = "Quillfeather"
TOTAL = "dateline_http_requests_total"


def families(text):
    return {family.name: family for family in text_string_to_metric_families(text)}


def samples(text):
    """The value of each series that is no bucket."""
    return {
        (s.name, *sorted(s.labels.items())): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if not s.name.endswith("_bucket")
    }


def value(text, name, **labels):
    return samples(text).get((name, *sorted(labels.items())), 0.0)


@pytest.fixture
def client(tmp_path):
    with TestClient(create_app(fake_dateline(tmp_path))) as client:
        yield client


def stored(client):
    assert client.post("/v1/articles", json={"id": "bridge", "text": STORY}).status_code == 201


def test_requests_are_counted_by_template_method_and_class(client):
    stored(client)
    client.get("/v1/articles/bridge")
    client.get("/v1/articles/other")
    client.get("/v1/articles/another")
    client.get("/openapi.json")
    client.put("/v1/ask")
    for path in ("/a", "/b", "/c?q=x", "/v1/articles/a/b/c"):
        client.get(path)
    client.request("BREW", "/coffee")
    text = client.get("/metrics").text
    counted = {
        (s["route"], s["method"], s["status"]): n
        for (name, *labels), n in samples(text).items()
        if name == TOTAL and (s := dict(labels))
    }
    assert counted == {
        ("/v1/articles", "POST", "2xx"): 1,
        ("/v1/articles/{article_id}", "GET", "2xx"): 1,
        ("/v1/articles/{article_id}", "GET", "4xx"): 2,
        ("/openapi.json", "GET", "2xx"): 1,
        ("/v1/ask", "PUT", "4xx"): 1,
        ("unmatched", "GET", "4xx"): 4,
        ("unmatched", "other", "4xx"): 1,
    }
    template = {"route": "/v1/articles/{article_id}", "method": "GET"}
    assert value(text, "dateline_http_request_seconds_count", **template) == 3
    assert value(text, "dateline_refused_total", reason="article-not-found") == 2
    assert value(text, "dateline_refused_total", reason="not-found") == 5
    assert value(text, "dateline_refused_total", reason="method-not-allowed") == 1


def test_answers_are_counted_and_timed(client):
    stored(client)
    reply = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert reply["status"] == "answered"
    other = {"question": QUESTION, "filters": {"sources": ["nobody.example"]}}
    assert client.post("/v1/ask", json=other).json()["reason"]["code"] == "filter_empty"
    client.get("/v1/search", params={"q": "bridge"})
    text = client.get("/metrics").text
    assert value(text, "dateline_answers_total", status="answered", reason="") == 1
    assert value(text, "dateline_answers_total", status="abstained", reason="filter_empty") == 1
    assert value(text, "dateline_citations_total", verdict="supported") == len(reply["citations"])
    assert value(text, "dateline_cautions_total") == (reply["caution"] is not None)
    assert value(text, "dateline_answer_seconds_count") == 2
    assert value(text, "dateline_first_event_seconds_count") == 2
    assert value(text, "dateline_queue_seconds_count") == 3
    timed = dict(reply["timings_ms"])
    assert value(text, "dateline_answer_seconds_sum") >= timed.pop("total") / 1000
    for stage, took_ms in timed.items():
        times = 2 if stage in ("understand", "read", "verify") else 3
        assert value(text, "dateline_stage_seconds_count", stage=stage) == times, stage
        assert value(text, "dateline_stage_seconds_sum", stage=stage) >= took_ms / 1000 - 1e-9


def test_a_stream_counts_like_its_answer(client):
    stored(client)
    body = client.post("/v1/ask", json={"question": QUESTION, "stream": True}).text
    assert "event: answer" in body
    text = client.get("/metrics").text
    assert value(text, "dateline_answers_total", status="answered", reason="") == 1
    assert value(text, "dateline_refused_total", reason="client-left") == 0


@asynccontextmanager
async def serving(home, *, observers=(), **settings):
    dateline = fake_dateline(home, **settings)
    app = create_app(dateline, observers=observers)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        yield client, dateline


def test_what_is_going_on_and_what_was_turned_away(tmp_path, monkeypatch):
    monkeypatch.setattr("api.runtime.WAITING_PER_SLOT", 2)

    async def run():
        async with serving(tmp_path, max_concurrency=1) as (client, dateline):
            idle = (await client.get("/metrics")).text
            slow = Slow(dateline, monkeypatch)
            asked = [
                asyncio.ensure_future(client.post("/v1/ask", json={"question": QUESTION}))
                for _ in range(5)
            ]
            await until(lambda: sum(task.done() for task in asked) == 2 and slow.inside == 1)
            busy = (await client.get("/metrics")).text
            slow.go.set()
            await asyncio.gather(*asked)
            return idle, busy, (await client.get("/metrics")).text

    idle, busy, after = asyncio.run(run())
    for text, inside, waiting in ((idle, 0, 0), (busy, 1, 2), (after, 0, 0)):
        assert value(text, "dateline_work_in_progress", work="questions") == inside
        assert value(text, "dateline_work_waiting", work="questions") == waiting
    assert value(busy, "dateline_refused_total", reason="too-many-requests") == 2
    assert value(after, "dateline_queue_seconds_count") == 3


def test_a_question_that_takes_too_long_is_counted(tmp_path, monkeypatch):
    async def run():
        async with serving(tmp_path, timeout_s=0.2) as (client, dateline):
            slow = Slow(dateline, monkeypatch)
            assert (await client.post("/v1/ask", json={"question": QUESTION})).status_code == 504
            text = (await client.get("/metrics")).text
            slow.go.set()
            return text

    text = asyncio.run(run())
    assert value(text, "dateline_refused_total", reason="timeout") == 1
    # Nobody waits for it any more; its thread is still at it.
    assert value(text, "dateline_work_in_progress", work="questions") == 1
    assert value(text, "dateline_answer_seconds_count") == 0


async def leaving(app, body, left):
    """Ask over bare ASGI, as a client that goes once `left` is set."""
    sent, received = [], []

    async def receive():
        if not received:
            received.append(True)
            return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/ask", "raw_path": b"/v1/ask",
        "query_string": b"", "headers": [(b"content-type", b"application/json")], "root_path": "",
        "scheme": "http", "http_version": "1.1", "client": None, "server": ("test", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_is_counted(tmp_path, monkeypatch, stream):
    async def run():
        dateline = fake_dateline(tmp_path)
        app = create_app(dateline)
        async with app.router.lifespan_context(app):
            slow, left = Slow(dateline, monkeypatch), asyncio.Event()
            asked = asyncio.ensure_future(
                leaving(app, {"question": QUESTION, "stream": stream}, left)
            )
            await until(lambda: slow.inside == 1)
            left.set()
            await asked
            slow.go.set()
            return app.state.metrics.text().decode()

    text = asyncio.run(run())
    assert value(text, "dateline_refused_total", reason="client-left") == 1
    assert value(text, "dateline_answers_total", status="answered", reason="") == 0
    assert value(text, "dateline_answer_seconds_count") == 0


def test_the_corpus_is_measured_when_it_is_asked_for_and_not_each_time(tmp_path):
    dateline = fake_dateline(tmp_path)
    now = 0.0
    collector = CorpusCollector(dateline, clock=lambda: now)

    def told():
        return {metric.name: [s.value for s in metric.samples] for metric in collector.collect()}

    empty = told()
    assert empty["dateline_corpus_articles"] == [0]
    assert "dateline_corpus_published_timestamp_seconds" not in empty
    with TestClient(create_app(dateline)) as client:
        stored(client)
        assert told() == empty
        now = corpus_metrics.MAX_AGE_S + 1
        assert told() == {
            "dateline_corpus_generation": [1],
            "dateline_corpus_articles": [1],
            "dateline_corpus_versions": [1],
            "dateline_corpus_passages": [1],
            "dateline_corpus_bytes": [dateline.engine.disk_bytes()],
            "dateline_corpus_published_timestamp_seconds": [
                (tmp_path / "lexical" / "generation").stat().st_mtime
            ],
        }


def test_a_corpus_that_cannot_be_read_costs_only_its_own_values(tmp_path, monkeypatch):
    dateline = fake_dateline(tmp_path)
    with TestClient(create_app(dateline)) as client:

        def broken():
            raise OSError("gone")

        monkeypatch.setattr(dateline.engine, "disk_bytes", broken)
        reply = client.get("/metrics")
    assert reply.status_code == 200
    assert "dateline_corpus_articles" not in families(reply.text)
    assert "dateline_build_info" in families(reply.text)


def test_nothing_that_a_client_wrote_is_told(client):
    stored(client)
    headers = {
        "Authorization": f"Bearer {PRIVATE}",
        "X-Request-Id": PRIVATE,
        "User-Agent": PRIVATE,
        "Host": f"{PRIVATE}.example",
    }
    client.post("/v1/ask", json={"question": f"Who is {PRIVATE}?"}, headers=headers)
    client.get(f"/v1/search?q={PRIVATE}", headers=headers)
    client.get(f"/v1/articles/{PRIVATE}", headers=headers)
    client.get(f"/{PRIVATE}?{PRIVATE}={PRIVATE}", headers=headers)
    client.request(PRIVATE.upper(), f"/{PRIVATE}", headers=headers)
    text = client.get("/metrics").text
    assert PRIVATE.casefold() not in text.casefold()
    assert "harbour" not in text


def test_the_number_of_series_does_not_depend_on_what_clients_send(client):
    def series(text):
        return {key for key in samples(text) if "/metrics" not in str(key)}

    def visit(n):
        client.get(f"/v1/articles/{n}")
        client.get(f"/{n}/{n}")
        client.request(f"METHOD{n}", f"/{n}")
        return client.get("/metrics").text

    first = series(visit(0))
    for n in range(1, 30):
        last = visit(n)
    assert series(last) == first


def test_the_table_lists_what_there_is(client):
    stored(client)
    client.post("/v1/ask", json={"question": QUESTION})
    client.get("/nothing")
    reply = client.get("/metrics")
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    rows = re.findall(r"^\| `(dateline_\w+)` \| (\w+) \| (.*?) \|", DOCS, re.MULTILINE)
    documented = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    told = {}
    for name, family in families(reply.text).items():
        labels = set().union(*(s.labels for s in family.samples)) - {"le"}
        info = name == "dateline_build_info"
        told[name.removesuffix("_info")] = ("info" if info else family.type, labels)
    assert {n: t for n, t in told.items() if n.startswith("dateline_")} == documented
    assert {"process_cpu_seconds", "process_resident_memory_bytes"} <= set(told)


def test_applications_do_not_share_what_they_count(tmp_path):
    with (
        TestClient(create_app(fake_dateline(tmp_path / "one"))) as one,
        TestClient(create_app(fake_dateline(tmp_path / "two"))) as two,
    ):
        one.get("/healthz")
        healthy = {"route": "/healthz", "method": "GET", "status": "2xx"}
        assert value(one.get("/metrics").text, TOTAL, **healthy) == 1
        assert value(two.get("/metrics").text, TOTAL, **healthy) == 0


WORKER = """
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from api.app import create_app
from tests.fakes import fake_dateline

app = create_app(fake_dateline(Path(sys.argv[1])))
with TestClient(app) as client:
    for _ in range(int(sys.argv[2])):
        client.get("/healthz")
    app.state.metrics.load("questions", 1, 0)
    print(client.get("/metrics").text)
"""


def test_processes_that_share_a_folder_are_told_as_one(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(shared)}

    def work(times):
        done = subprocess.run(
            [sys.executable, "-c", WORKER, tmp_path / "home", str(times)],
            capture_output=True, text=True, check=True, timeout=120,
            env=environment, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        return done.stdout

    work(2)
    text = work(3)
    healthy = {"route": "/healthz", "method": "GET", "status": "2xx"}
    assert value(text, TOTAL, **healthy) == 5
    # The first process has ended: what it was at is no longer in progress.
    assert value(text, "dateline_work_in_progress", work="questions") == 1
    assert value(text, "dateline_corpus_articles") == 0
    assert "dateline_build_info" in families(text)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="several processes need fork")
def test_any_worker_of_a_server_tells_what_all_have_counted(tmp_path):
    environment = {**os.environ, "DATELINE_HOME": str(tmp_path / "home")}
    process = start(environment, "serve", "--port", 0, "--workers", 2)
    healthy = {"route": "/healthz", "method": "GET", "status": "2xx"}
    try:
        lines = [process.stdout.readline()]
        while not lines[-1].lstrip().startswith("stop"):
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr.read()
        url = re.search(r"http://[\d.:]+", "".join(lines))[0]
        wait_until_ready(url)
        for _ in range(20):
            assert httpx.get(url + "/healthz").status_code == 200
        # A request is counted just after its reply has gone out.
        deadline, told = time.monotonic() + 20, []
        while told[-5:] != [20] * 5:
            assert time.monotonic() < deadline, told
            told.append(value(httpx.get(url + "/metrics").text, TOTAL, **healthy))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
