"""Words that stand verbatim in passages, against reading every passage."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.documents import Filters
from index.local.engine import LocalEngine
from index.verbatim import folded
from tests.index.builders import INGESTED, MANIFEST, entry

TEXTS = {
    "a": ["“No more bridges,” said the mayor.", "The bridges are no more."],
    "b": ["He wants no  more\u00a0BRIDGES in town.", "More bridges, no fewer."],
    "c": ["It's the people’s bridge: a bridge of the people."],
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    engine = LocalEngine(tmp_path_factory.mktemp("home"), MANIFEST)
    with engine.writing() as store:
        entries = [
            entry(name, texts, source=f"{name}.example", published=f"2025-03-0{day}T00:00:00+00:00")
            for day, (name, texts) in enumerate(TEXTS.items(), start=1)
        ]
        store.add(entries, ingested_at=INGESTED)
    engine.publish()
    yield engine
    engine.close()


def holding(engine, phrase, filters=None):
    found = engine.holding(engine.snapshot, phrase, filters or Filters(), 10)
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)
    texts = engine.passages([row for row, _ in found])
    return {texts[row][0].text for row, _ in found}


def reading(phrase):
    """Every passage that holds the words."""
    wanted = folded(phrase)
    return {text for texts in TEXTS.values() for text in texts if wanted in folded(text)}


@pytest.mark.parametrize(
    "phrase",
    ["no more bridges", "NO MORE BRIDGES", "more bridges", "bridges", "the people's bridge",
     "bridge of the people", "bridges are no more", "fewer bridges", "Said the Mayor"],
)  # fmt: skip
def test_what_holds_a_phrase(engine, phrase):
    assert holding(engine, phrase) == reading(phrase)


def test_filters_hold(engine):
    assert len(holding(engine, "more bridges")) == 3
    assert holding(engine, "more bridges", Filters(sources=("a.example",))) == {TEXTS["a"][0]}
    day = datetime(2025, 3, 2, tzinfo=UTC)
    assert holding(engine, "no more", Filters(published_from=day)) == {TEXTS["b"][0]}
    assert holding(engine, "no more bridges", Filters(excluded=("a",))) == {TEXTS["b"][0]}
    assert holding(engine, "no more bridges", Filters(articles=("c",))) == set()


def test_depth_cuts(engine):
    assert len(engine.holding(engine.snapshot, "bridges", Filters(), 1)) == 1


def test_small_words_alone_find_nothing(engine):
    assert holding(engine, "of the") == set()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=30))
def test_any_phrase_finds_only_what_holds_it(engine, phrase):
    assert holding(engine, phrase) <= reading(phrase)


def test_what_was_forgotten_is_not_found(tmp_path):
    engine = LocalEngine(tmp_path, MANIFEST)
    with engine.writing() as store:
        store.add([entry("a", TEXTS["a"])], ingested_at=INGESTED)
    engine.publish()
    assert engine.snapshot.columns.sources() == ()
    with engine.writing() as store:
        store.forget(["a"])
    engine.publish()
    assert engine.holding(engine.snapshot, "no more bridges", Filters(), 10) == []
    engine.close()


def test_the_outlets_of_a_corpus(engine):
    assert engine.snapshot.columns.sources() == ("a.example", "b.example", "c.example")
