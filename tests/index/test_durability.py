"""kill -9 at random moments of ingest and compaction: what was acknowledged is there, once."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from index.documents import Filters
from index.local.engine import LocalEngine
from tests.fakes import HashingEmbedder

ROOT = Path(__file__).parent.parent.parent
ARTICLES = 600
CHURNED = 60
KILLS = 20

# Prints the number of articles that are durable after each commit.
INGEST = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from index import ingest
from index.documents import RawArticle
from index.local import dense
from index.local.engine import LocalEngine
from index.prepare.chunk import ChunkSettings
from tests.fakes import HashingEmbedder

ingest.BATCH_PASSAGES = 8
ingest.PUBLISH_EVERY_S = 0.05
dense.SEGMENT_ROWS = 100
embedder = HashingEmbedder()
engine = LocalEngine(Path(sys.argv[1]), {{"embedder": "fake", "dim": embedder.dim}})
ingestor = ingest.Ingestor(
    engine, embedder, settings=ChunkSettings(), now=lambda: datetime(2025, 6, 2, tzinfo=UTC)
)
articles = (
    RawArticle(
        f"o{{i}}",
        f"Report {{i}} from the harbor says ferry number {{i}} sank at dawn.",
        id=f"n{{i:04}}",
    )
    for i in range({ARTICLES})
)
ingestor.preview([RawArticle("warm", "The first text loads the splitter.")])
print("started", flush=True)
ingestor.ingest(articles, on_progress=lambda p: print(p.new + p.same, flush=True))
print("finished", flush=True)
"""


# Changes and removes what is there, round after round, so that segments are written again.
# A line is printed once a round is durable.
CHURN = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from index import ingest
from index.documents import RawArticle
from index.forget import forget_articles
from index.local import dense
from index.local.engine import LocalEngine
from index.prepare.chunk import ChunkSettings
from tests.fakes import HashingEmbedder

ingest.BATCH_PASSAGES = 8
dense.SEGMENT_ROWS = 10
embedder = HashingEmbedder()
engine = LocalEngine(Path(sys.argv[1]), {{"embedder": "fake", "dim": embedder.dim}})
ingestor = ingest.Ingestor(
    engine, embedder, settings=ChunkSettings(), now=lambda: datetime(2025, 6, 2, tzinfo=UTC)
)
ingestor.preview([RawArticle("warm", "The first text loads the splitter.")])
print("started", flush=True)
for round_ in range(int(sys.argv[2]), 100000):
    ingestor.ingest(
        RawArticle(
            f"o{{i}}",
            f"Report {{i}} from the harbor in round {{round_}} says ferry number {{i}} sank.",
            id=f"n{{i:04}}",
        )
        for i in range({CHURNED})
    )
    forget_articles(engine, [f"n{{i:04}}" for i in range({CHURNED}) if (i + round_) % 3 == 0])
    print(round_, flush=True)
"""


def start(home, log, script=INGEST, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, str(home), *arguments],
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
    )


def acknowledged(log):
    numbers = [int(line) for line in log.read_text().splitlines() if line.isdigit()]
    return max(numbers, default=0)


def assert_in_step(engine):
    """Every passage of the store is in both indexes, once, with its own vector and no other."""
    embedder, store, snapshot = HashingEmbedder(), engine.store, engine.snapshot
    rows = store.live_rows()
    assert snapshot.generation == store.generation
    assert rows.size == store.counts()["passages"]
    if not rows.size:
        return
    _, vectors = store.vectors(rows.tolist(), embedder.dim)
    lexical = engine.lexical(snapshot, "harbor", Filters(), 2 * ARTICLES)
    assert sorted(row for row, _ in lexical) == rows.tolist()
    query = embedder.embed(["ferry number 17"])[0]
    dense = engine.dense(snapshot, query, Filters(), 2 * ARTICLES)
    assert sorted(row for row, _ in dense) == rows.tolist()
    expected = vectors.astype(np.float32) @ query
    by_row = dict(zip(rows.tolist(), expected.tolist(), strict=True))
    assert dict(dense) == pytest.approx(by_row, abs=1e-5)


def opened(home):
    return LocalEngine(home, {"embedder": "fake", "dim": HashingEmbedder().dim})


def assert_whole(home, at_least):
    """Everything acknowledged is there, nothing twice, and both indexes equal the store."""
    engine = opened(home)
    store = engine.store
    ids = store.article_ids()
    assert len(ids) >= at_least
    assert ids == [f"n{i:04}" for i in range(len(ids))]
    assert all(len(store.versions(i)) == 1 for i in ids)
    assert store.counts()["passages"] == len(ids)
    assert_in_step(engine)
    engine.close()
    return len(ids)


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_acknowledged(tmp_path):
    """Each run is killed at a random moment after its start; the next goes on from there."""
    moments = random.Random(20250602)
    home, durable, midway = tmp_path / "home", 0, 0
    for kill in range(KILLS):
        log = tmp_path / f"log{kill}"
        with log.open("w") as out:
            process = start(home, out)
            while "started" not in log.read_text() and process.poll() is None:
                time.sleep(0.01)
            time.sleep(moments.uniform(0, 0.3))
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert "Traceback" not in log.read_text()
        durable = assert_whole(home, max(durable, acknowledged(log)))
        midway += 0 < durable < ARTICLES
    assert midway > KILLS // 3
    with (tmp_path / "last").open("w") as out:
        assert start(home, out).wait() == 0
    assert assert_whole(home, ARTICLES) == ARTICLES


@pytest.mark.slow
def test_a_kill_at_any_moment_of_compaction_loses_nothing_acknowledged(tmp_path):
    """Segments lose a third of their rows each round, so each round writes them again."""
    moments = random.Random(20250603)
    home, done, rewritten = tmp_path / "home", -1, set()
    for kill in range(KILLS):
        log = tmp_path / f"log{kill}"
        with log.open("w") as out:
            process = start(home, out, CHURN, str(done + 1))
            while "started" not in log.read_text() and process.poll() is None:
                time.sleep(0.01)
            time.sleep(moments.uniform(0, 0.5))
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert "Traceback" not in log.read_text()
        done = max(done, acknowledged(log)) if acknowledged(log) else done
        engine = opened(home)
        assert_in_step(engine)
        listed = set(engine.store.segments())
        assert all((home / "dense" / name).is_file() for name in listed)
        rewritten |= listed
        for article_id in engine.store.article_ids():
            said = int(engine.store.article(article_id).text.split("round ")[1].split()[0])
            assert said >= done
        engine.close()
    assert len(rewritten) > KILLS, (done, rewritten)
