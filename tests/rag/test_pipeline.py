"""Question to answer with fakes that mean something."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.documents import Filters, RawArticle
from rag.answers import Answered, Cited, Delta, HitsFound, Question, ReasonCode, Verdict, Verified
from rag.assemble import assemble
from rag.errors import InvalidQuestion
from rag.settings import Settings
from tests.fakes import HashingEmbedder, OverlapReranker

ASKED = datetime(2025, 6, 2, tzinfo=UTC)
NEWS = [
    "The harbor bridge at Port Merrow closed on Monday after inspectors found cracks.\n"
    "Engineers said the repair of the harbor bridge would cost 4.2 million crowns.",
    "Voters in Tamsen approved a new water levy by a margin of 212 ballots on Tuesday.",
    "Łukasz Wierzba won the Aldane Prize for a novel about smugglers, the jury said.",
]


@pytest.fixture(scope="module")
def dateline(tmp_path_factory):
    dateline = assemble(
        Settings(home=tmp_path_factory.mktemp("home")),
        embedder=HashingEmbedder(),
        reranker=OverlapReranker(),
    )
    dateline.ingestor.ingest(RawArticle(f"o{i}", text) for i, text in enumerate(NEWS))
    yield dateline
    dateline.close()


def events(dateline, question):
    async def gather():
        return [event async for event in dateline.answerer.stream(question)]

    return asyncio.run(gather())


def answer(dateline, text, **more):
    return asyncio.run(dateline.answerer.answer(Question(text, ASKED, **more)))


def test_the_answer_is_the_fold_of_the_stream(dateline):
    question = Question("How many ballots was the Tamsen water levy approved by?", ASKED)
    seen = events(dateline, question)
    assert isinstance(seen[0], HitsFound)
    assert isinstance(seen[-1], Answered)
    whole = seen[-1].answer
    assert whole.status == "answered"
    assert "".join(e.text for e in seen if isinstance(e, Delta)) == whole.text
    cited = [e.citation for e in seen if isinstance(e, Cited)]
    verdicts = {e.marker: e.verdict for e in seen if isinstance(e, Verified)}
    assert [c.marker for c in cited] == [c.marker for c in whole.citations]
    assert all(c.verdict is Verdict.UNCHECKED for c in cited)
    assert {c.marker: c.verdict for c in whole.citations} == verdicts
    assert seen[0].hits == whole.hits
    assert whole.generation == dateline.engine.store.generation
    assert "212 ballots" in whole.citations[0].quote


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(min_size=1, max_size=200).filter(str.strip))
def test_any_question_gets_an_answer_of_verbatim_citations(dateline, text):
    found = answer(dateline, text)
    assert (found.status == "abstained") == (found.reason is not None) == (found.text == "")
    assert 0.0 <= found.confidence <= 1.0
    for citation in found.citations:
        stored = dateline.engine.store.article(citation.article.id, citation.article.version)
        assert stored.text[citation.start : citation.end] == citation.quote
        assert citation.verdict is Verdict.SUPPORTED


def test_a_filter_that_matches_nothing_is_named(dateline):
    found = answer(dateline, "Who won the Aldane Prize?", filters=Filters(sources=("nobody",)))
    assert found.status == "abstained"
    assert found.reason is not None
    assert found.reason.code is ReasonCode.FILTER_EMPTY
    assert found.hits == ()


def test_what_the_corpus_does_not_hold_is_declined_with_the_nearest(dateline):
    found = answer(dateline, "Which orchestra plays in Zanzibar tonight?")
    assert found.reason is not None
    assert found.reason.code is ReasonCode.NOT_IN_CORPUS
    assert found.citations == ()
    assert found.hits


def test_names_that_the_nearest_article_lacks_are_named(dateline):
    found = answer(dateline, "Which water levy did voters in Brackwater and Zanzibar approve?")
    assert found.status == "abstained"
    assert found.reason is not None
    assert "Brackwater, Zanzibar" in found.reason.detail


@pytest.mark.parametrize("k", [1, 3, 100])
def test_the_answer_does_not_depend_on_how_many_hits_are_asked_for(dateline, k):
    question = "How much would the repair of the harbor bridge cost?"
    few, usual = answer(dateline, question, k=k), answer(dateline, question)
    assert (few.text, few.confidence) == (usual.text, usual.confidence)
    assert len(few.hits) <= k


def test_an_empty_corpus_says_so(tmp_path):
    empty = assemble(
        Settings(home=tmp_path), embedder=HashingEmbedder(), reranker=OverlapReranker()
    )
    found = answer(empty, "Who won?")
    assert found.reason is not None
    assert found.reason.code is ReasonCode.NOTHING_FOUND
    empty.close()


@pytest.mark.parametrize("text", ["", " \n", "x" * 2_001])
def test_a_question_that_cannot_be_asked_is_refused(dateline, text):
    with pytest.raises(InvalidQuestion):
        answer(dateline, text)
