"""Keys over HTTP: who is let in where, what everybody else is told, and that keys stay secret."""

import json
import logging
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.guards import access
from api.key_book import KEYS_FILE, KeyBook
from api.keys import Scope
from tests.api.test_http_limits import ASK, STORY, problem
from tests.fakes import fake_dateline

OPEN = ["/", "/docs", "/openapi.json", "/healthz", "/readyz"]
READING = [
    ("GET", "/v1/articles"), ("GET", "/v1/articles/n1"), ("GET", "/v1/search?q=bridge"),
    ("GET", "/v1/feeds"), ("POST", "/v1/ask"), ("POST", "/v1/verify"), ("GET", "/metrics"),
    ("POST", "/mcp"), ("GET", "/v1/models"), ("POST", "/v1/chat/completions"),
    ("POST", "/v1/embeddings"), ("GET", "/v1/nothing"), ("GET", "/nothing"),
    ("GET", "/healthz/"), ("GET", "/webx"), ("GET", "/v1/ask"),
]  # fmt: skip
CHANGING = [
    ("POST", "/v1/articles"), ("DELETE", "/v1/articles/n1"), ("POST", "/v1/feeds"),
    ("DELETE", "/v1/feeds?url=x"), ("POST", "/v1/feeds/poll"), ("POST", "/v1/nothing"),
    ("PUT", "/v1/articles/n1"), ("PATCH", "/v1/articles/n1"), ("POST", "/v1/asking"),
]  # fmt: skip
ADDRESSES = IPv4Network("203.0.0.0/16").hosts()
LOCAL = "http://127.0.0.1:8000"


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


class Served:
    """An application, its keys, and clients of it."""

    def __init__(self, home, bound_to=None, **settings):
        self.home = home
        self.book = KeyBook(home)
        self.app = create_app(fake_dateline(home, **settings), bound_to=bound_to)
        self.secrets = []

    def add(self, name, scope=Scope.READ, **lasting):
        made = datetime.now(UTC)
        expires = made + timedelta(**lasting) if lasting else None
        _, secret = self.book.add(name, scope, now=made, expires_at=expires)
        self.secrets.append(secret)
        return secret

    def client(self, base_url="http://test", client=None):
        """A client, at an address of its own unless one is given."""
        return TestClient(
            self.app, base_url=base_url, client=client or (str(next(ADDRESSES)), 50000)
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("home"))
    with served.client():  # the application lives as long as this client
        yield served


@pytest.fixture
def served(running):
    """An application without keys, of which each test may make some."""
    yield running
    (running.home / KEYS_FILE).unlink(missing_ok=True)


def told(reply):
    """The words of a refusal, in the shape of its route."""
    if reply.headers["content-type"] == "application/problem+json":
        return reply.json()["detail"]
    return reply.json()["error"]["message"]


# -- who is let in -------------------------------------------------------------------


def test_without_keys_everything_is_open_and_any_key_will_do(served):
    client = served.client()
    for headers in ({}, bearer("sk-anything"), {"X-API-Key": "x"}):
        assert client.get("/v1/articles", headers=headers).status_code == 200
        assert client.post("/v1/ask", json=ASK, headers=headers).status_code == 200
    added = client.post("/v1/articles", json={"id": "n1", "text": STORY}, headers=bearer("x"))
    assert added.status_code == 201


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open_stays_open(served, path):
    served.add("laptop")
    for headers in ({}, bearer("wrong")):
        assert served.client().get(path, headers=headers).status_code == 200


@pytest.mark.parametrize(("method", "path"), READING + CHANGING)
def test_everything_else_needs_a_key(served, method, path):
    served.add("laptop")
    reply = served.client().request(method, path)
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == 'Bearer realm="dateline"'
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "Authorization: Bearer KEY" in told(reply)
    assert "dateline keys add NAME" in told(reply)


