"""Which sentences are said, given what the cross-encoder marked."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from index.documents import ArticleRef, Passage, PublicationDate, Query, Sentence
from index.models.rerank import Reading
from index.search import Scored
from rag.cite import cite
from rag.read import ExtractiveReader


def passage(article, *sentences, score=0.0, scores=None):
    """A passage that the cross-encoder read: each sentence is one token with a set score."""
    text, spans = "", []
    for sentence in sentences:
        start = len(text) + bool(text)
        text += (" " if text else "") + sentence
        spans.append(Sentence(start, len(text), sentence))
    one = Passage(f"p-{article}", article, 1, 0, 0, len(text), text, tuple(spans))
    shift = len("A title\n")
    offsets = np.array([(s.start + shift, s.end + shift) for s in spans], dtype=np.int32)
    marks = np.array([(scores or {}).get(s, -20.0) / 2 for s in sentences], dtype=np.float32)
    reading = Reading(0.0, -30.0, offsets, marks, marks)
    return Scored(one, ArticleRef(article, 1, "A title"), 0.0, reading=reading, score=score)


def read(question, scores, *passages):
    query = Query(question, datetime(2025, 6, 2, tzinfo=UTC))
    found = [passage(*p, scores=scores) if isinstance(p, tuple) else p for p in passages]
    draft = ExtractiveReader().read(query, found)
    return draft, [pick.sentence.text for pick in draft.picks]


def test_nothing_to_read_is_no_draft():
    draft, said = read("Who?", {})
    assert draft.best is None
    assert said == []


def test_three_at_most_the_best_first_then_as_they_were_written():
    sentences = [f"The harbor opened again on day {word}." for word in ("one", "six")]
    sentences += ["A storm had closed the whole port.", "Nobody was hurt in all that time."]
    scores = dict(zip(sentences, (2.0, 1.0, 4.0, 3.0), strict=True))
    _, said = read("Why was it shut?", scores, ("a", *sentences))
    assert said == [sentences[2], sentences[0], sentences[3]]


def test_the_article_of_the_best_sentence_leads():
    a, b = "The port was closed by the storm.", "Ferries were cancelled for two days."
    _, said = read("Why?", {a: 1.0, b: 2.0}, ("a", a), ("b", b))
    assert said == [b, a]


def test_what_was_said_is_not_said_again():
    one = "Rescue teams recovered ten more bodies on Sunday, the Coast Guard said."
    other = "Rescue teams recovered ten more bodies on Sunday, said the Coast Guard."
    _, said = read("Who?", {one: 2.0, other: 1.0}, ("a", one), ("b", other))
    assert said == [one]


def test_reports_that_differ_in_a_figure_are_both_said():
    one = "The plant will create 1,400 permanent jobs, the company said."
    other = "The plant will create 1,140 permanent jobs, the company said."
    _, said = read("How many jobs?", {one: 2.0, other: 1.0}, ("a", one), ("b", other))
    assert said == [one, other]


def test_a_sure_answer_stands_alone():
    sure, weak = "It sent 11,000 troops to the front.", "The front has moved since the spring."
    question = "How many troops were sent?"
    assert read(question, {sure: 8.0, weak: 1.0}, ("a", sure, weak))[1] == [sure]
    # Likelier than silence, but not by much.
    assert read(question, {sure: -30.0, weak: -31.0}, ("a", sure, weak))[1] == [sure, weak]


def test_a_sentence_that_offers_the_kind_of_answer_is_preferred():
    counts, names = "Some 11,000 troops went to the front.", "Troops were sent to the front."
    draft, _ = read("How many troops?", {names: 1.0, counts: 0.0}, ("a", counts, names))
    assert draft.best is not None
    assert draft.best.sentence.text == counts


@pytest.mark.parametrize("text", ["He did.", "x" * 1_001])
def test_what_carries_no_statement_is_not_said(text):
    other = "The harbor was closed by a storm."
    _, said = read("Why?", {text: 9.0, other: 0.0}, ("a", text, other))
    assert said == [other]


ASKED = datetime(2025, 6, 2, tzinfo=UTC)


def test_markers_are_dense_and_bind_exact_spans():
    first, second = "The port was closed by the storm.", "Ferries ran again after two days."
    source = passage("a", first, second, scores={first: 2.0, second: 1.0})
    draft, _ = read("Why?", {}, source)
    statements = list(cite(draft, Query("Why?", ASKED)))
    assert [s.citation.marker for s in statements] == [1, 2]
    for statement in statements:
        c = statement.citation
        assert source.passage.text[c.start : c.end] == c.quote
        assert statement.text == f"{c.quote} [{c.marker}]"
    assert [s.citation.marker for s in cite(draft, Query("Why?", ASKED), first=4)] == [4, 5]


def test_a_quotation_begins_where_its_subject_is_named_and_marks_its_answer():
    named, said = "Hugh Pellam spoke on Monday.", "He will resign in July, he said."
    source = passage("a", named, said, scores={said: 2.0, named: -30.0})
    draft, _ = read("When will Pellam resign?", {}, source)
    citation = next(iter(cite(draft, Query("When?", ASKED)))).citation
    assert citation.quote == f"{named} {said}"
    assert source.passage.text[citation.start : citation.end] == citation.quote
    assert citation.highlight is not None
    marked = citation.highlight
    assert source.passage.text[marked.start : marked.end] == marked.text == said


def test_an_answer_less_likely_than_none_is_not_marked():
    said = "The port was closed by the storm."
    draft, _ = read("Why?", {}, passage("a", said, scores={said: -40.0}))
    assert next(iter(cite(draft, Query("Why?", ASKED)))).citation.highlight is None


def test_an_old_article_is_told_once_with_its_date():
    first, second = "The port was closed by the storm.", "Ferries ran again after two days."
    source = passage("a", first, second, scores={first: 2.0, second: 1.0})
    day = PublicationDate.of_day(date(2025, 1, 3))
    source = replace(source, article=replace(source.article, published=day))
    draft, _ = read("Why?", {}, source)
    said = list(cite(draft, Query("Why?", ASKED)))
    assert said[0].text == f"On 3 January 2025, it was reported: {first} [1]"
    assert [s.citation.attribution is None for s in said] == [False, True]


def test_the_same_answer_in_two_articles_outweighs_another():
    right, same = "Mara Quill won the recount.", "It was Mara Quill who won."
    wrong = "Hugh Pellam won an award."
    one = named("a", wrong, "Hugh Pellam", mark=2.0)
    others = [named("b", right, "Mara Quill"), named("c", same, "Mara Quill")]
    draft, _ = read("Who won the recount?", {}, one, *others)
    assert draft.best is not None
    assert draft.best.answer.text == "Mara Quill"
    assert draft.articles == 2
    assert draft.lead > 0


def named(article, sentence, words, mark=2.0):
    """A passage of one sentence in which only these words may answer."""
    found = passage(article, sentence)
    start = len("A title\n") + sentence.index(words)
    offsets = np.array([(start, start + len(words))], dtype=np.int32)
    marks = np.array([mark / 2], dtype=np.float32)
    return replace(found, reading=Reading(0.0, -30.0, offsets, marks, marks))
