"""Stories: found whatever the order, and kept up as articles change and go."""

import gzip
import json
import random
import sqlite3
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import Filters, PublicationDate, RawArticle
from index.errors import SourceError
from index.prepare import prepare
from index.prepare.fingerprint import signature
from index.store import stories
from index.store.migrations import migrate
from tests.conftest import SHARED
from tests.index.prepare.test_fingerprint import prose

DATA = SHARED / "data" / "neardup-dev"


@pytest.fixture
def store():
    return new_store()


def new_store():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection)
    return connection


def put(store, article_id, text, *, day=None, source=None):
    """Store a version of an article as its current one, and link it."""
    (last,) = store.execute(
        "SELECT coalesce(max(number), 0) FROM versions WHERE article_id = ?", (article_id,)
    ).fetchone()
    store.execute(
        "INSERT INTO articles (id, current_version) VALUES (?, 1) "
        "ON CONFLICT (id) DO UPDATE SET current_version = current_version + 1",
        (article_id,),
    )
    row = {
        "article_id": article_id,
        "number": last + 1,
        "title": article_id,
        "title_is_derived": 0,
        "source": source,
        "authors": "[]",
        "ingested_at": "2025-06-02T00:00:00+00:00",
        "text": text,
        "text_sha256": "",
        "raw": b"",
        "removed": "[]",
        "notes": "[]",
    }
    if day:
        date = PublicationDate(datetime(2025, 6, day, tzinfo=UTC))
        row |= {
            "published_at": date.at.isoformat(),
            "published_precision": date.precision,
            "published_first": date.earliest.timestamp(),
            "published_last": date.latest.timestamp(),
        }
    marks = ",".join("?" * len(row))
    store.execute(
        f"INSERT INTO versions ({','.join(row)}) VALUES ({marks})",  # noqa: S608
        list(row.values()),
    )
    return stories.link(store, article_id, signature(text))


def forget(store, *article_ids):
    stories.unlink(store, article_ids)
    for article_id in article_ids:
        store.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def groups(store):
    """The stories by name, each with its articles."""
    found = {}
    for article_id, story in store.execute(
        "SELECT id, story FROM articles WHERE story IS NOT NULL ORDER BY id"
    ):
        found.setdefault(story, []).append(article_id)
    return found


def rows(store, table):
    return store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608


def drifting(steps):
    """A text and what becomes of it: each step replaces another twelfth of its words.

    Neighbours are copies, and so are those a few steps apart, but not the first and the last.
    """
    words = prose(1, 240).split()
    made = [" ".join(words)]
    for step in range(steps):
        start = 200 - step * 20
        words[start : start + 20] = prose(100 + step, 20).split()
        made.append(" ".join(words))
    return made


# -- joining ---------------------------------------------------------------------


def test_copies_are_one_story_named_by_the_smallest_id(store):
    text = prose(1)
    assert put(store, "m", text) is None
    assert put(store, "z", prose(2)) is None
    assert put(store, "b", text + " Reported from Vellmar.") == "b"
    assert put(store, "x", "VELLMAR (Meridian Wire) — " + text) == "b"
    assert groups(store) == {"b": ["b", "m", "x"]}
    assert stories.story(store, "m") == ["b", "m", "x"]
    assert stories.story(store, "z") == ["z"]


def test_short_texts_join_by_the_same_words(store):
    put(store, "a", "The ferry sails again on Monday.")
    put(store, "b", "The ferry sails again on Tuesday.")
    put(store, "c", "THE FERRY sails again, on Monday")
    assert groups(store) == {"a": ["a", "c"]}


def test_a_text_without_words_joins_nothing(store):
    put(store, "a", "…")
    assert put(store, "b", "…") is None


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(9)), st.sets(st.integers(0, 8), max_size=4))
def test_the_order_does_not_matter_nor_what_came_and_went(order, gone):
    texts = [*drifting(5), prose(8), prose(8) + " More soon.", prose(9)]
    one, other = new_store(), new_store()
    for number in order:
        put(one, f"n{number}", texts[number])
    forget(one, *(f"n{number}" for number in gone))
    for number in sorted(set(order) - gone):
        put(other, f"n{number}", texts[number])
    assert groups(one) == groups(other)


def test_a_bridge_makes_one_story_of_two_and_takes_it_apart_when_it_goes(store):
    texts = drifting(6)
    put(store, "d", texts[0])
    put(store, "c", texts[0] + " Again.")
    put(store, "f", texts[6])
    put(store, "e", texts[6] + " Again.")
    assert groups(store) == {"c": ["c", "d"], "e": ["e", "f"]}
    assert put(store, "g", texts[3]) == "c"
    assert groups(store) == {"c": ["c", "d", "e", "f", "g"]}
    forget(store, "g")
    assert groups(store) == {"c": ["c", "d"], "e": ["e", "f"]}


# -- changing and leaving --------------------------------------------------------


def test_a_changed_version_leaves_its_story_or_stays(store):
    text = prose(1)
    for article_id in ("a", "b", "c"):
        put(store, article_id, text)
    assert put(store, "a", text + " Updated.") == "a"
    assert put(store, "a", prose(2)) is None
    assert groups(store) == {"b": ["b", "c"]}
    assert put(store, "c", prose(2)) == "a"
    assert groups(store) == {"a": ["a", "c"]}
    assert stories.story(store, "b") == ["b"]


