"""The read path with fakes that mean something: what each stage does to the order."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from index.documents import Filters, Query, RawArticle
from index.fuse import FUTURE_PENALTY, age_penalty, reciprocal_rank_fusion
from index.local.engine import LocalEngine
from index.prepare.fingerprint import signature
from index.search import OUTLET_BONUS, PHRASE_BONUS, Searcher, SearchSettings
from tests.fakes import OverlapReranker, fake_dateline
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


def test_a_question_about_past_days_prefers_what_was_published_in_them(engine):
    january = (date(2024, 1, 3), date(2024, 1, 6))
    past = query("ferry sank near harbor", recency=0.0, about="past", period=january)
    assert articles(searcher(engine).search(past))[0] == "old"
    february = replace(past, period=(date(2024, 2, 1), date(2024, 2, 29)))
    scores = {c.article.id: c for c in searcher(engine).search(february).candidates}
    assert scores["old"].score == scores["old"].relevance - FUTURE_PENALTY


def test_a_phrase_and_an_outlet_that_are_named_settle_between_equals(engine):
    asked = query("ferry sank near the harbor", recency=0.0)
    plain = {c.passage.id: c.score for c in searcher(engine).search(asked).candidates}
    phrase = searcher(engine).search(replace(asked, phrases=("Harbor  wall",)))
    for c in phrase.candidates:
        gained = PHRASE_BONUS if c.article.id == "late" else 0.0
        assert c.score == pytest.approx(plain[c.passage.id] + gained)
    plain = {c.passage.id: c.score for c in searcher(engine).search(query("vote")).candidates}
    outlet = searcher(engine).search(query("vote", preferred_sources=("x.example",)))
    for c in outlet.candidates:
        gained = OUTLET_BONUS if c.article.source == "x.example" else 0.0
        assert c.score == pytest.approx(plain[c.passage.id] + gained)


# -- copies ----------------------------------------------------------------------

LEAD = "The ferry Brackwater Star sank near the harbor wall of Vellmar with 12 people aboard ."
REST = (
    "Divers searched the basin through the night while families waited at the old customs house ."
    " The harbor office closed the channel to all ships and asked sailors for their logs ."
    " The ferry had passed its inspection in spring according to papers that the owner showed ."
)


@pytest.fixture
def wire(tmp_path):
    """A wire report in four outlets, one of which tells another figure, and a column on it."""
    engine = LocalEngine(tmp_path / "home", MANIFEST)
    articles = [
        entry(
            "d-first", [LEAD, REST], published="2025-05-30T06:00:00+00:00", source="wire.example"
        ),
        entry("b-later", [LEAD, REST], published="2025-05-31T00:00:00+00:00", source="bay.example"),
        entry("c-undated", [LEAD.replace("with", "that had"), REST], source="sea.example"),
        entry(
            "a-other",
            [LEAD.replace("12", "14"), REST],
            published="2025-06-01T00:00:00+00:00",
            source="dock.example",
        ),
        entry("column", ["why no ferry is safe from a harbor wall"], source="bay.example"),
    ]
    with engine.writing() as store:
        signed = [replace(e, signature=signature(e.article.text)) for e in articles]
        store.add(signed, ingested_at=INGESTED)
    engine.publish()
    yield engine
    engine.close()


def found(result):
    return {hit.article.id: [ref.id for ref in hit.copies] for hit in result.hits}


def test_copies_take_one_place_and_are_named_by_date_and_another_figure_stays(wire):
    result = searcher(wire).search(query("ferry sank near harbor wall", recency=0.0))
    leads = {h.article.id: h.copies for h in result.hits if "12 people" in h.passage.text}
    assert [[ref.id for ref in copies] for copies in leads.values()] == [["b-later", "c-undated"]]
    assert list(leads) == ["d-first"]
    other = [h for h in result.hits if "14 people" in h.passage.text]
    assert [(h.article.id, h.copies) for h in other] == [("a-other", ())]
    # The second paragraph is the same everywhere.
    rest = [h for h in result.hits if h.passage.text == REST]
    assert len(rest) == 1
    assert len({rest[0].article.id, *(ref.id for ref in rest[0].copies)}) == 4


def test_the_reranker_reads_each_text_once(wire):
    result = searcher(wire, rerank_depth=4).search(query("ferry sank near harbor wall"))
    read = [c.passage.text for c in result.candidates if c.relevance is not None]
    assert len(read) == 4
    assert len(result.candidates) == 4


def test_copies_beyond_the_candidates_are_named_if_they_carry_the_words(wire):
    asked = query("ferry sank near harbor wall 12 people", k=1, recency=0.0)
    assert found(searcher(wire, depth=1).search(asked)) == {"d-first": ["b-later", "c-undated"]}


def test_copies_obey_the_filters(wire):
    def asked(**filters):
        return found(
            searcher(wire, depth=1).search(
                query("ferry sank near harbor wall 12 people", k=1, filters=Filters(**filters))
            )
        )

    assert asked(as_of=datetime(2025, 5, 30, 12, tzinfo=UTC)) == {"d-first": []}
    assert asked(as_of=datetime(2025, 6, 2, tzinfo=UTC), sources=("bay.example",)) == {
        "b-later": []
    }
    both = asked(sources=("bay.example", "wire.example"))
    assert sorted([*both, *both.popitem()[1]]) == ["b-later", "d-first"]


def test_a_copy_that_is_forgotten_or_changed_is_named_no_more(wire):
    with wire.writing() as store:
        store.forget(["b-later"])
        changed = entry("c-undated", ["dam vote delayed"], version=2)
        store.add(
            [replace(changed, signature=signature(changed.article.text))], ingested_at=INGESTED
        )
    wire.publish()
    asked = query("ferry sank near harbor wall 12 people", k=1, recency=0.0)
    assert found(searcher(wire).search(asked)) == {"d-first": []}


def test_an_article_of_which_only_the_last_change_is_known_counts_as_of_that(tmp_path):
    dateline = fake_dateline(tmp_path / "home")
    text = "The harbour bridge at Port Merrow reopened after eleven months of repairs."
    dateline.ingestor.ingest(
        [
            RawArticle("a", text, id="a", modified="2025-03-10T12:00:00Z"),
            RawArticle("b", text + "!"),
        ]
    )
    (article,), total = dateline.engine.store.list_articles(MARCH, limit=9, offset=0)
    assert total == 1
    assert (article.id, article.published) == ("a", None)
    hits = dateline.searcher.search(Query("harbour bridge", ASKED, MARCH)).hits
    assert [hit.article.id for hit in hits] == ["a"]
    dateline.close()


MARCH = Filters(
    published_from=datetime(2025, 3, 1, tzinfo=UTC), published_to=datetime(2025, 3, 31, tzinfo=UTC)
)
