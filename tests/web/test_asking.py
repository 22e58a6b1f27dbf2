"""Asking: the answer comes as it is written, can be stopped, edited, shared and asked again."""

import json
import re
from dataclasses import replace

from playwright.sync_api import expect

from rag.answers import Answered, Delta
from tests.web.conftest import ASK
from tests.web.serving import Scripted

BRIDGE = "Why did the harbour bridge close?"


def test_an_answer_quotes_its_source(visitor):
    page = visitor.page
    visitor.ask(BRIDGE)
    turn = visitor.turn()
    expect(turn.locator("h2")).to_have_text(BRIDGE)
    quote = turn.locator(".quote").first
    expect(quote).to_contain_text(
        "closed on Monday after inspectors found cracks in 14 of its beams."
    )
    expect(turn.locator("button.marker").first).to_have_attribute("data-verdict", "supported")
    expect(turn.locator("button.marker").first).to_have_attribute(
        "aria-label", "Source 1, supported: Meridian Wire, 10 March 2025"
    )
    expect(turn.locator(".sources")).to_contain_text("Harbour bridge closed after cracks are found")
    expect(turn.locator(".sources .verdict").first).to_have_text(re.compile("✓ supported"))
    expect(page.locator("#live")).to_contain_text("Answer with")
    expect(page.locator(ASK)).to_have_value("")
    expect(page.locator(ASK)).to_be_focused()


async def _held_after_words(real):
    """The real events, held once the first words are out."""
    async for event in real():
        yield event
        if isinstance(event, Delta):
            yield None


def test_words_are_there_before_the_answer_is_whole_and_can_be_stopped(visit, served, monkeypatch):
    scripted = Scripted(served.dateline, _held_after_words, monkeypatch)
    visitor = visit().open()
    page = visitor.page
    page.fill(ASK, BRIDGE)
    page.press(ASK, "Enter")
    turn = visitor.turn()
    expect(turn.locator(".statement")).to_contain_text("after inspectors found cracks")
    expect(turn.locator(".answer")).to_have_attribute("aria-busy", "true")
    assert turn.locator("button.marker").count() == 0
    page.get_by_role("button", name="Stop").click()
    expect(turn.locator(".foot")).to_contain_text("Stopped")
    expect(turn.locator(".statement")).to_contain_text("after inspectors found cracks")
    expect(page.locator("#live")).to_have_text("Stopped.")
    # The server is told, too: it gives up what it was doing.
    scripted.go.set()
    assert scripted.left.wait(20)


def test_asking_again_takes_the_place_of_what_was_stopped(visit, served, monkeypatch):
    visitor = visit().open()
    page = visitor.page
    with monkeypatch.context() as patch:
        scripted = Scripted(served.dateline, _held_after_words, patch)
        page.fill(ASK, BRIDGE)
        page.press(ASK, "Enter")
        visitor.turn().locator(".statement").wait_for()
        page.press(ASK, "Escape")
        visitor.turn().get_by_text("What had come by then is above").wait_for()
        scripted.go.set()
        assert scripted.left.wait(20)
    visitor.turn().get_by_role("button", name="Ask again").click()
    visitor.turn().locator(".sources").wait_for()
    assert page.locator(".turn").count() == 1


def test_nothing_moves_while_the_answer_comes(visit, served, monkeypatch):
    async def piecemeal(real):
        async for event in real():
            if not isinstance(event, Delta):
                yield event
                continue
            for word in re.split(r"(?<= )", event.text):
                yield replace(event, text=word)

    Scripted(served.dateline, piecemeal, monkeypatch)
    visitor = visit().open()
    page = visitor.page
    page.locator(".example").first.wait_for()
    page.evaluate(
        """() => {
          window.moved = [];
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.moved.push(entry.value);
          }).observe({ type: "layout-shift", buffered: false });
        }"""
    )
    visitor.ask(BRIDGE)
    visitor.ask("Who approved the Arrow Gorge dam?")
    page.wait_for_timeout(200)
    # 0.1 is what is commonly called good.
    assert sum(page.evaluate("window.moved")) < 0.02


