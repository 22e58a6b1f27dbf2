import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sources.wrapped import paragraphs, usual_width

LINES = [
    "The mill on the river, which had ground flour for two hundred",
    "years, closed on Friday after its owners found no buyer. Many",
    "of its forty workers wept.",
    "The mayor said that she would look for another use.",
]


def test_broken_lines_become_paragraphs():
    assert paragraphs(LINES) == [" ".join(LINES[:3]), LINES[3]]


def test_a_blank_line_ends_a_paragraph():
    assert paragraphs([LINES[0], "", LINES[1], LINES[2]]) == [LINES[0], " ".join(LINES[1:3])]


def test_items_of_a_list_stay_apart():
    assert len(paragraphs([LINES[0], "- the mill on the river, which is old", "- the port"])) == 3
    ended = "The mill on the river, which had ground flour, closed."
    assert (
        len(paragraphs([ended, "2. The port, which had few ships, opened.", "2.1. It is deep."]))
        == 3
    )
    aged = ["The last miller of the mill on the river was at his death aged", "45. He was tired."]
    assert paragraphs(aged) == [" ".join(aged)]


def test_a_short_line_goes_on_in_lower_case():
    assert paragraphs([*LINES[:2], "the river", "was high."])[-1].endswith("the river was high.")


def test_lines_of_their_own_stay():
    assert paragraphs(["Mill closes", *LINES]) == ["Mill closes", " ".join(LINES[:3]), LINES[3]]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("and then the whole of the govern-", "ment resigned", "government resigned"),
        ("and then the whole of the gov\u00ad", "ernment resigned", "government resigned"),
        ("and then he called it a well-", "known mill", "well-known mill"),
        ("and then he called it a river-", "side mill by the river-side", "river-side mill by"),
        ("and then he came to the north-", "west of the north, then west", "north-west of the"),
        ("and then the mill of the Smith-", "Holm family", "Smith- Holm family"),
        ("and then the mill that closed -", "it was old", "closed - it was old"),
        ("and then they were between 20-", "year leases", "20-year leases"),
    ],
)
def test_divided_words_are_whole_again(first, second, joined):
    assert joined in " ".join(paragraphs([first, second], hyphens=True))


def test_width_is_that_of_most_lines():
    assert usual_width(["x" * 60] * 19 + ["x" * 500]) == 60
    assert usual_width([]) == usual_width([""]) == 0


@given(st.lists(st.from_regex(r"[A-Za-z.,]{1,12}( [a-z.]{1,8}){0,6}", fullmatch=True)))
def test_no_word_is_lost(lines):
    assert " ".join(paragraphs(lines)).split() == " ".join(lines).split()
