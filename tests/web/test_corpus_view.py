"""The corpus: what is in by day and outlet, feeds and their health, and adding to it."""

import re

import pytest
from playwright.sync_api import expect

from tests.index.feed_server import FeedServer, item, page, rss, story
from tests.web.serving import NEWS, Served


@pytest.fixture
def open_corpus(visit, tmp_path):
    server = Served(tmp_path, fetch_private=True)
    server.post(*NEWS)
    yield visit(server.url).open("#view=corpus")
    server.stop()


def test_days_outlets_and_articles_are_told_and_lead_to_each_other(visit):
    visitor = visit().open("#view=corpus")
    view = visitor.page.locator("#corpus")
    expect(view.locator(".numbers dd")).to_have_text(
        ["4", "3", "4", "10 Mar 2025 – 24 Apr 2025", re.compile("just now|ago")]
    )
    expect(view.locator(".stacked .column")).to_have_count(4)
    expect(view.locator(".legend li")).to_have_text(
        ["Meridian Wire", "harrowledger.example", "tarnexaminer.example"]
    )
    view.get_by_text("As a table").click()
    expect(view.locator(".scroll tbody tr").first).to_have_text("10 Mar 20251Meridian Wire 1")
    expect(view.locator(".articles li .title")).to_have_text(
        [NEWS[3]["title"], NEWS[2]["title"], NEWS[1]["title"], NEWS[0]["title"]]
    )
    view.locator(".outlet-table").get_by_role("button", name="Meridian Wire").click()
    expect(view.locator(".articles li")).to_have_count(2)
    expect(view).to_contain_text("1–2 of 2, Meridian Wire")
    view.get_by_role("button", name="Show all").click()
    expect(view.locator(".articles li")).to_have_count(4)
    view.locator(".stacked .column").first.click()
    expect(view.locator(".articles li .title")).to_have_text([NEWS[0]["title"]])
    view.locator(".articles li .title").click()
    expect(visitor.page.locator("#reader h2")).to_have_text(NEWS[0]["title"])
    expect(visitor.page.locator("#reader mark")).to_have_count(0)


def test_an_address_a_file_and_a_feed_are_added(open_corpus):
    visitor = open_corpus
    view = visitor.page.locator("#corpus")
    with FeedServer() as news:
        one = news.put("/one", page("Pilots refuse", story("Orlanda")), Content_Type="text/html")
        feed = news.put(
            "/feed.xml", rss(item("g1", news.url("/two"), story("Tamsin"), title="Two"))
        )
        view.get_by_label("Address of an article").fill(one)
        view.locator(".adder").nth(0).get_by_role("button", name="Add").click()
        expect(visitor.page.locator("#toast")).to_contain_text("1 new, 0 changed")
        expect(view.locator(".numbers dd").first).to_have_text("5")
        view.get_by_label("Files").set_input_files(
            {"name": "note.txt", "mimeType": "text/plain", "buffer": story("Ondine").encode()}
        )
        view.locator(".adder").nth(1).get_by_role("button", name="Add").click()
        expect(view.locator(".numbers dd").first).to_have_text("6")
        view.get_by_label("Address of a feed").fill(feed)
        view.locator(".adder").nth(2).get_by_role("button", name="Add").click()
        expect(view.locator(".feeds li")).to_contain_text(["Meridian Wire"])
        expect(view.locator(".health")).to_have_text("· not polled yet")
        view.get_by_role("button", name="Poll the feeds that are due").click()
        expect(view.locator(".health")).to_have_text("✓ working")
        expect(view.locator(".numbers dd").first).to_have_text("7")
        view.get_by_role("button", name="Stop following").click()
        expect(view.get_by_text("No feed is followed yet.")).to_be_visible()


def test_what_cannot_be_added_says_why(open_corpus):
    visitor = open_corpus
    visitor.expected = "422"
    view = visitor.page.locator("#corpus")
    with FeedServer() as news:
        view.get_by_label("Address of an article").fill(news.url("/nothing"))
        view.locator(".adder").first.get_by_role("button", name="Add").click()
        expect(view.locator(".adder").first).to_contain_text("None of the articles could be taken")
        expect(view.locator(".adder").first).to_contain_text("404")
