"""What a change costs, what a run would do, and that an export comes back unchanged."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from index.documents import RawArticle
from index.errors import InvalidRecord
from index.exchange import export_articles, read_exported
from index.ingest import Ingestor
from index.local.engine import LocalEngine
from index.prepare.chunk import ChunkSettings
from index.sources import read_sources
from tests.fakes import HashingEmbedder

NOW = datetime(2025, 6, 2, tzinfo=UTC)


def paragraph(number):
    return (
        f"Paragraph {number} of the report says that ferry {number} left pier {number} at dawn, "
        "and that the coast guard watched it pass the lighthouse without a word of warning. "
    ) * 3


LONG = "\n".join(paragraph(number) for number in range(12))


class CountingEmbedder(HashingEmbedder):
    def __init__(self):
        super().__init__()
        self.embedded = []

    def embed(self, texts):
        self.embedded += texts
        return super().embed(texts)


@pytest.fixture
def opened(tmp_path_factory):
    engines = []

    def open_(embedder=None, now=NOW):
        embedder = embedder or HashingEmbedder()
        home = tmp_path_factory.mktemp("home")
        engine = LocalEngine(home, {"embedder": "fake", "dim": embedder.dim})
        engines.append(engine)
        clock = iter(now + timedelta(hours=n) for n in range(1000))
        return engine, Ingestor(engine, embedder, settings=ChunkSettings(), now=lambda: next(clock))

    yield open_
    for engine in engines:
        engine.close()


def raw(text, **fields):
    return RawArticle(
        **({"origin": "http:post#r", "id": "r1", "title": "Ferries", "published": "2025-06-01"}
           | fields), text=text,
    )  # fmt: skip


def test_a_changed_article_embeds_only_its_changed_passages(opened):
    embedder = CountingEmbedder()
    engine, ingestor = opened(embedder)
    first = ingestor.ingest([raw(LONG)])
    assert first.progress.embedded == first.progress.passages == len(embedder.embedded) > 6
    embedder.embedded.clear()
    changed = LONG.replace("ferry 7 left pier 7", "ferry 7 missed pier 7")
    second = ingestor.ingest([raw(changed)])
    assert second.progress.changed == 1
    assert second.progress.passages == first.progress.passages
    assert second.progress.embedded == len(embedder.embedded) <= 2
    assert all("missed" in text for text in embedder.embedded)
    # and the vectors that were kept are those that embedding would give
    found = engine.store.embedded_passages("r1", embedder.dim)
    assert len(found) == second.progress.passages
    fresh_engine, fresh = opened()
    fresh.ingest([raw(changed)])
    expected = {p.text: v for p, v in fresh_engine.store.embedded_passages("r1", embedder.dim)}
    for passage, vector in found:
        np.testing.assert_array_equal(vector, expected[passage.text])


def test_a_new_title_embeds_all_passages_for_each_bears_it(opened):
    _, ingestor = opened()
    first = ingestor.ingest([raw(LONG)])
    second = ingestor.ingest([raw(LONG, title="Boats")])
    assert second.progress.embedded == first.progress.passages


def test_a_page_that_only_says_it_was_modified_is_the_same(opened):
    engine, ingestor = opened()
    ingestor.ingest([raw(LONG, modified="2025-06-01T10:00:00Z")])
    report = ingestor.ingest([raw(LONG, modified="2025-06-01T11:00:00Z")])
    assert report.progress.same == 1
    assert len(engine.store.versions("r1")) == 1


def test_an_announcement_takes_the_place_of_a_shorter_one_and_never_of_the_article(opened):
    engine, ingestor = opened()
    short = raw("The ferry is late.", is_summary=True)
    ingestor.ingest([short])
    ingestor.ingest([raw("The ferry is late again, the company said.", is_summary=True)])
    assert engine.store.article("r1").ref.version == 2
    ingestor.ingest([raw(LONG)])
    for run in (ingestor.preview, ingestor.ingest):
        assert run([replace(short, text="The ferry is late today.")]).progress.same == 1
    assert engine.store.article("r1").text.startswith("Paragraph 0")
    assert ingestor.ingest([raw("It is shorter now.")]).progress.changed == 1


def test_a_preview_counts_as_the_run_does_and_stores_nothing(opened):
    engine, ingestor = opened()
    ingestor.ingest([raw(LONG), raw(LONG + "x", id="r2", origin="b")])
    generation = engine.store.generation
    inputs = [
        raw(LONG),
        raw(LONG.replace("7", "8"), id="r2", origin="b"),
        raw("A new text.", id="r3", origin="c"),
        raw("A new text.", id="r3", origin="d"),
        raw("Please enable JavaScript.", id="r4", origin="e"),
    ]
    foreseen = ingestor.preview(inputs)
    assert engine.store.generation == generation
    done = ingestor.ingest(inputs)
    for name in ("new", "changed", "same", "skipped", "passages"):
        assert getattr(foreseen.progress, name) == getattr(done.progress, name), name
    assert foreseen.article_ids == done.article_ids == ("r2", "r3")
    assert foreseen.skipped == done.skipped


def test_reading_again_changes_nothing_that_stayed_the_same(opened):
    engine, ingestor = opened()
    ingestor.ingest([raw(LONG)])
    generation = engine.store.generation
    assert ingestor.ingest([raw(LONG)], reread=True).progress.same == 1
    assert engine.store.generation == generation


def test_an_export_comes_back_unchanged(opened, tmp_path):
    engine, ingestor = opened()
    ingestor.ingest([raw(LONG, section="World", authors=("Ana Kovač",), language="en")])
    ingestor.ingest([raw(LONG.replace("7", "8"), modified="2025-06-01T12:00:00Z")])
    ingestor.ingest([raw("Already a subscriber? Log in.\nThe toll is 19.", id=None, origin="/n/a")])
    ingestor.ingest([raw("The toll is 19.", id=None, origin="/n/b", title=None)])
    lines = [json.dumps(article) for article in export_articles(engine.store)]
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(lines) + "\n")
    other, restorer = opened(now=NOW + timedelta(days=30))
    report = restorer.ingest(read_sources([path]))
    assert (report.progress.new, report.progress.skipped) == (len(lines), 0)
    assert [json.dumps(article) for article in export_articles(other.store)] == lines
    # the old version is there, and what was ingested before is known
    assert other.store.article("r1", 1).text == engine.store.article("r1", 1).text
    again = restorer.ingest([raw(LONG.replace("7", "8"), modified="2025-06-01T12:00:00Z")])
    assert again.progress.same == 1
    # a second time nothing happens
    generation = other.store.generation
    assert restorer.ingest(read_sources([path])).progress.same == len(lines)
    assert other.store.generation == generation


def test_an_export_does_not_undo_what_came_after_it(opened, tmp_path):
    engine, ingestor = opened()
    ingestor.ingest([raw(LONG)])
    (exported,) = export_articles(engine.store)
    ingestor.ingest([raw(LONG.replace("7", "8"))])
    report = ingestor.ingest([read_exported(exported, "x")])
    assert report.progress.same == 1
    assert "ferry 8 left pier 8" in engine.store.article("r1").text
    assert len(engine.store.versions("r1")) == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"dateline_export": 9}, "this release reads 1"),
        ({"versions": []}, "must rise"),
        ({"versions": [{"number": 1}]}, "no whole export"),
        ({"id": None}, "it has no id"),
        ({"id": "a b"}, "its id is"),
        ({"origins": 3}, "no whole export"),
    ],
)
def test_a_damaged_export_is_refused_by_name(opened, change, why):
    engine, ingestor = opened()
    ingestor.ingest([raw(LONG)])
    (exported,) = export_articles(engine.store)
    with pytest.raises(InvalidRecord, match=why):
        read_exported(exported | change, "x")
