"""Articles and models that want to be more than text: nothing runs, nothing is misread."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from rag.answers import Answered, Cited, Delta, FailedCitation, Judged, Remark, Statement, Verdict
from tests.scripted_llm import ScriptedModel
from tests.web.serving import NEWS, Scripted, Served

RUNS = (
    "<script>window.pwned=1</script><img src=x onerror='window.pwned=2'><svg onload=window.pwned=3>"
)
# Right-to-left override, zero-width space, word joiner, soft hyphen, tag characters, a bell.
TRICKS = "invoice\u202egpj.exe pay\u200bpal \u2060to\u00adday \U000e0041\U000e0042 end\u0007"
ARTICLE = {
    "id": "hostile",
    "url": "https://evil.example/?q=%3Cimg%20onerror=window.pwned=4%3E&'",
    "title": f"Zebra herd {RUNS} escapes \u202eOLLEH",
    "published": "2025-03-11",
    "source": '"><script>window.pwned=5</script>\u2067.example',
    "section": "<iframe srcdoc='<script>parent.pwned=6</script>'>",
    "authors": ["<a href='javascript:window.pwned=7'>Eve</a>"],
    "text": f"The zebra herd of Quarrendon escaped on Monday {RUNS} said {TRICKS} "
    "keeper Ola Brandt.",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    server = Served(tmp_path_factory.mktemp("hostile"))
    server.post(*NEWS, ARTICLE)
    yield server
    server.stop()


def nothing_ran(page):
    assert page.evaluate("window.pwned") is None
    injected = "#main :is(img, iframe, script, object), #reader :is(img, iframe, script)"
    assert page.locator(injected).count() == 0
    assert page.locator("[onerror], [onload], [href^='javascript:' i]").count() == 0
    assert not re.search(
        "[\u202e\u2067\u200b\u2060\u00ad\u0007\U000e0041]", page.inner_text("body")
    )


def test_an_article_of_scripts_and_tricks_is_text_everywhere(visit, hostile):
    visitor = visit(hostile.url).open()
    page = visitor.page
    page.on("dialog", lambda dialog: visitor.errors.append(dialog.message))
    visitor.ask("Where did the zebra herd of Quarrendon escape?")
    turn = visitor.turn()
    expect(turn.locator(".quote").first).to_contain_text("<script>window.pwned=1</script>")
    expect(turn.locator(".quote").first).to_contain_text("invoicegpj.exe paypal today")
    turn.locator("button.marker").first.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("<img src=x")
    turn.locator(".why summary").click()
    nothing_ran(page)
    turn.locator("button.marker").first.click()
    reader = page.locator("#reader")
    expect(reader.locator("h2")).to_contain_text("<svg onload=window.pwned=3>")
    expect(reader.locator("mark.cited")).to_contain_text("keeper Ola Brandt.")
    expect(reader).to_contain_text("characters of this article cannot be seen")
    nothing_ran(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="The corpus", exact=True).click()
    page.locator(".articles li").first.wait_for()
    expect(page.locator("#corpus")).to_contain_text("<script>window.pwned=5</script>.example")
    nothing_ran(page)
    page.get_by_role("link", name=re.compile("zebra herd")).click()
    page.locator("#steer-toggle").click()
    expect(page.locator("#steer")).to_contain_text("<script>window.pwned=5</script>.example")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export this conversation").click()
    text = download.value.path().read_text("utf-8")
    assert "\\<script\\>" in text
    assert not re.search(r"(?<!\\)<(?!https?://)", text)
    nothing_ran(page)


WRITTEN = (
    f"The herd {RUNS} escaped. [1] See ![map](https://evil.example/x.png) and "
    f"[this](javascript:window.pwned=8) {TRICKS} [?] <a href='https://evil.example'>here</a>"
)


async def _written(real):
    """An answer as a model that was turned by an article would have it, unfiltered."""
    async for event in real():
        if isinstance(event, Cited):
            for piece in re.split(r"(?<= )", WRITTEN):
                yield Delta(piece)
            remark = Remark("number", Verdict.CONTRADICTED, 0, 8, f"wrong {RUNS}")
            yield Judged(Statement(0, 8, Verdict.CONTRADICTED, (1,), (remark,)))
            yield event
        elif isinstance(event, Answered):
            remark = Remark("number", Verdict.CONTRADICTED, 0, 8, f"wrong {RUNS}")
            place = WRITTEN.index("[?]")
            yield Answered(
                replace(
                    event.answer,
                    text=WRITTEN,
                    mode="llm",
                    caution=RUNS,
                    supported_share=0.5,
                    statements=(Statement(0, 8, Verdict.CONTRADICTED, (1,), (remark,)),),
                    failed=(FailedCitation("[9]", place, place + 3, f"no passage 9 {RUNS}"),),
                    withheld=2,
                )
            )
        elif not isinstance(event, Delta):
            yield event


def test_what_a_turned_model_writes_is_text_too(visit, hostile, monkeypatch):
    Scripted(hostile.dateline, _written, monkeypatch)
    visitor = visit(hostile.url).open()
    page = visitor.page
    visitor.ask("Where did the zebra herd of Quarrendon escape?")
    turn = visitor.turn()
    prose = turn.locator(".prose")
    expect(prose).to_contain_text("<script>window.pwned=1</script>")
    expect(prose).to_contain_text("![map](https://evil.example/x.png)")
    expect(prose).to_contain_text("[this](javascript:window.pwned=8)")
    assert prose.locator("a").count() == 0
    expect(prose.locator(".doubted")).to_contain_text("✕ contradicted")
    expect(prose.locator("span.marker[data-verdict=not_found]")).to_contain_text("no passage 9")
    expect(turn.locator(".doubts")).to_contain_text("wrong <script>")
    expect(turn.locator(".foot")).to_contain_text("2 sentences were left out")
    nothing_ran(page)
    page.reload()
    expect(page.locator(".prose")).to_contain_text("<script>window.pwned=1</script>")
    nothing_ran(page)


@pytest.fixture(scope="module")
def writing(tmp_path_factory):
    def said(_):
        return (
            "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks in "
            "14 of its beams. [1] It closed after inspectors found cracks in 90 of its beams. [1]"
        )

    server = Served(tmp_path_factory.mktemp("writing"), model=ScriptedModel(said))
    server.post(*NEWS)
    yield server
    server.stop()


def test_what_a_model_writes_is_marked_sentence_by_sentence(visit, writing):
    visitor = visit(writing.url).open()
    page = visitor.page
    page.locator("#steer-toggle").click()
    expect(page.get_by_label("write, and check each sentence")).to_be_checked()
    page.get_by_label("leave it out").check()
    page.get_by_label("mark what is not supported").check()
    page.get_by_role("button", name="Done").click()
    visitor.ask("Why did the harbour bridge close?")
    turn = visitor.turn()
    expect(turn.locator(".facts")).to_contain_text("Written, and checked")
    expect(turn.locator(".facts")).to_contain_text("50% of sentences supported")
    expect(turn.locator(".written").first).to_contain_text("14 of its beams")
    doubted = turn.locator(".doubted")
    expect(doubted).to_have_attribute("data-verdict", "contradicted")
    expect(doubted).to_contain_text("90 of its beams")
    expect(doubted).to_contain_text("✕ contradicted")
    expect(turn.locator(".doubts")).to_contain_text("90")
    turn.locator("button.marker").first.click()
    expect(page.locator("mark.cited")).to_contain_text("inspectors found cracks in 14")
    page.keyboard.press("Escape")
    page.locator("#steer-toggle").click()
    page.get_by_label("quote the articles").check()
    page.get_by_role("button", name="Done").click()
    visitor.ask("Who approved the Arrow Gorge dam?")
    expect(visitor.turn().locator(".facts")).to_contain_text("Quoted word for word")


def test_words_without_end_stay_within_a_telephone(visit, tmp_path):
    server = Served(tmp_path)
    try:
        endless = "W" * 900
        server.post(
            ARTICLE
            | {"title": endless, "source": endless[:150], "text": f"The zebra saw {endless} here."}
        )
        visitor = visit(server.url, viewport={"width": 360, "height": 700}).open()
        page = visitor.page
        visitor.ask("What did the zebra see? " + endless)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        widest = """[...document.querySelectorAll('#scroll *')]
          .filter((one) => one.getBoundingClientRect().right > 360.5)
          .map((one) => one.outerHTML.slice(0, 80))"""
        assert page.evaluate(widest) == []
        visitor.turn().locator(".title").first.click()
        page.locator("#reader .text").wait_for()
        assert page.evaluate("document.querySelector('#reader').scrollWidth") <= 360
    finally:
        server.stop()
