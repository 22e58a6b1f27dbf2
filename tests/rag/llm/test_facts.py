"""What servers tell of their models, and what is done where they tell nothing."""

import pytest

from rag.llm.errors import LLMMalformed, LLMRefused
from rag.llm.limits import Limits
from rag.llm.tokens import estimate_tokens
from tests.rag.llm.models import KINDS, model_over, outcome, run
from tests.scripted_http import Fault, Reply, Script, problem, saying, told

FINE = saying("It rained.")
LLAMA = {"data": [{"id": "/srv/models/small.gguf", "meta": {"n_ctx": 4096, "n_ctx_train": 8192}}]}
TEXTS = ("It rained in Meridian.", "市長は述べた。", "It rained in Meridian.", "")


def words(request):
    """A tokenizer that counts words."""
    return told({"tokens": list(range(len(request.body["content"].split())))})


def prepared(routes, texts=(), **llm):
    script = Script(FINE, routes=routes)

    async def test():
        async with model_over(script, **({"model": None} | llm)) as model:
            await model.prepare(texts)
            counts = [model.count_tokens(text) for text in texts]
            return model.name, model.context_tokens, counts

    return run(test), script


@pytest.mark.parametrize(
    ("routes", "context_tokens"),
    [
        ({"/v1/models": LLAMA}, 4096),
        ({"/v1/models": LLAMA, "/props": {"default_generation_settings": {"n_ctx": 2048}}}, 2048),
        ({"/v1/models": {"data": [{"id": "m", "max_model_len": 32768}]}}, 32768),
        ({"/v1/models": {"data": [{"id": "m", "context_length": 131072}]}}, 131072),
        ({"/v1/models": {"data": [{"id": "m", "max_model_len": True}]}}, 8192),
        ({"/v1/models": {"data": "none"}, "/props": [1]}, 8192),
        ({"/v1/models": Reply((b"<html>",), content_type="text/html")}, 8192),
        ({"/v1/models": problem(500, "x"), "/props": problem(500, "x")}, 8192),
        ({"/v1/models": Reply(before=Fault.DROP)}, 8192),
    ],
)
def test_the_context_is_what_the_server_says(routes, context_tokens):
    assert prepared(routes)[0][1] == context_tokens


def test_a_setting_stands_above_the_server():
    assert prepared({"/v1/models": LLAMA}, context_tokens=1024)[0][1] == 1024


def test_a_file_is_named_without_its_folder():
    assert prepared({"/v1/models": LLAMA})[0][0] == "small.gguf"


def test_the_model_counts_where_it_can():
    (_, _, counts), script = prepared({"/tokenize": words}, TEXTS)
    assert counts[:3] == [4, 1, 4]
    sent = [request.body["content"] for request in script.requests if request.path == "/tokenize"]
    assert sorted(sent) == sorted(set(TEXTS) - {""})


@pytest.mark.parametrize(
    "reply",
    [problem(404, "no"), told({"count": "4"}), told({"tokens": []}), told([1]), problem(500, "x")],
)
def test_where_it_cannot_tokens_are_estimated(reply):
    (_, _, counts), script = prepared({"/tokenize": reply}, TEXTS)
    assert counts == [estimate_tokens(text) for text in TEXTS]
    assert len([r for r in script.requests if r.path == "/tokenize"]) == 1


def test_what_was_asked_is_not_asked_again():
    script = Script(FINE, routes={"/tokenize": words, "/props": {}})

    async def test():
        async with model_over(script) as model:
            for _ in range(3):
                await model.prepare(TEXTS)

    run(test)
    assert len(script.requests) == 4  # models, props, two texts


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_stalls_does_not_hold_up_an_answer(kind):
    routes = {"/v1/models": Reply(before=Fault.STALL)}
    script = Script(FINE, routes=routes)

    async def test():
        arguments = {"limits": Limits(probe_s=0.2)}
        async with model_over(script, kind, arguments=arguments) as model:
            await model.prepare(TEXTS)
            assert model.context_tokens == 8192
            return await outcome(model)

    assert run(test) == ("It rained.", None)


def test_the_only_model_is_asked_for_without_a_setting():
    script = Script(FINE, routes={"/v1/models": {"data": [{"id": "only-one"}]}})

    async def test():
        async with model_over(script, model=None) as model:
            assert model.name == "unknown"
            assert await outcome(model) == ("It rained.", None)
            assert model.name == "only-one"

    run(test)
    assert script.asked[0].body["model"] == "only-one"


def test_of_several_models_one_must_be_set():
    routes = {"/v1/models": {"data": [{"id": f"m{i}"} for i in range(30)]}}

    async def test():
        async with model_over(Script(FINE, routes=routes), model=None) as model:
            await model.prepare(TEXTS)
            return (await outcome(model))[1]

    error = run(test)
    assert isinstance(error, LLMRefused)
    assert "has 30 models: set DATELINE_LLM_MODEL to one of m0, m1," in str(error)
    assert "m20" not in str(error)


def test_a_server_without_a_list_needs_the_setting():
    async def test():
        script = Script(FINE, routes={"/v1/models": {"data": []}})
        async with model_over(script, model=None) as model:
            return (await outcome(model))[1]

    error = run(test)
    assert isinstance(error, LLMMalformed)
    assert "set DATELINE_LLM_MODEL" in str(error)


def test_a_server_that_changed_its_model_is_asked_anew():
    listed = [{"data": [{"id": "old"}]}, {"data": [{"id": "new"}]}]
    routes = {"/v1/models": lambda _: told(listed.pop(0))}
    script = Script(
        lambda r: FINE if r.body["model"] == "new" else problem(404, "no such model"), routes=routes
    )

    async def test():
        async with model_over(script, model=None) as model:
            assert isinstance((await outcome(model))[1], LLMRefused)
            assert await outcome(model) == ("It rained.", None)

    run(test)
