"""Every error is a problem, tells what to do, and leaks nothing."""

import json
import logging
import sqlite3
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.errors import PROBLEMS, TYPE_PREFIX
from index.errors import ManifestMismatch, StoreError, StoreFormatError
from tests.fakes import fake_dateline

PROBLEM = {"type", "title", "status", "detail", "instance"}
HUGE = "9" * 10_000


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    app = create_app(fake_dateline(tmp_path_factory.mktemp("home")))
    with TestClient(app) as client:
        client.post("/v1/articles", json={"id": "n1", "text": "The harbour bridge has closed."})
        yield client


def ask(client, **body):
    return client.post("/v1/ask", json={"question": "Is the bridge closed?", **body})


def assert_problem(response, status, slug):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) >= PROBLEM
    assert body["type"] == TYPE_PREFIX + slug
    assert (body["status"], body["title"]) == PROBLEMS[slug]
    assert 0 < len(body["detail"]) <= 500
    path = response.request.url.raw_path.decode().partition("?")[0]
    assert unquote(path).startswith(unquote(body["instance"]))
    assert len(body["instance"]) == 2_000 or unquote(path) == unquote(body["instance"])
    assert "Traceback" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    return body


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/v2/ask", 404, "not-found"),
        ("GET", "/v1/articles/nothing", 404, "article-not-found"),
        ("GET", "/v1/articles/n1?version=2", 404, "article-not-found"),
        ("GET", "/v1/articles/..%5C..%5Cetc", 404, "article-not-found"),
        ("GET", "/v1/articles/%00%0a%1b", 404, "article-not-found"),
        ("GET", "/v1/articles/' OR 1=1 --", 404, "article-not-found"),
        ("GET", f"/v1/articles/{HUGE}", 404, "article-not-found"),
        ("DELETE", "/v1/articles/nothing", 404, "article-not-found"),
        ("DELETE", "/v1/articles/%25", 404, "article-not-found"),
        ("GET", "/v1/ask", 405, "method-not-allowed"),
        ("PUT", "/v1/articles/n1", 405, "method-not-allowed"),
        ("DELETE", "/v1/articles", 405, "method-not-allowed"),
        ("POST", "/healthz", 405, "method-not-allowed"),
        ("GET", "/v1/articles/n1?version=0", 422, "invalid-request"),
        ("GET", f"/v1/articles/n1?version={HUGE}", 422, "invalid-request"),
        ("GET", "/v1/articles?limit=0", 422, "invalid-request"),
        ("GET", "/v1/articles?limit=201", 422, "invalid-request"),
        ("GET", "/v1/articles?offset=-1", 422, "invalid-request"),
        ("GET", f"/v1/articles?offset={HUGE}", 422, "invalid-request"),
        ("GET", "/v1/articles?limmit=5", 422, "invalid-request"),
        ("GET", "/v1/articles?from=2025-02-30", 422, "invalid-request"),
        ("GET", "/v1/articles?source=", 422, "invalid-request"),
        ("GET", "/v1/search", 422, "invalid-request"),
        ("GET", "/v1/search?q=", 422, "invalid-request"),
        ("GET", "/v1/search?q=%20%09", 422, "invalid-request"),
        ("GET", "/v1/search?q=x&k=0", 422, "invalid-request"),
        ("GET", "/v1/search?q=x&k=101", 422, "invalid-request"),
        ("GET", f"/v1/search?q=x&k={HUGE}", 422, "invalid-request"),
        ("GET", "/v1/search?q=x&sources=y", 422, "invalid-request"),
        ("GET", "/v1/search?q=" + "x" * 2_001, 422, "invalid-request"),
    ],
)
def test_errors_of_routes(client, method, path, status, slug):
    assert_problem(client.request(method, path), status, slug)


def test_a_wrong_method_is_told_the_right_ones(client):
    response = client.get("/v1/ask")
    assert response.headers["allow"] == "POST"
    assert "takes POST" in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"question": ""}, "question"),
        ({"question": " \n "}, "question"),
        ({"question": None}, "question"),
        ({"question": 7}, "question"),
        ({"question": ["x"]}, "question"),
        ({"question": "x" * 2_001}, "question"),
        ({"k": 0}, "k"),
        ({"k": 101}, "k"),
        ({"k": "10"}, "k"),
        ({"k": 1.5}, "k"),
        ({"k": True}, "k"),
        ({"k": 10**4_000}, "k"),
        ({"limit": 5}, "limit"),
        ({"filters": {"form": "2025-01-01"}}, "filters.form"),
        ({"filters": {"from_": "2025-01-01"}}, "filters.from_"),
        ({"filters": []}, "filters"),
        ({"filters": {"sources": "one"}}, "filters.sources"),
        ({"filters": {"sources": [""]}}, "filters.sources.0"),
        ({"filters": {"sources": ["x" * 201]}}, "filters.sources.0"),
        ({"filters": {"sections": ["x"] * 101}}, "filters.sections"),
        ({"history": [{"role": "user", "content": "x"}] * 51}, "history"),
        ({"history": [{"role": "user", "content": "x" * 8_001}]}, "history.0.content"),
        ({"history": [{"role": "system", "content": "x"}]}, "history.0.role"),
        ({"history": [{"role": "user"}]}, "history.0.content"),
        ({"history": [{"role": "user", "content": "x", "name": "y"}]}, "history.0.name"),
        ({"history": "x"}, "history"),
        ({"asked_at": "yesterday"}, "asked_at"),
    ],
)
def test_a_wrong_field_is_named(client, body, field):
    problem = assert_problem(ask(client, **body), 422, "invalid-request")
    assert f"body.{field}" in problem["detail"]
    assert f"body.{field}" in [error["field"] for error in problem["errors"]]


