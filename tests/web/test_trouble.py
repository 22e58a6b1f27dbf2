"""What goes wrong is told in words, and the way on is one button or none."""

import re

from playwright.sync_api import expect

from api.key_book import KeyBook
from api.keys import Scope
from index.errors import StoreError
from rag.assemble import now
from tests.web.conftest import ASK
from tests.web.serving import NEWS, Scripted, Served

BRIDGE = "Why did the harbour bridge close?"
LOST = r"ERR_(CONNECTION|INCOMPLETE|EMPTY|NETWORK|ABORTED)"


def test_an_error_of_the_api_is_shown_and_asked_again(visit, served, monkeypatch):
    visitor = visit().open()

    async def broken(_):
        raise StoreError("the disk is gone")
        yield

    with monkeypatch.context() as patch:
        Scripted(served.dateline, broken, patch)
        visitor.ask(BRIDGE)
    problem = visitor.turn().locator(".problem")
    expect(problem).to_have_attribute("role", "alert")
    expect(problem).to_contain_text("The corpus cannot be used")
    expect(problem).to_contain_text("The data directory cannot be used")
    problem.get_by_role("button", name="Try again").click()
    expect(visitor.turn().locator(".sources")).to_be_visible()
    expect(problem).to_have_count(0)


def test_a_refused_question_keeps_its_words(visitor):
    page = visitor.page
    page.fill(ASK, "why? " * 500)
    page.press(ASK, "Enter")
    expect(page.locator("#editing")).to_contain_text("may have 2,000 characters")
    assert len(page.locator(ASK).input_value()) == 2500
    assert page.locator(".turn").count() == 0


async def _held_after_hits(real):
    async for event in real():
        yield event
        yield None


def test_a_lost_connection_is_shown_and_recovered_by_itself(visit, tmp_path, monkeypatch):
    server = Served(tmp_path)
    try:
        server.post(*NEWS)
        visitor = visit(server.url).open()
        visitor.expected = LOST
        page = visitor.page
        page.locator(".example").first.wait_for()
        with monkeypatch.context() as patch:
            scripted = Scripted(server.dateline, _held_after_hits, patch)
            page.fill(ASK, BRIDGE)
            page.press(ASK, "Enter")
            expect(visitor.turn().locator(".facts")).to_have_text(re.compile("Reading"))
            server_down(server, scripted)
        expect(visitor.turn().locator(".problem")).to_contain_text("The connection was lost")
        expect(page.locator("#connection")).to_have_text(re.compile("No connection to the server"))
        server.start()
        expect(visitor.turn().locator(".sources")).to_be_visible(timeout=40_000)
        expect(page.locator("#connection")).to_be_hidden()
        assert page.locator(".turn").count() == 1
    finally:
        server.stop()


def server_down(server, scripted):
    """The connection is cut first; what was being done may end then."""
    import threading

    threading.Timer(0.5, scripted.go.set).start()
    server.stop()


def test_a_key_is_asked_for_used_and_may_be_remembered(visit, tmp_path):
    server = Served(tmp_path)
    try:
        server.store(*NEWS)
        keys = KeyBook(tmp_path)
        _, may_read = keys.add("reader", Scope.READ, now=now())
        _, may_ingest = keys.add("editor", Scope.INGEST, now=now())
        visitor = visit(server.url)
        visitor.expected = "401"
        page = visitor.open().page
        dialog = page.get_by_role("dialog", name="Key")
        expect(dialog).to_contain_text("A key is needed")
        dialog.get_by_label("Key", exact=True).fill("dl_wrong")
        dialog.get_by_role("button", name="Use this key").click()
        expect(dialog).to_contain_text("The key that was given does not work")
        dialog.get_by_label("Key", exact=True).fill(may_read)
        dialog.get_by_role("button", name="Use this key").click()
        visitor.ask(BRIDGE)
        expect(visitor.turn().locator(".sources")).to_be_visible()
        page.get_by_role("link", name="The corpus").click()
        expect(page.locator("#corpus")).to_contain_text("use a key with the scope “ingest”")
        assert page.locator(".adder").count() == 0
        assert page.evaluate("[localStorage.length, sessionStorage.length]")[0] == 0
        page.get_by_role("button", name="Forget the key").click()
        page.reload()
        dialog.get_by_label("Key", exact=True).fill(may_ingest)
        dialog.get_by_label("Remember it on this device").check()
        dialog.get_by_role("button", name="Use this key").click()
        expect(page.locator(".adder")).to_have_count(3)
        assert page.evaluate("localStorage.getItem('dateline.key')") == may_ingest
        assert page.evaluate("sessionStorage.length") == 0
        assert may_ingest not in page.url
    finally:
        server.stop()


def test_a_server_that_has_gone_silent_counts_as_lost(visit, served, monkeypatch):
    visitor = visit()
    page = visitor.page
    page.clock.install()
    visitor.open()
    with monkeypatch.context() as patch:
        scripted = Scripted(served.dateline, _held_after_hits, patch)
        page.fill(ASK, BRIDGE)
        page.press(ASK, "Enter")
        expect(visitor.turn().locator(".facts")).to_have_text(re.compile("Reading"))
        page.clock.fast_forward(36_000)
        expect(visitor.turn().locator(".problem")).to_contain_text("The connection was lost")
        scripted.go.set()
        assert scripted.left.wait(20)
    page.clock.fast_forward(5_000)
    expect(visitor.turn().locator(".sources")).to_be_visible()
