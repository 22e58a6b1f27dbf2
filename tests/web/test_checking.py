"""Checking: from a marker to the exact words, their version, and what was corrected later."""

import re

import httpx
from playwright.sync_api import expect

from rag.answers import Answered, Cited, Verified
from tests.web.serving import Scripted

BRIDGE = "Why did the harbour bridge close?"
QUOTE = (
    "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks in 14 of "
    "its beams."
)


def test_a_marker_opens_the_article_at_the_exact_words(visitor):
    page = visitor.page
    visitor.ask(BRIDGE)
    marker = visitor.turn().locator("button.marker").first
    marker.click()
    reader = page.locator("#reader")
    mark = reader.locator("mark.cited")
    # Two emoji stand before it, which are four units of a JavaScript string.
    expect(mark).to_have_text(QUOTE)
    expect(mark).to_be_focused()
    expect(mark).to_be_in_viewport(ratio=1)
    expect(reader.locator("h2")).to_have_text("Harbour bridge closed after cracks are found")
    expect(reader).to_contain_text("Meridian Wire")
    expect(reader).to_contain_text("10 March 2025")
    expect(
        reader.locator("a[href='https://meridianwire.example/harbour-bridge']")
    ).to_have_attribute("rel", re.compile("noopener"))
    page.keyboard.press("Escape")
    expect(reader).to_be_hidden()
    expect(marker).to_be_focused()


def test_the_address_keeps_the_article_that_is_open(visitor):
    page = visitor.page
    visitor.ask(BRIDGE)
    visitor.turn().locator("[data-source='1']").click()
    expect(page.locator("mark.cited")).to_have_text(QUOTE)
    page.reload()
    expect(page.locator("mark.cited")).to_have_text(QUOTE)
    page.go_back()
    expect(page.locator("#reader")).to_be_hidden()


def test_a_marker_shows_its_quote_when_pointed_at_or_focused(visitor):
    page = visitor.page
    visitor.ask(BRIDGE)
    marker = visitor.turn().locator("button.marker").first
    card = page.get_by_role("tooltip")
    marker.hover()
    expect(card).to_contain_text(QUOTE)
    expect(card).to_contain_text("Meridian Wire")
    expect(card).to_contain_text("10 March 2025")
    expect(card).to_contain_text("✓ supported")
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    marker.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(card).to_contain_text(QUOTE)
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(marker).to_be_focused()


def test_verdicts_differ_by_sign_and_word_not_only_by_colour(visit, served, monkeypatch):
    from dataclasses import replace

    from rag.answers import Verdict

    async def contradicted(real):
        async for event in real():
            if isinstance(event, Verified):
                yield replace(event, verdict=Verdict.CONTRADICTED)
            elif isinstance(event, Answered):
                wrong = [replace(c, verdict=Verdict.CONTRADICTED) for c in event.answer.citations]
                yield Answered(replace(event.answer, citations=tuple(wrong)))
            else:
                yield event

    Scripted(served.dateline, contradicted, monkeypatch)
    visitor = visit().open()
    visitor.ask(BRIDGE)
    marker = visitor.turn().locator("button.marker").first
    expect(marker).to_have_text("1✕")
    expect(marker).to_have_attribute("aria-label", re.compile("contradicted"))
    expect(visitor.turn().locator(".sources .verdict").first).to_have_text("✕ contradicted")
    style = marker.evaluate("(element) => getComputedStyle(element).borderTopStyle")
    assert style == "double"


def test_a_version_that_was_corrected_later_says_so(visit, corrected):
    visitor = visit(corrected.url).open()
    detail = httpx.get(corrected.url + "v1/articles/bridge?version=1").json()
    start = detail["text"].index("The harbour")
    visitor.open(f"#a=bridge&v=1&s={start}&e={start + len(QUOTE)}")
    reader = visitor.page.locator("#reader")
    expect(reader.locator("mark.cited")).to_have_text(QUOTE)
    expect(reader).to_contain_text("version 1 of 2", ignore_case=True)
    expect(reader).to_contain_text("There is a later version of this article.")
    expect(reader.locator(".notice")).to_contain_text("misstated the number of beams")
    reader.get_by_role("button", name="What has changed since version 1").click()
    expect(reader.locator(".changes del")).to_have_text("removed: 14")
    expect(reader.locator(".changes ins").first).to_contain_text("12")
    reader.get_by_role("button", name=re.compile("Version 2, stored")).click()
    expect(reader).to_contain_text("version 2 of 2", ignore_case=True)
    expect(reader.locator(".text")).to_contain_text("cracks in 12 of its beams")


def test_why_shows_passages_with_scores_and_stages_with_times(visitor):
    visitor.ask(BRIDGE)
    why = visitor.turn().locator(".why")
    assert why.locator(".hits li").count() == 0
    why.locator("summary").click()
    expect(why.locator(".hits .score").first).to_have_text(re.compile(r"score -?\d+\.\d\d"))
    expect(why.locator(".timings dt").last).to_have_text("In all")
    expect(why.locator(".timings dd").last).to_have_text(re.compile(r"\d+ ms|\d+\.\d s"))
    why.locator(".hits button").first.click()
    expect(visitor.page.locator("mark.cited").first).to_contain_text("Traffic stood still")


def test_an_abstention_tells_what_was_looked_for_and_what_to_try(visitor):
    visitor.ask("Who won the regatta in Zembla?")
    abstained = visitor.turn().locator(".abstained")
    expect(abstained).to_contain_text("The articles here do not seem to say.")
    expect(abstained).to_contain_text("“Who won the regatta in Zembla?”, among 4 articles.")
    expect(abstained.get_by_role("heading", name="The nearest passages")).to_be_visible()
    expect(abstained.locator(".hits li").first).to_be_visible()
    expect(abstained.locator(".advice")).to_contain_text("Ask in other words")
    abstained.get_by_role("button", name="Ask in other words").click()
    expect(visitor.page.locator("#question")).to_have_value("Who won the regatta in Zembla?")


def test_a_citation_that_is_not_checked_yet_is_no_supported_one(visit, served, monkeypatch):
    async def held(real):
        async for event in real():
            yield event
            if isinstance(event, Cited):
                yield None

    scripted = Scripted(served.dateline, held, monkeypatch)
    visitor = visit().open()
    visitor.page.fill("#question", BRIDGE)
    visitor.page.press("#question", "Enter")
    marker = visitor.turn().locator("button.marker").first
    expect(marker).to_have_attribute("data-verdict", "unchecked")
    scripted.go.set()
    expect(marker).to_have_attribute("data-verdict", "supported")
    visitor.turn().locator(".tools").wait_for()


def test_the_words_of_a_quote_are_no_markers(visit, tmp_path):
    from tests.web.serving import Served

    server = Served(tmp_path)
    try:
        server.post(
            {
                "id": "odd",
                "title": "Footnotes",
                "published": "2025-03-10",
                "source": "odd.example",
                "text": "The archivist Ilse Brandt counted [1] seal, [2] maps and [99] letters.",
            }
        )
        visitor = visit(server.url).open()
        visitor.ask("What did the archivist Ilse Brandt count?")
        expect(visitor.turn().locator(".quote").first).to_have_text(
            "The archivist Ilse Brandt counted [1] seal, [2] maps and [99] letters."
        )
        expect(visitor.turn().locator(".marker")).to_have_count(1)
    finally:
        server.stop()
