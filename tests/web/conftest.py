"""A browser, a server over a small corpus, and pages that are watched while a test uses them."""

from __future__ import annotations

import re
import shutil
from urllib.parse import urlsplit

import pytest

from tests.web.serving import CORRECTED, NEWS, Served

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What is waited for comes at once; only a busy machine needs more.
PATIENCE_MS = 20_000
ASK = "#question"


# Not for the session: while the browser's loop is there, no other test may run one of its own.
@pytest.fixture(scope="package")
def chromium():
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium: install Debian's package chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def served(tmp_path_factory):
    server = Served(tmp_path_factory.mktemp("web"))
    server.post(*NEWS)
    yield server
    server.stop()


class Visitor:
    """A browser window and what a test does in it."""

    def __init__(self, browser, url, **options):
        self.url = url
        options.setdefault("viewport", {"width": 1280, "height": 800})
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.requests, self.errors = [], []
        # Errors that a test brings about, such as a status that the browser logs.
        self.expected = None
        self.page = self.context.new_page()
        self._watch()

    def _watch(self):
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                message.type in ("error", "warning") and self.errors.append(message.text)
            ),
        )

    def open(self, fragment=""):
        self.page.goto(self.url + fragment)
        self.page.locator("body").wait_for()
        return self

    def ask(self, question, ends=".tools"):
        """Ask, and wait until the answer is whole."""
        before = self.page.locator(ends).count()
        self.page.fill(ASK, question)
        self.page.press(ASK, "Enter")
        self.page.locator(ends).nth(before).wait_for()

    def turn(self):
        return self.page.locator(".turn").last

    def close(self):
        self.context.close()
        host = urlsplit(self.url).netloc
        outside = [url for url in self.requests if urlsplit(url).netloc not in (host, "")]
        assert outside == []
        unforeseen = [e for e in self.errors if not (self.expected and re.search(self.expected, e))]
        assert unforeseen == []


@pytest.fixture
def visit(chromium, served):
    """Opens windows on the page; afterwards none of them may have logged an error."""
    opened = []

    def open_window(url=served.url, **options):
        opened.append(Visitor(chromium, url, **options))
        return opened[-1]

    yield open_window
    for visitor in opened:
        visitor.close()


@pytest.fixture
def visitor(visit):
    return visit().open()


@pytest.fixture(scope="package")
def corrected(tmp_path_factory):
    """A server whose bridge article has a second version, with a correction."""
    server = Served(tmp_path_factory.mktemp("corrected"))
    server.post(*NEWS)
    server.post(CORRECTED)
    yield server
    server.stop()
