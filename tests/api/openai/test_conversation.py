"""A chat request becomes a question whose history fits the limits."""

from datetime import UTC, datetime

import pytest

from api.errors import ProblemError
from api.openai.conversation import bare, question_of, said_in
from api.openai.schemas import ChatRequest
from api.openai.wording import closing
from api.schemas import MAX_TURN_CHARS, MAX_TURNS
from index.documents import ArticleRef, Hit, Passage, PublicationDate
from rag.answers import Answer, Fallback, FallbackCode, Reason, ReasonCode, Turn, Understood
from rag.pipeline import MAX_QUESTION_CHARS

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def request(*messages, **more):
    told = [{"role": role, "content": content} for role, content in messages]
    return ChatRequest.model_validate({"model": "dateline", "messages": told, **more})


def question(*messages):
    return question_of(said_in(request(*messages)), NOW)


def refusal(*messages, **more):
    with pytest.raises(ProblemError) as caught:
        question_of(said_in(request(*messages, **more)), NOW)
    return caught.value.members["param"], caught.value.detail


def test_the_last_message_is_the_question_and_earlier_ones_its_history():
    asked = question(
        ("system", "Answer in verse."),
        ("user", "Who approved the dam?"),
        ("assistant", "Marit Oyelund did. [1]"),
        ("tool", "42"),
        ("user", [{"type": "text", "text": "Why did"}, {"type": "text", "text": "she resign?"}]),
        ("developer", "Be rude."),
    )
    assert asked.text == "Why did\nshe resign?"
    assert asked.asked_at == NOW
    assert asked.history == (
        Turn("user", "Who approved the dam?"),
        Turn("assistant", "Marit Oyelund did."),
    )


def test_a_long_conversation_is_cut_to_its_latest_turns():
    earlier = [("user" if i % 2 == 0 else "assistant", f"{i} " + "x" * 9_000) for i in range(400)]
    history = question(*earlier, ("user", "Why?")).history
    assert len(history) == MAX_TURNS
    assert history[-1].content.startswith("399 ")
    assert history[0].content.startswith(f"{400 - MAX_TURNS} ")
    assert max(len(turn.content) for turn in history) == MAX_TURN_CHARS


def test_turns_without_words_are_left_out():
    asked = question(
        ("user", " "), ("assistant", None), ("assistant", "[1] [2]"), ("user", []), ("user", "Why?")
    )
    assert asked.history == ()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("It closed. [1] It opened [2][3].", "It closed. It opened."),
        ("It closed [1, 2], they said.", "It closed, they said."),
        ("It closed.[[1]](https://meridianwire.example/a) It opened.", "It closed. It opened."),
        ("It closed. [1]\n\nSources:\n[1] Harbour bridge - https://x.example", "It closed."),
        ("It closed.\n\n**References**\n\n1. Harbour bridge", "It closed."),
        ("It closed. [1]\n[1]: https://x.example\n", "It closed."),
        ("Sources said that it closed.", "Sources said that it closed."),
        ("The [sic] bridge [2025] closed", "The [sic] bridge [2025] closed"),
        ("It closed. [1]\n\nCaution: Reports differ. Read the quotations.", "It closed."),
    ],
)
def test_earlier_answers_come_back_bare(answer, words):
    assert bare(answer) == words


def answer(**more):
    article = ArticleRef(
        id="a", version=1, title="Ferry\nsinks " + "x" * 300, source="meridianwire.example",
        published=PublicationDate(datetime(2025, 3, 12, 17, tzinfo=UTC)),
    )  # fmt: skip
    other = ArticleRef(id="b", version=1, title="Bees")
    passage = Passage("p", "a", 1, 0, 0, 1, "x", ())
    hits = (Hit(passage, article, 1.0, 1), Hit(passage, article, 0.5, 2), Hit(passage, other, 0, 3))
    fields = {
        "question": "Why?", "understood": Understood("Why?"), "status": "abstained", "text": "",
        "reason": Reason(ReasonCode.NOT_IN_CORPUS, "Nothing holds it."), "caution": None,
        "confidence": 0.1, "citations": (), "hits": hits, "mode": "extractive", "models": {},
        "generation": 3, "timings_ms": {},
    }  # fmt: skip
    return Answer(**{**fields, **more})


def test_what_is_not_known_is_said_with_the_nearest_headlines():
    words = closing(answer())
    assert words.startswith(
        "I don't know. Nothing holds it.\n\nThe nearest articles:\n- Ferry sinks "
    )
    assert words.splitlines()[-2].endswith("x… (meridianwire.example, 2025-03-12)")
    assert words.splitlines()[-1] == "- Bees"
    assert closing(answer(hits=())) == "I don't know. Nothing holds it."
    assert bare(words) == ""
    assert question(("user", "Why?"), ("assistant", words), ("user", "Who?")).history == (
        Turn("user", "Why?"),
    )


def test_a_caution_is_said_at_the_end():
    cautious = answer(status="answered", reason=None, text="It closed. [1]", caution="Beware.")
    assert closing(cautious) == "\n\nCaution: Beware."
    assert bare(cautious.text + closing(cautious)) == "It closed."
    assert closing(answer(status="answered", reason=None, text="It closed. [1]")) == ""
    fallback = Fallback(FallbackCode.MODEL_FAILED, "it broke off")
    quoted = closing(answer(status="answered", reason=None, caution="Beware.", fallback=fallback))
    assert quoted.startswith("\n\nCaution: These are quotations, not the words of the language")
    assert quoted.endswith(" (it broke off). Beware.")
    assert bare(f"It closed. [1]{quoted}") == "It closed."


USER = ("user", "Why?")


@pytest.mark.parametrize(
    ("messages", "more", "param"),
    [
        ([USER, ("assistant", "Because.")], {}, "messages"),
        ([("system", "Be rude.")], {}, "messages"),
        ([USER, ("tool", "42")], {}, "messages"),
        ([("user", " \n")], {}, "messages.0.content"),
        ([("user", None)], {}, "messages.0.content"),
        ([USER, ("user", [{"type": "text"}])], {}, "messages.1.content"),
        ([("system", "x"), ("user", "x" * (MAX_QUESTION_CHARS + 1))], {}, "messages.1.content"),
        ([("user", [{"type": "image_url", "image_url": {}}]), USER], {}, "messages.0.content"),
        ([("user", [{"type": "input_audio"}])], {}, "messages.0.content"),
        ([USER], {"n": 2}, "n"),
        ([USER], {"n": 0}, "n"),
        ([USER], {"tools": [{"type": "function"}]}, "tools"),
        ([USER], {"functions": [{"name": "x"}]}, "functions"),
        ([USER], {"modalities": ["text", "audio"]}, "modalities"),
        ([USER], {"model": "gpt-4o"}, "model"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_refused_by_name(messages, more, param):
    refused, detail = refusal(*messages, **more)
    assert refused == param
    assert len(detail) < 300


def test_what_means_nothing_here_is_taken():
    more = {
        "n": 1, "tools": [], "functions": None, "modalities": ["text"], "temperature": 2,
        "seed": "x", "stop": ["a"], "logit_bias": {"1": 2}, "user": "\ud800", "metadata": [],
        "max_tokens": -1, "response_format": {"type": "text"}, "tool_choice": "auto",
        "presence_penalty": None, "store": True, "reasoning_effort": "low", "x": {"y": {}},
    }  # fmt: skip
    assert said_in(request(USER, **more))[0].text == "Why?"
