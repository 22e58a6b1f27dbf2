"""Pages of other sites: which may use the API, and what browsers are told on every reply."""

import asyncio

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.key_book import KEYS_FILE
from api.limits import HEADERS
from rag.errors import SettingsError
from rag.settings import Settings
from tests.api.test_http_keys import Served, bearer
from tests.api.test_http_limits import ASK, STORY, problem
from tests.fakes import fake_dateline

CHAT = "https://chat.example.org"
DEV = "http://localhost:3000"
EVIL = "https://evil.example"
# What the clients of OpenAI and MCP send from a browser.
SENT = (
    "authorization,content-type,x-api-key,last-event-id,mcp-session-id,mcp-protocol-version,"
    "x-stainless-arch,x-stainless-lang,x-stainless-os,x-stainless-package-version,"
    "x-stainless-retry-count,x-stainless-runtime,x-stainless-runtime-version,x-stainless-timeout"
)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    served = Served(home, cors_origins=(CHAT, DEV), max_body_bytes=2_000)
    with served.client():
        yield served


@pytest.fixture
def served(running):
    """An application without keys, of which each test may make some."""
    yield running
    (running.home / KEYS_FILE).unlink(missing_ok=True)


def preflight(client, path, origin=CHAT, method="POST", **headers):
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": SENT,
    }
    return client.options(path, headers=asked | headers)


def assert_may_read(reply, origin=CHAT):
    assert reply.headers["access-control-allow-origin"] == origin
    assert "Origin" in reply.headers["vary"]
    exposed = {name.strip().lower() for name in _list(reply, "access-control-expose-headers")}
    assert {"retry-after", "x-request-id", "mcp-session-id", "ratelimit-remaining"} <= exposed
    assert "access-control-allow-credentials" not in reply.headers


def _list(reply, name):
    return reply.headers[name].split(",")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/ask"), ("POST", "/v1/chat/completions"), ("POST", "/mcp"),
        ("GET", "/v1/articles"), ("DELETE", "/v1/articles/n1"), ("GET", "/nothing"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("origin", [CHAT, DEV])
def test_a_preflight_needs_no_key_and_allows_what_clients_send(served, method, path, origin):
    served.add("laptop")
    reply = preflight(served.client(), path, origin, method)
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == origin
    allowed = {name.strip() for name in _list(reply, "access-control-allow-headers")}
    assert set(SENT.split(",")) <= allowed
    assert method in reply.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in reply.headers
    for name, value in HEADERS.items():
        assert reply.headers[name] == value


@pytest.mark.parametrize(
    "origin", [EVIL, "null", CHAT + ".evil.example", "http://chat.example.org", CHAT + ":8443"]
)
def test_a_preflight_of_another_site_is_refused(served, origin):
    reply = preflight(served.client(), "/v1/ask", origin)
    assert reply.status_code == 400
    assert "DATELINE_CORS_ORIGINS" in problem(reply, "bad-request")["detail"]
    assert "access-control-allow-origin" not in reply.headers


def test_every_reply_may_be_read_whatever_it_says(served, monkeypatch):
    secret = served.add("laptop")
    client, origin = served.client(), {"Origin": CHAT}
    right = origin | bearer(secret)
    replies = {
        200: client.post("/v1/ask", json=ASK, headers=right),
        401: client.post("/v1/ask", json=ASK, headers=origin),
        403: client.post("/v1/articles", json={"text": STORY}, headers=right),
        404: client.get("/nothing", headers=right),
        405: client.get("/v1/ask", headers=right),
        413: client.post("/v1/ask", content=b"x" * 3_000, headers=right),
        422: client.post("/v1/ask", json={}, headers=right),
    }

    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(served.app.state.runtime.dateline.engine.store, "list_articles", fail)
    replies[500] = client.get("/v1/articles", headers=right)
    for status, reply in replies.items():
        assert reply.status_code == status
        assert_may_read(reply)
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_a_refusal_by_rate_may_be_read(tmp_path):
    served = Served(tmp_path, cors_origins=(CHAT,), rate_per_minute=1)
    headers = {"Origin": CHAT, **bearer(served.add("laptop"))}
    with served.client() as client:
        client.post("/v1/ask", json=ASK, headers=headers)
        reply = client.post("/v1/ask", json=ASK, headers=headers)
        assert reply.status_code == 429
        assert "retry-after" in reply.headers
        assert_may_read(reply)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/ask", ASK | {"stream": True}),
        (
            "/v1/chat/completions",
            {
                "model": "dateline",
                "stream": True,
                "messages": [{"role": "user", "content": ASK["question"]}],
            },
        ),
    ],
)
def test_a_stream_may_be_read(served, path, body):
    reply = served.client().post(path, json=body, headers={"Origin": CHAT})
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert_may_read(reply)


def test_a_page_of_an_allowed_site_may_ask_and_no_other(served):
    client = served.client()
    for origin, status in ((CHAT, 200), (DEV, 200), (EVIL, 403), ("null", 403)):
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        reply = client.post("/v1/ask", json=ASK, headers=headers)
        assert reply.status_code == status
        if status == 403:
            problem(reply, "cross-site")
            assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://test"}, 200),
        ({"Origin": "http://TEST"}, 200),
        ({"Origin": EVIL}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://test:81"}, 403),
        ({"Origin": "http://test.evil.example"}, 403),
        ({"Origin": EVIL, "Sec-Fetch-Site": "same-origin"}, 200),  # a proxy changed the host
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_by_default_no_other_site_may_change_or_ask(tmp_path, headers, status):
    with TestClient(create_app(fake_dateline(tmp_path)), base_url="http://test") as client:
        reply = client.post("/v1/ask", json=ASK, headers=headers)
        assert reply.status_code == status
        assert "access-control-allow-origin" not in reply.headers
        reply = preflight(client, "/v1/ask", headers.get("Origin", EVIL))
        assert "access-control-allow-origin" not in reply.headers


def test_any_site_where_that_is_wanted(tmp_path):
    served = Served(tmp_path, cors_origins=("*",))
    with served.client() as client:
        headers = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
        reply = client.post("/v1/ask", json=ASK, headers=headers)
        assert reply.status_code == 200
        assert reply.headers["access-control-allow-origin"] == "*"
        assert preflight(client, "/v1/ask", EVIL).status_code == 200


def test_a_reply_through_httpx_has_one_of_each_header(served):
    """A middleware that adds its headers twice makes browsers refuse the reply."""

    async def ask():
        transport = httpx.ASGITransport(served.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/v1/ask", json=ASK, headers={"Origin": CHAT})

    reply = asyncio.run(ask())
    assert reply.headers.get_list("access-control-allow-origin") == [CHAT]


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("", ()),
        ("*", ("*",)),
        ("https://Chat.example.org, http://localhost:3000", (CHAT, DEV)),
        ("http://[::1]:8080,", ("http://[::1]:8080",)),
    ],
)
def test_the_setting(value, origins):
    assert Settings.from_env({"DATELINE_CORS_ORIGINS": value}).cors_origins == origins


@pytest.mark.parametrize(
    "value", ["chat.example.org", "https://x.example/", "https://x.example/a", "ftp://x", "null"]
)
def test_a_setting_that_would_never_match_is_refused(value):
    with pytest.raises(SettingsError, match="DATELINE_CORS_ORIGINS"):
        Settings.from_env({"DATELINE_CORS_ORIGINS": value})
