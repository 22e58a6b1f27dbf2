"""The engine against slow oracles: a matrix product, and BM25 by its formula."""

import math
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.documents import Filters
from index.errors import ManifestMismatch, StoreFormatError, StoreLocked
from index.local import dense as dense_module
from index.local.engine import LocalEngine
from tests.index.builders import DIM, INGESTED, MANIFEST, entry, vector_of

WORDS = ("harbor", "missile", "ferry", "vote", "dam", "rain", "strike", "orbit")
SOURCES = (None, "ledger.example", "Courier.example")
DAYS = (None, "2025-03-01T00:00:00+00:00", "2025-04-15T12:00:00+00:00", "2025-05-20T00:00:00+00:00")


@pytest.fixture
def engine(tmp_path):
    engine = LocalEngine(tmp_path / "home", MANIFEST)
    yield engine
    engine.close()


def add(engine, *entries):
    with engine.writing() as store:
        store.add(entries, ingested_at=INGESTED)
    engine.publish()


def forget(engine, *ids):
    with engine.writing() as store:
        store.forget(ids)
    engine.publish()


def live(engine):
    """Every searchable passage of the store: row, passage, article, vector."""
    rows = engine.store.live_rows().tolist()
    found = engine.store.passages(rows)
    _, vectors = engine.store.vectors(rows, DIM)
    return [(row, *found[row], vectors[i]) for i, row in enumerate(rows)]


def passes(ref, filters):
    if filters.published_from and (
        not ref.published or ref.published.earliest < filters.published_from
    ):
        return False
    if filters.latest and (not ref.published or ref.published.latest > filters.latest):
        return False
    if filters.articles and ref.id not in filters.articles:
        return False
    if ref.id in filters.excluded:
        return False
    wanted = {s.casefold() for s in filters.sources}
    return not wanted or (ref.source or "").casefold() in wanted


def dense_oracle(engine, vector, filters, depth):
    scored = [
        (row, float(np.dot(v.astype(np.float64), vector)))
        for row, _, ref, v in live(engine)
        if passes(ref, filters)
    ]
    return sorted(scored, key=lambda s: (-s[1], s[0]))[:depth]


def assert_dense_agrees(engine, text, filters=Filters(), depth=10):  # noqa: B008 - frozen
    vector = vector_of(text)
    found = engine.dense(engine.snapshot, vector, filters, depth)
    ranking = dense_oracle(engine, vector, filters, 10_000)
    expected = ranking[:depth]
    assert [s for _, s in found] == pytest.approx([s for _, s in expected], abs=1e-5)
    assert {r for r, _ in found} <= {r for r, _, ref, _ in live(engine) if passes(ref, filters)}
    apart = [r for r, s in ranking if sum(abs(s - t) < 1e-5 for _, t in ranking) == 1]
    assert [r for r, _ in found if r in apart] == [r for r, _ in expected if r in apart]


