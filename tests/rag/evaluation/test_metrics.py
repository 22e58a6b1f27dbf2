"""Metrics against worked examples and their definitions."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.evaluation.labels import holds_answer
from rag.evaluation.metrics import MEASURES, mean, per_question
from rag.words import normalise

IDS = st.sampled_from([f"p{i}" for i in range(15)])
RANKINGS = st.lists(IDS, unique=True, max_size=15)


def test_a_worked_example():
    values = per_question(
        {"q": ["a", "b", "c", "d"], "unjudged": ["a"]},
        {"q": dict.fromkeys("bdz", 1), "missing": {"a": 1}, "empty": {}},
    )
    dcg = 1 / math.log2(3) + 1 / math.log2(5)
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert values["q"] == pytest.approx(
        {"hits@1": 0, "hits@4": 1, "hits@10": 1, "mrr@10": 0.5, "ndcg@10": dcg / ideal}
    )
    assert values["missing"] == dict.fromkeys(MEASURES, 0.0)
    assert set(values) == {"q", "missing"}
    assert mean(values)["mrr@10"] == 0.25
    assert mean({}) == {}


@given(RANKINGS, st.frozensets(IDS, min_size=1))
@settings(deadline=None)
def test_metrics_agree_with_their_definitions(ranking, relevant):
    values = per_question({"q": ranking}, {"q": dict.fromkeys(relevant, 1)})["q"]
    found = [place for place, p in enumerate(ranking[:10], start=1) if p in relevant]
    for depth in (1, 4, 10):
        assert values[f"hits@{depth}"] == float(any(place <= depth for place in found))
    assert values["mrr@10"] == pytest.approx(1 / found[0] if found else 0.0)
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(len(relevant), 10) + 1))
    gained = sum(1 / math.log2(place + 1) for place in found)
    assert values["ndcg@10"] == pytest.approx(gained / ideal)


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("The Buffalo Bills' player is well.", "buffalo bills", True),
        ("It was a “Salt Ledger”.", "The Salt Ledger", True),
        ("It cost $1.2 billion.", "$1.2 Billion", True),
        ("They were 2,150.", "150", False),
        ("Billsby left.", "Bills", False),
        ("Anything", "", False),
        ("Anything", "the", False),
    ],
)
def test_an_answer_is_held_as_whole_words(text, answer, expected):
    assert holds_answer(text, [answer]) is expected


@given(st.text(max_size=100))
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)
