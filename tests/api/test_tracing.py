"""Traces: spans of a request, its question and each stage; the caller's trace goes on."""

import asyncio
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from api import runtime
from api.app import create_app
from api.observing import Observation
from api.tracing import SEARCH_STAGES, Tracing, stages
from rag.errors import SettingsError
from rag.settings import Settings
from tests.api.test_http_limits import Slow, until
from tests.api.test_metrics import serving
from tests.fakes import fake_dateline

STORY = "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks."
QUESTION = "Why did the harbour bridge at Port Merrow close on Monday?"
PRIVATE = "Quillfeather"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Traced:
    """An application whose spans are kept."""

    def __init__(self, home, *, questions=False):
        self.kept = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.kept))
        self.tracing = Tracing(provider, questions=questions)
        self.client = TestClient(create_app(fake_dateline(home), observers=[self.tracing]))

    def spans(self):
        found = self.kept.get_finished_spans()
        self.kept.clear()
        return found


@pytest.fixture
def traced(tmp_path):
    made = Traced(tmp_path)
    with made.client:
        assert made.client.post("/v1/articles", json={"text": STORY}).status_code == 201
        made.spans()
        yield made


def tree(spans):
    """The names of spans as `{name: {child: …}}`."""

    def below(parent):
        return {
            s.name: below(s.context.span_id)
            for s in sorted(spans, key=lambda s: s.start_time)
            if (s.parent.span_id if s.parent else None) == parent
        }

    return below(None)


def named(spans, name):
    return next(span for span in spans if span.name == name)


def test_an_answer_is_a_tree_of_spans(traced):
    reply = traced.client.post("/v1/ask", json={"question": QUESTION})
    spans = traced.spans()
    searched = {name: {} for name in ("first_stages", "fuse", "collapse", "rerank", "copies")}
    stages_ = {"queue": {}, "understand": {}, "search": searched, "read": {}, "verify": {}}
    assert tree(spans) == {"POST /v1/ask": {"question": stages_}}
    request, question = named(spans, "POST /v1/ask"), named(spans, "question")
    assert request.kind is SpanKind.SERVER
    assert dict(request.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1/ask",
        "http.response.status_code": 200,
        "dateline.request_id": reply.headers["x-request-id"],
    }
    body = reply.json()
    assert dict(question.attributes) == {
        "dateline.status": "answered",
        "dateline.confidence": body["confidence"],
        "dateline.citations": len(body["citations"]),
        "dateline.generation": 1,
    }
    for stage, took_ms in body["timings_ms"].items():
        if stage != "total":
            span = named(spans, stage)
            assert (span.end_time - span.start_time) / 1e6 == pytest.approx(took_ms, abs=0.001)
    assert set(searched) == SEARCH_STAGES


def test_spans_lie_within_their_parents_and_one_after_the_other(traced):
    traced.client.post("/v1/ask", json={"question": QUESTION, "stream": True})
    spans = traced.spans()
    by_id = {span.context.span_id: span for span in spans}
    # Timings are rounded to the microsecond, each of them.
    slack_ns = 20_000
    for span in spans:
        if span.parent:
            parent = by_id[span.parent.span_id]
            assert parent.start_time <= span.start_time + slack_ns
            assert span.end_time <= parent.end_time + slack_ns
    for parent in ("question", "search"):
        children = [s for s in spans if s.parent and by_id[s.parent.span_id].name == parent]
        children.sort(key=lambda span: span.start_time)
        for first, second in pairwise(children):
            assert first.end_time <= second.start_time


def test_the_caller_s_trace_goes_on(traced):
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    traced.client.get("/v1/search?q=bridge", headers=headers)
    spans = traced.spans()
    assert {format(span.context.trace_id, "032x") for span in spans} == {TRACE}
    assert format(named(spans, "GET /v1/search").parent.span_id, "016x") == PARENT
    assert "rerank" in [span.name for span in spans]
    traced.client.get("/v1/search?q=bridge", headers={"traceparent": f"00-{TRACE}-{PARENT}-00"})
    assert traced.spans() == (), "the caller does not sample it"


@pytest.mark.parametrize("given", ["", "x", "00-0-0-01", f"00-{'0' * 32}-{PARENT}-01", "é"])
def test_a_trace_that_cannot_be_read_begins_a_new_one(traced, given):
    traced.client.get("/healthz", headers={"traceparent": given.encode()})
    (span,) = traced.spans()
    assert span.parent is None


def test_errors_are_marked(traced, monkeypatch):
    traced.client.get("/v1/articles/nobody")
    (missing,) = traced.spans()
    assert missing.name == "GET /v1/articles/{article_id}"
    assert missing.attributes["error.type"] == "article-not-found"
    assert missing.status.status_code is StatusCode.UNSET

    def broken(_):
        raise ZeroDivisionError(PRIVATE)

    monkeypatch.setattr(traced.client.app.state.runtime.dateline.searcher, "search", broken)
    traced.client.post("/v1/ask", json={"question": QUESTION})
    failed = named(traced.spans(), "POST /v1/ask")
    assert failed.attributes["error.type"] == "internal"
    assert failed.status.status_code is StatusCode.ERROR


