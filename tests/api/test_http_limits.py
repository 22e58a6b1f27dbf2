"""What protects the server: size, concurrency, time, and headers for browsers."""

import asyncio
import threading
import time
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi.testclient import TestClient

from api import runtime
from api.app import create_app
from api.limits import CSP
from tests.fakes import fake_dateline

STORY = "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks."
ASK = {"question": "Why did the harbour bridge close?"}


@asynccontextmanager
async def serving(home, **settings):
    """A client of the running application, and its system."""
    dateline = fake_dateline(home, **settings)
    app = create_app(dateline)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client, dateline


class Slow:
    """Holds every search until it is let go."""

    def __init__(self, dateline, monkeypatch):
        self.go = threading.Event()
        self.inside = 0
        self.most = 0
        self._guard = threading.Lock()
        self._search = dateline.searcher.search
        monkeypatch.setattr(dateline.searcher, "search", self.search)

    def search(self, query):
        with self._guard:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.go.wait(20)
        with self._guard:
            self.inside -= 1
        return self._search(query)


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def problem(response, slug):
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.json()["type"] == f"urn:dateline:problem:{slug}"
    return response.json()


# -- size ---------------------------------------------------------------------------


def chunks(total):
    for _ in range(total // 100):
        yield b"x" * 100


@pytest.mark.parametrize("media_type", ["text/plain", "application/json"])
@pytest.mark.parametrize("path", ["/v1/articles", "/v1/ask"])
def test_a_large_body_is_refused(tmp_path, path, media_type):
    app = create_app(fake_dateline(tmp_path, max_body_bytes=1_000))
    headers = {"Content-Type": media_type}
    with TestClient(app) as client:
        for content in (b"x" * 1_001, chunks(1_100)):
            reply = client.post(path, content=content, headers=headers)
            assert reply.status_code == 413
            assert "1,000 bytes" in problem(reply, "body-too-large")["detail"]
        allowed = (STORY.encode() + b" ") * 12
        fits = client.post(
            "/v1/articles", content=allowed[:1_000], headers={"Content-Type": "text/plain"}
        )
        assert fits.status_code == 201


def test_a_stream_is_cut_at_the_limit_not_read_to_its_end(tmp_path):
    dateline = fake_dateline(tmp_path, max_body_bytes=1_000)
    app, taken, sent = create_app(dateline), [], []

    async def receive():
        taken.append(100)
        return {"type": "http.request", "body": b"x" * 100, "more_body": len(taken) < 10_000}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/articles", "raw_path": b"/v1/articles",
        "query_string": b"", "headers": [(b"content-type", b"text/plain")], "root_path": "",
        "scheme": "http", "http_version": "1.1", "client": None, "server": ("test", 80),
    }  # fmt: skip

    async def run():
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)

    asyncio.run(run())
    assert sent[0]["status"] == 413
    assert sum(taken) == 1_100


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "9" * 500, "٣"])
def test_a_length_that_lies_is_no_way_around(tmp_path, length):
    with TestClient(create_app(fake_dateline(tmp_path, max_body_bytes=1_000))) as client:
        headers = {"Content-Type": "text/plain", "Content-Length": length.encode()}
        reply = client.post("/v1/articles", content=b"x" * 2_000, headers=headers)
        assert reply.status_code == 413


# -- concurrency and time -----------------------------------------------------------


def test_too_many_questions_are_refused_and_the_others_answered(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "WAITING_PER_SLOT", 2)

    async def run():
        async with serving(tmp_path, max_concurrency=2) as (client, dateline):
            slow = Slow(dateline, monkeypatch)
            asked = [asyncio.ensure_future(client.post("/v1/ask", json=ASK)) for _ in range(12)]
            await until(lambda: sum(task.done() for task in asked) == 6 and slow.inside == 2)
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/v1/articles")).status_code == 200
            slow.go.set()
            return slow, await asyncio.gather(*asked)

    slow, replies = asyncio.run(run())
    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(refused) == 6
    assert sum(reply.status_code == 200 for reply in replies) == 6
    assert slow.most == 2
    for reply in refused:
        assert reply.headers["retry-after"] == "2"
        problem(reply, "too-many-requests")


