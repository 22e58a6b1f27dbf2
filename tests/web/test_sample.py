"""One question on the sample corpus with the real models, from the page to the words."""

import pytest
from playwright.sync_api import expect

from tests.web.serving import Served


@pytest.fixture
def served_sample(sample):
    dateline, _ = sample
    server = Served(dateline.settings.home, dateline=dateline)
    yield server
    server.stop()


def test_the_sample_corpus_is_asked_and_checked(visit, served_sample):
    visitor = visit(served_sample.url).open()
    page = visitor.page
    visitor.ask("How many residents were evacuated when the dam at Sable Creek cracked?")
    turn = visitor.turn()
    expect(turn.locator(".statement strong").first).to_have_text("2,150")
    turn.locator("button.marker").first.click()
    expect(page.locator("mark.cited strong")).to_have_text("2,150")
    expect(page.locator("mark.cited")).to_be_in_viewport()
    expect(page.locator("#reader h2")).to_have_text(
        "Cracks in Sable Creek Dam force 2,150 from their homes"
    )
    page.keyboard.press("Escape")
    visitor.ask("Who won the Brackwater Marathon?")
    expect(visitor.turn().locator(".abstained")).to_contain_text("Brackwater, Marathon")
    # Both marks are the page's own: between them lie an event of the stream and one drawing.
    first = page.evaluate("performance.getEntriesByName('dateline:first-event')[0].startTime")
    text = page.evaluate("performance.getEntriesByName('dateline:first-text')[0].startTime")
    assert first < text
