import json
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files

import numpy as np
import pytest

from index.documents import ArticleRef, Filters, Passage, PublicationDate, Query, Sentence
from index.models.rerank import Reading
from index.search import Scored, SearchResult
from rag.abstain import (
    Features,
    all_before_the_event,
    estimate,
    judge,
    names_and_numbers,
    share_named,
)
from rag.answers import ReasonCode
from rag.read import ExtractiveReader

ASKED = datetime(2025, 6, 2, tzinfo=UTC)


def on(day):
    return PublicationDate.of_day(date.fromisoformat(day))


def test_better_evidence_is_never_doubted_more():
    weak = Features(vote=-5.0, margin=-5.0, top=-4.0, named=0.5)
    for name in Features.__slots__:
        better = {**{n: getattr(weak, n) for n in Features.__slots__}, name: 1.0}
        assert estimate(Features(**better)) > estimate(weak)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who is the mayor of St. Orrin?", ["St", "Orrin"]),
        ("How many of the 143 aboard the Lady Corrigan lived?", ["143", "Lady", "Corrigan"]),
        ("What happened on April 8, 2025?", []),
        ("What happened on 16 March in Halverston?", ["Halverston"]),
        ("Why did it fail?", []),
        ("Why did it fail? Why now, in Halverston?", ["Halverston"]),
        ("How do I log in?", []),
    ],
)
def test_names_and_numbers_but_no_dates(question, words):
    assert names_and_numbers(question) == words


@pytest.mark.parametrize(
    ("question", "evidence", "share"),
    [
        ("Did Rosalind Pell resign?", "Mayor Pell’s office denied it.", 0.5),
        ("Did the PELL case end?", "Pell's case ended.", 1.0),
        ("Why?", "Anything.", 1.0),
    ],
)
def test_the_share_of_names_in_the_evidence(question, evidence, share):
    assert share_named(question, evidence) == share


@pytest.mark.parametrize(
    ("question", "published", "day"),
    [
        ("What was the result of the vote on July 15?", ["2025-04-16", "2025-05-22"], "2025-07-15"),
        ("What was said on 15 July 2024?", ["2024-06-01"], "2024-07-15"),
        ("What was the result of the vote on July 15?", ["2025-04-16", "2025-07-16"], None),
        ("What was the result of the vote on July 15?", ["2025-04-16", None], None),
        ("What was said on December 30?", ["2025-01-05"], None),
        ("What was said on May 22?", ["2025-05-22"], None),
        ("When will the vote on July 15 begin?", ["2025-04-16"], None),
        ("What was said on February 31?", ["2025-01-01"], None),
        ("What was the result of the vote?", ["2025-04-16"], None),
        ("What was the result on July 15?", [], None),
    ],
)
def test_an_article_cannot_report_what_comes_after_it(question, published, day):
    found = all_before_the_event(question, [day and on(day) for day in published])
    assert found == (day and date.fromisoformat(day))


def test_the_weights_say_what_they_were_fitted_on():
    told = json.loads(files("rag").joinpath("confidence.json").read_text())
    assert set(told["weights"]) == {"intercept", *Features.__slots__}
    assert told["fitted_by"]
    assert len(told["rows_sha256"]) == 64


# -- judging a draft --------------------------------------------------------------------


def found(article, sentence, words, *, mark, score=4.0, day="2025-06-01"):
    """A passage of one sentence, of which some words may answer as well as `mark` says."""
    passage = Passage(f"p-{article}", article, 1, 0, 0, len(sentence), sentence, ())
    passage = replace(passage, sentences=(Sentence(0, len(sentence), sentence),))
    start = len("A title\n") + sentence.index(words)
    offsets = np.array([(start, start + len(words))], dtype=np.int32)
    marks = np.array([mark / 2], dtype=np.float32)
    reading = Reading(score, 0.0, offsets, marks, marks)
    published = PublicationDate.of_day(date.fromisoformat(day)) if day else None
    ref = ArticleRef(article, 1, "A title", published=published)
    return Scored(passage, ref, 0.0, reading=reading, score=score)


def judged(question, *candidates, allowed=True, abstain_below=0.2, caution_below=0.5, **query):
    asked = Query(question, ASKED, **query)
    result = SearchResult((), candidates, 1, allowed, {})
    draft = ExtractiveReader().read(asked, candidates)
    return judge(asked, result, draft, abstain_below=abstain_below, caution_below=caution_below)


RESIGNED = "Hugh Pellam resigned as mayor of Orrin on Sunday."
RAIN = "It rained on the harbour for most of the weekend."


def test_strong_evidence_is_told_without_caution():
    judgement = judged(
        "Who resigned as mayor of Orrin?", found("a", RESIGNED, "Hugh Pellam", mark=8.0)
    )
    assert judgement.reason is None
    assert judgement.caution is None
    assert judgement.confidence > 0.5


def test_middling_evidence_is_told_with_caution():
    one = found("a", RESIGNED, "Hugh Pellam", mark=-2.0, score=0.0)
    judgement = judged("Who resigned as mayor of Orrin?", one)
    assert judgement.reason is None
    assert judgement.caution is not None
    assert "Read the quotations" in judgement.caution


def test_weak_evidence_is_not_told():
    one = found("a", RAIN, "weekend", mark=-10.0, score=-8.0)
    judgement = judged("Who resigned?", one)
    assert judgement.reason is not None
    assert judgement.reason.code is ReasonCode.NOT_IN_CORPUS
    assert "confidence" in judgement.reason.detail


def test_names_that_the_article_lacks_decline_whatever_the_confidence():
    one = found("a", RESIGNED, "Hugh Pellam", mark=8.0)
    judgement = judged("Who won in Kellbridge against Rosalind Pell?", one)
    assert judgement.reason is not None
    assert "Kellbridge" in judgement.reason.detail


def test_answers_that_differ_are_told_with_caution_or_not_at_all():
    one = found("a", "The fire destroyed 310 homes in Tarn.", "310", mark=1.0, score=-1.0)
    other = found("b", "Fire took 420 homes in Tarn, it said.", "420", mark=0.9, score=-1.0)
    told = judged("How many homes burned?", one, other)
    assert told.caution is not None
    assert "420" in told.caution
    kept = judged("How many homes burned?", one, other, abstain_below=0.9)
    assert kept.reason is not None
    assert kept.reason.code is ReasonCode.CONFLICTING
    assert "310" in kept.reason.detail


def test_articles_from_before_the_days_asked_about_cannot_tell():
    one = found("a", RESIGNED, "Hugh Pellam", mark=8.0, day="2025-01-05")
    march = (date(2025, 3, 1), date(2025, 3, 31))
    asked = judged("Who resigned in March?", one, about="past", period=march, recency=0.0)
    assert asked.reason is not None
    assert asked.reason.code is ReasonCode.OUTSIDE_DATES
    undated = found("a", RESIGNED, "Hugh Pellam", mark=8.0, day=None)
    assert judged("Who resigned in March?", undated, about="past", period=march).reason is None


def test_nothing_to_read_and_nothing_allowed_have_their_own_reasons():
    nothing = judged("Who?")
    assert nothing.reason is not None
    assert nothing.reason.code is ReasonCode.NOTHING_FOUND
    empty = judged("Who?", allowed=False, filters=Filters(sources=("x",)))
    assert empty.reason is not None
    assert empty.reason.code is ReasonCode.FILTER_EMPTY
