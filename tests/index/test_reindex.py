"""Reindexing: another model or chunker, whatever moment it is killed at."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import index.reindex as module
from index.documents import Filters, Query, RawArticle
from index.errors import ManifestMismatch, StoreLocked
from index.local.engine import LOCK_FILE, LocalEngine
from index.prepare.chunk import ChunkSettings
from index.reindex import reindex
from index.store.sqlite import STORE_FILE, Store
from rag.assemble import assemble, manifest
from rag.settings import Settings
from tests.fakes import HashingEmbedder, OverlapReranker, fake_dateline

KILN = "The kiln of district 3 reopened."
NOW = datetime(2025, 6, 1, tzinfo=UTC)
CHUNKING = ChunkSettings(max_tokens=40)
TOPICS = [
    "harbour",
    "glacier",
    "senate",
    "orchard",
    "violin",
    "reactor",
    "ferry",
    "tunnel",
    "mosaic",
    "lantern",
]


def articles(count=24):
    return [
        RawArticle(
            origin=f"memory:{i}",
            id=f"n{i:03}",
            text="\n".join(
                f"The {TOPICS[(i + j) % 10]} of district {i} was closed on day {j} by order of "
                f"inspector number {i * j}, who found {j + 3} faults in the {TOPICS[j % 10]}."
                for j in range(5)
            ),
        )
        for i in range(count)
    ]


def filled(home):
    dateline = fake_dateline(home)
    dateline.ingestor.ingest(articles())
    dateline.ingestor.ingest(
        [RawArticle("memory:3", "The kiln of district 3 reopened.", id="n003")]
    )
    dateline.close()


def target(dim=96):
    embedder = HashingEmbedder(dim)
    embedder.fingerprint = f"sha256:other/{dim}"
    return embedder, CHUNKING, manifest(embedder, CHUNKING)


def state(home, wanted):
    """Passages, vectors and what a search finds, of a whole and published directory."""
    engine = LocalEngine(home, wanted)
    try:
        store = engine.store
        assert store.published == store.generation
        passages = [p for i in store.article_ids() for p in store.passages_of(i)]
        rows = store.live_rows().tolist()
        _, vectors = store.vectors(rows, wanted["dim"])
        ids = [store.passages([row])[row][0].id for row in rows]
        by_id = dict(zip(ids, (v.tobytes() for v in vectors), strict=True))
        embedder = HashingEmbedder(wanted["dim"])
        found = []
        for topic in TOPICS:
            dense = engine.dense(engine.snapshot, embedder.embed([topic])[0], Filters(), 500)
            lexical = engine.lexical(engine.snapshot, topic, Filters(), 500)
            found.append(
                [
                    sorted(
                        (store.passages([row])[row][0].id, round(score, 4)) for row, score in hits
                    )
                    for hits in (dense, lexical)
                ]
            )
        return passages, by_id, found
    finally:
        engine.close()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What ingesting with the new settings in the first place gives."""
    home = tmp_path_factory.mktemp("expected")
    filled(home)
    reindex(home, *target())
    return state(home, target()[2])


def test_equals_an_ingest_with_the_new_settings(tmp_path, expected):
    embedder, chunking, wanted = target()
    from index.ingest import Ingestor

    engine = LocalEngine(tmp_path, wanted)
    ingestor = Ingestor(engine, embedder, settings=chunking, now=lambda: NOW)
    ingestor.ingest(articles())
    ingestor.ingest([RawArticle("memory:3", KILN, id="n003")])
    engine.close()
    passages, vectors, found = state(tmp_path, wanted)
    assert passages == expected[0]
    assert vectors == expected[1]
    for mine, theirs in zip(found, expected[2], strict=True):
        assert mine[0] == theirs[0]
        # BM25 counts documents that are deleted and not yet merged away.
        assert [i for i, _ in mine[1]] == [i for i, _ in theirs[1]]


def test_keeps_texts_versions_and_origins(tmp_path):
    filled(tmp_path)
    store = Store(tmp_path / STORE_FILE)

    def kept():
        ids = store.article_ids()
        return [(store.article(i), store.versions(i), store.origins(i), store.raw(i)) for i in ids]

    before = kept()
    reindex(tmp_path, *target())
    assert kept() == before
    store.close()


def test_nothing_to_do(tmp_path):
    assert reindex(tmp_path / "new", *target()) is None
    filled(tmp_path)
    assert reindex(tmp_path, *target()).articles == 24
    assert reindex(tmp_path, *target()) is None


def test_old_files_are_gone_and_old_settings_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("index.local.dense.SEGMENT_ROWS", 10)
    filled(tmp_path)
    before = {p.name for p in (tmp_path / "dense").iterdir()}
    assert before
    reindex(tmp_path, *target())
    after = {p.name for p in (tmp_path / "dense").iterdir()}
    assert after
    assert not before & after
    with pytest.raises(ManifestMismatch, match="reindex"):
        fake_dateline(tmp_path)


