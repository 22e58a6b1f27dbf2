"""Where a quotation begins, so that it says whom it is about."""

import pytest

from index.documents import Passage, Sentence
from rag.lead_in import leans, quote_start


def passage(*sentences, start=100):
    text, spans = "", []
    for sentence in sentences:
        at = start + len(text) + bool(text)
        text += (" " if text else "") + sentence
        spans.append(Sentence(at, at + len(sentence), sentence))
    return Passage("p", "a", 1, 0, start, start + len(text), text, tuple(spans))


def quoted(place, *sentences):
    one = passage(*sentences)
    sentence = one.sentences[place]
    return one.text[quote_start(one, sentence) - one.start : sentence.end - one.start]


@pytest.mark.parametrize(
    "sentence",
    [
        "He resigned on Tuesday.",
        "“They never told us,” she said.",
        "Their boat was found empty.",
        "The agency declined to comment.",
        "The former minister was fined.",
        "It was the third crash in a week.",
        "This was denied by everyone.",
    ],
)
def test_what_leans(sentence):
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Mayor Hugh Pellam resigned on Tuesday.",
        "The mayor of St. Orrin resigned.",
        "The Harrow Ledger reported it first.",
        "The 31 dead were buried on Sunday.",
        "There's a plan for the bridge.",
        "Theirry Volk won the race.",
        "Nine people died.",
        "",
    ],
)
def test_what_stands_alone(sentence):
    assert not leans(sentence)


def test_the_sentence_that_names_the_subject_comes_along():
    named, said = "Hugh Pellam spoke on Monday.", "He will not run again."
    assert quoted(1, named, said) == f"{named} {said}"


def test_two_sentences_come_along_if_the_first_is_not_enough():
    texts = ("Hugh Pellam spoke on Monday.", "He was brief.", "He will not run again.")
    assert quoted(2, *texts) == " ".join(texts)


def test_what_names_its_subject_stays_alone():
    texts = ("Rain fell.", "Hugh Pellam spoke on Monday.")
    assert quoted(1, *texts) == texts[1]


@pytest.mark.parametrize(
    "before",
    [
        ("It rained.", "They waited.", "She slept."),
        ("Hugh Pellam spoke " + "at length " * 50 + "on Monday.",),
        (),
    ],
)
def test_what_would_not_help_is_left_out(before):
    assert quoted(len(before), *before, "He will not run again.") == "He will not run again."
