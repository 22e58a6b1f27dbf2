"""The page itself: colours, widths, assistive technology, size, and long conversations."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from api.page import read_files
from tests.web.conftest import ASK

BRIDGE = "Why did the harbour bridge close?"
PHONE = {"width": 360, "height": 740}
MOST_BYTES = 150_000


def paper(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def brightness(colour):
    return sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))) / 3


def test_dark_follows_the_system_and_the_switch_is_remembered(visit):
    page = visit(color_scheme="dark").open().page
    assert brightness(paper(page)) < 60
    switch = page.get_by_role("button", name="Colours: as the system")
    switch.click()
    assert brightness(paper(page)) > 200
    page.reload()
    assert brightness(paper(page)) > 200
    page.get_by_role("button", name="Colours: light").click()
    page.get_by_role("button", name="Colours: dark").click()
    assert brightness(paper(page)) < 60


def test_on_a_phone_everything_fits_and_opens(visit):
    visitor = visit(viewport=PHONE, has_touch=True, is_mobile=True).open()
    page = visitor.page

    def fits():
        return page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    assert fits()
    visitor.ask(BRIDGE)
    assert fits()
    visitor.turn().locator("button.marker").first.tap()
    expect(page.locator("mark.cited")).to_be_in_viewport()
    assert page.locator("#reader").bounding_box()["width"] == 360
    assert page.get_by_role("dialog", name="Article").is_visible()
    page.get_by_role("button", name="Close the article").tap()
    expect(page.locator("#reader")).to_be_hidden()
    expect(page.locator("#side")).to_be_hidden()
    page.get_by_role("button", name="Conversations").tap()
    page.get_by_role("link", name="The corpus").tap()
    expect(page.locator("#corpus h1")).to_be_visible()
    expect(page.locator("#side")).to_be_hidden()
    page.locator(".stacked").wait_for()
    assert fits()
    page.get_by_role("button", name="Conversations").tap()
    page.get_by_role("link", name=BRIDGE).tap()
    page.locator("#steer-toggle").tap()
    page.locator("#steer fieldset").first.wait_for()
    assert fits()


def violations(page):
    found = Axe().run(page).response["violations"]
    return [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in found]


# What axe runs comes from outside of the page, whose policy would stop it.
@pytest.mark.parametrize(
    ("scheme", "viewport"), [("light", None), ("dark", None), ("light", PHONE)]
)
def test_axe_finds_nothing(visit, scheme, viewport):
    options = {"viewport": viewport} if viewport else {}
    visitor = visit(bypass_csp=True, color_scheme=scheme, reduced_motion="reduce", **options).open()
    page = visitor.page
    page.locator(".example").first.wait_for()
    assert violations(page) == [], "welcome"
    visitor.ask(BRIDGE)
    visitor.ask("Who won the regatta in Zembla in March 2025?")
    page.locator(".why summary").last.click()
    page.locator("#steer-toggle").click()
    page.get_by_label("As of").fill("2025-04-01")
    assert violations(page) == [], "answer, abstention, steering"
    page.locator("#steer-toggle").click()
    page.locator("button.marker").first.click()
    page.locator("mark.cited").wait_for()
    assert violations(page) == [], "article"
    page.keyboard.press("Escape")
    if viewport:
        page.get_by_role("button", name="Conversations").click()
        page.get_by_label("Find a conversation").wait_for()
        assert violations(page) == [], "conversations"
    page.get_by_role("link", name="The corpus", exact=True).click()
    page.locator(".articles li").first.wait_for()
    page.get_by_text("No feed is followed yet.").wait_for()
    assert violations(page) == [], "corpus"


def test_the_page_is_small_and_asks_nobody_else(visit, served):
    visitor = visit()
    sizes = {}
    visitor.context.on("response", lambda reply: sizes.update({reply.url: reply.body}))
    visitor.open()
    visitor.page.locator(".example").first.wait_for()
    first = sum(len(body()) for body in list(sizes.values()))
    visitor.page.get_by_role("link", name="The corpus", exact=True).click()
    visitor.page.locator(".articles li").first.wait_for()
    visitor.page.get_by_role("button", name="New conversation").click()
    visitor.ask(BRIDGE)
    with visitor.page.expect_download():
        visitor.page.get_by_role("button", name="Export this conversation").click()
    total = sum(len(body()) for url, body in sizes.items() if "/v1/ask" not in url)
    assert first < total
    assert 50_000 < total < MOST_BYTES
    assert {url.split("/")[-1] for url in sizes if "/web/" in url} == set(read_files()) - {
        "index.html"
    }


SEED = """
async () => {
  const turn = (n) => ({
    id: `t${n}`, question: `Question number ${n}?`, at: 1750000000000 + n, state: "done",
    filters: {from: "", to: "", as_of: "", sources: [], mode: "", strictness: ""}, literal: [],
    text: "", understood: null, hits: [], citations: [
      {marker: 1, quote: `Words of answer ${n}. `.repeat(12), start: 0, end: 20,
       verdict: "supported", passage_id: "p", dates: [], part: null, highlight: null,
       attribution: null, article: {id: "bridge", title: "Harbour bridge", version: 1,
       source: "Meridian Wire", section: null, url: null, published_at: "2025-03-10",
       modified_at: null}}],
    answer: {status: "answered", answer: `Words of answer ${n}. `.repeat(12) + " [1]",
             mode: "extractive", confidence: 0.9, caution: null, reason: null, fallback: null,
             timings_ms: {total: 12}, models: {}, generation: 1, statements: [], understood: null},
    problem: null,
  });
  const {keep} = await import("./web/library.js");
  const turns = Array.from({length: 100}, (_, n) => turn(n));
  await keep({id: "long", title: "A long one", created: 1, updated: 1, turns});
}
"""


def test_two_hundred_messages_stay_smooth(visit):
    visitor = visit().open()
    page = visitor.page
    page.evaluate(SEED)
    page.goto(visitor.url + "#c=long")
    expect(page.locator(".turn")).to_have_count(100)
    expect(page.locator(".turn").last).to_be_in_viewport()
    # What is far away is not laid out: a keystroke costs what it costs on an empty page.
    skipped = page.evaluate(
        "[...document.querySelectorAll('.turn')].filter("
        "(turn) => !turn.querySelector('.prose').checkVisibility({contentVisibilityAuto: true}))"
        ".length"
    )
    assert skipped > 80
    visitor.ask("Who approved the Arrow Gorge dam?", ends=".turn:nth-child(101) .tools")
    expect(visitor.turn().locator(".sources")).to_contain_text("dam")
    expect(visitor.turn().locator("h2")).to_be_in_viewport()
    page.get_by_label("Find a conversation").fill("number 42?")
    expect(page.locator("#conversations a")).to_have_count(1)
    page.locator(".turn").nth(42).scroll_into_view_if_needed()
    expect(page.locator(".turn").nth(42).locator("h2")).to_have_text("Question number 42?")
    assert page.locator(ASK).is_enabled()
