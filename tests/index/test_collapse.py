"""Passages that are the same words take one place; those that only look alike do not."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.collapse import Words, adds_nothing, carries, first_of_each
from index.documents import Passage, Sentence
from tests.index.prepare.test_fingerprint import prose

REPORT = (
    "The council of Vellmar approved a new tram line to the harbor on Monday. Mayor Ada Quill "
    "said 12 stops would open within two years. Residents of the old town had asked for a "
    "station at the fish market. The line will not cross the park, according to the plan. "
    "Work begins when the winter is over and the ground is no longer frozen."
)


def passage(text, place=0):
    sentences, start = [], 0
    for part in re.split(r"(?<=[.!?])\s+", text):
        start = text.index(part, start)
        sentences.append(Sentence(start, start + len(part), part))
        start += len(part)
    return Passage(f"p{place}", f"a{place}", 1, 0, 0, len(text), text, tuple(sentences))


def first(*texts):
    return first_of_each([passage(text, place) for place, text in enumerate(texts)])


@pytest.mark.parametrize(
    "other",
    [
        REPORT,
        REPORT.upper(),
        REPORT.replace(" ", "\n"),
        REPORT.replace(",", " —").replace("’", "'"),
        "VELLMAR (Meridian Wire) — " + REPORT,
        "VELLMAR — " + REPORT,
        REPORT.replace("said 12", "says that 12"),
        REPORT.replace("Residents", "The residents").replace("asked", "called"),
        REPORT.replace(
            "Residents of the old town had asked for a station at the fish market. ", ""
        ),
        REPORT[: REPORT.index("Work begins")].strip(),
    ],
    ids=[
        "itself",
        "case",
        "space",
        "punctuation",
        "dateline with agency",
        "dateline",
        "small words",
        "a word in a long passage",
        "a sentence left out",
        "the end left out",
    ],
)
def test_the_same_words_take_one_place(other):
    assert first(REPORT, other) == [0, 0]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("12 stops", "14 stops"),
        ("two years", "three years"),
        ("on Monday", "on Tuesday"),
        ("Ada Quill", "Ben Quill"),
        ("Mayor Ada Quill", "Ada Quill"),
        ("will not cross", "will cross"),
        ("approved", "rejected"),
        ("had asked", "had never asked"),
        ("would open", "wouldn't open"),
    ],
)
def test_a_figure_a_name_or_a_negation_makes_another_report(here, there):
    assert here in REPORT
    assert first(REPORT, REPORT.replace(here, there)) == [0, 1]
    assert first(REPORT.replace(here, there), REPORT) == [0, 1]


@pytest.mark.parametrize("more", ["Some 3 trams are on order.", "Ines Farrow plans an appeal."])
def test_a_passage_with_another_sentence_of_weight_keeps_its_place(more):
    other = REPORT.replace("Work begins", more + " Work begins")
    assert first(REPORT, other) == [0, 1]
    assert first(other, REPORT) == [0, 0]


def test_a_word_that_begins_a_sentence_is_not_taken_for_a_name():
    known = Words.of(REPORT.replace("Residents", "The residents"))
    assert adds_nothing(known, Words.of(REPORT))


def test_a_short_passage_is_kept_for_one_word():
    assert first("ferry sank near the harbor", "ferry sank near the harbor wall") == [0, 1]
    assert first("ferry sank near the harbor wall", "ferry sank near the harbor") == [0, 1]


def test_a_passage_that_says_more_keeps_its_place():
    longer = REPORT + " Ines Farrow of the cyclists' club welcomed the decision of the council."
    assert first(REPORT, longer) == [0, 1]
    assert first(longer, REPORT) == [0, 0]


def test_a_sentence_may_go_where_the_next_one_begins_alike():
    known = Words.of("The mayor came. The 9 judges left. The band played on.")
    assert adds_nothing(known, Words.of("The mayor came. The band played on."))
    assert not adds_nothing(known, Words.of("The mayor came. The judges left. The band played on."))


def test_copies_that_are_cut_at_other_places_take_no_place_either():
    whole = passage(REPORT)
    cut = REPORT.index("Residents")
    parts = [
        replace(whole, id=f"q{n}", article_id="b", start=start, text=text)
        for n, (start, text) in enumerate([(cut, REPORT[cut:]), (0, REPORT[:cut].strip())])
    ]
    split = [replace(part, sentences=passage(part.text).sentences) for part in parts]
    assert first_of_each([*split, whole]) == [0, 1, 0]
    assert first_of_each([split[0], whole, split[1]]) == [0, 1, 1]
    strangers = [split[0], replace(split[1], article_id="c"), whole]
    assert first_of_each(strangers) == [0, 1, 2]


def test_the_first_of_several_is_named_and_the_rest_keep_their_places():
    other = prose(3, 60)
    copy = REPORT.replace("within", "inside")
    assert first(other, REPORT, copy, other.upper(), REPORT) == [0, 1, 1, 0, 1]
    assert first() == []


def test_a_text_carries_a_passage_wherever_it_stands():
    long = prose(1, 100) + "\n" + REPORT + "\n" + prose(2, 100)
    assert carries(long, REPORT)
    assert carries(long.replace("within", "inside"), REPORT)
    assert carries(long.replace("12 stops", "14 stops"), REPORT) is False
    assert carries(long.replace("will not cross", "will cross"), REPORT) is False
    assert carries(prose(1, 300), REPORT) is False
    assert carries("", REPORT) is False


def test_what_turns_a_statement_round_just_outside_the_words_counts():
    text = "The storm came. In the end no officials of the port left. The storm went."
    assert not carries(text, "Officials of the port left.")
    assert carries(text.replace("In the end no o", "O"), "Officials of the port left.")


words = st.lists(st.sampled_from(["port", "Ada", "12", "not", "the", "sank."]), max_size=30)


@given(words, words)
def test_nothing_is_added_only_by_words_that_are_known(known, other):
    one, two = " ".join(known), " ".join(other)
    assert adds_nothing(Words.of(one), Words.of(one))
    if adds_nothing(Words.of(one), Words.of(two)):
        weighty = [word for word in other if word not in ("the", "port", "sank.")]
        rest = iter(known)
        assert all(word in rest for word in weighty)
