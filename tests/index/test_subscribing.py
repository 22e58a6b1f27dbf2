"""Subscribing: to a feed, or to the feed of a page."""

from datetime import UTC, datetime

import pytest

from index.errors import FetchFailed, UnreadableSource
from index.following.subscribing import Subscriber, absolute, feed_links
from index.sources.payload import Payload
from index.store.connections import Connections
from index.store.feeds import FeedBook
from index.store.sqlite import STORE_FILE, Store
from tests.index.feed_server import FeedServer, Reply, item, rss, story
from tests.index.test_polling import local_fetcher

NOW = datetime(2025, 6, 2, tzinfo=UTC)
FEED = rss(item("g1", "https://meridianwire.example/1", story("Orlanda")))


@pytest.fixture
def server():
    with FeedServer() as server:
        yield server


@pytest.fixture
def subscriber(tmp_path):
    store = Store(tmp_path / STORE_FILE)
    book = FeedBook(Connections(tmp_path / STORE_FILE))
    with local_fetcher() as fetcher:
        yield Subscriber(book, fetcher, now=lambda: NOW)
    book.close()
    store.close()


def linking(*links):
    return f"<html><head><title>News</title>{''.join(links)}</head><body>Hello</body></html>"


def link(href, kind="application/rss+xml", title=""):
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


def test_a_feed_is_subscribed_to_under_its_title(server, subscriber):
    subscribed = subscriber.subscribe(server.put("/feed.xml", FEED))
    assert subscribed.is_new
    assert (subscribed.state.title, subscribed.entries) == ("Meridian Wire", 1)
    assert subscribed.state.next_poll_at == NOW
    again = subscriber.subscribe(server.url("/feed.xml"), "My wire")
    assert not again.is_new
    assert again.state.title == "My wire"


def test_a_page_stands_for_the_feed_that_it_links(server, subscriber):
    server.put("/feed.xml", FEED)
    url = server.put(
        "/", linking(link("/comments.xml", title="Comments"), link("/feed.xml?a=1&amp;b=2"))
    )
    assert subscriber.subscribe(url).state.url == server.url("/feed.xml?a=1&b=2")


def test_a_link_that_gives_no_feed_is_passed_over(server, subscriber):
    server.put("/old.xml", "<html></html>")
    server.put("/feed.xml", FEED)
    url = server.put("/", linking(link("/old.xml"), link("/feed.xml")))
    assert subscriber.subscribe(url).state.url == server.url("/feed.xml")


def test_what_leads_to_no_feed_is_refused_by_name(server, subscriber):
    url = server.put("/", linking())
    with pytest.raises(UnreadableSource, match="links no feed"):
        subscriber.subscribe(url)
    server.replies["/gone"] = Reply("", 404)
    with pytest.raises(FetchFailed):
        subscriber.subscribe(server.url("/gone"))


def test_a_permanent_redirect_is_followed(server, subscriber):
    server.put("/feed.xml", FEED)
    server.replies["/old"] = Reply("", 301, {"Location": "/feed.xml"})
    assert subscriber.subscribe(server.url("/old")).state.url == server.url("/feed.xml")


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("meridianwire.example/feed", "https://meridianwire.example/feed"),
        (" http://meridianwire.example ", "http://meridianwire.example"),
    ],
)
def test_a_scheme_may_be_left_out(given, url):
    assert absolute(given) == url


@pytest.mark.parametrize("given", ["", "file:///etc/passwd", "https://", "no such thing"])
def test_what_is_no_address_is_refused(given):
    with pytest.raises(UnreadableSource, match="no web address"):
        absolute(given)


def test_links_of_a_page_are_seen_from_its_base():
    page = linking('<base href="https://cdn.example/x/">', link("feed", "application/atom+xml"))
    payload = Payload("p", page.encode(), url="https://meridianwire.example/")
    assert list(feed_links(payload)) == ["https://cdn.example/x/feed"]
    assert list(feed_links(Payload("p", b""))) == []
    assert list(feed_links(Payload("p", b"\x00\xff" * 100))) == []
