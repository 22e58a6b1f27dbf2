import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.prepare.sentence_rules import corrected
from index.prepare.sentences import WINDOW_CHARS, split_sentences

GOLD = Path(__file__).with_name("sentences_gold.jsonl")
# Pinned floors, a little under `python -m benchmarks.sentence_splitters`. Raise, never lower.
FLOORS = {"all": 0.95, "dev": 0.99, "held_out": 0.91}

# fmt: off
NEWS_BITS = st.sampled_from([
    "Mr. ", "U.S. ", "a.m. ", "“Go!” ", "said ", "Mayor Bass ", "…", ". ", "! ", "? ", "\n",
    "\r\n", "No. 3 ", "$1.2 billion", "—", " ", "\t", "\u2028", "\xa0", "É", "”", ")", ".",
    "I. ", "He ",
])
# fmt: on
TEXTS = st.one_of(st.text(), st.lists(NEWS_BITS).map("".join))


def texts_of(text):
    return [sentence.text for sentence in split_sentences(text)]


@given(TEXTS)
def test_sentences_are_exact_ordered_and_cover_the_text(text):
    sentences = split_sentences(text)
    end = 0
    for sentence in sentences:
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip()
        assert sentence.text
        assert "\n" not in sentence.text
        assert not text[end : sentence.start].strip()
        assert sentence.start >= end
        end = sentence.end
    assert not text[end:].strip()


@given(TEXTS)
def test_the_same_text_gives_the_same_sentences(text):
    assert split_sentences(text) == split_sentences(text)


@given(TEXTS, TEXTS)
def test_a_line_is_split_alike_wherever_it_stands(first, second):
    together = texts_of(f"{first}\n{second}")
    assert together == texts_of(first) + texts_of(second)


@given(st.text(), st.lists(st.integers(min_value=0)))
def test_corrections_stay_inside_the_line(line, begins):
    inside = sorted({begin for begin in begins if 0 < begin < len(line)})
    places = corrected(line, inside)
    assert places == sorted(set(places))
    assert all(0 < place < len(line) for place in places)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t \n \u2028"])
def test_blank_text_has_no_sentences(text):
    assert split_sentences(text) == ()


def load_gold():
    return [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]


def boundary_f1(records):
    right = both = 0
    for record in records:
        expected = ends(record["sentences"])
        found = ends(texts_of(" ".join(record["sentences"])))
        right += len(expected & found)
        both += len(expected) + len(found)
    return 2 * right / both


def ends(sentences):
    """How many visible characters stand before each inner boundary."""
    seen, places = 0, set()
    for sentence in sentences[:-1]:
        seen += sum(not char.isspace() for char in sentence)
        places.add(seen)
    return places


def test_the_gold_set_is_large_and_of_many_kinds():
    gold = load_gold()
    assert len(gold) >= 100
    assert len({record["kind"] for record in gold}) >= 10


@pytest.mark.parametrize("half", FLOORS)
def test_boundary_f1_does_not_fall(half):
    records = [record for record in load_gold() if half in ("all", record["half"])]
    assert boundary_f1(records) >= FLOORS[half]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Lt. Gov. Ana Holm resigned last week.", "Sen. Ito did not."],
        ["It opens at 9 a.m. Monday.", "Doors close at 5 p.m.", "Mayor Ruiz spoke."],
        ["At 7 p.m. Mr. Aldous spoke.", "He was late."],
        ["“What a night!” Mayor Bass said.", "“We won.”"],
        ["“What a night!”", "He said no more."],
        ["The answer is no.", "Rule No. 3 stands."],
        ["Yahoo! shares fell.", "Is it safe? — that is the question."],
        ["The park is closed.", "Visit Arden Park.", "It is free."],
        ["He met U.S. Secretary of State Dale Orr.", "They left the U.S.", "The talks failed."],
    ],
)
def test_what_the_rules_are_for(sentences):
    assert texts_of(" ".join(sentences)) == sentences


def test_a_closing_mark_stays_with_what_it_closes():
    assert texts_of("“He said, ‘Go.’ ” Then he left.")[0].endswith("”")


def test_a_list_of_names_is_not_cut_before_a_semicolon():
    assert len(split_sentences("They are Rep. Al Moss, R-Ariz.; Rep. Bo Lund, R-Ky.")) == 1


def test_a_line_longer_than_the_window_is_split_like_a_short_one():
    line = "The council met on Tuesday. Mr. Holt was late. " * (3 * WINDOW_CHARS // 47)
    assert set(texts_of(line)) == {"The council met on Tuesday.", "Mr. Holt was late."}


@pytest.mark.parametrize(
    "text",
    [
        "word " * 200_000,
        "a" * 1_000_000,
        "." * 100_000,
        'x.")' * 50_000,
        '."' * 100_000,
        "a" + " " * 500_000 + "b",
        "Mr. " * 50_000,
        "At a p.m. " * 20_000,
    ],
    ids=["no marks", "no spaces", "stops", "closers", "quotes", "blank", "titles", "times"],
)
def test_hostile_text_takes_seconds_at_most(text):
    began = time.perf_counter()
    sentences = split_sentences(text)
    assert time.perf_counter() - began < 10
    assert sum(len(s.text) for s in sentences) <= len(text)
    assert all(len(s.text) <= WINDOW_CHARS for s in sentences)