@pytest.mark.parametrize("path", ["/v1/articles", "/v1/ask", "/metrics"])
def test_the_shape_of_a_refusal(served, path):
    served.add("laptop")
    content = problem(served.client().get(path), "unauthorized")
    assert (content["status"], content["instance"]) == (401, path)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/embeddings", "/v1/models"])
def test_the_shape_of_a_refusal_for_clients_of_openai(served, path):
    served.add("laptop")
    error = served.client().get(path).json()["error"]
    assert {"message", "type", "param", "code"} <= set(error)


@pytest.mark.parametrize(("method", "path"), READING)
def test_reading_takes_any_key(served, method, path):
    for scope in Scope:
        secret = served.add(scope, scope)
        reply = served.client().request(method, path, headers=bearer(secret))
        assert reply.status_code not in (401, 403)


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_changing_takes_a_key_that_allows_it(served, method, path):
    reader, changer = served.add("reader"), served.add("changer", Scope.INGEST)
    refused = served.client().request(method, path, headers=bearer(reader))
    detail = problem(refused, "forbidden")["detail"]
    assert refused.status_code == 403
    assert "scope `ingest`" in detail
    assert "'reader' has `read`" in detail
    assert "`dateline keys add NAME --scope ingest`" in detail
    allowed = served.client().request(method, path, headers=bearer(changer))
    assert allowed.status_code not in (401, 403)


def test_no_route_is_open_or_free_to_change_things_by_accident(served):
    """Each route of the description stands in one of the lists above."""
    paths = served.client().get("/openapi.json").json()["paths"]
    known = {(m, p.partition("?")[0].replace("n1", "{article_id}")) for m, p in READING + CHANGING}
    posts = {(m.upper(), p) for p, ops in paths.items() for m in ops if m != "get"}
    assert posts <= known
    served.add("laptop")
    for path, operations in paths.items():
        for method, operation in operations.items():
            reply = served.client().request(method, path.replace("{", "").replace("}", ""))
            assert (reply.status_code == 401) == (path not in OPEN), path
            assert ("security" in operation) == (path not in OPEN), path
            assert path in OPEN or {"401", "403", "429"} <= set(operation["responses"]), path


@pytest.mark.parametrize(
    "headers",
    [
        lambda s: {"Authorization": f"Bearer {s}"},
        lambda s: {"authorization": f"bearer {s}"},
        lambda s: {"Authorization": f"BEARER   {s} "},
        lambda s: {"X-API-Key": s},
        lambda s: {"X-API-Key": s, "Authorization": "Basic dXNlcjpwYXNz"},
    ],
)
def test_ways_to_send_a_key(served, headers):
    secret = served.add("laptop")
    assert served.client().get("/v1/articles", headers=headers(secret)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        lambda s: {"Authorization": s},
        lambda s: {"Authorization": f"Basic {s}"},
        lambda s: {"Authorization": f"Bearer{s}"},
        lambda s: {"Authorization": "Bearer "},
        lambda s: {"Authorization": f"Bearer {s[:-1]}"},
        lambda s: {"Authorization": f"Bearer {s}x"},
        lambda s: {"Authorization": f"Bearer {s},{s}"},
        lambda s: {"Authorization": b"Bearer \xff\xfe" + s.encode()},
        lambda s: {"Authorization": "Bearer " + "x" * 60_000},
        lambda s: {"X-API-Key": s.upper()},
        lambda s: {"Cookie": f"key={s}"},
        lambda s: {"X-API-Key": s, "Authorization": "Bearer wrong"},
    ],
)
def test_what_is_no_key(served, headers):
    secret = served.add("laptop")
    assert served.client().get("/v1/articles", headers=headers(secret)).status_code == 401
    assert served.client().get(f"/v1/articles?api_key={secret}").status_code == 401


def test_a_page_is_told_what_its_key_allows(served):
    def may_ingest(**headers):
        return served.client().get("/v1/corpus", headers=headers).json()["access"]["ingest"]

    assert may_ingest()
    assert not may_ingest(**bearer(served.add("reader")))
    assert may_ingest(**bearer(served.add("changer", Scope.INGEST)))


