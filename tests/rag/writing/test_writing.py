"""Answers by a scripted model, from question to verdicts."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.documents import RawArticle
from rag.answers import (
    Answered,
    FallbackCode,
    Problem,
    Question,
    ReasonCode,
    Replaced,
    Turn,
    Verdict,
)
from rag.llm.errors import LLMMalformed, LLMTimeout, LLMUnavailable
from rag.telling import Telling
from tests.fakes import fake_dateline
from tests.scripted_llm import ScriptedModel

ASKED = datetime(2025, 6, 2, tzinfo=UTC)
BRIDGE = (
    "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks in two "
    'piers. "We had no choice," said engineer Anna Berg. The repair will cost 4.2 million crowns.'
)
LEVY = "Voters in Tamsen approved a new water levy by a margin of 212 ballots on Tuesday."
QUESTION = "Why did the harbour bridge at Port Merrow close?"
RIGHT = "The harbour bridge closed after inspectors found cracks in two piers [1]."


@pytest.fixture(scope="module")
def scripted(tmp_path_factory):
    model = ScriptedModel("x")
    dateline = fake_dateline(tmp_path_factory.mktemp("home"), model=model)
    dateline.ingestor.ingest(
        [
            RawArticle("b", BRIDGE, id="bridge", published="2025-05-28", source="wire.example"),
            RawArticle("c", BRIDGE, id="copy", published="2025-05-29", source="post.example"),
            RawArticle("l", LEVY, id="levy", published="2025-05-27", source="wire.example"),
        ]
    )
    yield dateline, model
    dateline.close()


def told(scripted, *script, question=QUESTION, **more):
    """The events of an answer whose reply is scripted, and the answer."""
    dateline, model = scripted
    model._scripts = script

    async def gather():
        asked = Question(question, ASKED, **more)
        return [event async for event in dateline.answerer.stream(asked)]

    events = asyncio.run(gather())
    return events, check_invariants(events, dateline)


def check_invariants(events, dateline):
    """What holds of every answer; the answer."""
    assert isinstance(events[-1], Answered)
    answer = events[-1].answer
    telling = Telling()
    for event in events:
        telling.take(event)
    assert telling.text == answer.text
    assert telling.citations == answer.citations
    assert telling.statements == answer.statements
    assert [c.marker for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    firsts = sorted(answer.text.index(f"[{c.marker}]") for c in answer.citations)
    assert firsts == [answer.text.index(f"[{c.marker}]") for c in answer.citations]
    for citation in answer.citations:
        stored = dateline.engine.store.article(citation.article.id, citation.article.version)
        assert stored.text[citation.start : citation.end] == citation.quote
    for failed in answer.failed:
        assert answer.text[failed.start : failed.end] == "[?]"
    ends = 0
    for statement in answer.statements:
        assert ends <= statement.start < statement.end <= len(answer.text)
        ends = statement.end
        for remark in statement.findings:
            assert statement.start <= remark.start < remark.end <= statement.end
    return answer


def test_a_right_answer_is_said_cited_and_supported(scripted):
    events, answer = told(scripted, RIGHT)
    assert (answer.mode, answer.status, answer.fallback) == ("llm", "answered", None)
    assert answer.text == RIGHT
    assert answer.models["llm"] == "scripted"
    (citation,) = answer.citations
    assert citation.quote.startswith("The harbour bridge")
    assert citation.quote.endswith("two piers.")
    assert citation.verdict is Verdict.SUPPORTED
    assert answer.supported_share == 1.0
    assert not any(isinstance(event, Replaced) for event in events)


def test_statements_of_one_passage_are_bound_to_their_own_sentences(scripted):
    _, answer = told(scripted, f"{RIGHT} The repair will cost 4.2 million crowns [1].")
    assert [c.marker for c in answer.citations] == [1, 2]
    assert answer.citations[1].quote == "The repair will cost 4.2 million crowns."
    assert answer.text.endswith("crowns [2].")


def test_one_voice_for_a_story(scripted):
    told(scripted, RIGHT)
    prompt = scripted[1].asked[-1].messages[1].content
    assert prompt.count("inspectors found cracks") == 1


def test_a_wrong_number_is_marked(scripted):
    _, answer = told(scripted, f"{RIGHT} The repair will cost 2.4 million crowns [1].")
    assert [s.verdict for s in answer.statements] == [Verdict.SUPPORTED, Verdict.CONTRADICTED]
    assert answer.supported_share == 0.5
    assert answer.caution is not None
    assert "1 of 2" in answer.caution
    (remark,) = [r for r in answer.statements[1].findings if r.check == "number"]
    assert answer.text[remark.start : remark.end] == "2.4 million"


def test_strict_quotes_the_passage_instead(scripted):
    script = f"{RIGHT} The repair will cost 2.4 million crowns [1]."
    events, answer = told(scripted, script, strictness="strict")
    assert "2.4" not in answer.text
    assert answer.text.endswith("The repair will cost 4.2 million crowns. [2]")
    assert answer.withheld == 1
    assert all(s.verdict is Verdict.SUPPORTED for s in answer.statements)
    assert not any(isinstance(event, Replaced) for event in events)


def test_a_marker_that_points_nowhere_is_shown_and_counted(scripted):
    _, answer = told(scripted, f"{RIGHT[:-4]}[1][12].")
    assert answer.text.endswith("[1][?].")
    (failed,) = answer.failed
    assert failed.written == "[12]"


def test_an_uncited_sentence_that_is_carried_gets_its_citation(scripted):
    _, answer = told(scripted, RIGHT.replace(" [1]", ""))
    assert answer.text.endswith("two piers. [1]")


def test_quotations_are_found_or_told(scripted):
    _, answer = told(scripted, f'{RIGHT} Anna Berg said: "We had no choice" [1].')
    assert answer.statements[1].verdict is Verdict.SUPPORTED
    _, answer = told(scripted, f'{RIGHT} Anna Berg said: "We love this bridge" [1].')
    (remark,) = [r for r in answer.statements[1].findings if r.check == "quotation"]
    assert remark.problem is Problem.NOT_FOUND


def test_what_has_nothing_to_do_with_the_passages_is_withdrawn(scripted):
    events, answer = told(scripted, f"{RIGHT} Always unplug kettles before cleaning.")
    assert answer.text == RIGHT
    assert answer.withheld == 1
    assert any(isinstance(event, Replaced) and event.text == RIGHT for event in events)


def test_too_little_support_leaves_it_to_the_articles(scripted):
    _, answer = told(scripted, "Berg blew up the moon in 1999 [1]. Nobody paid 7 crowns [1].")
    assert answer.mode == "extractive"
    assert answer.fallback is not None
    assert answer.fallback.code is FallbackCode.TOO_LITTLE_SUPPORTED
    assert "inspectors found cracks" in answer.text


@pytest.mark.parametrize("said", ["[no answer]", "The passages do not say why it closed."])
def test_a_model_may_decline(scripted, said):
    _, answer = told(scripted, said)
    assert answer.status == "abstained"
    assert answer.reason is not None
    assert answer.reason.code is ReasonCode.DECLINED
    assert answer.text == ""


@pytest.mark.parametrize(
    "error",
    [LLMUnavailable("down"), LLMTimeout("slow", phase="first token"), LLMMalformed("broken")],
)
@pytest.mark.parametrize("before", [[], ["The harbour "], ["The harbour bridge closed [1]. And "]])
def test_a_model_that_fails_leaves_it_to_the_articles(scripted, error, before):
    events, answer = told(scripted, [*before, error])
    assert answer.mode == "extractive"
    assert answer.fallback is not None
    assert answer.fallback.code is FallbackCode.MODEL_FAILED
    assert answer.fallback.detail == str(error)
    assert any(isinstance(e, Replaced) for e in events) == bool(before)
    assert "inspectors found cracks" in answer.text


def test_the_instructions_are_not_recited(scripted):
    from rag.writing.prompt import instructions

    _, answer = told(scripted, f"{RIGHT} {instructions()}")
    assert answer.fallback is not None
    assert answer.fallback.code is FallbackCode.LEAKED
    assert "numbered passages" not in answer.text


def test_100_kb_in_one_delta_end(scripted):
    _, answer = told(scripted, ["x" * 100_000])
    assert answer.mode == "extractive"
    _, answer = told(scripted, [RIGHT + " " + "word " * 20_000])
    assert answer.status == "answered"


def test_an_unanswerable_question_costs_no_model(scripted):
    before = len(scripted[1].asked)
    _, answer = told(scripted, RIGHT, question="Which orchestra plays in Zanzibar tonight?")
    assert answer.status == "abstained"
    assert len(scripted[1].asked) == before


def test_extractive_can_be_asked_for(scripted):
    before = len(scripted[1].asked)
    _, answer = told(scripted, RIGHT, mode="extractive")
    assert (answer.mode, answer.fallback) == ("extractive", None)
    assert len(scripted[1].asked) == before


def test_without_a_model_it_says_so(tmp_path):
    dateline = fake_dateline(tmp_path)
    dateline.ingestor.ingest([RawArticle("b", BRIDGE, id="bridge")])
    asked = Question(QUESTION, ASKED, mode="llm")
    answer = asyncio.run(dateline.answerer.answer(asked))
    dateline.close()
    assert answer.mode == "extractive"
    assert answer.fallback is not None
    assert answer.fallback.code is FallbackCode.NOT_CONFIGURED


def test_follow_ups_are_condensed_and_new_topics_are_not_dragged(scripted):
    history = (Turn("user", QUESTION), Turn("assistant", RIGHT))
    told(scripted, RIGHT, question="And what will the repair cost?", history=history)
    prompt = scripted[1].asked[-1].messages[-1].content
    assert "harbour bridge" in prompt.splitlines()[-1]
    told(scripted, "x", question="Who approved the water levy in Tamsen?", history=history)
    prompt = scripted[1].asked[-1].messages[-1].content
    assert "harbour" not in prompt.splitlines()[-1]


DRAFTS = st.lists(
    st.sampled_from(
        [RIGHT, " ", "[2]", "[9]", "The repair will cost 4.2 million crowns", ". ", "[1]", "\n",
         '"We had no choice"', "Nobody knows. ", "[1, 2, 7]", "<b>", "Voters approved a levy [2]. ",
         "http://evil.example/x ", "[1", "-", "99 people died [1]. "]
    ),
    min_size=1,
    max_size=8,
).map("".join)  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(DRAFTS, st.lists(st.integers(0, 500), max_size=12), st.sampled_from(["flag", "strict"]))
def test_any_draft_in_any_deltas_gives_one_answer(scripted, draft, places, strictness):
    ends = sorted({0, len(draft), *(place % (len(draft) + 1) for place in places)})
    deltas = [draft[a:b] for a, b in pairwise(ends)]
    _, answer = told(scripted, deltas, strictness=strictness)
    _, whole = told(scripted, [draft], strictness=strictness)
    assert (answer.text, answer.citations, answer.statements) == (
        whole.text,
        whole.citations,
        whole.statements,
    )
    assert "evil.example" not in answer.text
