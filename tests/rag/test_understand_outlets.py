"""Outlets that questions name, and what is searched for without them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Filters
from rag.answers import Aspect, Question
from rag.understand import interpret
from rag.understanding.outlet_names import Outlets
from rag.understanding.outlets import outlets_named
from rag.understanding.parts import MAX_PARTS, without_outlets

ASKED = datetime(2025, 6, 2, 12, tzinfo=UTC)
LEDGER, EXAMINER, POST = "harrowledger.example", "tarnexaminer.example", "halverstonpost.example"
KNOWN = Outlets.of(
    [
        LEDGER, EXAMINER, POST, "cnn.com", "www.usatoday.com", "nytimes.com", "theweek.co.uk",
        "bbc news", "wsj.com", "theguardian.com", "ngbnews.example", "apnews.com",
        "kellbridge.example",
    ]
)  # fmt: skip


def read(text, *, filters=None, literal=()):
    question = Question(text, ASKED, filters or Filters(), literal=frozenset(literal))
    return interpret(question, KNOWN)


@pytest.mark.parametrize(
    ("text", "source", "searched"),
    [
        ("According to CNN, how many died?", "cnn.com", "How many died?"),
        ("How many died, according to the Harrow Ledger?", LEDGER, "How many died?"),
        ("according to the harrow ledger, who won?", LEDGER, "Who won?"),
        ("What did the Harrow Ledger report about the dam?", LEDGER, "What about the dam?"),
        ("What did the New York Times say happened in Harrow?", "nytimes.com",
         "What happened in Harrow?"),
        ("How many did the Wall Street Journal say were hurt?", "wsj.com", "How many were hurt?"),
        ("What did the BBC report in May?", "bbc news", "What happened in May?"),
        ("Who wrote in the Halverston Post that it is unsafe?", POST,
         "Who wrote that it is unsafe?"),
        ("What does the Associated Press report about it?", "apnews.com", "What about it?"),
        ("What did NGB say about the fire?", "ngbnews.example", "What about the fire?"),
        ("What did USA Today report about eggs?", "www.usatoday.com", "What about eggs?"),
        ("Who won, as reported by The Guardian?", "theguardian.com", "Who won?"),
        ("What did halverstonpost.example say about it?", POST, "What about it?"),
    ],
)  # fmt: skip
def test_an_outlet_whose_words_are_asked_for_bounds_the_search(text, source, searched):
    found = read(text)
    assert found.query.filters.sources == (source,)
    assert found.understood.sources == (source,)
    assert found.query.preferred_sources == ()
    assert found.query.text == searched
    assert found.understood.text == text


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Who bought CNN?", "cnn.com"),
        ("Why did CNN fire its chief?", "cnn.com"),
        ("What did the mayor tell CNN?", "cnn.com"),
        ("Which prize did The Week win?", "theweek.co.uk"),
        ("Who was shot in Kellbridge?", "kellbridge.example"),
    ],
)
def test_an_outlet_that_is_mentioned_only_ranks(text, source):
    found = read(text)
    assert not found.query.filters
    assert found.query.preferred_sources == found.understood.preferred_sources == (source,)
    assert found.query.text == text


@pytest.mark.parametrize(
    "text",
    [
        "What happened this week?",
        "According to police, who did it?",
        "According to a new poll, who leads?",
        "Who said so at the United Nations?",
        "Which guardian angel fell?",
        "What is the news today?",
        "What did Angela Price say?",  # whose initials are an agency's
    ],
)
def test_what_is_no_outlet(text):
    found = read(text)
    assert (found.query.filters, found.query.preferred_sources) == (Filters(), ())
    assert found.understood.notes == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("What did the Ostrava Herald report on the vote?", "Ostrava Herald"),
        ("According to Reuters, who won?", "Reuters"),
        ("Who won, as reported by the Sable Creek Gazette?", "Sable Creek Gazette"),
    ],
)
def test_an_outlet_that_the_corpus_has_not_is_told_and_changes_nothing(text, name):
    found = read(text)
    assert found.understood.notes == (f"outlet not in the corpus: {name}",)
    assert not found.query.filters
    assert found.query.text == text


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        ("How do the Harrow Ledger and the Tarn Examiner differ on the losses at Tannery Ridge?",
         "The losses at Tannery Ridge?"),
        ("What did the Harrow Ledger and the Tarn Examiner say about the losses?",
         "What about the losses?"),
        ("How many acres burned according to the Harrow Ledger and to the Tarn Examiner?",
         "How many acres burned?"),
        ("Compare the Harrow Ledger's and the Tarn Examiner's coverage of the fire.", "The fire."),
        ("Compare the coverage of the fire by the Harrow Ledger and the Tarn Examiner.",
         "The fire."),
        ("How does the Harrow Ledger's figure for the losses differ from the Tarn Examiner's?",
         "Figure for the losses?"),
        ("Did the Harrow Ledger and the Tarn Examiner agree on the losses?", "The losses?"),
    ],
)  # fmt: skip
def test_several_outlets_are_searched_on_their_own(text, searched):
    found = read(text)
    assert [part.filters.sources for part in found.parts] == [(LEDGER,), (EXAMINER,)]
    assert {part.text for part in found.parts} == {searched}
    assert found.names == (LEDGER, EXAMINER)
    assert found.query.filters.sources == (LEDGER, EXAMINER)


def test_several_outlets_that_are_mentioned_are_no_parts():
    found = read("Who owns CNN and the Halverston Post?")
    assert len(found.parts) == 1
    assert found.names == (None,)
    assert found.query.preferred_sources == ("cnn.com", POST)


def test_there_are_few_parts():
    text = "Compare CNN, the BBC, the Harrow Ledger, the Tarn Examiner and the Guardian on eggs."
    assert len(read(text).parts) == MAX_PARTS


def test_outlets_of_the_caller_stay():
    given_ = Filters(sources=("cnn.com",))
    found = read("What did the BBC say about eggs?", filters=given_)
    assert found.query.filters == given_
    assert found.understood.sources == ()


def test_what_an_outlet_reported_on_a_day_it_published_then():
    filters = read("What did CNN report on Friday about the dam?").query.filters
    day = date(2025, 5, 30)
    assert filters.published_from.date() == filters.published_to.date() == day


def test_two_sources_of_one_outlet_are_one():
    known = Outlets.of(["bbc.com", "bbc.co.uk", "cnn.com"])
    found = interpret(Question("How do the BBC and CNN differ on eggs?", ASKED), known)
    assert [part.filters.sources for part in found.parts] == [
        ("bbc.co.uk", "bbc.com"),
        ("cnn.com",),
    ]


@pytest.mark.parametrize(
    ("aspect", "text"),
    [
        (Aspect.OUTLETS, "According to CNN, who won?"),
        (Aspect.DATES, "As of 1 May, who won in articles from March?"),
        (Aspect.PHRASES, "Who said “no more bridges”?"),
    ],
)
def test_what_was_read_can_be_taken_back(aspect, text):
    plain = interpret(Question(text, ASKED, literal=frozenset([aspect])), KNOWN).query
    assert plain.text == text
    assert not plain.filters
    assert plain.phrases == ()
    assert plain.period is None
    assert interpret(Question(text, ASKED), KNOWN).query != plain


words = st.sampled_from(
    ["the", "Harrow", "Ledger", "CNN", "BBC", "News", "according", "to", "and", "say", "did",
     "what", "differ", "'s", ",", "?", "in", "The", "Week", "compare", "Post", "Herald", "cnn.com"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(words, max_size=14).map(" ".join)))
def test_any_words_are_read_the_same_way_twice(text):
    named = outlets_named(text, KNOWN)
    assert named == outlets_named(text, KNOWN)
    assert all(0 <= one.start < one.end <= len(text) and one.sources for one in named.named)
    ends = [0, *(one.end for one in named.named)]
    assert all(end <= one.start for end, one in zip(ends, named.named, strict=False))
    left = without_outlets(text, named.named)
    assert left.strip() or not text.strip()
    found = read(text or "?")
    assert len(found.names) == len(found.parts) >= 1
