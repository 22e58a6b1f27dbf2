"""`dateline feeds`: what is printed where, and with which exit code."""

import json
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

import rag.assemble
from api import cli
from api.commands.running import PARTLY, USAGE
from tests.conftest import ROOT
from tests.fakes import HashingEmbedder, OverlapReranker
from tests.index.feed_server import FeedServer, Reply, item, rss, story
from tests.index.test_polling import local_fetcher

ARTICLE = "https://meridianwire.example/2025/orlanda"
FEED = rss(item("g1", ARTICLE, story("Orlanda"), title="Pilots refuse"))


@pytest.fixture
def server():
    with FeedServer() as server:
        yield server


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    monkeypatch.setattr(rag.assemble, "load_embedder", lambda *_: HashingEmbedder())
    monkeypatch.setattr(rag.assemble, "load_reranker", lambda *_: OverlapReranker())
    monkeypatch.setattr(rag.assemble, "load_fetcher", lambda *_, **__: local_fetcher())
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATELINE_PARSERS", "0")
    monkeypatch.setenv("NO_COLOR", "1")


def run(*arguments):
    return CliRunner().invoke(cli.app, ["feeds", *map(str, arguments)])


def run_json(*arguments, code=0):
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_the_way_of_a_feed(server):
    url = server.put("/feed.xml", FEED, ETag='"1"')
    added = run("add", url)
    assert (added.exit_code, added.stdout) == (0, f"Subscribed to Meridian Wire ({url}, 1 entry)\n")
    assert added.stderr.startswith("next: dateline feeds poll")
    assert "Already subscribed" in run("add", url).stdout
    polled = run("poll")
    assert polled.exit_code == 0
    assert polled.stdout.startswith("Meridian Wire: 1 new, 0 changed, 0 known; next poll ")
    assert "no feed is due; --force" in run("poll").stderr
    assert "nothing new" in run("poll", url).stdout
    assert "0 new, 0 changed, 1 known" in run("poll", "--force").stdout
    listed = run("list").stdout
    assert "Meridian Wire  [ok]" in listed
    assert url in listed
    found = CliRunner().invoke(cli.app, ["search", "harbour pilots", "--json"])
    assert json.loads(found.stdout)["hits"][0]["article"]["url"] == ARTICLE
    assert run("remove", url).stdout == f"Unsubscribed from {url}\n"
    assert "no feeds yet" in run("list").stderr


def test_json(server):
    url = server.put("/feed.xml", FEED)
    (added,) = run_json("add", url, "--title", "My wire")["feeds"]
    assert (added["title"], added["status"], added["is_new"]) == ("My wire", "new", True)
    polled = run_json("poll")
    assert (polled["new"], polled["broken"], polled["feeds"][0]["url"]) == (1, 0, url)
    (listed,) = run_json("list")["feeds"]
    assert (listed["status"], listed["entries"], listed["failures"]) == ("ok", 1, 0)
    assert listed["succeeded_at"].endswith("Z")
    assert run_json("remove", url) == {"removed": [url], "not_found": []}


def test_lists_of_other_readers(server, tmp_path):
    url = server.put("/feed.xml", FEED)
    opml = tmp_path / "mine.xml"
    opml.write_text(
        f'<opml><body><outline><outline text="Wire" xmlUrl="{url}"/></outline></body></opml>'
    )
    assert f"Subscribed to Wire ({url})" in run("add", opml).stdout
    assert server.asked == []
    printed = run("list", "--opml").stdout
    opml.write_text(printed)
    assert not run_json("add", opml)["feeds"][0]["is_new"]


def test_what_cannot_be_added_is_named(server, tmp_path):
    page = server.put("/", "<html><body>No feed here</body></html>")
    (tmp_path / "notes.txt").write_text("notes")
    result = run("add", page, tmp_path / "notes.txt", server.put("/feed.xml", FEED))
    assert result.exit_code == PARTLY
    assert result.stdout.startswith("Subscribed to Meridian Wire")
    assert f"not subscribed to {page}: it begins with <html>" in result.stderr
    assert "notes.txt: it is no OPML" in result.stderr
    assert len(run_json("add", page, code=PARTLY)["refused"]) == 1
    assert run("add").exit_code == USAGE


def test_a_broken_feed_is_reported(server):
    url = server.put("/feed.xml", FEED)
    run("add", url)
    server.replies["/feed.xml"] = Reply("", 410)
    result = run("poll")
    assert result.exit_code == PARTLY
    assert "cannot be read: it has ended" in result.stdout
    assert "[stopped]" in run("list").stdout


def test_a_feed_that_is_not_there():
    for command in ("remove", "poll"):
        result = run(command, "https://nowhere.example/feed")
        assert result.exit_code == PARTLY, result.output
        assert "nowhere.example" in result.stderr


def test_nothing_to_poll():
    result = run("poll")
    assert result.exit_code == 0
    assert "no feeds yet" in result.stderr


# Stands for the console script, with models that need no weights.
WATCH = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import rag.assemble
from tests.fakes import HashingEmbedder, OverlapReranker
from tests.index.test_polling import local_fetcher
rag.assemble.load_embedder = lambda *_: HashingEmbedder()
rag.assemble.load_reranker = lambda *_: OverlapReranker()
rag.assemble.load_fetcher = lambda *_, **__: local_fetcher()
from api.cli import main
sys.argv = ["dateline", *sys.argv[1:]]
main()
"""


def test_watching_ends_with_ctrl_c(server):
    run("add", server.put("/feed.xml", FEED))
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", WATCH, "feeds", "watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout.readline().startswith("Meridian Wire: 1 new")
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors.splitlines()[0] == "watching 1 feed; Ctrl-C ends it"
    assert errors.splitlines()[-1] == "stopped; what was stored stays"