def test_a_wait_is_a_span_also_where_nothing_comes_after_it(tmp_path, monkeypatch):
    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracing = Tracing(provider, questions=False)
    monkeypatch.setattr(runtime, "WAITING_PER_SLOT", 2)

    async def run():
        async with serving(tmp_path, observers=[tracing], max_concurrency=1) as (client, dateline):
            slow = Slow(dateline, monkeypatch)
            asked = [
                asyncio.ensure_future(client.post("/v1/ask", json={"question": QUESTION}))
                for _ in range(4)
            ]
            await until(lambda: sum(task.done() for task in asked) == 1)
            slow.go.set()
            await asyncio.gather(*asked)

    asyncio.run(run())
    names = [span.name for span in kept.get_finished_spans()]
    assert names.count("queue") == names.count("question") == 4
    assert names.count("read") == 3


@pytest.mark.parametrize("questions", [False, True])
def test_spans_hold_what_was_asked_only_where_that_is_wanted(tmp_path, questions):
    made = Traced(tmp_path, questions=questions)
    headers = {"Authorization": f"Bearer {PRIVATE}", "User-Agent": PRIVATE}
    with made.client as client:
        client.post("/v1/ask", json={"question": f"Who is {PRIVATE}?"}, headers=headers)
        client.get(f"/v1/search?q={PRIVATE}", headers=headers)
        client.get(f"/{PRIVATE}?{PRIVATE}", headers=headers)
    spans = made.spans()
    asked = [
        s.attributes["dateline.question"] for s in spans if "dateline.question" in s.attributes
    ]
    assert asked == ([f"Who is {PRIVATE}?", PRIVATE] if questions else [])
    others = [
        {k: v for k, v in s.attributes.items() if k != "dateline.question"} | {"": s.name}
        for s in spans
    ]
    assert PRIVATE not in str(others)


def test_a_stage_that_is_not_known_has_a_span_too():
    asking = Observation().asking()
    asking.timings_ms = {"understand": 1.0, "fuse": 2.0, "rerank": 3.0, "write": 4.0, "total": 10.0}
    ms = 1_000_000
    understood, searched, written = stages(asking, 5 * ms)
    assert (understood.name, understood.start_ns, understood.end_ns) == (
        "understand",
        5 * ms,
        6 * ms,
    )
    assert (searched.name, searched.start_ns, searched.end_ns) == ("search", 6 * ms, 11 * ms)
    assert [part.name for part in searched.parts] == ["fuse", "rerank"]
    assert (written.name, written.start_ns, written.end_ns) == ("write", 11 * ms, 15 * ms)


@pytest.fixture
def collector():
    """A collector on loopback, and what it was sent: path, authorization, body."""
    sent = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            sent.append((self.path, self.headers.get("authorization"), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", sent
    server.shutdown()
    thread.join()
    server.server_close()


def test_spans_go_to_the_collector(tmp_path, monkeypatch, collector, caplog):
    url, sent = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer%20{PRIVATE}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    with TestClient(create_app(fake_dateline(tmp_path, otlp_endpoint=url + "/"))) as client:
        reply = client.get("/healthz")
    ((path, authorization, body),) = sent
    assert (path, authorization) == ("/v1/traces", f"Bearer {PRIVATE}")
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    attributes = {a.key: a.value.string_value for a in resource.resource.attributes}
    assert attributes["service.name"] == "dateline"
    (span,) = resource.scope_spans[0].spans
    assert span.name == "GET /healthz"
    ids = [a.value.string_value for a in span.attributes if a.key == "dateline.request_id"]
    assert ids == [reply.headers["x-request-id"]]
    assert PRIVATE not in caplog.text


def test_the_log_names_the_trace(tmp_path, collector, caplog):
    url, _ = collector
    caplog.set_level("INFO", "dateline.access")
    with TestClient(create_app(fake_dateline(tmp_path, otlp_endpoint=url))) as client:
        client.get("/v1/articles", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    (line,) = [r.msg for r in caplog.records if r.name == "dateline.access"]
    assert line["trace_id"] == TRACE


def test_a_missing_extra_tells_its_command(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "api.tracing")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    dateline = fake_dateline(tmp_path, otlp_endpoint="http://localhost:4318")
    with pytest.raises(SettingsError, match=r"pip install 'dateline\[tracing\]'"):
        create_app(dateline)
    dateline.close()


@pytest.mark.parametrize(
    "value", ["localhost:4318", "ftp://x", "http://", "http://x:0", "http://x/?k=1", "http://x/#a"]
)
def test_an_address_that_is_none_is_refused(value):
    with pytest.raises(SettingsError, match="DATELINE_OTLP_ENDPOINT is "):
        Settings.from_env({"DATELINE_OTLP_ENDPOINT": value})


def test_a_password_in_the_address_is_refused_and_not_repeated():
    with pytest.raises(SettingsError, match="DATELINE_OTLP_ENDPOINT") as refused:
        Settings.from_env({"DATELINE_OTLP_ENDPOINT": f"http://me:{PRIVATE}@x.example"})
    assert PRIVATE not in str(refused.value)


def test_nothing_of_it_is_loaded_where_it_is_off(tmp_path):
    script = (
        "import sys; from pathlib import Path; from api.app import create_app; "
        "from tests.fakes import fake_dateline; create_app(fake_dateline(Path(sys.argv[1]))); "
        "print([m for m in sys.modules if m.startswith(('opentelemetry.sdk', 'api.tracing', "
        "'opentelemetry.exporter'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2], timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
