"""The main job on the user's real seed, with the real models."""

import asyncio
from datetime import UTC, datetime

import pytest

from index.sources import read_sources
from rag.answers import Question, ReasonCode
from rag.assemble import assemble
from rag.settings import Settings
from tests.conftest import SHARED

SEEDS = SHARED / "seeds"
ASKED = datetime(2024, 11, 25, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed is not beside the project")


@pytest.fixture(scope="module")
def dateline(tmp_path_factory, real_models):
    embedder, reranker = real_models
    settings = Settings(home=tmp_path_factory.mktemp("seed"))
    dateline = assemble(settings, embedder=embedder, reranker=reranker)
    assert dateline.ingestor.ingest(read_sources([SEEDS])).progress.new == 1
    yield dateline
    dateline.close()


def ask(dateline, text):
    return asyncio.run(dateline.answerer.answer(Question(text, ASKED)))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who gave Pyongyang air-defence missiles?", "Russia"),
        ("Who supplied North Korea with antiaircraft missiles?", "Russia"),
        ("How many troops were sent to fight for Russia?", "11,000 troops"),
        ("What happened to the rocket in May?", "exploded midair"),
        ("How many shipping containers of weapons went to Russia?", "20,000 shipping containers"),
        ("Who is South Korea's national security adviser?", "Shin Won-shik"),
        ("When did North Korea put a spy satellite into orbit?", "last November"),
    ],
)
def test_the_right_sentence_is_cited_verbatim(dateline, question, words):
    answer = ask(dateline, question)
    assert answer.status == "answered"
    assert any(words in citation.quote for citation in answer.citations), answer.text
    for citation in answer.citations:
        text = dateline.engine.store.article(citation.article.id).text
        assert text[citation.start : citation.end] == citation.quote
        assert citation.article.source == "nytimes.com"
        assert citation.article.section == "Elections"
        assert citation.article.published is None


@pytest.mark.parametrize(
    "question",
    [
        "Who won the election?",
        "How do I log in?",
        "How do I subscribe to The Times?",
        "Why should I enable JavaScript?",
        "What is the capital of France?",
    ],
)
def test_what_it_does_not_say_is_declined(dateline, question):
    answer = ask(dateline, question)
    assert answer.status == "abstained"
    assert answer.reason is not None
    assert answer.reason.code is ReasonCode.NOT_IN_CORPUS


def test_the_debris_is_in_no_passage(dateline):
    for article_id in dateline.engine.store.article_ids():
        for passage in dateline.engine.store.passages_of(article_id):
            for words in ("Log in", "JavaScript", "verify access", "Subscribe", "Source:"):
                assert words not in passage.text
