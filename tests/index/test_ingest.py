"""The write path: what counts as new, changed, same and skipped, and what is kept."""

import threading
from datetime import UTC, datetime

import pytest

from index.ahead import read_ahead
from index.documents import Filters, RawArticle
from index.errors import StoreLocked, UnreadableSource
from index.ingest import Ingestor
from index.local.engine import LocalEngine
from index.prepare.chunk import ChunkSettings
from index.sources import read_sources
from tests.fakes import HashingEmbedder

NOW = datetime(2025, 6, 2, tzinfo=UTC)
STORY = (
    "The harbor bridge at Port Merrow closed on Monday after inspectors found cracks.\n"
    "Engineers said the repair would take eleven weeks and cost 4.2 million crowns.\n"
)
OTHER = "Voters in Tamsen approved a new water levy by a margin of 212 ballots on Tuesday.\n"


@pytest.fixture
def engine(tmp_path_factory):
    engine = LocalEngine(
        tmp_path_factory.mktemp("home"), {"embedder": "fake", "dim": HashingEmbedder().dim}
    )
    yield engine
    engine.close()


@pytest.fixture
def ingestor(engine):
    return Ingestor(engine, HashingEmbedder(), settings=ChunkSettings(), now=lambda: NOW)


def ingest(ingestor, *paths):
    return ingestor.ingest(read_sources(paths))


def counts(report):
    p = report.progress
    return {"new": p.new, "changed": p.changed, "same": p.same, "skipped": p.skipped}


def test_the_second_run_does_nothing(ingestor, engine, tmp_path):
    news = tmp_path / "news"
    (news / "deep").mkdir(parents=True)
    (news / "a.txt").write_text(STORY)
    (news / "deep" / "b.txt").write_text(OTHER)
    first = ingest(ingestor, news)
    assert counts(first) == {"new": 2, "changed": 0, "same": 0, "skipped": 0}
    second = ingest(ingestor, news)
    assert counts(second) == {"new": 0, "changed": 0, "same": 2, "skipped": 0}
    assert second.generation == first.generation
    assert second.article_ids == ()