def test_is_refused_while_another_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOCK_TIMEOUT_S", 0.05)
    filled(tmp_path)
    dateline = fake_dateline(tmp_path)
    with dateline.engine.writing(), pytest.raises(StoreLocked):
        reindex(tmp_path, *target())
    dateline.close()
    assert (tmp_path / LOCK_FILE).exists()


def test_an_open_system_refuses_rather_than_answer_from_half(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BATCH_ARTICLES", 5)
    filled(tmp_path)
    dateline = fake_dateline(tmp_path)
    query = Query("harbour", NOW)
    assert dateline.searcher.search(query).hits
    refused = 0

    def during(_):
        nonlocal refused
        with pytest.raises(ManifestMismatch):
            dateline.searcher.search(query)
        refused += 1

    reindex(tmp_path, *target(), on_progress=during)
    assert refused == 6
    with pytest.raises(ManifestMismatch):
        dateline.searcher.search(query)
    with pytest.raises(ManifestMismatch):
        dateline.ingestor.ingest([RawArticle("memory:x", "The new dam broke.", id="x")])
    dateline.close()


class Crash(Exception):
    pass


class Crashing(HashingEmbedder):
    """Fails at the given call."""

    def __init__(self, dim, calls):
        super().__init__(dim)
        self.fingerprint = f"sha256:other/{dim}"
        self.calls = calls

    def embed(self, texts):
        self.calls -= 1
        if self.calls < 0:
            raise Crash
        return super().embed(texts)


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_goes_on_where_it_stopped(tmp_path, monkeypatch, expected, calls):
    monkeypatch.setattr(module, "BATCH_ARTICLES", 7)
    filled(tmp_path)
    embedder, chunking, wanted = target()
    with pytest.raises(Crash):
        reindex(tmp_path, Crashing(96, calls), chunking, wanted)
    for settings in (wanted, manifest(HashingEmbedder(), ChunkSettings())):
        with pytest.raises(ManifestMismatch, match="dateline reindex"):
            LocalEngine(tmp_path, settings)
    done = reindex(tmp_path, embedder, chunking, wanted)
    assert (done.articles, done.total, done.resumed) == (24, 24, 7 * calls)
    assert_same(state(tmp_path, wanted), expected)


def test_another_target_starts_over(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BATCH_ARTICLES", 7)
    filled(tmp_path)
    _, chunking, wanted = target()
    with pytest.raises(Crash):
        reindex(tmp_path, Crashing(96, 2), chunking, wanted)
    done = reindex(tmp_path, *target(32))
    assert done.resumed == 0
    assert np.frombuffer(next(iter(state(tmp_path, target(32)[2])[1].values())), "<f2").size == 32


@pytest.mark.parametrize("step", ["set_segments", "end_reindexing", "publish"])
def test_a_crash_at_the_end_loses_nothing(tmp_path, monkeypatch, expected, step):
    filled(tmp_path)
    with monkeypatch.context() as patched:

        def crash(*_, **__):
            raise Crash

        patched.setattr(Store, step, crash)
        with pytest.raises(Crash):
            reindex(tmp_path, *target())
    reindex(tmp_path, *target())
    assert_same(state(tmp_path, target()[2]), expected)


def assert_same(found, expected):
    assert found[0] == expected[0]
    assert found[1] == expected[1]
    for mine, theirs in zip(found[2], expected[2], strict=True):
        assert [i for i, _ in mine[1]] == [i for i, _ in theirs[1]]
        assert mine[0] == theirs[0]


RUN = """
import sys, time
from pathlib import Path
import index.reindex as module
from tests.index.test_reindex import target
module.BATCH_ARTICLES = 2
embedder, chunking, wanted = target()
embed = embedder.embed
embedder.embed = lambda texts: (time.sleep(0.02), embed(texts))[1]
print("begin", flush=True)
module.reindex(Path(sys.argv[1]), embedder, chunking, wanted)
"""


def test_killed_at_random_moments(tmp_path, expected):
    filled(tmp_path)
    choice = random.Random(7)
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        process.stdout.readline()
        time.sleep(choice.uniform(0, 0.35))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    reindex(tmp_path, *target())
    assert_same(state(tmp_path, target()[2]), expected)


def test_assembles_with_the_new_model(tmp_path):
    filled(tmp_path)
    embedder, _, _ = target()
    chunking = ChunkSettings(window_tokens=embedder.max_tokens)
    reindex(tmp_path, embedder, chunking, manifest(embedder, chunking))
    dateline = assemble(
        Settings(home=tmp_path, threads=1), embedder=embedder, reranker=OverlapReranker()
    )
    assert dateline.searcher.search(Query("kiln", NOW)).hits[0].article.id == "n003"
    dateline.close()
