"""Feeds over HTTP, and `serve --watch`."""

import threading
import time

import pytest
from fastapi.testclient import TestClient

import rag.assemble
from api.app import create_app
from tests.fakes import fake_dateline
from tests.index.feed_server import FeedServer, Reply, item, rss, story
from tests.index.test_polling import local_fetcher

ARTICLE = "https://meridianwire.example/2025/orlanda"
FEED = rss(item("g1", ARTICLE, story("Orlanda"), title="Pilots refuse"))


@pytest.fixture
def server():
    with FeedServer() as server:
        yield server


@pytest.fixture
def dateline(tmp_path, monkeypatch):
    monkeypatch.setattr(rag.assemble, "load_fetcher", lambda *_, **__: local_fetcher())
    return fake_dateline(tmp_path / "home", parsers=0)


@pytest.fixture
def client(dateline):
    with TestClient(create_app(dateline)) as client:
        yield client


def problem(reply):
    return reply.status_code, reply.json()["type"].rpartition(":")[2]


def test_the_way_of_a_feed(client, server):
    url = server.put("/feed.xml", FEED)
    added = client.post("/v1/feeds", json={"url": url})
    assert added.status_code == 201
    assert (added.json()["title"], added.json()["status"]) == ("Meridian Wire", "new")
    assert client.post("/v1/feeds", json={"url": url}).status_code == 200
    polled = client.post("/v1/feeds/poll").json()
    assert (polled["new"], polled["broken"]) == (1, 0)
    (feed,) = client.get("/v1/feeds").json()["feeds"]
    assert (feed["status"], feed["entries"], feed["error"]) == ("ok", 1, None)
    assert client.get("/v1/articles").json()["articles"][0]["url"] == ARTICLE
    again = client.post("/v1/feeds/poll", json={"urls": [url], "force": True}).json()
    assert (again["new"], again["feeds"][0]["same"]) == (0, 1)
    assert client.delete("/v1/feeds", params={"url": url}).status_code == 204
    assert client.get("/v1/feeds").json() == {"feeds": []}
    assert client.get("/v1/articles").json()["total"] == 1


def test_refusals(client, server):
    page = server.put("/", "<html><body>No feed</body></html>")
    assert problem(client.post("/v1/feeds", json={"url": page})) == (422, "feed-unusable")
    assert problem(client.post("/v1/feeds", json={"url": "file:///etc/x"})) == (
        422,
        "feed-unusable",
    )
    assert problem(client.post("/v1/feeds", json={"link": page})) == (422, "invalid-request")
    missing = {"url": "https://nowhere.example/feed"}
    assert problem(client.delete("/v1/feeds", params=missing)) == (404, "feed-not-found")
    unknown = client.post("/v1/feeds/poll", json={"urls": [missing["url"]]})
    assert problem(unknown) == (404, "feed-not-found")
    assert problem(client.delete("/v1/feeds")) == (422, "invalid-request")


def test_a_broken_feed_is_told_with_its_health(client, server):
    client.post("/v1/feeds", json={"url": server.put("/feed.xml", FEED)})
    server.replies["/feed.xml"] = Reply("", 500)
    polled = client.post("/v1/feeds/poll").json()
    assert polled["broken"] == 1
    (feed,) = client.get("/v1/feeds").json()["feeds"]
    assert (feed["status"], feed["failures"]) == ("failing", 1)
    assert feed["error"]
    assert feed["next_poll_at"] > feed["polled_at"]


def test_one_poll_at_a_time(client, dateline, server):
    with dateline.feeds.poller._one_at_a_time:
        assert problem(client.post("/v1/feeds/poll")) == (503, "feeds-busy")
    assert client.post("/v1/feeds/poll").status_code == 200


def test_watching_brings_articles_without_being_asked(dateline, server):
    dateline.feeds.book.add(server.put("/feed.xml", FEED), now=rag.assemble.now())
    with TestClient(create_app(dateline, watch=True)) as client:
        deadline = time.monotonic() + 30
        while not client.get("/v1/search", params={"q": "harbour pilots"}).json()["hits"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert "dateline-watch" not in {thread.name for thread in threading.enumerate()}


def test_a_server_stops_at_once_also_in_the_middle_of_a_poll(dateline, server):
    items = [item(f"g{i}", f"{ARTICLE}{i}", story(f"Ship {i}")) for i in range(150)]
    url = server.put("/feed.xml", rss(*items))
    dateline.feeds.book.add(url, now=rag.assemble.now())
    with TestClient(create_app(dateline, watch=True)):
        while "/feed.xml" not in server.asked:
            time.sleep(0.005)
        started = time.monotonic()
    assert time.monotonic() - started < 5
