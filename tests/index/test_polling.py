"""Polling: what a feed brings is stored once, kept up with, and never lost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from index.errors import FeedNotFound
from index.following.courtesy import Courtesy, Stopped
from index.following.schedule import MAX_PAGE_TRIES
from index.local.engine import LocalEngine
from index.prepare.chunk import ChunkSettings
from index.sources.web.fetch import Fetcher, FetchSettings
from rag.feeds import assemble_feeds
from tests.fakes import HashingEmbedder
from tests.index.feed_server import FeedServer, Reply, item, page, rss, story

START = datetime(2025, 6, 2, 8, tzinfo=UTC)
ARTICLE = "https://meridianwire.example/2025/06/02/orlanda"


@dataclass
class Clock:
    at: datetime = START

    def __call__(self):
        return self.at

    def forward(self, **by):
        self.at += timedelta(**by)


@dataclass
class Desk:
    """A store that follows feeds, with a clock that tests move."""

    server: FeedServer
    engine: LocalEngine
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self):
        self.fetcher = local_fetcher()
        self.feeds = assemble_feeds(
            self.engine,
            HashingEmbedder(),
            self.fetcher,
            chunking=ChunkSettings(),
            clock=self.clock,
        )
        self.book = self.feeds.book

    @property
    def store(self):
        return self.engine.store

    def follow(self, path="/feed.xml"):
        return self.book.add(self.server.url(path), now=self.clock()).url

    def poll(self, *urls, **options):
        """What the one feed that is polled brought."""
        report = self.feeds.poller.poll(urls or None, **options)
        assert len(report.feeds) == 1
        return report.feeds[0]


def local_fetcher():
    """The real one, for a server on loopback that need not be spared."""
    return Fetcher(FetchSettings(allow_private=True, per_host_delay_s=0, retries=0))


@pytest.fixture
def desk(tmp_path):
    embedder = HashingEmbedder()
    engine = LocalEngine(tmp_path / "home", {"embedder": "fake", "dim": embedder.dim})
    with FeedServer() as server:
        desk = Desk(server, engine)
        yield desk
        desk.feeds.close()
        desk.fetcher.close()
    engine.close()


def counts(polled):
    return polled.new, polled.changed, polled.same, polled.failed


# -- what an entry becomes --------------------------------------------------------------


def test_a_full_text_becomes_an_article_with_its_date_and_address(desk):
    entry = item("g1", ARTICLE, story("Orlanda"), title="Pilots refuse", published=START)
    desk.server.put("/feed.xml", rss(entry))
    desk.follow()
    assert counts(desk.poll()) == (1, 0, 0, 0)
    (article_id,) = desk.store.article_ids()
    ref = desk.store.article(article_id).ref
    assert (ref.title, ref.url, ref.published.at) == ("Pilots refuse", ARTICLE, START)
    assert "day 5" in desk.store.article(article_id).text
    assert desk.store.find(ARTICLE) == [article_id]


def test_what_was_seen_costs_nothing(desk):
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))))
    desk.follow()
    desk.poll()
    generation = desk.store.generation
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda")), extra="<ttl>9</ttl>"))
    desk.clock.forward(days=1)
    assert counts(desk.poll()) == (0, 0, 1, 0)
    assert desk.store.generation == generation


@pytest.mark.parametrize(
    ("guid", "url", "text"),
    [
        ("g1", ARTICLE, story("Orlanda", 7)),
        ("g1", ARTICLE + "-final", story("Orlanda")),
        ("g1", ARTICLE + "-final", story("Orlanda", 7)),
        ("g2", ARTICLE, story("Orlanda", 7)),
    ],
    ids=["text", "address", "both", "guid and text"],
)
def test_an_entry_that_changes_is_a_new_version_of_its_article(desk, guid, url, text):
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"), title="A")))
    desk.follow()
    desk.poll()
    (before,) = desk.store.article_ids()
    desk.server.put("/feed.xml", rss(item(guid, url, text, title="A")))
    desk.clock.forward(days=1)
    assert counts(desk.poll()) == (0, 1, 0, 0)
    assert desk.store.article_ids() == [before]
    assert [v.number for v in desk.store.versions(before)] == [1, 2]
    assert desk.store.article(before).ref.url == url


def test_a_new_guid_for_the_same_words_is_nothing_new(desk):
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"), title="A")))
    desk.follow()
    desk.poll()
    desk.server.put("/feed.xml", rss(item("g2", ARTICLE, story("Orlanda"), title="A")))
    desk.clock.forward(days=1)
    assert counts(desk.poll()) == (0, 0, 1, 0)


def test_one_article_in_two_feeds_is_one_article(desk):
    desk.server.put("/a.xml", rss(item("a1", ARTICLE, story("Orlanda"))))
    desk.server.put("/b.xml", rss(item("b1", ARTICLE, story("Orlanda", 2))))
    desk.follow("/a.xml")
    desk.follow("/b.xml")
    reports = desk.feeds.poller.poll().feeds
    assert [counts(r) for r in reports] == [(1, 0, 0, 0), (0, 0, 1, 0)]
    (article_id,) = desk.store.article_ids()
    assert len(desk.store.versions(article_id)) == 1
    assert "day 5" in desk.store.article(article_id).text


def test_entries_without_addresses_are_told_apart_by_guid(desk):
    home = "https://meridianwire.example/"
    desk.server.put(
        "/feed.xml", rss(item("e1", home, story("Orlanda")), item("e2", home, story("Brannoch")))
    )
    desk.follow()
    assert desk.poll().new == 2
    assert {desk.store.article(i).ref.url for i in desk.store.article_ids()} == {None}
    assert {desk.store.article(i).ref.source for i in desk.store.article_ids()} == {"Meridian Wire"}


def test_an_article_that_was_forgotten_stays_forgotten(desk):
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))))
    desk.follow()
    desk.poll()
    desk.store.forget(desk.store.article_ids())
    desk.clock.forward(days=1)
    assert counts(desk.poll(force=True)) == (0, 0, 1, 0)
    assert desk.store.article_ids() == []


def test_an_entry_without_words_or_page_is_refused_by_name(desk):
    desk.server.put("/feed.xml", rss("<item><title>Only a title</title></item>"))
    desk.follow()
    polled = desk.poll()
    assert counts(polled) == (0, 0, 0, 1)
    assert "no text" in polled.skipped[0].reason


# -- pages --------------------------------------------------------------------------------


def summary(desk, path="/orlanda", **more):
    return item("g1", desk.server.url(path), "Pilots refuse a ship.", content=False, **more)


def test_the_page_of_a_summary_is_read(desk):
    desk.server.put("/orlanda", page("Pilots refuse the Orlanda", story("Orlanda")))
    desk.server.put("/feed.xml", rss(summary(desk, published=START)))
    desk.follow()
    assert counts(desk.poll()) == (1, 0, 0, 0)
    (article_id,) = desk.store.article_ids()
    article = desk.store.article(article_id)
    assert "day 5" in article.text
    assert article.ref.published.at == START
    assert article.ref.url == desk.server.url("/orlanda")


def test_a_summary_stands_in_until_its_page_can_be_read(desk):
    desk.server.replies["/orlanda"] = Reply("down", 503)
    desk.server.put("/feed.xml", rss(summary(desk, published=START)))
    desk.follow()
    polled = desk.poll()
    assert (polled.new, polled.waiting) == (1, 1)
    assert len(polled.unread) == 1
    (article_id,) = desk.store.article_ids()
    assert desk.store.article(article_id).text == "Pilots refuse a ship."
    desk.server.put("/orlanda", page("Pilots refuse the Orlanda", story("Orlanda")))
    desk.clock.forward(days=1)
    polled = desk.poll()
    assert (polled.new, polled.changed, polled.waiting) == (0, 1, 0)
    assert desk.store.article_ids() == [article_id]
    assert "day 5" in desk.store.article(article_id).text
    assert desk.store.article(article_id).ref.published.at == START


def test_a_page_is_tried_again_only_so_often(desk):
    desk.server.replies["/orlanda"] = Reply("down", 404)
    desk.server.put("/feed.xml", rss(summary(desk)))
    desk.follow()
    for _ in range(12):
        polled = desk.poll()
        desk.clock.forward(days=30)
    assert desk.server.count("/orlanda") == MAX_PAGE_TRIES
    assert polled.waiting == 0


def test_a_page_that_says_less_than_the_feed_is_not_taken(desk):
    words = "Harbour pilots in Port Merrow refuse to board a freighter that hides its load."
    desk.server.put("/orlanda", page("Sign in", "Sign in to read."))
    entry = item("g1", desk.server.url("/orlanda"), words, content=False)
    desk.server.put("/feed.xml", rss(entry))
    desk.follow()
    polled = desk.poll()
    assert (polled.new, polled.waiting) == (1, 1)
    (article_id,) = desk.store.article_ids()
    assert desk.store.article(article_id).text == words


def test_a_host_that_fails_is_not_asked_for_every_page(desk):
    links = [
        item(f"g{i}", desk.server.url(f"/p{i}"), f"Summary number {i} of the day.", content=False)
        for i in range(12)
    ]
    for i in range(12):
        desk.server.replies[f"/p{i}"] = Reply("down", 404)
    desk.server.put("/feed.xml", rss(*links))
    desk.follow()
    assert desk.poll().new == 12
    assert sum(path.startswith("/p") for path in desk.server.asked) == 3


# -- feeds that are unchanged, moved, broken, gone ----------------------------------------


def test_an_unchanged_document_is_not_sent_again(desk):
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))), ETag='"1"')
    desk.follow()
    desk.poll()
    desk.clock.forward(days=1)
    polled = desk.poll()
    assert polled.unmodified
    assert desk.server.not_modified == 1
    desk.clock.forward(days=1)
    assert counts(desk.poll(force=True)) == (0, 0, 1, 0)
    assert desk.server.not_modified == 1


def test_a_permanent_redirect_is_followed_for_good(desk):
    desk.server.replies["/old.xml"] = Reply(status=301, headers={"Location": "/feed.xml"})
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))))
    old = desk.follow("/old.xml")
    assert desk.poll().url == desk.server.url("/feed.xml")
    desk.clock.forward(days=1)
    desk.poll()
    assert desk.server.count("/old.xml") == 1
    assert desk.book.get(old).url == desk.server.url("/feed.xml")
    assert desk.book.get(old).entries == 1


def test_a_temporary_redirect_is_not(desk):
    desk.server.replies["/old.xml"] = Reply(status=302, headers={"Location": "/feed.xml"})
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))))
    old = desk.follow("/old.xml")
    assert desk.poll().url == old


def test_two_subscriptions_that_meet_become_one(desk):
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))))
    desk.follow()
    desk.poll()
    desk.server.replies["/old.xml"] = Reply(status=301, headers={"Location": "/feed.xml"})
    assert counts(desk.poll(desk.follow("/old.xml"))) == (0, 0, 1, 0)
    assert [state.url for state in desk.book.feeds()] == [desk.server.url("/feed.xml")]


def test_a_feed_that_is_gone_stops_and_can_be_begun_again(desk):
    desk.server.replies["/feed.xml"] = Reply("", 410)
    url = desk.follow()
    polled = desk.poll()
    assert polled.next_poll_at is None
    assert "ended" in polled.error
    desk.clock.forward(days=400)
    assert desk.feeds.poller.poll().feeds == ()
    assert desk.feeds.poller.poll(force=True).feeds == ()
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))))
    desk.book.add(url, now=desk.clock())
    assert desk.poll().new == 1


def test_a_broken_feed_backs_off_up_to_a_day_and_recovers(desk):
    desk.server.put("/feed.xml", "<html><body>Maintenance</body></html>")
    url = desk.follow()
    waits = []
    for _ in range(14):
        polled = desk.poll()
        assert "html" in polled.error
        waits.append(polled.next_poll_at - desk.clock())
        desk.clock.at = polled.next_poll_at
    assert timedelta(minutes=4) <= waits[0] <= timedelta(minutes=6)
    assert all(1.3 < later / earlier < 3.1 for earlier, later in pairwise(waits[:8]))
    assert timedelta(hours=18) < waits[-1] <= timedelta(days=1)
    assert desk.book.get(url).failures == 14
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))))
    assert desk.poll().new == 1
    state = desk.book.get(url)
    assert (state.failures, state.error) == (0, None)


def test_a_server_that_asks_for_time_gets_it(desk):
    desk.server.replies["/feed.xml"] = Reply("", 503, {"Retry-After": "7200"})
    desk.follow()
    polled = desk.poll()
    assert polled.next_poll_at >= desk.clock() + timedelta(hours=2)


def test_only_what_is_due_is_polled(desk):
    desk.server.put("/feed.xml", rss(extra="<ttl>120</ttl>"))
    url = desk.follow()
    desk.poll()
    desk.clock.forward(minutes=119)
    assert desk.feeds.poller.poll().feeds == ()
    desk.clock.forward(minutes=2)
    assert len(desk.feeds.poller.poll().feeds) == 1
    assert len(desk.feeds.poller.poll([url]).feeds) == 1
    with pytest.raises(FeedNotFound, match=r"nowhere\.example"):
        desk.feeds.poller.poll(["https://nowhere.example/feed"])


def test_a_long_feed_is_taken_in_parts(desk, monkeypatch):
    monkeypatch.setattr("index.following.feed_intake.MAX_ENTRIES_PER_POLL", 5)
    monkeypatch.setattr("index.following.feed_intake.BATCH_ENTRIES", 2)
    items = [item(f"g{i}", f"{ARTICLE}{i}", story(f"Ship {i}")) for i in range(12)]
    desk.server.put("/feed.xml", rss(*items), ETag='"1"')
    desk.follow()
    brought = []
    for _ in range(4):
        polled = desk.poll()
        brought.append((polled.new, polled.left, polled.unmodified))
        desk.clock.at = polled.next_poll_at
    assert brought == [(5, 7, False), (5, 2, False), (2, 0, False), (0, 0, True)]
    assert len(desk.store.article_ids()) == 12


def test_a_feed_that_is_removed_keeps_its_articles(desk):
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))))
    url = desk.follow()
    desk.poll()
    desk.book.remove(url)
    assert len(desk.store.article_ids()) == 1
    with pytest.raises(FeedNotFound):
        desk.book.remove(url)


# -- courtesy ----------------------------------------------------------------------------


def test_a_poll_waits_for_others_and_can_be_ended(desk):
    looks = []
    desk.feeds.courtesy.give_way_to(lambda: looks.append(1) or len(looks) % 3 != 0)
    desk.server.put("/feed.xml", rss(item("g1", ARTICLE, story("Orlanda"))))
    url = desk.follow()
    assert desk.poll().new == 1
    assert len(looks) >= 6
    desk.feeds.courtesy.stop()
    with pytest.raises(Stopped):
        desk.feeds.poller.poll([url])


def test_courtesy_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr("index.following.courtesy.MAX_WAIT_S", 0.05)
    courtesy = Courtesy()
    courtesy.give_way_to(lambda: True)
    courtesy.wait()