# -- while it runs -------------------------------------------------------------------


def test_a_running_server_sees_a_new_and_a_revoked_key(served):
    client = served.client()
    assert client.get("/v1/articles").status_code == 200
    first, second = served.add("first"), served.add("second")
    assert client.get("/v1/articles").status_code == 401
    assert client.get("/v1/articles", headers=bearer(first)).status_code == 200
    served.book.revoke("first", now=datetime.now(UTC))
    assert client.get("/v1/articles", headers=bearer(first)).status_code == 401
    assert client.get("/v1/articles", headers=bearer(second)).status_code == 200
    served.book.revoke("second", now=datetime.now(UTC))
    assert client.get("/v1/articles").status_code == 200


def test_a_key_ends_when_it_was_said_to(served):
    lasting, over = served.add("lasting", hours=1), served.add("over", hours=-1)
    assert served.client().get("/v1/articles", headers=bearer(lasting)).status_code == 200
    reply = served.client().get("/v1/articles", headers=bearer(over))
    assert "expired" in problem(reply, "unauthorized")["detail"]


def test_keys_that_cannot_be_read_open_nothing(served, caplog):
    secret = served.add("laptop")
    (served.home / KEYS_FILE).write_text("damaged")
    reply = served.client().get("/v1/articles", headers=bearer(secret))
    assert reply.status_code == 503
    assert str(served.home) not in reply.text
    assert str(served.home) in caplog.text
    assert secret not in caplog.text


# -- where it listens ----------------------------------------------------------------


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7", "2001:db8::7", "10.0.0.1"])  # noqa: S104
def test_on_an_address_of_others_nothing_is_open_without_keys(tmp_path, address):
    served = Served(tmp_path, bound_to=address)
    with served.client(LOCAL) as client:
        assert client.get("/healthz").status_code == 200
        assert client.post("/v1/ask", json=ASK).status_code == 401
        secret = served.add("laptop")
        assert client.post("/v1/ask", json=ASK, headers=bearer(secret)).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_on_this_machine_everything_is_open_without_keys(tmp_path, address):
    with Served(tmp_path, bound_to=address).client(LOCAL) as client:
        assert client.post("/v1/ask", json=ASK).status_code == 200


def test_a_connection_to_another_address_tells_even_who_was_not_told(served):
    assert served.client("http://192.0.2.7:8000").get("/v1/articles").status_code == 401
    assert served.client("http://[2001:db8::7]").get("/v1/articles").status_code == 401


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "127.0.0.1",
        "127.0.0.1:99",
        "[::1]:80",
        "news.lan:1",
        "",
        "l.lan",
    ],
)
def test_names_of_this_machine(tmp_path, host):
    with Served(tmp_path, allowed_hosts=("news.lan", "l.lan")).client(LOCAL) as client:
        assert client.get("/v1/articles", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example",
        "192.0.2.7", "[2001:db8::7]", "localhost@evil.example", "x.news.lan", "0.0.0.0",  # noqa: S104
    ],
)  # fmt: skip
def test_a_name_that_was_rebound_is_refused(tmp_path, host):
    served = Served(tmp_path, allowed_hosts=("news.lan",))
    with served.client(LOCAL) as client:
        for path in ("/v1/articles", "/", "/docs"):
            reply = client.get(path, headers={"Host": host})
            assert reply.status_code == 421
            assert "DATELINE_ALLOWED_HOSTS" in problem(reply, "wrong-host")["detail"]
        secret = served.add("laptop")  # which no page of another site has
        headers = {"Host": host, **bearer(secret)}
        assert client.get("/v1/articles", headers=headers).status_code == 200


# -- how often -----------------------------------------------------------------------


