import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.expect import Kind, content_stems, expectation, offers, stem


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many troops did Karsovia send?", Kind.NUMBER),
        ("How much will the dam cost?", Kind.AMOUNT),
        ("What price did Larkspur agree to?", Kind.AMOUNT),
        ("When will Kellbridge vote?", Kind.DATE),
        ("On what new date did the court order the vote?", Kind.DATE),
        ("Who took over as manager?", Kind.NAME),
        ("In which city was the truce signed?", Kind.NAME),
        ("Where did police recover the tiara?", Kind.NAME),
        ("Why was the vote put back?", Kind.OPEN),
        ("Did the ground workers go on strike?", Kind.OPEN),
    ],
)
def test_the_kind_of_answer(question, kind):
    assert expectation(question).kind is kind


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("How many troops were sent?", "It sent an estimated 11,000 troops.", 1.0),
        ("How many troops were sent?", "It sent 20,000 shipping containers.", 0.5),
        ("How many troops were sent?", "It sent troops to the front.", 0.0),
        ("How many people died?", "Nine people are dead.", 1.0),
        ("How many died in the 2019 flood?", "The 2019 flood was long.", 0.0),
        ("How much will it cost?", "It will cost $1.2 billion.", 1.0),
        ("Who followed Šimon Havránek?", "They sacked Šimon Havránek.", 0.0),
        ("Who followed Šimon Havránek?", "The club named Marit Oyelund.", 1.0),
        ("When will they vote?", "They will vote on July 15.", 1.0),
        ("When will they vote?", "They may vote again.", 0.0),
        ("Why did they vote?", "Because they could.", 0.5),
    ],
)
def test_what_a_sentence_offers(question, sentence, expected):
    assert offers(sentence, question, expectation(question)) == expected


def test_words_that_carry_meaning():
    assert content_stems("Who won the mayor’s race in St. Orrin?") == [
        "won",
        "mayor",
        "race",
        "st",
        "orrin",
    ]
    assert stem("Orrin’s") == stem("ORRIN's") == "orrin"


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_words_can_be_asked(question, sentence):
    assert 0.0 <= offers(sentence, question, expectation(question)) <= 1.0
