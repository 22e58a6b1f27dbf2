"""Which invented texts are copies, and what finds them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.prepare.fingerprint import (
    ANCHORS,
    MAX_WORDS,
    Wording,
    anchors,
    is_copy,
    signature,
)

SYLLABLES = ("ba", "ko", "ri", "ten", "mo", "sal", "ver", "dun", "li", "pra")


def prose(seed, words=150):
    """Invented words in sentences of twelve, the same for the same seed."""
    chance = random.Random(seed)
    made = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(words)]
    return " ".join(w + "." if n % 12 == 11 else w for n, w in enumerate(made))


def copy(one, other):
    verdict = is_copy(Wording.of(one), Wording.of(other))
    assert verdict == is_copy(Wording.of(other), Wording.of(one))
    return verdict


def weather(day, figures):
    low, high, rain, wind, gusts = figures
    return (
        f"Here is the outlook of the Vellmar weather office for {day}. The night begins with "
        f"patchy cloud over the bay and a low of {low} degrees. Temperatures climb to {high} "
        f"degrees in the afternoon, a little less along the coast. The chance of rain is {rain} "
        f"percent. A breeze from the west blows at {wind} kilometers an hour with gusts of "
        f"{gusts} near the lighthouse. Boaters should check the harbor notice before they leave. "
        "The office gives the next outlook in the evening and updates its map every hour. "
        "Readers can send their pictures of the sky to the desk at any time of the day."
    )


def lottery(day, numbers, prize):
    drawn = ", ".join(map(str, numbers))
    return (
        f"The winning numbers of the Brackwater Lotto drawing on {day} were {drawn}. The top "
        f"prize stood at {prize} million crowns and nobody matched every number. Tickets are "
        "sold at kiosks, at post offices and on the lottery's own site until an hour before the "
        "drawing begins. Players choose their numbers or let the machine choose for them. "
        "Winners should sign the back of their ticket and bring it to an office of the lottery. "
        "Small prizes are paid out at any kiosk that sells tickets, large ones by transfer. "
        "The lottery was founded by the province to pay for libraries and swimming pools, and "
        "it publishes its accounts every spring for anyone who would like to read them."
    )


# -- what is a copy --------------------------------------------------------------


def test_case_and_punctuation_do_not_matter():
    text = prose(1)
    other = text.upper().replace(".", " ,").replace(" ", "\n")
    assert copy(text, other)
    assert signature(text) == signature(other)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n" + prose(7, 40),
        lambda text: "VELLMAR (Meridian Wire) — " + text,
        lambda text: " ".join(text.split()[:60]),
        lambda text: text.replace(text.split()[40], "otherwise"),
        lambda text: prose(8, 30) + "\n" + text,
    ],
    ids=["a box at the end", "a dateline", "cut short", "a word edited", "a new opening"],
)
def test_an_edited_or_shortened_copy_is_a_copy(change):
    text = prose(2)
    assert copy(text, change(text))


def test_one_figure_may_be_corrected():
    text = weather("Monday", (12, 21, 40, 15, 35))
    assert copy(text, text.replace("40", "45"))
    assert copy(prose(1) + " 12 people were hurt.", prose(1) + " 14 people were hurt.")


# -- what is none ----------------------------------------------------------------


def test_reports_from_one_template_are_no_copies():
    monday = weather("Monday", (12, 21, 40, 15, 35))
    assert not copy(monday, weather("Tuesday", (9, 17, 80, 30, 62)))
    first = lottery("Friday", (4, 11, 23, 31, 40), 12)
    assert not copy(first, lottery("Tuesday", (2, 17, 19, 35, 44), 13))
    # The figures alone tell them apart: without them the words are the same.
    assert copy(first, lottery("Friday", (4, 11, 23, 31, 40), 12).replace("kiosks", "stands"))


def test_texts_that_share_a_gallery_or_a_fact_box_are_no_copies():
    gallery = prose(3, 900)
    assert not copy(prose(4, 200) + gallery, prose(5, 200) + gallery)
    box = prose(6, 160)
    assert not copy(prose(4, 60) + box, prose(5, 60) + box)


def test_an_item_of_a_digest_is_no_copy_of_the_digest():
    items = [prose(seed, 80) for seed in range(10, 15)]
    digest = "\n".join(items)
    assert not any(copy(item, digest) for item in items[1:])


def test_a_small_part_is_no_copy():
    assert not copy(prose(2, 1000), " ".join(prose(2, 1000).split()[:80]))


def test_short_texts_are_copies_only_of_the_same_words():
    text = "The ferry to Brackwater sails again on Monday after repairs to its rudder"
    assert copy(text, text.upper() + ".")
    assert not copy(text, text.replace("Monday", "Tuesday"))
    assert len(anchors(signature(text))) == 1
    assert signature(text) != signature(text + " blade")


def test_a_text_without_words_is_a_copy_of_nothing():
    assert signature(" … ") == b""
    assert not copy("…", "!")


# -- what finds them -------------------------------------------------------------


def test_the_signature_is_the_same_on_every_machine():
    assert signature("No two ferries left the harbor of Brackwater").hex() == "d3371b66"
    assert signature(prose(1))[:16].hex() == "68e1f8022ec7590d59d2c81365e6b114"
    assert signature("\ud800 lone") == signature("\ud800 lone")


def test_shared_anchors_tell_how_much_is_shared():
    found = []
    for seed in range(20):
        kept = prose(seed, 600).split()
        one, other = " ".join(kept[:400]), " ".join(kept[200:])
        shared = set(anchors(signature(one))) & set(anchors(signature(other)))
        found.append(len(shared) / ANCHORS)
    # 196 of 396 runs are in both.
    assert sum(found) / len(found) == pytest.approx(196 / 396, abs=0.07)


def test_what_stands_far_down_in_an_endless_text_is_not_read():
    endless = "word " * MAX_WORDS
    assert signature(endless + "one two three") == signature(endless)


words = st.lists(st.sampled_from("abcdefgh"), max_size=60).map(" ".join)


@settings(max_examples=200)
@given(words, words)
def test_being_a_copy_is_symmetric_and_copies_share_anchors(one, other):
    if copy(one, other):
        assert set(anchors(signature(one))) & set(anchors(signature(other)))
    assert copy(one, one) == bool(one)
    assert len(anchors(signature(one))) <= ANCHORS
    assert all(0 <= anchor < 2**31 for anchor in anchors(signature(one)))
