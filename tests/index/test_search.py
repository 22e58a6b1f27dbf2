"""The read path with fakes that mean something: what each stage does to the order."""

from datetime import UTC, datetime

import numpy as np
import pytest

from index.documents import Filters, Query
from index.fuse import age_penalty, reciprocal_rank_fusion
from index.local.engine import LocalEngine
from index.search import Searcher, SearchSettings
from tests.fakes import OverlapReranker
from tests.index.builders import DIM, INGESTED, MANIFEST, entry, vector_of

ASKED = datetime(2025, 6, 2, tzinfo=UTC)


class WordEmbedder:
    """The builders' word vectors behind the embedder's protocol."""

    name, fingerprint, dim, max_tokens = "words", "words", DIM, 256

    def embed(self, texts):
        return np.array([vector_of(text) for text in texts]).reshape(-1, DIM)

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]


@pytest.fixture
def engine(tmp_path):
    engine = LocalEngine(tmp_path / "home", MANIFEST)
    with engine.writing() as store:
        store.add(
            [
                entry(
                    "old",
                    ["ferry sank near the harbor", "rain fell"],
                    published="2024-01-05T00:00:00+00:00",
                ),
                entry(
                    "new",
                    ["ferry sank near the harbor today"],
                    published="2025-06-01T00:00:00+00:00",
                ),
                entry(
                    "late",
                    ["ferry sank near the harbor wall"],
                    published="2025-07-20T00:00:00+00:00",
                ),
                entry("undated", ["vote on the dam"], source="x.example"),
                entry("copy", ["Rain  fell"]),
            ],
            ingested_at=INGESTED,
        )
    engine.publish()
    yield engine
    engine.close()


def searcher(engine, **settings):
    return Searcher(engine, WordEmbedder(), OverlapReranker(), SearchSettings(**settings))


def query(text, **more):
    return Query(text, ASKED, **more)


def articles(result):
    return [hit.article.id for hit in result.hits]


def test_hits_are_in_a_total_order_with_ranks_from_one(engine):
    result = searcher(engine).search(query("ferry harbor rain"))
    assert [hit.rank for hit in result.hits] == list(range(1, len(result.hits) + 1))
    keys = [(-hit.score, hit.passage.id) for hit in result.hits]
    assert keys == sorted(keys)
    again = searcher(engine).search(query("ferry harbor rain"))
    assert again.hits == result.hits
    assert result.generation == engine.store.generation


def test_recent_articles_win_and_those_of_the_future_lose(engine):
    result = searcher(engine).search(query("ferry sank near harbor"))
    assert articles(result)[0] == "new"
    ferries = [a for a in articles(result) if a in {"new", "old", "late"}]
    assert ferries == ["new", "old", "late"]


def test_without_recency_age_does_not_matter(engine):
    hits = searcher(engine, recency_weight=0.0).search(query("ferry sank near harbor")).candidates
    by_article = {c.article.id: c for c in hits}
    assert by_article["old"].score == by_article["old"].relevance
    dated_past = searcher(engine).search(query("ferry sank near harbor", recency=0.0)).candidates
    assert {c.article.id: c.score for c in dated_past}["old"] == by_article["old"].score


def test_the_stages_add_up(engine):
    result = searcher(engine, recency_weight=0.8).search(query("ferry sank near harbor"))
    for c in result.candidates:
        if c.article.id in {"old", "new"}:
            expected = c.relevance - age_penalty(c.article.published, ASKED, 0.8)
            assert c.score == pytest.approx(expected)


def test_fusion_follows_both_rankings(engine):
    only = {"rerank": False, "recency_weight": 0.0}
    dense = searcher(engine, lexical=False, **only).search(query("ferry dam"))
    lexical = searcher(engine, dense=False, **only).search(query("ferry dam"))
    both = searcher(engine, **only).search(query("ferry dam"))
    expected = reciprocal_rank_fusion([[h.passage.id for h in r.hits] for r in (dense, lexical)])
    assert {h.passage.id for h in both.hits} == set(expected)
    assert both.hits[0].passage.id == min(expected, key=lambda p: (-expected[p], p))


def test_passages_with_the_same_words_take_one_place(engine):
    texts = [
        " ".join(h.passage.text.casefold().split())
        for h in searcher(engine).search(query("rain fell")).hits
    ]
    assert texts.count("rain fell") == 1


def test_k_bounds_the_hits_and_what_was_not_reranked_comes_last(engine):
    assert len(searcher(engine).search(query("ferry", k=2)).hits) == 2
    result = searcher(engine, rerank_depth=1).search(query("ferry sank rain vote"))
    assert [c.relevance is not None for c in result.candidates] == [True] + [False] * (
        len(result.candidates) - 1
    )


def test_filters_are_obeyed_and_an_empty_result_is_empty(engine):
    only = searcher(engine).search(query("ferry vote", filters=Filters(sources=("X.example",))))
    assert set(articles(only)) == {"undated"}
    as_of = datetime(2025, 1, 1, tzinfo=UTC)
    past = searcher(engine).search(query("ferry vote", filters=Filters(as_of=as_of)))
    assert set(articles(past)) == {"old"}
    none = searcher(engine).search(query("ferry", filters=Filters(sources=("nobody",))))
    assert none.hits == ()
    assert not none.allowed
