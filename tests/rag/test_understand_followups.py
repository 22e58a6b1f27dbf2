"""Questions that lean on what was said before, and those that do not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answers import Aspect, Question, Turn
from rag.understand import interpret, understand
from rag.understanding.leaning import names_in
from rag.understanding.outlet_names import Outlets

ASKED = datetime(2025, 6, 2, 12, tzinfo=UTC)
KNOWN = Outlets.of(["harrowledger.example", "tarnexaminer.example", "cnn.com"])
DAM = "Who approved the dam?"


def read(text, *said, literal=()):
    """The question as it was read; what begins with `>` was answered."""
    history = tuple(
        Turn("assistant", one.removeprefix("> ")) if one.startswith(">") else Turn("user", one)
        for one in said
    )
    question = Question(text, ASKED, history=history, literal=frozenset(literal))
    return interpret(question, KNOWN).understood.text


@pytest.mark.parametrize(
    ("said", "asked", "expected"),
    [
        # a changed day takes the place of the earlier one
        (["What happened to the rocket in April?"], "And in May?",
         "What happened to the rocket in May?"),
        (["What happened to the rocket in April?"], "What about in May?",
         "What happened to the rocket in May?"),
        (["What happened to the rocket?"], "And in May?", "What happened to the rocket in May?"),
        (["How many were hurt on 14 May?"], "And last week?", "How many were hurt last week?"),
        (["Who won the vote in 2021?"], "In 2019?", "Who won the vote in 2019?"),
        (["What happened to the rocket in April?"], "Why did it fall in May?",
         "What happened to the rocket? Why did it fall in May?"),
        (["What happened to the rocket in April?", "And in May?"], "And why?",
         "What happened to the rocket in May? And why?"),
        # a changed outlet does, too
        (["What were the losses according to the Harrow Ledger?"], "And the Tarn Examiner?",
         "What were the losses according to the Tarn Examiner?"),
        (["What were the losses according to the Harrow Ledger?"],
         "And according to the Tarn Examiner?",
         "What were the losses according to the Tarn Examiner?"),
        (["What did the Harrow Ledger report about the losses?"], "What about CNN?",
         "What did CNN report about the losses?"),
        # a name that the answer gave
        ([DAM, "> Governor Marit Oyelund approved the dam on Friday. [1]"], "Why did she resign?",
         "Why did Marit Oyelund resign?"),
        (["Who won the recount?", "> Tobias Quill won it by 187 votes. [1] He is 41. [2]"],
         "How many votes did he get?", "How many votes did Tobias Quill get?"),
        (["Who won the recount?", "> Tobias Quill won it by 187 votes. [1]"],
         "What is his salary?", "What is Tobias Quill’s salary?"),
        (["Which ferry sank?", "> The ferry Lady Corrigan sank on Friday. [1]"],
         "How old was it?", "How old was Lady Corrigan?"),
        # two names: it may be either
        ([DAM, "> Marit Oyelund and Tobias Quill approved it."], "Why did she resign?",
         f"{DAM} Why did she resign?"),
        # pointing back
        ([DAM], "Why was it stopped?", f"{DAM} Why was it stopped?"),
        ([DAM], "Who opposed it?", f"{DAM} Who opposed it?"),
        ([DAM], "Why?", f"{DAM} Why?"),
        ([DAM], "Who opposed that plan?", f"{DAM} Who opposed that plan?"),
        ([DAM], "What about the other one?", f"{DAM} What about the other one?"),
        ([DAM], "Who else was there?", f"{DAM} Who else was there?"),
        ([DAM], "How much will the dam cost?", f"{DAM} How much will the dam cost?"),
        ([DAM], "Tell me more", f"{DAM} Tell me more"),
        (["Who was shot in Tamsen?"], "What happened there?",
         "Who was shot in Tamsen? What happened there?"),
        (["When was the cup final?"], "Who won?", "When was the cup final? Who won?"),
        (["How many died in the floods?"], "In Tamsen?", "How many died in the floods? In Tamsen?"),
        (["Older?", DAM], "Why?", f"{DAM} Why?"),
    ],
)  # fmt: skip
def test_a_follow_up_is_completed(said, asked, expected):
    assert read(asked, *said) == expected


@pytest.mark.parametrize(
    "asked",
    [
        "Which film won the Golden Ibex prize?",
        "which film won the golden ibex prize?",
        "Where is Zanzibar?",
        "When did the Lady Corrigan sink?",
        "Which company said it would sell its plant?",
        "Did Quill say he would run?",
        "How many refugees are there worldwide?",
        "What happened this week in Tamsen?",
        "And who won the Golden Ibex?",
        "Is it true that bees sleep?",
        "What did voters reject in March?",
        "Will it rain on Saturday in Kellbridge?",
    ],
)
def test_a_new_topic_is_not_dragged(asked):
    assert read(asked, DAM, "> Marit Oyelund approved the dam.") == asked


def test_what_was_said_before_can_be_left_out():
    assert read("And why?", DAM, literal=[Aspect.HISTORY]) == "And why?"


def test_the_days_of_the_earlier_question_are_not_those_of_a_changed_one():
    history = (Turn("user", "What happened to the rocket in March?"),)
    query = understand(Question("And in April?", ASKED, history=history))
    assert [day.month for day in query.period] == [4, 4]


def test_names_of_an_answer():
    assert names_in("“No,” said Zoë Brânză of Tamsen. Ada Quill left. [2]") == ["Zoë Brânză"]
    assert names_in("The mayor resigned on Friday.") == []
    assert names_in("In May, Quill resigned.") == ["Quill"]


turns = st.lists(
    st.builds(Turn, st.sampled_from(["user", "assistant"]), st.text(max_size=40)), max_size=4
)


@given(st.text(max_size=60), turns)
def test_the_words_asked_are_never_lost_without_cause(asked, history):
    question = Question(asked, ASKED, history=tuple(history))
    text = interpret(question, KNOWN).understood.text
    assert text == interpret(question, KNOWN).understood.text
    if not any(turn.role == "user" for turn in history):
        assert text == " ".join(asked.split())
