"""What a server does not take is found out once and left out from then on."""

import json

import pytest

from rag.llm.errors import LLMRefused
from tests.rag.llm.models import KINDS, model_over, outcome, run, said
from tests.scripted_http import Script, problem, saying

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def strict(*unknown, message="Unrecognized request argument supplied: {}", status=400):
    """A server that refuses some fields by name."""

    def reply(request):
        for name in unknown:
            if name in request.body:
                return problem(status, message.format(name))
        return saying("It rained.")

    return reply


def asked_twice(reply, kind="transport"):
    script = Script(reply)

    async def test():
        async with model_over(script, kind) as model:
            for _ in range(2):
                assert "".join(await said(model, schema=SCHEMA)) == "It rained."

    run(test)
    return [request.body for request in script.asked]


def test_a_server_is_asked_for_all():
    first, second = asked_twice(saying("It rained."))
    assert first == second
    assert first["response_format"]["json_schema"]["schema"] == SCHEMA
    assert (first["max_tokens"], first["temperature"], first["stream"]) == (100, 0.0, True)
    assert first["messages"][1] == {"role": "user", "content": "What happened?"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("Invalid parameter: 'response_format' of type 'json_schema' is not supported", 400),
        ("response_format.type must be 'text' or 'json_object'", 422),
        ("failed to parse grammar", 400),
    ],
)
def test_a_schema_that_is_refused_is_not_sent_again(message, status, kind):
    bodies = asked_twice(strict("response_format", message=message, status=status), kind)
    assert ["response_format" in body for body in bodies] == [True, False, False]


def test_the_new_name_of_the_limit_is_learned():
    bodies = asked_twice(
        strict("max_tokens", message="'max_tokens' is not supported: use 'max_completion_tokens'")
    )
    assert [body.get("max_completion_tokens") for body in bodies] == [None, 100, 100]


def test_several_things_are_learned_one_by_one():
    names = ("temperature", "response_format")
    bodies = asked_twice(strict(*names))
    assert [[name in body for name in names] for body in bodies] == [
        [True, True],
        [False, True],
        [False, False],
        [False, False],
    ]


def test_a_field_that_was_not_sent_is_not_left_out():
    """A server that refuses all requests, naming what was left out already, is not asked on."""
    script = Script(problem(400, json.dumps("response_format temperature max_completion_tokens")))

    async def test():
        async with model_over(script) as model:
            with pytest.raises(LLMRefused):
                await said(model, schema=SCHEMA)
            assert isinstance((await outcome(model))[1], LLMRefused)

    run(test)
    assert len(script.asked) == 5


@pytest.mark.parametrize("status", [401, 404])
def test_other_refusals_teach_nothing(status):
    script = Script(problem(status, "no temperature for response_format"))

    async def test():
        async with model_over(script) as model:
            await outcome(model)

    run(test)
    assert len(script.asked) == 1
