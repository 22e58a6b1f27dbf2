"""Requests to OpenAI's routes that are whole, and thousands that are broken.

    python -m benchmarks.fuzz_openai [--mutants N] [--seed N] [--list]

N mutants of requests as clients and chat pages send them: values, keys and types replaced,
bodies cut short and with bytes flipped, other methods, paths and headers. They go to the
application in this process, over small models without weights. A reply that is not of its
documented form, a status of 500 or more but 503 and 504, or one that takes more than the
limit below fails the run.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from api.app import create_app
from api.openai.errors import is_spoken_at
from tests.fakes import fake_dateline

MAX_SECONDS = 20.0
CLIENTS = 4
_ASK = [{"role": "user", "content": "Why did the harbour bridge at Port Merrow close?"}]
_TALK = "<chat_history>\nUSER: Who won?\nASSISTANT: Marit Oyelund. [1]\n</chat_history>"
_TASK = '### Task:\nBe brief.\nJSON: {"title": "…"}\n' + _TALK
CHAT, EMBED, MODELS = "/v1/chat/completions", "/v1/embeddings", "/v1/models"
BASES: tuple[tuple[str, str, Any], ...] = (
    ("POST", CHAT, {"model": "dateline", "messages": _ASK}),
    ("POST", CHAT, {"model": "dateline", "messages": _ASK, "stream": True}),
    (
        "POST",
        CHAT,
        {
            "model": "dateline",
            "stream": True,
            "stream_options": {"include_usage": True},
            "messages": [
                {"role": "system", "content": "Be brief."},
                *_ASK,
                {"role": "assistant", "content": "Inspectors found cracks. [1]"},
                {"role": "user", "content": [{"type": "text", "text": "And how many weeks?"}]},
            ],
            "temperature": 0.2,
            "n": 1,
            "tools": [],
            "metadata": {"a": "b"},
        },
    ),
    ("POST", CHAT, {"model": "dateline", "messages": [{"role": "user", "content": _TASK}]}),
    ("POST", EMBED, {"model": "hashing-embedder", "input": ["one", "two"]}),
    (
        "POST",
        EMBED,
        {
            "model": "hashing-embedder",
            "input": "one",
            "encoding_format": "base64",
            "dimensions": 64,
        },
    ),
    ("GET", MODELS, None),
    ("GET", f"{MODELS}/dateline", None),
)
JUNK: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 10**40, 1.5, float("nan"), float("inf"), "", " ", "x", "\x00",
    "\ud800", "🦆" * 50, "x" * 2_500, "a " * 30_000, [], {}, [[]], [None], [1, 2], {"a": 1},
    {"type": "text"}, {"type": "image_url", "image_url": {"url": "x"}}, "user", "assistant", "tool",
    "dateline", "gpt-4o", ["x"] * 300, [{"role": "user", "content": "why?"}] * 60, _TASK, "[1]",
)  # fmt: skip
_KEYS = ("model", "messages", "stream", "n", "tools", "functions", "input", "content", "role",
         "type", "text", "stream_options", "modalities", "x", "", "\ud800")  # fmt: skip
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
_PATHS = (
    "/",
    "/x",
    "/%00",
    "/..",
    "/%2e%2e/ask",
    "/completions/",
    "//",
    "/é",
    "/" + "x" * 3_000,
    "?a=b",
)
_TYPES = ("text/plain", "application/json; charset=utf-16", "multipart/form-data", "", "x", "*/*")


@dataclass(frozen=True, slots=True)
class Sent:
    """One request."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


def mutant(seed: int) -> Sent:
    """The request that a seed makes; the same on any machine."""
    chance = random.Random(seed)
    method, path, body = chance.choice(BASES)
    headers = {"Content-Type": "application/json"}
    body = copy.deepcopy(body)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        body = changed(body, chance)
    data = b"" if body is None else json.dumps(body).encode("utf-8", "surrogatepass")
    if chance.random() < 0.15:
        data = broken(data, chance)
    if chance.random() < 0.08:
        path += chance.choice(_PATHS)
    if chance.random() < 0.06:
        method = chance.choice(_METHODS)
    if chance.random() < 0.06:
        headers["Content-Type"] = chance.choice(_TYPES)
    if chance.random() < 0.05:
        name = chance.choice(("Accept", "Authorization", "Origin", "X-Stainless-Lang", "Range"))
        headers[name] = chance.choice(("", "x", "Bearer x", "text/event-stream", "*/*", "\x7f"))
    return Sent(method, path, data, headers)


def changed(body: Any, chance: random.Random) -> Any:
    """The JSON with one place of it replaced, removed, doubled or added to."""
    if not isinstance(body, (dict, list)) or not body or chance.random() < 0.1:
        return junk(chance)
    at = chance.choice(list(body) if isinstance(body, dict) else range(len(body)))
    kind = chance.random()
    if kind < 0.5:
        body[at] = changed(body[at], chance)
    elif kind < 0.7:
        body[at] = junk(chance)
    elif kind < 0.8:
        del body[at]
    elif isinstance(body, dict):
        body[chance.choice(_KEYS)] = junk(chance)
    else:
        body.insert(at, copy.deepcopy(chance.choice((body[at], junk(chance)))))
    return body


