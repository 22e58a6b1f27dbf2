"""kill -9 at random moments of polling: nothing is lost, nothing comes twice."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.local.engine import LocalEngine
from index.store.connections import Connections
from index.store.feeds import FeedBook
from index.store.sqlite import STORE_FILE
from tests.fakes import HashingEmbedder
from tests.index.feed_server import FeedServer, item, page, rss, story

ROOT = Path(__file__).parent.parent.parent
FULL, SUMMARIES = 240, 24
KILLS = 20

# Polls the feed of its second argument until all of it is stored.
POLL = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from index.following import feed_intake
from index.following import polling
from index.local.engine import LocalEngine
from index.prepare.chunk import ChunkSettings
from rag.feeds import assemble_feeds
from tests.fakes import HashingEmbedder
from tests.index.test_polling import local_fetcher

class Told(feed_intake.FeedIntake):
    def _store(self, found, tally):
        print("storing", flush=True)
        super()._store(found, tally)


polling.FeedIntake = Told
feed_intake.BATCH_ENTRIES = 4
feed_intake.MAX_ENTRIES_PER_POLL = 1_000
embedder = HashingEmbedder()
engine = LocalEngine(Path(sys.argv[1]), {"embedder": "fake", "dim": embedder.dim})
now = lambda: datetime(2025, 6, 2, tzinfo=UTC)
feeds = assemble_feeds(
    engine, embedder, local_fetcher(), chunking=ChunkSettings(), clock=now
)
feeds.book.add(sys.argv[2], now=now())
print("started", flush=True)
polled = feeds.poller.poll().feeds[0]
print("finished", polled, flush=True)
assert polled.error is None, polled
"""


def start(home, url, log):
    return subprocess.Popen(
        [sys.executable, "-c", POLL, str(home), url], stdout=log, stderr=subprocess.STDOUT, cwd=ROOT
    )


def has_come(log, batches):
    """Whether a run has begun, and begun to store so many batches."""
    said = log.read_text()
    return "started" in said and said.count("storing") >= batches


def serve(server):
    """A feed of whole texts and of summaries with pages; returns its address."""
    items = [
        item(f"full{i}", f"https://meridianwire.example/full/{i}", story(f"Ship {i}", 3))
        for i in range(FULL)
    ]
    for i in range(SUMMARIES):
        url = server.put(f"/page/{i}", page(f"Ferry {i}", story(f"Ferry {i}", 3)))
        items.insert(10 * i, item(f"part{i}", url, f"Ferry {i} is late again.", content=False))
    return server.put("/feed.xml", rss(*items))


def assert_whole(home):
    """What is recorded is stored, each article once; returns how many are recorded."""
    embedder = HashingEmbedder()
    engine = LocalEngine(home, {"embedder": "fake", "dim": embedder.dim})
    book = FeedBook(Connections(home / STORE_FILE))
    store = engine.store
    ids = store.article_ids()
    assert all(len(store.versions(i)) == 1 for i in ids)
    assert len({store.article(i).ref.url for i in ids}) == len(ids)
    assert engine.snapshot.generation == store.generation
    entries = [
        book.entry(state.url, guid, None)
        for state in book.feeds()
        for guid in [f"full{i}" for i in range(FULL)] + [f"part{i}" for i in range(SUMMARIES)]
    ]
    recorded = [entry for entry in entries if entry is not None]
    assert {entry.article_id for entry in recorded} <= set(ids)
    assert len({entry.article_id for entry in recorded}) == len(recorded)
    assert all(entry.try_at is None for entry in recorded)
    book.close()
    engine.close()
    return len(recorded)


@pytest.mark.slow
def test_a_kill_at_any_moment_of_a_poll_loses_nothing(tmp_path):
    moments = random.Random(20250602)
    home, recorded, reached = tmp_path / "home", 0, []
    with FeedServer() as server:
        url = serve(server)
        for kill in range(KILLS):
            log = tmp_path / f"log{kill}"
            with log.open("w") as out:
                process = start(home, url, out)
                batches = moments.randrange(5)
                while not has_come(log, batches) and process.poll() is None:
                    time.sleep(0.01)
                time.sleep(moments.uniform(0, 0.2))
                process.send_signal(signal.SIGKILL)
                process.wait()
            assert "Traceback" not in log.read_text(), log.read_text()
            reached.append(assert_whole(home))
            assert reached[-1] >= recorded
            recorded = reached[-1]
        with (tmp_path / "last").open("w") as out:
            assert start(home, url, out).wait() == 0, (tmp_path / "last").read_text()
        assert assert_whole(home) == FULL + SUMMARIES
    assert any(0 < count < FULL + SUMMARIES for count in reached), reached
    engine = LocalEngine(home, {"embedder": "fake", "dim": HashingEmbedder().dim})
    assert len(engine.store.article_ids()) == FULL + SUMMARIES
    engine.close()
