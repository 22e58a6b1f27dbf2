"""robots.txt: who may read what, which line says so, and what holds when it can't be read."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from index.errors import FetchFailed, FetchRefused
from index.sources.web.robots import KEPT_S, MAX_CRAWL_DELAY_S, UNREACHABLE_S, Robots

SITE = "https://meridianwire.example"


class Site:
    """A site whose robots.txt is as a test says."""

    def __init__(self, text="", status=200):
        self.text = text
        self.status = status
        self.error = None
        self.reads = []
        self.now = 0.0
        self.robots = Robots(self.read, "Dateline", lambda: self.now)

    def read(self, url):
        self.reads.append(url)
        if self.error is not None:
            raise self.error
        return self.status, self.text.encode("utf-8")

    def admits(self, path):
        try:
            self.robots.admit(SITE, f"{SITE}{path}")
        except FetchRefused:
            return False
        return True


@pytest.mark.parametrize(
    ("text", "path", "admitted"),
    [
        ("User-agent: *\nDisallow: /private", "/private/a", False),
        ("User-agent: *\nDisallow: /private", "/news/a", True),
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?b", True),
        ("User-agent: DATELINE\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        ("<!DOCTYPE html><p>No such page", "/a", True),
        ("", "/a", True),
    ],
)
def test_rules(text, path, admitted):
    assert Site(text).admits(path) is admitted


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_without_a_file_everything_is_permitted(status):
    assert Site("User-agent: *\nDisallow: /", status).admits("/a")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_file_that_cannot_be_read_forbids_everything_for_a_while(status):
    site = Site(status=status)
    with pytest.raises(FetchFailed, match=rf"robots.txt of {SITE} can't be read \(HTTP {status}"):
        site.admits("/a")
    site.status = 200
    site.now = UNREACHABLE_S - 1
    with pytest.raises(FetchFailed):
        site.admits("/b")
    assert len(site.reads) == 1
    site.now = UNREACHABLE_S
    assert site.admits("/a")


def test_a_site_that_does_not_answer_is_left_alone():
    site = Site()
    site.error = FetchFailed(SITE, "no connection")
    for _ in range(2):
        with pytest.raises(FetchFailed, match=r"no connection.*nothing may be read there for now"):
            site.admits("/a")
    assert len(site.reads) == 1


def test_a_file_that_may_not_be_asked_for_is_said_as_it_is():
    site = Site()
    site.error = FetchRefused(SITE, "it is private")
    with pytest.raises(FetchRefused, match="it is private"):
        site.robots.admit(SITE, SITE)


def test_a_file_is_kept_for_an_hour():
    site = Site()
    assert site.admits("/a")
    site.text = "User-agent: *\nDisallow: /"
    site.now = KEPT_S - 1
    assert site.admits("/a")
    assert site.reads == [f"{SITE}/robots.txt"]
    site.now = KEPT_S
    assert not site.admits("/a")


def test_every_site_has_its_own():
    site = Site("User-agent: *\nDisallow: /")
    assert not site.admits("/a")
    site.text = ""
    assert site.robots.admit("http://meridianwire.example", "http://meridianwire.example/a") == 0


@pytest.mark.parametrize(
    ("said", "seconds"), [("4", 4), ("0.5", 0.5), ("86400", MAX_CRAWL_DELAY_S), ("soon", 0)]
)
def test_the_pause_that_a_site_asks_for(said, seconds):
    assert Site(f"User-agent: *\nCrawl-delay: {said}").robots.admit(SITE, SITE) == seconds


def test_threads_read_a_file_once():
    site = Site()
    read = site.read

    def slowly(url):
        time.sleep(0.05)
        return read(url)

    site.robots = Robots(slowly, "Dateline", lambda: 0.0)
    threads = [threading.Thread(target=site.admits, args=("/a",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(site.reads) == 1


# -- which line forbids --------------------------------------------------------------------


def named(text, path):
    with pytest.raises(FetchRefused) as caught:
        Site(text).robots.admit(SITE, f"{SITE}{path}")
    return caught.value.reason.partition("forbids it")[2]


def test_the_line_is_of_the_group_that_is_meant():
    text = (
        "User-agent: other\nDisallow: /a/b/c\n\nUser-agent: dateline\nDisallow: /x\n"
        "Disallow: /a   # no archive\nDisallow: /y"
    )
    assert named(text, "/a/b/c") == " ('Disallow: /a   # no archive')"


def test_in_a_very_long_file_the_line_is_not_looked_for():
    text = "User-agent: *\n" + "".join(f"Disallow: /{n}\n" for n in range(20_000))
    began = time.monotonic()
    assert named(text, "/199") == ""
    assert time.monotonic() - began < 2


AGENTS = st.sampled_from(["User-agent: *", "User-agent: dateline", "User-agent: other"])
PATTERNS = st.sampled_from(["/", "/a", "/a/b", "/b", "/*b", "/a$", "*", "", "/a/b/c"])
RULES = st.builds("{}: {}".format, st.sampled_from(["Disallow", "Allow", "disallow "]), PATTERNS)
FILES = st.lists(st.lists(AGENTS, min_size=1, max_size=2) | st.lists(RULES, max_size=3), max_size=8)


@given(FILES, st.sampled_from(["/", "/a", "/a/b", "/a/b/c", "/b/a"]))
def test_the_line_that_is_named_forbids(groups, path):
    """Alone in a file, and in this one: whatever stands with it, without it nothing is left."""
    text = "\n".join(line for group in groups for line in group)
    url = f"{SITE}{path}"
    if Protego.parse(text).can_fetch(url, "Dateline"):
        assert Site(text).admits(path)
        return
    line = named(text, path).removeprefix(" ('").removesuffix("')")
    assert line in text.splitlines()
    assert not Protego.parse(f"User-agent: *\n{line}").can_fetch(url, "Dateline")
