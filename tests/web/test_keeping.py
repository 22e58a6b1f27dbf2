"""Conversations stay in the browser: found again, renamed, deleted, exported."""

import re

from playwright.sync_api import expect

from tests.web.conftest import ASK

BRIDGE = "Why did the harbour bridge close?"
DAM = "Who approved the Arrow Gorge dam?"


def test_a_reload_keeps_the_conversation(visitor):
    page = visitor.page
    visitor.ask(BRIDGE)
    visitor.ask(DAM)
    assert page.url.split("#")[1].startswith("c=")
    page.reload()
    expect(page.locator(".turn h2")).to_have_text([BRIDGE, DAM])
    marker = page.locator(".turn").first.locator("button.marker").first
    marker.click()
    expect(page.locator("mark.cited")).to_contain_text("inspectors found cracks")


def test_a_conversation_is_found_by_its_words(visitor):
    page = visitor.page
    visitor.ask(BRIDGE)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(ASK)).to_be_focused()
    visitor.ask(DAM)
    items = page.locator("#conversations a")
    expect(items).to_have_text([re.compile("Arrow Gorge"), re.compile("harbour bridge")])
    page.get_by_label("Find a conversation").fill("inspectors")
    expect(items).to_have_text([re.compile("harbour bridge")])
    items.first.click()
    expect(page.locator(".turn h2")).to_have_text([BRIDGE])
    page.get_by_label("Find a conversation").fill("no such words")
    expect(page.locator("#conversations")).to_contain_text("No conversation has these words.")


def test_rename_delete_and_undo(visitor):
    page = visitor.page
    visitor.ask(BRIDGE)
    page.locator(".item").hover()
    page.get_by_role("button", name=f"Rename {BRIDGE}").click()
    name = page.get_by_label("Name of the conversation")
    name.fill("The bridge")
    name.press("Enter")
    expect(page.locator("#conversations a bdi")).to_have_text("The bridge")
    page.locator(".item").hover()
    page.get_by_role("button", name="Delete The bridge").click()
    expect(page.locator("#conversations a")).to_have_count(0)
    expect(page.locator("#welcome h1")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#conversations a bdi")).to_have_text("The bridge")


def test_the_export_quotes_names_and_dates_every_source(visitor):
    page = visitor.page
    visitor.ask(BRIDGE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export this conversation").click()
    assert download.value.suggested_filename == "Why-did-the-harbour-bridge-close.md"
    text = download.value.path().read_text("utf-8")
    assert text.startswith(f"# {BRIDGE}\n\n## {BRIDGE}\n\nAsked on ")
    assert "inspectors found cracks in 14 of its beams.”[^1]" in text
    note = next(line for line in text.splitlines() if line.startswith("[^1]:"))
    assert "Meridian Wire, 10 March 2025: Harbour bridge closed after cracks are found." in note
    assert "<https://meridianwire.example/harbour-bridge>" in note
    assert "article bridge, version 1, characters 32–132; supported" in note


def test_a_conversation_of_another_browser_is_not_there(visit):
    visitor = visit().open("#c=elsewhere")
    expect(visitor.page.locator("#toast")).to_contain_text("not kept in this browser")
    expect(visitor.page.locator("#welcome h1")).to_be_visible()