def test_a_follow_up_leans_on_what_was_said_and_may_be_taken_back(visitor):
    page = visitor.page
    visitor.ask("What did the Harrow Ledger say about the Arrow Gorge dam?")
    visitor.ask("And the Tarn Examiner?")
    turn = visitor.turn()
    read = turn.locator(".chip", has_text="read as")
    expect(read).to_contain_text("What did the Tarn Examiner say about the Arrow Gorge dam?")
    expect(turn.locator(".sources")).to_contain_text("tarnexaminer.example")
    with page.expect_request("**/v1/ask") as asked:
        read.get_by_role("button", name="Take back").click()
    body = json.loads(asked.value.post_data)
    assert body["literal"] == ["history"]
    assert [message["role"] for message in body["history"]] == ["user", "assistant"]
    turn.locator(".tools").wait_for()
    expect(turn.locator(".chip.taken")).to_contain_text("not completed")
    expect(read).to_have_count(0)


def test_an_edited_question_takes_the_place_of_the_old_one(visitor):
    page = visitor.page
    visitor.ask(BRIDGE)
    visitor.ask("Who won the Aldane Prize?")
    page.press(ASK, "ArrowUp")
    expect(page.locator(ASK)).to_have_value("Who won the Aldane Prize?")
    visitor.page.fill(ASK, "Who approved the Arrow Gorge dam?")
    page.press(ASK, "Enter")
    expect(page.locator(".turn")).to_have_count(2)
    expect(visitor.turn().locator("h2")).to_have_text("Who approved the Arrow Gorge dam?")
    page.locator(".turn").first.get_by_role("button", name="Edit the question").click()
    page.fill(ASK, BRIDGE + " Again?")
    page.press(ASK, "Enter")
    expect(page.locator(".turn")).to_have_count(1)


def test_examples_come_from_the_corpus_and_are_answered(visit, served):
    visitor = visit().open()
    example = visitor.page.locator(".example").first
    example.wait_for()
    text = example.inner_text()
    example.click()
    visitor.turn().locator(".sources").wait_for()
    expect(visitor.turn().locator("h2")).to_have_text(text)


def test_a_link_asks_the_same_question_with_its_filters(visit, served):
    visitor = visit(permissions=["clipboard-read", "clipboard-write"]).open(
        "#q=Who+approved+the+Arrow+Gorge+dam%3F&source=tarnexaminer.example&from=2025-04-01"
    )
    turn = visitor.turn()
    turn.locator(".sources").wait_for()
    expect(turn.locator(".chip.filter")).to_have_text(
        ["published 1 Apr 2025 – today", "tarnexaminer.example"]
    )
    expect(turn.locator(".sources li")).to_contain_text(["Dam vote surprises Tarn Hollow"])
    turn.get_by_role("button", name="Copy a link").click()
    visitor.page.get_by_text("is copied").wait_for()
    link = visitor.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(served.url + "#q=Who+approved+the+Arrow+Gorge+dam%3F")
    assert "source=tarnexaminer.example" in link


def test_the_whole_answer_has_the_last_word(visit, served, monkeypatch):
    async def other_words(real):
        async for event in real():
            yield replace(event, text="Draft words.") if isinstance(event, Delta) else event
            if isinstance(event, Answered):
                return

    Scripted(served.dateline, other_words, monkeypatch)
    visitor = visit().open()
    visitor.ask(BRIDGE)
    expect(visitor.turn().locator(".prose")).not_to_contain_text("Draft words")
    expect(visitor.turn().locator(".quote").first).to_contain_text("inspectors found cracks")


def test_a_further_question_stops_an_answer_that_is_still_coming(visit, served, monkeypatch):
    visitor = visit().open()
    page = visitor.page
    with monkeypatch.context() as patch:
        scripted = Scripted(served.dateline, _held_after_words, patch)
        page.fill(ASK, BRIDGE)
        page.press(ASK, "Enter")
        visitor.turn().locator(".statement").wait_for()
        page.fill(ASK, "Who won the Aldane Prize?")
        page.press(ASK, "Enter")
        expect(page.locator(".turn").first.locator(".facts")).to_have_text("Stopped")
        expect(visitor.turn().locator(".statement")).to_contain_text("Wierzba won")
        scripted.go.set()
        expect(visitor.turn().locator(".sources")).to_be_visible()
        expect(page.locator(".turn")).to_have_count(2)
    expect(page.get_by_role("button", name="Ask (Enter)")).to_be_visible()
