"""Time and size: slow bodies, replies that never begin, connections on which nothing comes."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from api.app import create_app
from api.guards import bodies, guard, patience
from api.guards.guard import Guard
from api.guards.origins import Origins
from api.guards.serving import server_options
from rag.errors import SettingsError
from rag.settings import Settings
from tests.api.test_http_limits import ASK, problem, serving
from tests.fakes import fake_dateline

TEXT = {"Content-Type": "text/plain"}


# -- bodies --------------------------------------------------------------------------


def test_a_body_that_does_not_come_is_waited_for_only_so_long(tmp_path, monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.3)

    async def trickle():
        for _ in range(1_000):
            yield b"x"
            await asyncio.sleep(0.05)

    async def run():
        async with serving(tmp_path) as (client, _):
            return [
                await client.post(path, content=trickle(), headers=TEXT)
                for path in ("/v1/articles", "/v1/ask")
            ]

    for reply in asyncio.run(run()):
        assert reply.status_code == 408
        assert reply.headers["connection"] == "close"
        assert "of the body came in 0 seconds" in problem(reply, "body-too-slow")["detail"]


def test_a_body_that_keeps_coming_has_more_time(tmp_path, monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE_S", 0.3)
    part = b"x" * bodies.SLOWEST_BYTES_PER_S

    async def slowly():
        for _ in range(4):
            yield part
            await asyncio.sleep(0.15)

    async def run():
        async with serving(tmp_path) as (client, _):
            return await client.post("/v1/ask", content=slowly(), headers=TEXT)

    problem(asyncio.run(run()), "invalid-request")


# -- replies -------------------------------------------------------------------------


def test_a_reply_that_does_not_begin_is_waited_for_only_so_long(tmp_path, monkeypatch):
    held = threading.Event()

    async def run():
        async with serving(tmp_path) as (client, dateline):
            with monkeypatch.context() as patched:
                patched.setattr(guard, "seconds_for", lambda *_: 0.2)
                store = dateline.engine.store
                patched.setattr(store, "list_articles", lambda *_, **__: held.wait(20))
                late = await client.get("/v1/articles")
            held.set()
            return late, await client.get("/healthz")

    late, after = asyncio.run(run())
    assert late.status_code == 504
    assert "no reply within 0.2 seconds" in problem(late, "timeout")["detail"]
    assert after.status_code == 200


async def through_guard(app, monkeypatch, seconds):
    monkeypatch.setattr(guard, "seconds_for", lambda *_: seconds)
    guarded = Guard(app, max_body_bytes=1_000, timeout_s=1, origins=Origins(()))
    transport = httpx.ASGITransport(guarded)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post("/", content=b"asked")


def test_a_stream_that_has_begun_takes_as_long_as_it_takes(monkeypatch):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(5):
            await asyncio.sleep(0.1)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b"!"})

    reply = asyncio.run(through_guard(app, monkeypatch, 0.15))
    assert reply.text == "xxxxx!"


def test_a_timeout_of_something_else_is_a_defect_as_before(monkeypatch, caplog):
    async def app(scope, receive, send):
        await receive()
        raise TimeoutError("secret")

    reply = asyncio.run(through_guard(app, monkeypatch, 10))
    problem(reply, "internal")
    assert "secret" in caplog.text
    assert "secret" not in reply.text


def test_a_client_that_leaves_is_no_timeout(monkeypatch):
    """Cancelled from outside while the deadline runs: the cancellation goes on."""
    began = asyncio.Event()

    async def app(scope, receive, send):
        began.set()
        await asyncio.sleep(20)

    async def run():
        task = asyncio.ensure_future(through_guard(app, monkeypatch, 10))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_nothing_goes_around_the_guards_by_websocket(tmp_path):
    with TestClient(create_app(fake_dateline(tmp_path))) as client:
        for path in ("/v1/ask", "/mcp", "/"):
            with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(path):
                pass
            assert refused.value.code == 1008


# -- connections ---------------------------------------------------------------------


@contextmanager
def listening(app, settings=None):
    """A real server, and the address it listens on."""
    sock = socket.create_server(("127.0.0.1", 0))
    options = server_options(settings or Settings())
    config = uvicorn.Config(app, lifespan="off", log_level="critical", **options)
    server = uvicorn.Server(config)
    server.capture_signals = contextmanager(lambda: (yield))
    thread = threading.Thread(target=server.run, args=([sock],))
    thread.start()
    try:
        yield sock.getsockname()
    finally:
        server.should_exit = True
        thread.join(30)
        sock.close()


async def hello(scope, receive, send):
    """Replies at once, without reading the body; `/slow` takes its time."""
    if scope["path"] == "/slow":
        await asyncio.sleep(1.0)
    body = str(scope["client"][0]).encode()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def is_cut(connection, trickle=None, limit_s=10.0):
    """Whether the server ends a connection within so many seconds, whatever trickles in."""
    connection.settimeout(0.05)
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        try:
            if trickle is not None:
                connection.sendall(trickle)
            if connection.recv(65536) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


@pytest.mark.parametrize(
    ("first", "trickle"),
    [
        (b"", None),
        (b"", b"\r\n"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", None),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"x"),
        # Its reply has gone out, and the rest of the body still comes.
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", b"x"),
    ],
)
def test_a_connection_without_a_request_is_cut(monkeypatch, first, trickle):
    monkeypatch.setattr(patience, "REQUEST_S", 0.4)
    with listening(hello) as address, socket.create_connection(address) as connection:
        connection.sendall(first)
        assert is_cut(connection, trickle)


def test_a_request_that_takes_long_is_not_cut(monkeypatch):
    monkeypatch.setattr(patience, "REQUEST_S", 0.7)
    with listening(hello) as (host, port), httpx.Client() as client:
        for path in ("/slow", "/", "/slow"):
            assert client.get(f"http://{host}:{port}{path}").text == "127.0.0.1"


def test_a_client_that_takes_nothing_is_cut(monkeypatch):
    monkeypatch.setattr(patience, "READING_S", 0.4)
    left = threading.Event()

    async def endless(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        asking = asyncio.ensure_future(receive())
        while not asking.done() or asking.result()["type"] != "http.disconnect":
            if asking.done():
                asking = asyncio.ensure_future(receive())
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            await asyncio.sleep(0)
        left.set()

    with listening(endless) as address, socket.create_connection(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert left.wait(20)


# -- proxies -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trusted", "client"),
    [
        ((), "127.0.0.1"),
        (("10.0.0.1",), "127.0.0.1"),
        (("127.0.0.1",), "198.51.100.7"),
        (("127.0.0.0/8",), "198.51.100.7"),
        (("127.0.0.1", "198.51.100.7"), "203.0.113.9"),
    ],
)
def test_only_a_proxy_that_is_named_says_who_asks(monkeypatch, trusted, client):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # of uvicorn, and not heeded
    with listening(hello, Settings(trusted_proxies=trusted)) as (host, port):
        # The first name is what the client itself sent.
        headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
        assert httpx.get(f"http://{host}:{port}/", headers=headers).text == client


def test_no_reply_says_what_serves_it():
    with listening(hello) as (host, port):
        assert "server" not in httpx.get(f"http://{host}:{port}/").headers


@pytest.mark.parametrize("value", ["*", "proxy.example", "10.0.0.0/33", "10.0.0.1/8"])
def test_proxies_are_addresses(value):
    with pytest.raises(SettingsError, match="DATELINE_TRUSTED_PROXIES"):
        Settings.from_env({"DATELINE_TRUSTED_PROXIES": value})


@pytest.mark.parametrize("value", ["https://news.lan", "news.lan:8000", "*", "a b"])
def test_hosts_are_names(value):
    with pytest.raises(SettingsError, match="DATELINE_ALLOWED_HOSTS"):
        Settings.from_env({"DATELINE_ALLOWED_HOSTS": value})


def test_a_question_beside_all_of_this(tmp_path):
    with TestClient(create_app(fake_dateline(tmp_path))) as client:
        assert client.post("/v1/ask", json=ASK).status_code == 200
