"""Given answers weighed by what a search finds."""

from datetime import UTC, datetime

import pytest

from index.documents import Query, RawArticle
from rag.choose import WEIGHTS, EvidenceChooser, Signals
from tests.fakes import fake_dateline

ASKED = datetime(2025, 6, 2, tzinfo=UTC)
QUESTION = "Who won the recount in Orrin?"
ARTICLES = [
    RawArticle("a", "The recount in Orrin was won by Mara Quill on Friday.", id="a"),
    RawArticle("b", "Hugh Pellam opened a bridge over the river near Tarn.", id="b"),
    RawArticle("c", "Rain fell on the harbour for most of the weekend.", id="c"),
]


@pytest.fixture
def dateline(tmp_path):
    dateline = fake_dateline(tmp_path / "home")
    dateline.ingestor.ingest(ARTICLES)
    yield dateline
    dateline.close()


def chosen(dateline, *choices, question=QUESTION):
    query = Query(question, ASKED)
    found = dateline.searcher.search(query).candidates
    chooser = EvidenceChooser(dateline.searcher)
    return chooser(query, choices, found), chooser.signals(query, choices, found)


def test_the_choice_that_the_evidence_names_as_the_answer_is_picked(dateline):
    place, signals = chosen(dateline, "Hugh Pellam", "Mara Quill", "Edda Roskilly")
    assert place == 1
    assert [s.marked for s in signals][1] == 1.0
    assert signals[1].votes > signals[2].votes
    assert signals[2].naming < signals[0].naming


def test_of_equals_the_first_is_picked(dateline):
    place, signals = chosen(dateline, "Edda Roskilly", "Edda Roskilly")
    assert place == 0
    assert signals[0] == signals[1]


def test_without_evidence_there_is_still_a_choice(tmp_path):
    empty = fake_dateline(tmp_path / "empty")
    place, signals = chosen(empty, "one", "two")
    empty.close()
    assert place == 0
    assert signals == [Signals(votes=-12.0, marked=0.0, naming=-12.0, beside=-12.0)] * 2


def test_more_evidence_never_counts_against_a_choice():
    nothing = Signals(votes=-12.0, marked=0.0, naming=-12.0, beside=-12.0)
    for name in Signals.__slots__:
        more = {**{n: getattr(nothing, n) for n in Signals.__slots__}, name: 1.0}
        assert Signals(**more).weighed(WEIGHTS) > nothing.weighed(WEIGHTS)
