"""Markers, links and sentences of a reply, whatever it is cut into."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.writing.links import REMOVED, Allowed, without_links
from rag.writing.markers import Marker, MarkerReader, NoAnswer, Words
from rag.writing.statements import Statements, Woven

ALLOWED = Allowed(frozenset(["https://wire.example/a"]), frozenset(["wire.example"]))
PIECES = st.sampled_from(
    ["Nine died", ". ", " ", "[1]", "[1, 2]", "[^3]", "【2†x】", "[12]", "[sic]", "[", "]", "(",
     ")", "<b>", "</b>", "<", "![a](https://evil.example/?q=1)", "[b](javascript:x)", "evil.com",
     "\n", "U.S.", " Army", "é", "[no answer", "!", "T[1]h[1]e[2]", "\u200b", "\r", "3-1",
     "http://", "[1" + " " * 320]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def tokens(deltas):
    reader = MarkerReader(lambda words: without_links(words, ALLOWED))
    found = [token for delta in deltas for token in reader.feed(delta)] + reader.end()
    merged = []
    for token in found:
        if merged and isinstance(token, Words) and isinstance(merged[-1], Words):
            merged[-1] = Words(merged[-1].text + token.text)
        else:
            merged.append(token)
    return merged


def cut(text, places):
    ends = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[a:b] for a, b in pairwise(ends)]


@given(TEXTS, st.lists(st.integers(0, 400), max_size=30))
def test_the_cuts_between_deltas_change_nothing(text, places):
    assert tokens(cut(text, places)) == tokens([text])


@given(TEXTS)
def test_letter_by_letter_is_the_same(text):
    assert tokens(list(text)) == tokens([text])


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("[1]", (1,)),
        ("[1, 2]", (1, 2)),
        ("[2-4]", (2, 3, 4)),
        ("[^3]", (3,)),
        ("【1】", (1,)),
        ("【1†source】", (1,)),
        ("[passage 4]", (4,)),
        ("[12]", (12,)),
        ("[1](https://evil.example)", (1,)),
    ],
)
def test_forms_of_markers(written, numbers):
    (_, mark) = tokens([f"So it is {written}"])
    assert isinstance(mark, Marker)
    assert mark.numbers == numbers


@pytest.mark.parametrize("written", ["[sic]", "[2025]", "[ 1 of 3 ]", "(1)", "[]"])
def test_what_is_no_marker_stays(written):
    assert tokens([f"So {written} it is."]) == [Words(f"So {written} it is.")]


def test_no_answer_is_told():
    assert tokens(["[no ", "answer]"]) == [NoAnswer()]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("See ![x](https://evil.example/p.png?d=secret) it", "See  it"),
        ("See [here](https://evil.example/a?b=c) it", "See here it"),
        ("See <https://evil.example/x> it", f"See {REMOVED} it"),
        ("See https://evil.example/x, it", f"See {REMOVED}, it"),
        ("See https://wire.example/a, it", "See https://wire.example/a, it"),
        ("See wire.example it", "See wire.example it"),
        ("See www.wire.example/b?x=1 it", f"See {REMOVED} it"),
        ("Mail a@evil.com now", f"Mail {REMOVED} now"),
        ("Go to evil.xyz.", f"Go to {REMOVED}."),
        ("A <img src=x onerror=alert(1)> b", "A  b"),
        ("A <script>alert(1)</script> b", "A alert(1) b"),
        ("javascript:alert(1) b", f"{REMOVED}) b"),
        ("At 3.5 m, U.S. a < b", "At 3.5 m, U.S. a ‹ b"),
    ],
)
def test_only_addresses_of_cited_articles_stay(written, said):
    (words,) = tokens([written])
    assert words.text == said


def pieces(text, places=()):
    statements = Statements()
    reader = MarkerReader()
    found, said = [], []
    for part in [*map(reader.feed, cut(text, places)), reader.end()]:
        said += [token for token in part if not isinstance(token, NoAnswer)]
        statements.feed(said[len(said) - sum(not isinstance(t, NoAnswer) for t in part) :])
        found += statements.finished()
    return found + list(statements.finished(at_end=True)), said


@given(TEXTS, st.lists(st.integers(0, 400), max_size=20))
def test_pieces_tile_the_words_and_keep_every_marker(text, places):
    found, said = pieces(text, places)
    words = "".join(t.text for t in said if isinstance(t, Words))
    assert "".join(piece.words for piece in found) == words
    kept = [mark for piece in found for _, mark in piece.marks]
    assert kept == [t for t in said if isinstance(t, Marker)]


def test_a_marker_after_the_stop_belongs_to_the_sentence_before():
    (first, second), _ = pieces("Nine died. [1] Two [2] live.")
    assert first.numbers == (1,)
    assert second.numbers == (2,)


def test_a_marker_on_the_next_line_belongs_there():
    (first, second), _ = pieces("Nine died.\n[1] Two live.")
    assert first.numbers == ()
    assert second.numbers == (1,)


def test_a_marker_for_each_letter_becomes_one():
    (piece,), _ = pieces("T[1]h[1]e[1] e[1]n[1]d[1].")
    assert piece.words == "The end."
    assert [place for place, _ in piece.settled] == [len("The end")]


def test_places_move_with_what_is_put_in():
    woven = Woven("Nine died.", ((4, "[1]"), (10, "[2]")))
    assert woven.text == "Nine [1] died. [2]"
    assert woven.text[woven.at(5) : woven.at(8) + 1] == "died"
    start, end = woven.insert_at(1)
    assert woven.text[start:end] == "[2]"
