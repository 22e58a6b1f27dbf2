"""kill -9 at random moments of an ingest: what was acknowledged is there, once."""

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
print("started", flush=True)
ingestor.ingest(articles, on_progress=lambda p: print(p.new + p.same, flush=True))
print("finished", flush=True)
"""


def start(home, log):
    return subprocess.Popen(
        [sys.executable, "-c", INGEST, str(home)], stdout=log, stderr=subprocess.STDOUT, cwd=ROOT
    )


def acknowledged(log):
    numbers = [int(line) for line in log.read_text().splitlines() if line.isdigit()]
    return max(numbers, default=0)


def assert_whole(home, at_least):
    """Everything acknowledged is there, nothing twice, and both indexes equal the store."""
    embedder = HashingEmbedder()
    engine = LocalEngine(home, {"embedder": "fake", "dim": embedder.dim})
    store = engine.store
    ids = store.article_ids()
    assert len(ids) >= at_least
    assert ids == [f"n{i:04}" for i in range(len(ids))]
    assert all(len(store.versions(i)) == 1 for i in ids)
    assert store.counts()["passages"] == len(ids)
    rows = store.live_rows()
    _, vectors = store.vectors(rows.tolist(), embedder.dim)
    snapshot = engine.snapshot
    assert snapshot.generation == store.generation
    if ids:
        lexical = engine.lexical(snapshot, "harbor", Filters(), 2 * ARTICLES)
        assert sorted(row for row, _ in lexical) == rows.tolist()
        query = embedder.embed(["ferry number 17"])[0]
        dense = engine.dense(snapshot, query, Filters(), 2 * ARTICLES)
        expected = vectors.astype(np.float32) @ query
        assert sorted(row for row, _ in dense) == rows.tolist()
        by_row = dict(zip(rows.tolist(), expected.tolist(), strict=True))
        assert dict(dense) == pytest.approx(by_row, abs=1e-5)
    engine.close()
    return len(ids)


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_acknowledged(tmp_path):
    """Each run is killed at a random moment after its start; the next goes on from there."""
    moments = random.Random(20250602)
    home, durable = tmp_path / "home", 0
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
    with (tmp_path / "last").open("w") as out:
        assert start(home, out).wait() == 0
    assert assert_whole(home, ARTICLES) == ARTICLES
