"""Pictures of every view of the page, over the sample corpus, as docs/page.md shows them.

    python -m benchmarks.screenshots --out docs/images

Serves the sample corpus from a folder that is thrown away, with the real models, and looks at
it with Debian's chromium. For the picture of versions, an article is cited first and corrected
then; the language model of its picture says what `WRITTEN` has, with a sentence that is wrong.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from benchmarks.small_png import small
from index.sources import read_sources
from rag.assemble import Dateline, assemble
from rag.llm.chat import ChatModel
from rag.settings import Settings
from tests.scripted_llm import ScriptedModel

ROOT = Path(__file__).parent.parent
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-lcd-text", "--no-first-run"]
WIDE = {"width": 1240, "height": 780}
PHONE = {"width": 360, "height": 720}
# What a picture may have, for whoever reads the documentation on a telephone.
MOST_BYTES = 150_000
# An article of the sample, and the same as it stood before it was corrected.
EARLIER = "kestrel-business/sorrel-chip-plant-dunmarrow.txt"
CORRECTED = "kestrel-business/sorrel-chip-plant-dunmarrow-corrected.txt"

DAM = "How many residents were evacuated when the dam at Sable Creek cracked?"
FERRY = "How many people died on the Lady Corrigan?"
PRIZE = "Who won the Aldane Prize?"
LOSSES = "What did the Harrow Ledger and the Tarn Examiner say about the losses at Tannery Ridge?"
MARATHON = "Who won the Brackwater Marathon?"
WRITTEN = (
    "Sheriff's deputies told 2,150 people living below the Sable Creek Dam to leave at once, after "
    "engineers found that a crack in the concrete face had lengthened overnight. [2] Families "
    "forced from their homes were allowed back on Friday afternoon. [1] About 60 people will stay "
    "in hotels at the state's expense for at least another week. [1]"
)
CHIPS = "How many permanent jobs will the Sorrel chip plant in Dunmarrow create?"


@dataclass(frozen=True, slots=True)
class Site:
    """A running server and what it was made from."""

    dateline: Dateline
    news: Path
    url: str

    def correct(self) -> None:
        """The outlet corrects an article, which is ingested again."""
        shutil.copyfile(ROOT / "examples" / "news" / CORRECTED, self.news / EARLIER)
        self.dateline.ingestor.ingest(read_sources([self.news]))


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for views, model in ((VIEWS, None), (WRITTEN_VIEWS, ScriptedModel(WRITTEN))):
            with tempfile.TemporaryDirectory() as folder:
                site, server = serve(Path(folder), model)
                for name, (options, take) in views.items():
                    picture(browser, site, out / f"{name}.png", options, take)
                server.should_exit = True
        browser.close()


def serve(folder: Path, model: ChatModel | None = None) -> tuple[Site, uvicorn.Server]:
    """The sample corpus without the correction, served in a thread on any free port."""
    news = folder / "news"
    shutil.copytree(ROOT / "examples" / "news", news)
    (news / CORRECTED).unlink()
    dateline = assemble(Settings(home=folder / "home", parsers=0), model=model)
    dateline.ingestor.ingest(read_sources([news]))
    server = uvicorn.Server(uvicorn.Config(create_app(dateline), port=0, log_level="warning"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    return Site(dateline, news, f"http://127.0.0.1:{port}/"), server


def picture(
    browser: Browser,
    site: Site,
    path: Path,
    options: dict[str, Any],
    take: Callable[[Page, Site], None],
) -> None:
    """One view in a window of its own."""
    context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce"} | options)
    page = context.new_page()
    page.goto(site.url)
    page.locator(".example").first.wait_for(timeout=60_000)
    take(page, site)
    page.wait_for_timeout(300)
    path.write_bytes(small(page.screenshot(), page))
    size = path.stat().st_size
    print(f"{path.name}: {size:,} bytes")
    assert size < MOST_BYTES, f"{path.name} has {size:,} bytes"
    context.close()


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the whole answer."""
    before = page.locator(".tools").count()
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.locator(".tools").nth(before).wait_for(timeout=60_000)


def welcome(_: Page, __: Site) -> None:
    """What is there before anything was asked."""


def answer(page: Page, _: Site) -> None:
    """An answer, with the article beside it at the cited words."""
    for question in (FERRY, PRIZE, DAM):
        ask(page, question)
        if question != DAM:
            page.get_by_role("button", name="New conversation").click()
    page.locator("button.marker").first.click()
    page.locator("mark.cited").wait_for()


def card(page: Page, _: Site) -> None:
    """The card of a marker."""
    ask(page, LOSSES)
    page.locator("button.marker").nth(2).hover()


def steering(page: Page, _: Site) -> None:
    """Dates, outlets, as of when."""
    page.locator("#steer-toggle").click()
    page.get_by_label("From", exact=True).fill("2025-04-01")
    page.get_by_label("harrowledger.example").check()
    page.get_by_label("Meridian Wire", exact=False).first.check()


def abstention(page: Page, _: Site) -> None:
    """What the corpus does not hold."""
    ask(page, MARATHON)


def why(page: Page, _: Site) -> None:
    """Passages with scores, stages with times."""
    ask(page, PRIZE)
    page.locator(".why summary").click()
    page.locator(".why").scroll_into_view_if_needed()
    page.locator(".timings").scroll_into_view_if_needed()


def versions(page: Page, site: Site) -> None:
    """An article that was corrected after it was cited."""
    ask(page, CHIPS)
    site.correct()
    page.locator("button.marker").first.click()
    page.get_by_role("button", name="What has changed").click()
    page.locator(".changes ins").first.wait_for()
    page.locator("#reader").evaluate("(reader) => reader.scrollTo(0, 0)")


def corpus(page: Page, _: Site) -> None:
    """What is in."""
    open_conversations(page)
    page.get_by_role("link", name="The corpus", exact=True).click()
    page.locator(".articles li").first.wait_for()


def open_conversations(page: Page) -> None:
    """The list of conversations, which is hidden on a narrow screen."""
    if page.locator("#menu").is_visible():
        page.locator("#menu").click()


def phone_article(page: Page, _: Site) -> None:
    """The article over the answer."""
    ask(page, DAM)
    page.locator("button.marker").first.click()
    page.locator("mark.cited").wait_for()


def written(page: Page, _: Site) -> None:
    """An answer by a language model, with the verdict of each sentence."""
    ask(page, DAM)


def phone_answer(page: Page, _: Site) -> None:
    """An answer on a telephone."""
    ask(page, DAM)


DARK: dict[str, Any] = {"color_scheme": "dark"}
SMALL: dict[str, Any] = {"viewport": PHONE}
VIEWS: dict[str, tuple[dict[str, Any], Callable[[Page, Site], None]]] = {
    "welcome": ({}, welcome),
    "answer": ({}, answer),
    "answer-dark": (DARK, answer),
    "card": (DARK, card),
    "steering": ({}, steering),
    "abstention": ({}, abstention),
    "why": ({}, why),
    "corpus": ({}, corpus),
    "corpus-dark": (DARK, corpus),
    "phone-welcome": (SMALL | DARK, welcome),
    "phone-answer": (SMALL, phone_answer),
    "phone-article": (SMALL, phone_article),
    "phone-corpus": (SMALL, corpus),
    # Last, as it changes the corpus.
    "versions": ({}, versions),
}
WRITTEN_VIEWS: dict[str, tuple[dict[str, Any], Callable[[Page, Site], None]]] = {
    "written": ({}, written)
}


if __name__ == "__main__":
    main()