def test_waiting_has_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(runtime, "PATIENCE_S", 0.05)

    async def run():
        async with serving(tmp_path, max_concurrency=1) as (client, dateline):
            slow = Slow(dateline, monkeypatch)
            first = asyncio.ensure_future(client.post("/v1/ask", json=ASK))
            await until(lambda: slow.inside == 1)
            late = await client.get("/v1/search?q=bridge")
            slow.go.set()
            return late, await first

    late, first = asyncio.run(run())
    assert late.status_code == 429
    assert first.status_code == 200


@pytest.mark.parametrize("path", ["ask", "search"])
def test_a_question_that_takes_too_long_is_told_so_and_keeps_its_slot(tmp_path, monkeypatch, path):
    async def run():
        settings = {"timeout_s": 0.5, "max_concurrency": 1}
        async with serving(tmp_path, **settings) as (client, dateline):
            slow = Slow(dateline, monkeypatch)
            started = time.perf_counter()
            late = await (
                client.post("/v1/ask", json=ASK) if path == "ask" else client.get("/v1/search?q=x")
            )
            took = time.perf_counter() - started
            during = await client.post("/v1/ask", json=ASK)
            slow.go.set()
            await until(lambda: slow.inside == 0)
            await asyncio.sleep(0.05)
            return late, took, during, await client.post("/v1/ask", json=ASK)

    late, took, during, after = asyncio.run(run())
    assert late.status_code == 504
    assert "0.5 seconds" in problem(late, "timeout")["detail"]
    assert took < 2
    assert during.status_code == 429
    assert after.status_code == 200


def test_many_readers_and_writers_at_once(tmp_path):
    async def run():
        async with serving(tmp_path, max_concurrency=4) as (client, _):
            posts = [
                client.post("/v1/articles", json={"id": f"n{i}", "text": f"{STORY} Note {i}."})
                for i in range(8)
            ]
            asks = [client.post("/v1/ask", json=ASK) for _ in range(8)]
            replies = await asyncio.gather(*posts, *asks)
            page = (await client.get("/v1/articles")).json()
            search = (await client.get("/v1/search?q=harbour&k=20")).json()
            return replies, page, search

    replies, page, search = asyncio.run(run())
    assert [r.status_code for r in replies] == [201] * 8 + [200] * 8
    assert page["total"] == 8
    assert {hit["article"]["id"] for hit in search["hits"]} == {f"n{i}" for i in range(8)}


def test_one_record_posted_many_times_at_once_is_stored_once(tmp_path):
    async def run():
        async with serving(tmp_path) as (client, _):
            body = {"id": "n1", "text": STORY}
            posts = [client.post("/v1/articles", json=body) for _ in range(6)]
            return await asyncio.gather(*posts)

    replies = asyncio.run(run())
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [201]


def test_storing_does_not_hold_up_the_server(tmp_path, monkeypatch):
    async def run():
        async with serving(tmp_path) as (client, dateline):
            entered, go = threading.Event(), threading.Event()
            embed = dateline.searcher.embedder.embed

            def slow(texts):
                if any("cracks" in text for text in texts):
                    entered.set()
                    go.wait(20)
                return embed(texts)

            monkeypatch.setattr(dateline.searcher.embedder, "embed", slow)
            stored = asyncio.ensure_future(client.post("/v1/articles", json={"text": STORY}))
            await until(entered.is_set)
            during = await client.get("/healthz"), await client.post("/v1/ask", json=ASK)
            go.set()
            return during, await stored

    during, stored = asyncio.run(run())
    assert [reply.status_code for reply in during] == [200, 200]
    assert stored.status_code == 201


def test_closing_waits_for_what_still_runs(tmp_path, monkeypatch):
    async def run():
        async with serving(tmp_path, timeout_s=0.1) as (client, dateline):
            slow = Slow(dateline, monkeypatch)
            assert (await client.post("/v1/ask", json=ASK)).status_code == 504
            threading.Timer(0.3, slow.go.set).start()
        assert slow.inside == 0

    asyncio.run(run())


# -- headers ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", "/v1/ask", "/openapi.json", "/docs"])
def test_every_reply_has_the_headers(tmp_path, path):
    with TestClient(create_app(fake_dateline(tmp_path))) as client:
        headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith(CSP)
    assert "access-control-allow-origin" not in headers