def test_the_others_stay_linked_when_the_one_that_linked_them_goes(store):
    for number in range(12):
        put(store, f"n{number:02}", prose(1) + f" outlet{number}")
    forget(store, "n00")
    assert groups(store) == {"n01": [f"n{number:02}" for number in range(1, 12)]}
    forget(store, *(f"n{number:02}" for number in range(1, 11)))
    assert groups(store) == {}


def test_a_story_of_more_copies_than_are_looked_at_stays_whole(store):
    ids = [f"n{number:03}" for number in range(stories.MAX_PER_ANCHOR + 20)]
    for article_id in ids:
        put(store, article_id, prose(1, 60))
    assert groups(store) == {ids[0]: ids}
    forget(store, ids[0])
    assert groups(store) == {ids[1]: ids[1:]}
    put(store, ids[5], prose(2))
    assert groups(store) == {ids[1]: [i for i in ids[1:] if i != ids[5]]}


def test_nothing_is_left_of_what_is_forgotten(store):
    for article_id in ("a", "b", "c"):
        put(store, article_id, prose(1))
    put(store, "b", prose(2))
    forget(store, "a", "b", "c", "never there")
    assert [rows(store, table) for table in ("articles", "signatures", "bands", "copies")] == [
        0
    ] * 4


# -- bounds ----------------------------------------------------------------------


def test_the_work_is_bounded_where_words_are_everywhere_and_copies_are_still_found(
    store, monkeypatch
):
    compared = []
    real = stories.is_copy
    monkeypatch.setattr(stories, "is_copy", lambda a, b: compared.append(1) or real(a, b))
    gallery = prose(1, 300)
    for number in range(100):
        put(store, f"n{number:02}", prose(number + 10, 200) + gallery)
    assert groups(store) == {}
    compared.clear()
    assert put(store, "copy", prose(99, 200) + gallery) == "copy"
    assert groups(store) == {"copy": ["copy", "n89"]}
    assert len(compared) <= stories.MAX_COMPARED


# -- questions -------------------------------------------------------------------


def test_copies_are_told_by_date_and_the_undated_last(store):
    text = prose(1)
    put(store, "a", text)
    put(store, "b", text, day=9)
    put(store, "c", text, day=3)
    put(store, "d", text, day=9)
    assert [ref.id for ref in stories.copies(store, "b")] == ["c", "d", "a"]
    assert stories.story(store, "b") == ["c", "b", "d", "a"]
    assert stories.copies(store, "nobody") == []


def test_copies_of_several_articles_obey_the_filters_and_the_bound(store):
    text = prose(1)
    put(store, "a", text, day=1, source="meridianwire.example")
    put(store, "b", text, day=2, source="Bay.example")
    put(store, "c", text, day=3, source="bay.example")
    put(store, "alone", prose(2), day=1)

    def found(*article_ids, **filters):
        answer = stories.copies_of(store, article_ids, Filters(**filters))
        return {own: [article.ref.id for article in others] for own, others in answer.items()}

    assert found("a", "c", "alone") == {"a": ["b", "c"], "c": ["a", "b"]}
    assert found("a", sources=("BAY.example",)) == {"a": ["b", "c"]}
    assert found("a", as_of=datetime(2025, 6, 2, tzinfo=UTC)) == {"a": ["b"]}
    assert found("c", published_from=datetime(2025, 6, 2, tzinfo=UTC)) == {"c": ["b"]}
    assert found() == {}
    assert stories.copies_of(store, ["a"], Filters())["a"][0].text == text
    for number in range(stories.MAX_COPIES + 5):
        put(store, f"n{number:02}", text, day=4)
    assert len(found("a")["a"]) == stories.MAX_COPIES
    assert found("a")["a"][:3] == ["b", "c", "n00"]


def test_of_copies_that_come_together_one_brought_the_text(store):
    for article_id in ("a", "b", "c"):
        put(store, article_id, prose(1))
    put(store, "d", prose(2))
    assert stories.count_copies(store, ["a", "b", "c", "d"]) == 2
    assert stories.count_copies(store, ["b", "c"]) == 2
    assert stories.count_copies(store, ["d"]) == 0


# -- quality ---------------------------------------------------------------------


@pytest.mark.skipif(not DATA.is_dir(), reason="neardup-dev is not beside the project")
def test_precision_and_recall_on_labelled_pairs(store):
    """An eighth of the pairs; benchmarks/neardup.py has all of them."""
    lines = (DATA / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in random.Random(13).sample(lines, len(lines) // 8)]
    wanted = {pair[side] for pair in pairs for side in "ab"}
    with gzip.open(DATA / "docs.jsonl.gz", "rt", encoding="utf-8") as records:
        for record in map(json.loads, records):
            if record["id"] in wanted:
                try:
                    text = prepare(RawArticle(record["id"], record["text"])).text
                except SourceError:
                    continue
                put(store, record["id"], text)
    right = wrong = missed = 0
    for pair in pairs:
        linked = pair["b"] in stories.story(store, pair["a"])
        right += linked and pair["label"]
        wrong += linked and not pair["label"]
        missed += pair["label"] and not linked
    assert right > 30
    assert right / (right + wrong) >= 0.98
    assert right / (right + missed) >= 0.95
