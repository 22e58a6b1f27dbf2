"""The model in memory is a `ChatModel` like the one behind a server."""

from contextlib import aclosing

import pytest

from rag.llm.client import ChatModel, OpenAIChatModel
from rag.llm.errors import LLMError, LLMMalformed, LLMTimeout
from tests.rag.llm.models import PROMPT, model_over, outcome, run
from tests.scripted_http import Fault, Reply, Script, delta, saying
from tests.scripted_llm import ScriptedModel


def test_it_says_what_a_server_says():
    async def test():
        async with model_over(Script(saying("It rained."))) as served:
            models: list[ChatModel] = [served, ScriptedModel("It rained.")]
            for model in models:
                ends = []
                stream = model.stream(PROMPT, max_tokens=9, on_finish=ends.append)
                assert ([piece async for piece in stream], ends) == (["It ", "rained."], ["stop"])

    run(test)


def test_it_fails_where_it_is_told_to():
    async def test():
        model = ScriptedModel(
            LLMTimeout("slow", phase="first token"),
            ["It", LLMMalformed("broke off")],
            lambda messages: messages[-1].content,
        )
        assert isinstance((await outcome(model))[1], LLMTimeout)
        text, error = await outcome(model)
        assert (text, type(error)) == ("It", LLMMalformed)
        assert await outcome(model) == ("What happened?", None)
        assert [asked.max_tokens for asked in model.asked] == [100, 100, 100]

    run(test)


def test_who_leaves_is_counted():
    async def test():
        model = ScriptedModel("a b c")
        async with aclosing(model.stream([], max_tokens=9)) as pieces:
            await anext(pieces)
        return model.closed

    assert run(test) == 1


def test_nothing_follows_an_error():
    """`on_finish` is for replies that are whole."""
    ends = []

    async def test():
        async with model_over(Script(Reply((delta("It"), Fault.DROP)))) as model:
            assert isinstance(model, OpenAIChatModel)
            with pytest.raises(LLMError):
                async for _ in model.stream([], max_tokens=9, on_finish=ends.append):
                    pass

    run(test)
    assert ends == []
