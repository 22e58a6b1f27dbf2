from datetime import UTC, datetime

import pytest

from index.documents import Filters
from rag.answers import Question, Turn
from rag.understand import understand

ASKED = datetime(2025, 6, 2, tzinfo=UTC)


def query(text, *earlier):
    history = tuple(Turn("user", turn) for turn in earlier)
    return understand(Question(text, ASKED, history=history))


@pytest.mark.parametrize(
    "text",
    [
        "Who won the vote in 2019?",
        "What happened to the rocket in May?",
        "How many were killed by 1998?",
    ],
)
def test_a_question_about_a_dated_past_asks_for_no_recency(text):
    assert query(text).recency == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "Who is the mayor of Kellbridge?",
        "Who runs in the 2025 election?",
        "What is planned for the 2032 Games?",
        "What happened in June?",
        "What may the court decide?",
    ],
)
def test_other_questions_prefer_what_is_recent(text):
    assert query(text).recency == 1.0


def test_filters_k_and_the_day_are_passed_on():
    filters = Filters(sources=("x.example",))
    asked = understand(Question("Who?", ASKED, filters, k=3))
    assert (asked.filters, asked.k, asked.asked_at) == (filters, 3, ASKED)


@pytest.mark.parametrize("text", ["And why?", "Why was it stopped?", "Who opposed it?"])
def test_a_follow_up_is_led_by_the_question_before(text):
    assert query(text, "Older?", "Who approved the dam?").text == f"Who approved the dam? {text}"


def test_a_new_topic_is_not_dragged():
    text = "Which film won the Golden Ibex prize?"
    assert query(text, "Who approved the dam?").text == text