def test_a_changed_file_is_a_new_version_and_the_old_text_is_kept(ingestor, engine, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(STORY)
    (article_id,) = ingest(ingestor, path).article_ids
    path.write_text(STORY.replace("eleven", "nineteen"))
    report = ingest(ingestor, path)
    assert counts(report)["changed"] == 1
    assert report.article_ids == (article_id,)
    assert "nineteen weeks" in engine.store.article(article_id).text
    assert "eleven weeks" in engine.store.article(article_id, 1).text
    found = engine.lexical(engine.snapshot, "eleven", Filters(), 5)
    assert found == []


def test_one_bad_file_does_not_stop_the_run(ingestor, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "wall.txt").write_text("Please enable JavaScript.\nAlready a subscriber? Log in.\n")
    (tmp_path / "a.txt").write_text(STORY)
    report = ingest(ingestor, tmp_path, tmp_path / "missing")
    assert counts(report) == {"new": 1, "changed": 0, "same": 0, "skipped": 4}
    codes = {skipped.origin.rsplit("/", 1)[1]: skipped.code for skipped in report.skipped}
    assert codes == {
        "empty.txt": "empty",
        "binary.txt": "unreadable",
        "wall.txt": "boilerplate_only",
        "missing": "unreadable",
    }


def test_a_data_directory_in_the_folder_is_passed_over(ingestor, engine, tmp_path):
    (tmp_path / "a.txt").write_text(STORY)
    LocalEngine(tmp_path / "data", {"embedder": "fake", "dim": 1}).close()
    assert counts(ingest(ingestor, tmp_path)) == {"new": 1, "changed": 0, "same": 0, "skipped": 0}


def test_the_same_text_at_two_paths_is_one_article(ingestor, engine, tmp_path):
    (tmp_path / "a.txt").write_text(STORY)
    (tmp_path / "b.txt").write_text(STORY)
    report = ingest(ingestor, tmp_path)
    assert counts(report) == {"new": 1, "changed": 0, "same": 1, "skipped": 0}
    (article_id,) = report.article_ids
    assert len(engine.store.origins(article_id)) == 2


def test_a_copy_that_changes_becomes_its_own_article(ingestor, engine, tmp_path):
    (tmp_path / "a.txt").write_text(STORY)
    (tmp_path / "b.txt").write_text(STORY)
    (first,) = ingest(ingestor, tmp_path).article_ids
    (tmp_path / "b.txt").write_text(OTHER)
    report = ingest(ingestor, tmp_path)
    assert counts(report) == {"new": 1, "changed": 0, "same": 1, "skipped": 0}
    assert report.article_ids != (first,)
    assert engine.store.article(first).ref.version == 1
    assert counts(ingest(ingestor, tmp_path))["same"] == 2


def test_a_text_that_another_article_has_left_is_a_new_article(ingestor, engine, tmp_path):
    (tmp_path / "a.txt").write_text(STORY)
    (first,) = ingest(ingestor, tmp_path).article_ids
    (tmp_path / "a.txt").write_text(OTHER)
    ingest(ingestor, tmp_path)
    (tmp_path / "b.txt").write_text(STORY)
    report = ingest(ingestor, tmp_path)
    assert counts(report) == {"new": 1, "changed": 0, "same": 1, "skipped": 0}
    assert engine.store.article(first).text.startswith("Voters")


def test_records_are_known_by_id_then_url(ingestor, engine):
    def record(text, **fields):
        return RawArticle(origin=f"x#{fields}", text=text, **fields)

    report = ingestor.ingest(
        [
            record(STORY, id="n1", url="https://x.example/1"),
            record(OTHER, id="n1", url="https://x.example/1"),
            record(STORY, url="https://x.example/2#top"),
            record(STORY, url="https://x.example/2"),
        ]
    )
    assert counts(report) == {"new": 2, "changed": 1, "same": 1, "skipped": 0}
    assert engine.store.article("n1").ref.version == 2
    assert engine.store.counts()["articles"] == 2


def test_only_new_metadata_is_a_change_too(ingestor, engine):
    ingestor.ingest([RawArticle("x", STORY, id="n1")])
    report = ingestor.ingest([RawArticle("x", STORY, id="n1", published="2025-05-05")])
    assert counts(report)["changed"] == 1
    published = engine.store.article("n1").ref.published
    assert published is not None
    assert published.isoformat() == "2025-05-05"


def test_ids_are_the_same_on_another_machine(tmp_path):
    found = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.txt").write_text(STORY)
        engine = LocalEngine(folder / "home", {"embedder": "fake", "dim": HashingEmbedder().dim})
        ingestor = Ingestor(engine, HashingEmbedder(), settings=ChunkSettings(), now=lambda: NOW)
        (article_id,) = ingest(ingestor, folder / "a.txt").article_ids
        found.append((article_id, [p.id for p in engine.store.passages_of(article_id)]))
        engine.close()
    assert found[0] == found[1]


def test_what_progress_reports_is_stored(ingestor, engine):
    seen = []

    def look(progress):
        if progress.new:
            seen.append((progress.new, engine.store.counts()["articles"]))

    ingestor.ingest(
        (RawArticle(f"o{i}", f"{STORY} Note {i}.") for i in range(40)), on_progress=look
    )
    assert seen
    assert all(reported <= stored for reported, stored in seen)


def test_an_interrupt_keeps_and_publishes_what_was_stored(ingestor, engine, monkeypatch):
    monkeypatch.setattr("index.ingest.BATCH_PASSAGES", 4)

    def interrupt(progress):
        if progress.new >= 10:
            raise KeyboardInterrupt

    articles = [RawArticle(f"o{i}", f"{STORY} Note {i}.") for i in range(40)]
    with pytest.raises(KeyboardInterrupt):
        ingestor.ingest(articles, on_progress=interrupt)
    kept = engine.store.counts()["articles"]
    assert 10 <= kept < 40
    assert engine.refresh() == engine.store.generation
    rest = ingestor.ingest(articles)
    assert counts(rest) == {"new": 40 - kept, "changed": 0, "same": kept, "skipped": 0}


def test_a_second_ingest_waits_for_the_first(ingestor, engine, monkeypatch):
    monkeypatch.setattr("index.local.engine.LOCK_TIMEOUT_S", 0.1)
    other = LocalEngine(engine.home, {"embedder": "fake", "dim": HashingEmbedder().dim})
    with other.writing(), pytest.raises(StoreLocked):
        ingestor.ingest([RawArticle("o", STORY)])
    other.close()


def test_reading_ahead_keeps_order_passes_errors_and_stops():
    assert list(read_ahead(iter(range(100)), 3)) == list(range(100))
    refused = UnreadableSource("o", "why")
    assert list(read_ahead(iter([1, refused]), 3)) == [1, refused]

    def broken():
        yield 1
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        list(read_ahead(broken(), 3))
    endless = read_ahead(iter(int, 1), 3)
    next(endless)
    endless.close()
    assert not [t for t in threading.enumerate() if t.name == "dateline-reader" and t.is_alive()]