filters_strategy = st.builds(
    Filters,
    published_from=st.sampled_from([None, datetime(2025, 3, 15, tzinfo=UTC)]),
    as_of=st.sampled_from(
        [None, datetime(2025, 4, 15, 12, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]
    ),
    sources=st.sampled_from(
        [(), ("COURIER.example",), ("nowhere.example",), ("ledger.example", "courier.EXAMPLE")]
    ),
    articles=st.sampled_from([(), ("a0",), ("a1", "a2", "a3"), ("nothing",)]),
    excluded=st.sampled_from([(), ("a0", "nothing"), ("a1", "a2", "a3", "a4", "a5")]),
)
articles_strategy = st.lists(
    st.tuples(
        st.lists(
            st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
            min_size=1,
            max_size=4,
            unique=True,
        ),
        st.sampled_from(SOURCES),
        st.sampled_from(DAYS),
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    articles=articles_strategy,
    filters=filters_strategy,
    asked=st.sampled_from(WORDS),
    gone=st.integers(0, 7),
)
def test_both_first_stages_obey_filters_and_deletes(
    tmp_path_factory, articles, filters, asked, gone
):
    engine = LocalEngine(tmp_path_factory.mktemp("home"), MANIFEST)
    add(
        engine,
        *(
            entry(f"a{i}", paragraphs, source=source, published=day, title="")
            for i, (paragraphs, source, day) in enumerate(articles)
        ),
    )
    forget(engine, f"a{gone}")
    assert_dense_agrees(engine, asked, filters)
    lexical = engine.lexical(engine.snapshot, asked, filters, 100)
    expected = {
        row for row, p, ref, _ in live(engine) if asked in p.text.split() and passes(ref, filters)
    }
    assert {row for row, _ in lexical} == expected
    unfiltered = dict(engine.lexical(engine.snapshot, asked, Filters(), 100))
    assert lexical == [hit for hit in unfiltered.items() if hit[0] in expected]
    engine.close()


def bm25_oracle(documents, query, k1=1.2, b=0.75):
    """Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009)."""
    lengths = {d: len(words) for d, words in documents.items()}
    average = sum(lengths.values()) / len(documents)
    scores = Counter()
    for word in query:
        frequency = sum(word in words for words in documents.values())
        idf = math.log(1 + (len(documents) - frequency + 0.5) / (frequency + 0.5))
        for d, words in documents.items():
            tf = words.count(word)
            if tf:
                norm = k1 * (1 - b + b * lengths[d] / average)
                scores[d] += idf * (1 + k1) * tf / (tf + norm)
    return scores


def test_lexical_scores_are_bm25(engine):
    # Texts shorter than 40 words: tantivy keeps such lengths exactly.
    random = np.random.default_rng(7)
    documents = {
        f"a{i}": [str(w) for w in random.choice(WORDS, random.integers(1, 30))] for i in range(60)
    }
    add(engine, *(entry(i, [" ".join(words)], title="") for i, words in documents.items()))
    found = engine.lexical(engine.snapshot, "the ferry missile vote", Filters(), 100)
    by_article = {engine.passages([row])[row][0].article_id: score for row, score in found}
    expected = bm25_oracle(documents, ["ferry", "missile", "vote"])
    assert by_article == pytest.approx(dict(expected), rel=1e-4)
    assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)


def test_words_are_stemmed_folded_and_found_in_titles(engine):
    add(engine, entry("a", ["Łukasz counted ballots"], title="Recounts in Zürich"))
    for question in ("lukasz", "ballot counting", "recount", "ZURICH"):
        assert engine.lexical(engine.snapshot, question, Filters(), 5), question


def test_a_question_of_stopwords_or_signs_finds_no_words(engine):
    add(engine, entry("a", ["the ferry sank"]))
    assert engine.lexical(engine.snapshot, "the and of", Filters(), 5) == []
    assert engine.lexical(engine.snapshot, '" AND ( ~ [ *', Filters(), 5) == []


def test_an_empty_filter_result_is_empty(engine):
    add(engine, entry("a", ["ferry sank"], source="x.example"))
    nothing = Filters(sources=("y.example",))
    assert engine.dense(engine.snapshot, vector_of("ferry"), nothing, 5) == []
    assert engine.lexical(engine.snapshot, "ferry", nothing, 5) == []


def test_a_new_version_takes_the_place_of_the_old(engine):
    add(engine, entry("a", ["ferry sank", "vote held"]))
    add(engine, entry("a", ["ferry saved"], version=2))
    texts = [p.text for _, p, _, _ in live(engine)]
    assert texts == ["ferry saved"]
    assert_dense_agrees(engine, "vote")
    assert engine.lexical(engine.snapshot, "vote", Filters(), 5) == []
    assert engine.store.article("a", 1).text == "ferry sank\nvote held"


def test_another_process_sees_what_is_published_and_only_that(engine):
    add(engine, entry("a", ["ferry sank"]))
    reader = LocalEngine(engine.home, MANIFEST)
    with engine.writing() as store:
        store.add([entry("b", ["dam broke"])], ingested_at=INGESTED)
    assert reader.refresh() == 1
    assert reader.lexical(reader.snapshot, "dam", Filters(), 5) == []
    assert len(reader.dense(reader.snapshot, vector_of("dam"), Filters(), 5)) == 1
    engine.publish()
    assert reader.refresh() == 2
    assert len(reader.lexical(reader.snapshot, "dam", Filters(), 5)) == 1
    assert_dense_agrees(reader, "dam broke")
    reader.close()


def test_opening_publishes_what_a_crash_left_behind(engine):
    with engine.writing() as store:
        store.add([entry("a", ["ferry sank"])], ingested_at=INGESTED)
    engine.close()
    again = LocalEngine(engine.home, MANIFEST)
    assert again.snapshot.generation == 1
    assert again.lexical(again.snapshot, "ferry", Filters(), 5)
    again.close()


@pytest.mark.parametrize("damage", ["delete", "truncate", "garbage"])
@pytest.mark.parametrize("part", ["dense", "lexical"])
def test_a_damaged_index_is_rebuilt_from_the_store(engine, monkeypatch, damage, part):
    monkeypatch.setattr(dense_module, "SEGMENT_ROWS", 3)
    add(engine, *(entry(f"a{i}", [f"{word} news {i}"]) for i, word in enumerate(WORDS)))
    assert len(engine.store.segments()) == 2
    engine.close()
    for path in sorted((engine.home / part).rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            if damage == "delete":
                path.unlink()
            else:
                path.write_bytes(path.read_bytes()[:10] if damage == "truncate" else b"\xff" * 99)
    again = LocalEngine(engine.home, MANIFEST)
    for word in WORDS:
        assert_dense_agrees(again, word)
        assert len(again.lexical(again.snapshot, word, Filters(), 5)) == 1
    again.close()


def test_a_kill_before_the_lexical_commit_leaves_nothing_in_the_way(engine):
    """tantivy names a file of deletions by its operation: replayed, it has the same name."""
    add(engine, *(entry(f"a{i}", [f"{word} news {i}"]) for i, word in enumerate(WORDS)))
    lexical = engine.home / "lexical"
    before = {p: p.read_bytes() for p in (lexical / "files" / "meta.json", lexical / "generation")}
    forget(engine, "a0")
    assert list(lexical.rglob("*.del"))
    engine.close()
    for path, content in before.items():  # as if killed between its files and its commit
        path.write_bytes(content)
    again = LocalEngine(engine.home, MANIFEST)
    assert again.lexical(again.snapshot, WORDS[0], Filters(), 5) == []
    assert len(again.lexical(again.snapshot, WORDS[1], Filters(), 5)) == 1
    again.close()


def test_segments_hold_each_row_once_and_lose_what_dies(engine, monkeypatch):
    monkeypatch.setattr(dense_module, "SEGMENT_ROWS", 3)
    for i in range(10):
        add(engine, entry(f"a{i}", [f"ferry number {i}"]))
    assert len(engine.store.segments()) == 3
    forget(engine, "a0", "a4")
    again = LocalEngine(engine.home, MANIFEST)
    for searched in (engine, again):
        assert_dense_agrees(searched, "ferry number 4", depth=50)
    again.close()
    files = {path.name for path in (engine.home / "dense").iterdir()}
    assert files == set(engine.store.segments())


def test_a_manifest_of_another_model_is_refused_by_name(engine):
    add(engine, entry("a", ["ferry"]))
    engine.close()
    with pytest.raises(ManifestMismatch, match=r"embedder 'test'.*'other'.*dateline reindex"):
        LocalEngine(engine.home, {**MANIFEST, "embedder": "other"})


def test_a_store_of_the_future_or_of_nothing_is_refused(tmp_path):
    engine = LocalEngine(tmp_path, MANIFEST)
    engine.store._connections.here.execute("PRAGMA user_version = 99")
    engine.close()
    with pytest.raises(StoreFormatError, match="format 99"):
        LocalEngine(tmp_path, MANIFEST)
    (tmp_path / "dateline.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(StoreFormatError, match="is not a store"):
        LocalEngine(tmp_path, MANIFEST)


def test_there_is_one_writer(engine):
    other = LocalEngine(engine.home, MANIFEST)
    with engine.writing(), pytest.raises(StoreLocked), other.writing(timeout_s=0):
        pass
    other.close()


def test_a_failed_commit_leaves_nothing(engine):
    broken = entry("b", ["dam broke"])
    with pytest.raises(ValueError, match="zip"), engine.writing() as store:
        store.add([entry("a", ["ferry"]), _without_vectors(broken)], ingested_at=INGESTED)
    assert engine.store.counts() == {"articles": 0, "versions": 0, "passages": 0}
    assert engine.store.generation == 0


def _without_vectors(one):
    import dataclasses

    return dataclasses.replace(one, vectors=one.vectors[:0])


def test_articles_are_named_by_id_origin_or_folder_and_never_by_nothing(engine):
    add(engine, entry("a", ["ferry"]), entry("b", ["dam"]))
    assert engine.store.find("a") == ["a"]
    assert engine.store.find("/news/b.txt") == ["b"]
    assert engine.store.find("/news/") == engine.store.find("/news") == ["a", "b"]
    for name in ("", " ", "/new", "c"):
        assert engine.store.find(name) == []