def test_each_key_has_its_own_rate(tmp_path):
    served = Served(tmp_path, rate_per_minute=3)
    one, other = served.add("one"), served.add("other")
    with served.client() as client:
        asked = [client.post("/v1/ask", json=ASK, headers=bearer(one)) for _ in range(4)]
        assert [reply.status_code for reply in asked] == [200, 200, 200, 429]
        left = [reply.headers["ratelimit-remaining"] for reply in asked]
        assert left == ["2", "1", "0", "0"]
        assert {reply.headers["ratelimit-limit"] for reply in asked} == {"3"}
        refused = asked[-1]
        detail = problem(refused, "rate-limited")["detail"]
        assert "this key has asked 3 times" in detail
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
        search = client.get("/v1/search?q=bridge", headers=bearer(one))
        assert search.status_code == 429
        assert client.get("/v1/articles", headers=bearer(one)).status_code == 200
        assert client.get("/v1/search?q=bridge", headers=bearer(other)).status_code == 200


def test_whoever_has_no_key_has_the_rate_of_its_address(tmp_path):
    served = Served(tmp_path, rate_per_minute=2)
    with served.client():
        for client, passes in (
            (("203.0.113.5", 1), [200, 200, 429]),
            (("203.0.113.6", 1), [200, 200, 429]),
            (("2001:db8:1:2::1", 1), [200, 200]),
            (("2001:db8:1:2:ffff::9", 1), [429]),  # another address of the same network
            (("2001:db8:1:3::1", 1), [200]),
            (("127.0.0.1", 1), [200] * 5),  # who sits at the machine
        ):
            asking = served.client(LOCAL, client=client)
            assert [asking.post("/v1/ask", json=ASK).status_code for _ in passes] == passes


def test_a_rate_may_be_off(tmp_path):
    served = Served(tmp_path, rate_per_minute=0)
    headers = bearer(served.add("laptop"))
    with served.client() as client:
        reply = client.post("/v1/ask", json=ASK, headers=headers)
        assert "ratelimit-limit" not in reply.headers


def test_guessing_is_slowed_down_and_locks_nobody_out(served, monkeypatch):
    monkeypatch.setattr(access, "FAILURES_PER_MINUTE", 4)
    served = Served(served.home)
    secret = served.add("laptop")
    with served.client(client=("192.0.2.5", 1)) as guessing:
        codes = [guessing.get("/v1/articles", headers=bearer(f"{i}")) for i in range(6)]
        assert [reply.status_code for reply in codes] == [401] * 4 + [429] * 2
        assert 1 <= int(codes[-1].headers["retry-after"]) <= 60
        problem(codes[-1], "rate-limited")
        assert guessing.get("/v1/articles").status_code == 429
        assert guessing.get("/v1/articles", headers=bearer(secret)).status_code == 200
        assert served.client(client=("192.0.2.9", 1)).get("/v1/articles").status_code == 401


# -- nothing secret ------------------------------------------------------------------


def test_no_reply_log_or_metric_ever_holds_a_key(served, caplog, monkeypatch):
    right = served.add("right")
    refused = [served.add("revoked"), served.add("over", hours=-1), "dl_" + "w" * 43, right[:-1]]
    served.book.revoke("revoked", now=datetime.now(UTC))
    seen = []

    def fail(*_, **__):
        raise RuntimeError("unforeseen")

    with caplog.at_level(logging.DEBUG):
        client = served.client()
        for secret in (right, *refused):
            for headers in (bearer(secret), {"X-API-Key": secret}):
                for method, path in [*READING, *CHANGING]:
                    seen.append(client.request(method, path, headers=headers))
        store = served.app.state.runtime.dateline.engine.store
        monkeypatch.setattr(store, "list_articles", fail)
        seen.append(client.get("/v1/articles", headers=bearer(right)))
        assert seen[-1].status_code == 500
        seen.append(client.get("/metrics", headers=bearer(right)))
        seen.append(client.get("/openapi.json"))
    held = caplog.text + json.dumps([[r.text, dict(r.headers)] for r in seen])
    held += repr(served.book.all()) + repr([vars(record) for record in caplog.records])
    assert "unforeseen" in caplog.text
    for secret in (right, *refused):
        assert secret not in held
        assert secret[3:40] not in held
