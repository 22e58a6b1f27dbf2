"""Mutated requests: the benchmark runs ten thousand, this some of them."""

import httpx

from benchmarks.fuzz_openai import BASES, complaint, fuzzed, mutant

MUTANTS = 1_000


def test_no_mutated_request_breaks_the_form(tmp_path):
    statuses, complaints, _ = fuzzed(MUTANTS, 5_000, tmp_path)
    assert complaints == []
    assert sum(statuses.values()) == MUTANTS
    # Both kinds are there: mutants that are still understood, and those that are refused.
    assert statuses[200] > MUTANTS // 10
    assert statuses[400] > MUTANTS // 10


def test_mutants_differ_and_are_the_same_again():
    sent = [mutant(seed) for seed in range(300)]
    assert sent == [mutant(seed) for seed in range(300)]
    assert len({(one.method, one.path, one.body) for one in sent}) > 200
    assert len(BASES) == 8


def test_a_reply_out_of_form_is_seen():
    def told(status, **given):
        request = httpx.Request("POST", "http://localhost/v1/chat/completions")
        return complaint(mutant(0), httpx.Response(status, request=request, **given), 0.1)

    error = {"message": "x", "type": "server_error", "param": None, "code": "x"}
    stream = {"content-type": "text/event-stream"}
    assert told(500, json={"error": error})
    assert told(400, json={"detail": "x"})
    assert told(400, json={"error": error | {"message": ""}})
    assert told(400, text="x")
    assert told(200, json={"object": "x"})
    assert told(200, text='data: {"choices": []}\n\ndata: [DONE]\n\n', headers=stream)
    assert told(200, text="data: {}\n\n", headers=stream)
    assert told(503, json={"error": error}) is None
    assert told(400, json={"error": error}) is None