@pytest.mark.parametrize(
    "value",
    [
        "2025-13-01", "2025-02-29", "0000-01-01", "10000-01-01", "99999999-01-01",
        "2025-03-12T25:00Z", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2025-3-1",
        "２０２５-03-12", "2025-03-12\x00", "2025-W10", "20250312", "now", "", 20250312,
        1e999, {}, "2025-03-12T17:14:00Z; DROP TABLE versions", "9" * 10_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("bound", ["from", "to", "as_of"])
def test_a_date_that_is_none_is_refused(client, bound, value):
    body = json.dumps({"question": "x", "filters": {bound: value}})
    response = client.post("/v1/ask", content=body, headers={"Content-Type": "application/json"})
    problem = assert_problem(response, 422, "invalid-request")
    assert f"body.filters.{bound}" in problem["detail"]


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "9999-12-31"])
def test_a_date_at_the_edge_of_time_is_no_error(client, day):
    for bound in ("from", "to", "as_of"):
        assert ask(client, filters={bound: day}).status_code == 200
        assert client.get("/v1/articles", params={bound: day}).status_code == 200
    assert ask(client, asked_at=day).status_code == 200


def test_a_range_that_ends_before_it_begins_names_both(client):
    filters = {"from": "2025-05-02", "to": "2025-05-01"}
    for response in (
        ask(client, filters=filters),
        client.get("/v1/search", params={"q": "x", **filters}),
        client.get("/v1/articles", params=filters),
    ):
        detail = assert_problem(response, 422, "invalid-request")["detail"]
        assert "`from` (2025-05-02T00:00:00Z)" in detail
        assert "`to` (2025-05-01T23:59:59Z)" in detail


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"x"', 422),
        (b'{"question": "\\ud800"}', 422),
        (b'{"question": "x", "\\ud800": 1}', 422),
        (b'{"question": "x", "filters": {"sources": ["\\udfff"]}}', 422),
        (b'{"question": "x", "k": NaN}', 422),
        (b'{"question": "x", "k": ' + HUGE.encode() + b"}", 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe\x00", 400),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(client, content, status):
    response = client.post("/v1/ask", content=content, headers={"Content-Type": "application/json"})
    assert_problem(response, status, {400: "bad-request", 422: "invalid-request"}[status])


@pytest.mark.parametrize(
    "question",
    [
        "\x00", "a\x00b", "\x1b[2J", "'; DROP TABLE articles; --", '" OR "1"="1', "*", "((",
        "a AND", "title:x^9 ~2 +(", "\\", "%s%n", "\u202e\u2066", "\ufffe", "🦆" * 1_000,
        "?" * 2_000, "a " * 1_000, "\u0301" * 2_000, "${jndi:ldap://x}", "<script>x</script>",
    ],
)  # fmt: skip
def test_a_hostile_question_is_only_a_question(client, question):
    history = [{"role": "user", "content": question * 4}]
    assert ask(client, question=question).json()["question"] == question
    assert ask(client, question="why?", history=history).status_code == 200
    response = client.get("/v1/search", params={"q": question, "source": question[:200]})
    assert response.status_code == 200
    assert client.get("/v1/articles", params={"section": question[:200]}).json()["total"] == 0


def test_a_long_history_is_taken(client):
    history = [{"role": "user", "content": "x " * 4_000}] * 50
    assert ask(client, question="why?", history=history).status_code == 200


@pytest.mark.parametrize(
    ("raised", "status", "slug"),
    [
        (RuntimeError("secret in /srv/private"), 500, "internal"),
        (sqlite3.OperationalError("no table in /srv/private"), 500, "internal"),
        (KeyError("/srv/private"), 500, "internal"),
        (ManifestMismatch("'/srv/private' was made with x"), 503, "not-ready"),
        (StoreFormatError("/srv/private is no store"), 503, "not-ready"),
        (StoreError("/srv/private"), 503, "not-ready"),
    ],
)
def test_what_went_wrong_inside_is_logged_and_not_told(
    client, monkeypatch, caplog, raised, status, slug
):
    dateline = client.app.state.runtime.dateline

    def fail(*_, **__):
        raise raised

    monkeypatch.setattr(dateline.searcher, "search", fail)
    monkeypatch.setattr(dateline.engine.store, "list_articles", fail)
    with caplog.at_level(logging.ERROR, logger="dateline"):
        for response in (
            ask(client),
            client.get("/v1/search?q=x"),
            client.get("/v1/articles"),
        ):
            assert_problem(response, status, slug)
            assert "private" not in response.text
    assert caplog.text.count("/srv/private") >= 3


def test_a_store_that_cannot_be_read_is_not_ready(client, monkeypatch, caplog):
    def fail():
        raise sqlite3.DatabaseError("/srv/private is malformed")

    monkeypatch.setattr(client.app.state.runtime.dateline.engine, "refresh", fail)
    assert_problem(client.get("/readyz"), 503, "not-ready")
    assert "malformed" in caplog.text
    assert client.get("/healthz").json() == {"status": "ok"}


def test_another_site_may_not_write(client):
    headers = {"Sec-Fetch-Site": "cross-site"}
    for method, path in (("POST", "/v1/articles"), ("DELETE", "/v1/articles/n1")):
        response = client.request(method, path, headers=headers)
        assert_problem(response, 403, "cross-site")
    assert client.get("/v1/articles", headers=headers).status_code == 200
    assert client.get("/v1/articles/n1").status_code == 200