def junk(chance: random.Random) -> Any:
    """A value of its own that no route expects, or hardly."""
    return copy.deepcopy(chance.choice(JUNK))


def broken(data: bytes, chance: random.Random) -> bytes:
    """The bytes cut, flipped, nested or encoded otherwise."""
    kind = chance.randrange(5)
    if kind == 0:
        return data[: chance.randrange(len(data) + 1)]
    if kind == 1:
        flipped = bytearray(data)
        for _ in range(chance.choice((1, 5, 50)) if data else 0):
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
        return bytes(flipped)
    if kind == 2:
        return b"[" * chance.choice((10, 20_000)) + data
    if kind == 3:
        return data.decode("utf-8", "replace").encode("utf-16")
    return data.replace(b"1", b"9" * chance.choice((20, 5_000)))


def complaint(sent: Sent, reply: httpx.Response, seconds: float) -> str | None:
    """What is wrong with a reply; None if nothing is."""
    if seconds > MAX_SECONDS:
        return f"{seconds:.1f} s"
    status = reply.status_code
    if status >= 500 and status not in (503, 504):
        return f"status {status}"
    if sent.method == "HEAD" or status == 307:
        return None
    if not is_spoken_at(reply.request.url.path):  # "/v1/models/../ask" is another route
        return None if status < 400 or "instance" in reply.json() else "no problem"
    try:
        if status >= 400:
            return _error_complaint(reply.json())
        if reply.headers["content-type"].startswith("text/event-stream"):
            return _stream_complaint(reply.text)
        return _whole_complaint(reply.json())
    except (ValueError, KeyError, TypeError, IndexError) as error:
        return f"{status} of no known form: {error!r}: {reply.text[:200]}"


def _error_complaint(told: Any) -> str | None:
    error = told["error"]
    if set(error) != {"message", "type", "param", "code"}:
        return f"an error with {sorted(error)}"
    if not error["message"] or not error["type"].endswith("_error") or not error["code"]:
        return f"an error that says little: {error}"
    return None


def _stream_complaint(text: str) -> str | None:
    lines = [line[len("data: ") :] for line in text.split("\n") if line.startswith("data: ")]
    *chunks, last = lines
    if last != "[DONE]":
        return _error_complaint(json.loads(last))
    deltas = [c["choices"][0]["delta"] for c in map(json.loads, chunks) if c.get("choices")]
    if deltas[0]["role"] != "assistant" or "annotations" not in deltas[-2] or deltas[-1] != {}:
        return "a stream in another order"
    return None


def _whole_complaint(told: Any) -> str | None:
    if told["object"] == "chat.completion":
        message = told["choices"][0]["message"]
        for one in message["annotations"]:
            cited = one["url_citation"]
            marked = message["content"][cited["start_index"] : cited["end_index"]]
            if not (marked.startswith("[") and marked.endswith("]")):
                return f"an annotation of {marked!r}"
        return None
    return None if told["object"] in ("list", "model") else f"an object {told['object']!r}"


async def _run(count: int, seed: int, home: Path) -> tuple[Counter[int], list[str], float]:
    dateline = fake_dateline(home, rate_per_minute=0)
    app = create_app(dateline)
    statuses: Counter[int] = Counter()
    complaints: list[str] = []
    slowest = 0.0
    seeds = iter(range(seed, seed + count))

    async def work(client: httpx.AsyncClient) -> None:
        nonlocal slowest
        for one in seeds:
            sent = mutant(one)
            started = time.perf_counter()
            reply = await client.request(
                sent.method, sent.path, content=sent.body, headers=sent.headers
            )
            seconds = time.perf_counter() - started
            slowest = max(slowest, seconds)
            statuses[reply.status_code] += 1
            if wrong := complaint(sent, reply, seconds):
                complaints.append(f"{one}: {sent.method} {sent.path[:80]}: {wrong}")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        stored = await client.post("/v1/articles", json={"articles": ARTICLES})
        assert stored.status_code == 201
        await asyncio.gather(*(work(client) for _ in range(CLIENTS)))
    return statuses, complaints, slowest


ARTICLES = [
    {
        "title": "Harbour bridge closed",
        "published": "2025-04-02",
        "source": "meridianwire.example",
        "text": "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks. "
        "Engineers said the repair would take eleven weeks. “It is safe [1],” said Zoë Brânză.",
    },
    {"title": "Bees", "text": "The lighthouse keeper of Gull Point has kept bees 🦆 for years."},
]


def fuzzed(count: int, seed: int, home: Path) -> tuple[Counter[int], list[str], float]:
    """How often each status came, what was wrong, and the longest time, in seconds."""
    return asyncio.run(_run(count, seed, home))


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="list what was wrong")
    options = parser.parse_args()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as home:
        statuses, complaints, slowest = fuzzed(options.mutants, options.seed, Path(home))
    print(f"{options.mutants:,} requests in {time.perf_counter() - started:.0f} s")
    print(", ".join(f"{status}: {times:,}" for status, times in sorted(statuses.items())))
    print(f"slowest {slowest:.2f} s; {len(complaints)} not of their form")
    for line in complaints if options.list else complaints[:10]:
        print(f"  {line}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
