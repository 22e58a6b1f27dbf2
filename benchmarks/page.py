"""The page in a browser: bytes, time to the first words, layout shift, and long conversations.

    python -m benchmarks.page

Serves the sample corpus with the real models, asks the first golden questions in Debian's
chromium and prints what the page measured of itself. Times are of this machine, under whatever
else it does.
"""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.screenshots import FLAGS, ROOT, WIDE, ask, serve

QUESTIONS = 20
TURNS = 100
KEYS = 40
_SHIFT = """
() => {
  window.shifted = 0;
  const add = (list) => list.getEntries().forEach((entry) => (window.shifted += entry.value));
  new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
}
"""
_FIRST = """
() => {
  const marks = (name) => performance.getEntriesByName(`dateline:${name}`).map((m) => m.startTime);
  const [events, texts] = [marks("first-event"), marks("first-text")];
  return texts.map((text) => text - Math.max(...events.filter((event) => event <= text)));
}
"""
# A conversation of so many turns, each like the one that was just asked.
_LONG = """
async (turns) => {
  const {all, keep} = await import("./web/library.js");
  const [{turns: [turn]}] = await all();
  const many = Array.from({length: turns}, (_, n) => ({...turn, id: `turn${n}`}));
  await keep({id: "long", title: "Long", created: 1, updated: 1, turns: many});
}
"""
# From a key to the next drawing, in milliseconds.
_KEY = """
() => new Promise((resolve) => {
  const field = document.querySelector("#question");
  const began = performance.now();
  field.value += "x";
  field.dispatchEvent(new InputEvent("input"));
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
})
"""


def main() -> None:
    """Measure and print."""
    golden = (ROOT / "examples" / "golden.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in golden[:QUESTIONS]]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site, server = serve(Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport=WIDE)
        sizes: list[int] = []
        page.on(
            "requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"])
        )
        page.goto(site.url)
        page.locator(".example").first.wait_for(timeout=60_000)
        print(f"loaded: {sum(sizes):,} bytes in {len(sizes)} replies, none compressed")
        answers(page, asked)
        long_conversation(page, site.url)
        browser.close()
        server.should_exit = True


def answers(page: Page, asked: list[str]) -> None:
    """Times to the first words after the first event, and what moved meanwhile."""
    page.evaluate(_SHIFT)
    for question in asked:
        page.get_by_role("button", name="New conversation").click()
        ask(page, question)
    waits = page.evaluate(_FIRST)
    print(
        f"first words after the first event: median {statistics.median(waits):.0f} ms, "
        f"longest {max(waits):.0f} ms, {len(waits)} answers of {len(asked)} questions"
    )
    print(f"layout shift of all of them together: {page.evaluate('window.shifted'):.4f}")


def long_conversation(page: Page, url: str) -> None:
    """What a key costs beside many messages, against one question."""
    short = statistics.median(page.evaluate(_KEY) for _ in range(KEYS))
    page.evaluate(_LONG, TURNS)
    page.goto(url + "#c=long")
    page.locator(".turn").nth(TURNS - 1).wait_for()
    long = statistics.median(page.evaluate(_KEY) for _ in range(KEYS))
    print(
        f"from a key to the next drawing: {short:.1f} ms, beside {2 * TURNS} messages {long:.1f} ms"
    )


if __name__ == "__main__":
    main()
