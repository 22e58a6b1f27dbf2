"""`/readyz`, and a server whose data directory others restore, reindex or take from."""

import shutil
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from index.backup import Maker, save_backup
from index.documents import RawArticle
from index.forget import forget_articles
from index.local.engine import LocalEngine
from index.prepare.chunk import ChunkSettings
from index.reindex import reindex
from index.restore import restore_backup
from index.store.sqlite import STORE_FILE, Store
from rag.assemble import manifest
from tests.fakes import HashingEmbedder, fake_dateline

MAKER = Maker("0.1", datetime(2025, 6, 2, tzinfo=UTC))


class OtherEmbedder(HashingEmbedder):
    """Of other dimensions, and another name."""

    name, fingerprint = "other-embedder", "sha256:other-embedder/1"

    def __init__(self):
        super().__init__(dim=32)


@pytest.fixture
def home(tmp_path):
    dateline = fake_dateline(tmp_path / "home")
    dateline.ingestor.ingest(
        RawArticle(f"o{i}", f"Report {i} says ferry {i} sank at dawn.", id=f"n{i}")
        for i in range(20)
    )
    dateline.close()
    return tmp_path / "home"


@pytest.fixture
def client(home):
    with TestClient(create_app(fake_dateline(home))) as client:
        yield client


def not_ready(client):
    reply = client.get("/readyz")
    assert (reply.status_code, reply.json()["type"]) == (503, "urn:dateline:problem:not-ready")
    assert client.get("/v1/search", params={"q": "ferry"}).status_code == 503
    assert client.get("/healthz").status_code == 200
    return reply.json()["detail"]


def ids(client, words):
    reply = client.get("/v1/search", params={"q": words})
    assert reply.status_code == 200
    return [hit["article"]["id"] for hit in reply.json()["hits"]]


def remade(home, embedder):
    chunking = ChunkSettings(window_tokens=embedder.max_tokens)
    return reindex(home, embedder, chunking, manifest(embedder, chunking))


def test_ready_once_the_models_have_run_and_until_a_stop(home):
    dateline, ran = fake_dateline(home), []
    embed = dateline.searcher.embedder.embed
    dateline.searcher.embedder.embed = lambda texts: (ran.append(len(texts)), embed(texts))[1]
    app = create_app(dateline)
    assert "being loaded" in TestClient(app).get("/readyz").json()["detail"]
    assert ran == []
    with TestClient(app) as client:
        assert ran == [1]
        assert client.get("/readyz").json()["generation"] == 1
        app.state.runtime.stop()
        assert "being stopped" in client.get("/readyz").json()["detail"]
        assert client.get("/healthz").status_code == 200
        assert ids(client, "ferry 7")[0] == "n7"


def test_what_another_process_forgets_is_gone(client, home):
    assert "n7" in ids(client, "ferry 7")
    other = LocalEngine(home, Store(home / STORE_FILE).manifest)
    forget_articles(other, ["n7"])
    other.close()
    assert client.get("/readyz").json()["articles"] == 19
    assert "n7" not in ids(client, "ferry 7")
    assert client.get("/v1/articles/n7").status_code == 404


def test_other_models_are_told_and_after_them_the_old_ones_are_found_again(client, home):
    before = client.get("/v1/search", params={"q": "ferry 7"}).json()["hits"]
    remade(home, OtherEmbedder())
    assert "with the settings of the last `dateline reindex`" in not_ready(client)
    remade(home, HashingEmbedder())
    ready = client.get("/readyz").json()
    assert ready["generation"] == Store(home / STORE_FILE).generation > 20
    assert client.get("/v1/search", params={"q": "ferry 7"}).json()["hits"] == before


def test_two_reindexes_that_nobody_noticed_leave_no_old_vectors(client, home):
    """The manifest is the same again, so only the mark of the store tells."""
    remade(home, OtherEmbedder())
    remade(home, HashingEmbedder())
    assert ids(client, "ferry 7")[0] == "n7"
    engine = client.app.state.runtime.dateline.engine
    assert engine._dense._tail.ntotal == 20


def test_while_a_reindex_runs_the_server_says_so(client, home):
    store = Store(home / STORE_FILE)
    store.set_reindexing({"manifest": store.manifest, "after": "n3"})
    assert "being reindexed or restored" in not_ready(client)
    store.end_reindexing(store.manifest)
    store.close()
    assert client.get("/readyz").status_code == 200


def restored(home, backup):
    with backup.open("rb") as file:
        restore_backup(file, home)


@pytest.mark.parametrize("gone", ["moved", "removed"])
def test_a_backup_restored_beneath_a_server_is_what_it_serves(client, home, tmp_path, gone):
    """Rows and generations of the backup are used again by other articles."""
    save_backup(home, tmp_path / "backup.tar", MAKER)
    reply = client.post("/v1/articles", json={"id": "late", "text": "An ox won the fair."})
    assert reply.status_code == 201
    assert ids(client, "ox fair")[0] == "late"
    home.rename(tmp_path / "old") if gone == "moved" else shutil.rmtree(home)
    assert "was moved or removed" in not_ready(client)
    restored(home, tmp_path / "backup.tar")
    ready = client.get("/readyz").json()
    assert (ready["articles"], ready["generation"]) == (20, 1)
    assert client.get("/v1/articles/late").status_code == 404
    assert "late" not in ids(client, "ox fair")
    reply = client.post("/v1/articles", json={"id": "new", "text": "A goat named Ada won."})
    assert (reply.status_code, reply.json()["generation"]) == (201, 2)
    assert ids(client, "goat Ada")[0] == "new"
    if gone == "moved":
        store = Store(tmp_path / "old" / STORE_FILE)
        assert "late" in store.article_ids()
        assert "new" not in store.article_ids()
        store.close()


def test_a_search_across_a_restore_is_made_again(client, home, tmp_path):
    """Its rows are those of articles that are no more."""
    save_backup(home, tmp_path / "backup.tar", MAKER)
    client.post("/v1/articles", json={"id": "late", "text": "An ox named Bertil won the fair."})
    searcher = client.app.state.runtime.dateline.searcher
    read, calls = searcher.reranker.read, []

    def restoring(question, texts):
        calls.append(question)
        if len(calls) == 1:
            home.rename(tmp_path / "old")
            restored(home, tmp_path / "backup.tar")
            searcher.engine.refresh()
        return read(question, texts)

    searcher.reranker.read = restoring
    assert "late" not in ids(client, "ox Bertil")
    assert len(calls) == 2


def test_a_home_of_another_shape_is_refused_until_it_fits(client, home, tmp_path):
    """Restored from a server with other models: the remedy is told, and works."""
    remade(home, OtherEmbedder())
    save_backup(home, tmp_path / "backup.tar", MAKER)
    shutil.rmtree(home)
    restored(home, tmp_path / "backup.tar")
    assert "made with other models" in not_ready(client)
    remade(home, HashingEmbedder())
    assert ids(client, "ferry 7")[0] == "n7"
