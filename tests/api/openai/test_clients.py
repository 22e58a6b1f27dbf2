"""The official client and readers like those of chat pages, over a real connection."""

import base64
import json
import threading
from contextlib import aclosing
from datetime import UTC, datetime

import httpx
import numpy as np
import openai
import pytest
from openai import OpenAI

from api.key_book import KeyBook
from api.keys import Scope
from api.openai.chunks import answer_chunks
from tests.api.openai.conftest import BRIDGE, LEVY, frames
from tests.api.openai.test_housekeeping import task
from tests.fakes import HashingEmbedder, fake_dateline
from tests.scripted_llm import ScriptedModel
from tests.serving import served

WHY = "Why did the harbour bridge at Port Merrow close?"
UNKNOWN = "Who won the Ostrava marathon in Zanzibar?"


def asking(*texts):
    roles = ("user", "assistant") * len(texts)
    return [{"role": role, "content": text} for role, text in zip(roles, texts, strict=False)]


def chat(client, *texts, **more):
    return client.chat.completions.create(model="dateline", messages=asking(*texts), **more)


def test_models_are_listed_and_read(client):
    models = client.models.list().data
    assert [model.id for model in models] == ["dateline", "hashing-embedder"]
    assert client.models.retrieve("dateline").object == "model"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("sentence-transformers/none")
    assert caught.value.code == "model_not_found"


def test_an_answer_is_a_completion_with_citations(client, address):
    completion = chat(client, WHY, temperature=0.2, user="u", seed=1, extra_body={"x": {"y": 1}})
    (choice,) = completion.choices
    text = choice.message.content
    assert "after inspectors found cracks. [1]" in text
    assert choice.finish_reason == "stop"
    assert completion.object == "chat.completion"
    cited = [one.url_citation for one in choice.message.annotations]
    assert [text[one.start_index : one.end_index] for one in cited] == ["[1]", "[2]", "[3]"]
    assert (cited[0].url, cited[0].title) == (BRIDGE["url"], BRIDGE["title"])
    own = next(one for one in cited if one.title == LEVY["title"])
    assert own.url == f"{address}/v1/articles/levy?version=1"
    assert httpx.get(own.url).json()["title"] == LEVY["title"]
    usage = completion.usage
    assert usage.prompt_tokens == HashingEmbedder().count_tokens([WHY])[0]
    assert usage.completion_tokens == HashingEmbedder().count_tokens([text])[0]
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert completion.model_extra["dateline"]["status"] == "answered"
    asked = httpx.post(f"{address}/v1/ask", json={"question": WHY}).json()
    assert text.startswith(asked["answer"])
    assert completion.system_fingerprint == f"generation-{asked['generation']}"


@pytest.mark.parametrize(
    "question", [WHY, "Who had been hurt when the northern span moved?", UNKNOWN]
)
def test_a_stream_says_what_the_whole_answer_says(client, question):
    whole = chat(client, question)
    stream = chat(client, question, stream=True, stream_options={"include_usage": True})
    text, annotations, finished, usage, ids = "", [], [], None, set()
    for chunk in stream:
        ids.add(chunk.id)
        assert chunk.object == "chat.completion.chunk"
        assert chunk.system_fingerprint == whole.system_fingerprint
        usage = chunk.usage or usage
        for choice in chunk.choices:
            assert not finished
            text += choice.delta.content or ""
            if "annotations" in (choice.delta.model_extra or {}):
                annotations.append(choice.delta.model_extra["annotations"])
            if choice.finish_reason:
                finished.append(choice.finish_reason)
    assert len(ids) == 1
    assert text == whole.choices[0].message.content
    assert annotations == [[one.model_dump() for one in whole.choices[0].message.annotations]]
    assert finished == ["stop"]
    assert usage == whole.usage


def test_the_helper_of_the_client_reads_a_stream(client):
    with client.chat.completions.stream(model="dateline", messages=asking(WHY)) as stream:
        for _ in stream:
            pass
        completion = stream.get_final_completion()
    assert "[1]" in completion.choices[0].message.content


def test_what_is_not_known_is_said(client):
    completion = chat(client, UNKNOWN)
    message = completion.choices[0].message
    assert message.content.startswith("I don't know. ")
    assert "Harbour bridge closed (meridianwire.example, 2025-04-02)" in message.content
    assert message.annotations == []
    assert completion.model_extra["dateline"]["reason"] == "not_in_corpus"
    assert completion.choices[0].finish_reason == "stop"


def test_a_follow_up_leans_on_the_conversation(client):
    earlier = chat(client, WHY).choices[0].message.content
    alone = chat(client, "Until when?").choices[0].message
    leaning = chat(client, WHY, earlier, "And how many weeks?").choices[0].message
    assert "eleven weeks" in leaning.content
    assert leaning.annotations[0].url_citation.url.startswith(BRIDGE["url"])
    assert alone.content.startswith("I don't know.")


def test_a_bare_reader_of_lines_reads_a_stream(address):
    body = {"model": "dateline", "messages": asking(WHY), "stream": True}
    reply = httpx.post(f"{address}/v1/chat/completions", json=body)
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.text.isascii()
    chunks = frames(reply.text)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert list(deltas[-2]) == ["annotations"]
    assert deltas[-1] == {}
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[-2:]] == [None, "stop"]
    assert all("usage" not in chunk for chunk in chunks)
    # As LibreChat joins them.
    assert "[1]" in "".join(delta.get("content", "") for delta in deltas)


def shown_by_open_webui(chunks):
    """Sources as Open WebUI counts them: grouped by what their metadata name as source, with
    citations of the stream as further sources; and the labels that its markers look up."""
    events = [chunk["event"]["data"] for chunk in chunks if "event" in chunk]
    for chunk in chunks:
        for choice in chunk.get("choices", []):
            for one in choice["delta"].get("annotations") or []:
                cited = one["url_citation"]
                title, url = cited.get("title") or cited["url"], cited["url"]
                events.append(
                    {"source": {"name": title, "url": url}, "document": [title],
                     "metadata": [{"source": url, "name": title}]}
                )  # fmt: skip
    grouped, labels = {}, {}
    for event in events:
        for document, metadata in zip(event["document"], event["metadata"], strict=True):
            grouped.setdefault(metadata["source"], []).append(document)
            labels[metadata["name"]] = None
    return list(grouped.values()), list(labels)


@pytest.mark.parametrize("with_events", [False, True])
def test_open_webui_numbers_sources_as_the_answer_does(tmp_path, with_events):
    dateline = fake_dateline(tmp_path, open_webui_sources=with_events)
    with served(dateline) as url:
        httpx.post(f"{url}/v1/articles", json={"articles": [BRIDGE, LEVY]})
        asked = "How many weeks would the repair of the harbour bridge take, engineers said?"
        body = {"model": "dateline", "messages": asking(asked)}
        whole = httpx.post(f"{url}/v1/chat/completions", json=body).json()
        reply = httpx.post(f"{url}/v1/chat/completions", json={**body, "stream": True})
    chunks = frames(reply.text)
    events = [chunk for chunk in chunks if "event" in chunk]
    answer = whole["choices"][0]["message"]
    sources, labels = shown_by_open_webui(chunks)
    assert len(sources) == len(labels) == len(answer["annotations"])
    cited = [one["url_citation"]["url"].partition("#")[0] for one in answer["annotations"]]
    assert len(set(cited)) < len(cited), "one article is to be quoted twice"
    assert len(events) == (len(sources) if with_events else 0)
    for event in events:
        data = event["event"]["data"]
        assert event["event"]["type"] == "source"
        assert set(data) == {"source", "document", "metadata", "distances"}
        assert 0 <= data["distances"][0] <= 1
    if with_events:
        assert "eleven weeks" in sources[0][0]
        assert chunks.index(events[0]) < len(chunks) - 2


def test_housekeeping_asks_no_search(tmp_path, monkeypatch):
    dateline = fake_dateline(tmp_path)
    searched = []
    search = dateline.searcher.search
    monkeypatch.setattr(dateline.searcher, "search", lambda q: searched.append(q) or search(q))
    with served(dateline) as url, OpenAI(base_url=f"{url}/v1", api_key="x") as client:
        prompt = task("title", '"…"')
        whole = chat(client, prompt)
        assert json.loads(whole.choices[0].message.content) == {
            "title": "Residents left when the dam"
        }
        assert whole.model_extra["dateline"] is None
        stream = chat(client, prompt, stream=True, stream_options={"include_usage": True})
        chunks = list(stream)
        said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert said == whole.choices[0].message.content
        assert chunks[-1].usage == whole.usage
        assert searched == []
        chat(client, WHY)
        assert len(searched) == 1


@pytest.mark.parametrize(
    ("error", "more"),
    [
        (openai.BadRequestError, {"n": 2}),
        (openai.BadRequestError, {"tools": [{"type": "function", "function": {"name": "x"}}]}),
        (openai.BadRequestError, {"messages": asking("a", "b")}),
        (openai.BadRequestError, {"messages": []}),
        (openai.BadRequestError, {"messages": asking("x" * 2_001)}),
        (openai.BadRequestError, {"messages": "x"}),
        (openai.NotFoundError, {"model": "gpt-4o"}),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_the_client_raises_its_own_errors(client, error, more, stream):
    given = {"model": "dateline", "messages": asking(WHY), "stream": stream, **more}
    with pytest.raises(error) as caught:
        client.chat.completions.create(**given)
    assert set(caught.value.body) == {"message", "type", "param", "code"}
    assert caught.value.type == "invalid_request_error"
    assert caught.value.param in {*more, "messages.0.content"}


def test_embeddings(client):
    texts = ["The harbour bridge", "Voters in Tamsen"]
    made = client.embeddings.create(model="hashing-embedder", input=texts)
    plain = client.embeddings.create(model="hashing-embedder", input=texts, encoding_format="float")
    vectors = np.array([one.embedding for one in made.data], np.float32)
    assert np.array_equal(vectors, np.array([one.embedding for one in plain.data], np.float32))
    assert np.array_equal(vectors, HashingEmbedder().embed(texts))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert [one.index for one in made.data] == [0, 1]
    assert made.usage.prompt_tokens == made.usage.total_tokens == 6
    one = client.embeddings.create(model="hashing-embedder", input=texts[0], dimensions=64)
    assert np.array_equal(np.array(one.data[0].embedding, np.float32), vectors[0])


def test_embeddings_in_base64_are_little_endian_floats(address):
    body = {"model": "hashing-embedder", "input": "bridge", "encoding_format": "base64"}
    (one,) = httpx.post(f"{address}/v1/embeddings", json=body).json()["data"]
    floats = np.frombuffer(base64.b64decode(one["embedding"]), "<f4")
    assert np.array_equal(floats, HashingEmbedder().embed(["bridge"])[0])


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"input": [1, 2, 3]}, "input"),
        ({"input": [[1, 2], [3]]}, "input"),
        ({"input": ""}, "input.0"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input.1"),
        ({"input": ["a"] * 257}, "input"),
        ({"input": "a" * 20_001}, "input.0"),
        ({"dimensions": 8}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
    ],
)
def test_what_cannot_be_embedded_is_refused(client, more, param):
    given = {"model": "hashing-embedder", "input": "x", **more}
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(**given)
    assert caught.value.param == param
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="text-embedding-3-small", input="x")


class Held:
    """Holds every search until it is let go."""

    def __init__(self, dateline, monkeypatch):
        self.go, self.entered = threading.Event(), threading.Event()
        self._search = dateline.searcher.search
        monkeypatch.setattr(dateline.searcher, "search", self._held)

    def _held(self, query):
        self.entered.set()
        self.go.wait(20)
        return self._search(query)


def test_busy_and_late_are_told_in_openai_s_shape(tmp_path, monkeypatch):
    monkeypatch.setattr("api.runtime.PATIENCE_S", 0.05)
    dateline = fake_dateline(tmp_path, max_concurrency=1, timeout_s=2)
    held = Held(dateline, monkeypatch)
    with (
        served(dateline) as url,
        OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client,
    ):
        stream = chat(client, WHY, stream=True)
        assert held.entered.wait(10)
        with pytest.raises(openai.RateLimitError) as busy:
            chat(client, WHY)
        # What goes wrong once the reply has begun is its last frame.
        with pytest.raises(openai.APIError) as late:
            list(stream)
        held.go.set()
    assert busy.value.response.headers["retry-after"] == "2"
    assert (busy.value.type, busy.value.code) == ("rate_limit_error", "rate_limit_exceeded")
    assert (late.value.type, late.value.code) == ("server_error", "timeout")
    assert "2 seconds" in late.value.message


def test_a_late_answer_is_504(tmp_path, monkeypatch):
    dateline = fake_dateline(tmp_path, timeout_s=0.2)
    held = Held(dateline, monkeypatch)
    with (
        served(dateline) as url,
        OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client,
    ):
        with pytest.raises(openai.InternalServerError) as caught:
            chat(client, WHY)
        held.go.set()
    assert caught.value.status_code == 504
    assert caught.value.code == "timeout"


def test_a_client_that_leaves_stops_the_work(tmp_path, monkeypatch):
    dateline = fake_dateline(tmp_path, max_concurrency=1)
    held = Held(dateline, monkeypatch)
    read = []
    reader = dateline.answerer._judged
    monkeypatch.setattr(dateline.answerer, "_judged", lambda *a: read.append(a) or reader(*a))
    closed = threading.Event()

    async def watched(events, envelope):
        try:
            async with aclosing(answer_chunks(events, envelope)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            closed.set()

    monkeypatch.setattr("api.routes.openai.answer_chunks", watched)
    with served(dateline) as url:
        body = {"model": "dateline", "messages": asking(WHY), "stream": True}
        with httpx.stream("POST", f"{url}/v1/chat/completions", json=body):
            assert held.entered.wait(10)
        assert closed.wait(10)
        held.go.set()
        # The slot is free again only when the work has ended.
        again = httpx.post(f"{url}/v1/chat/completions", json={**body, "stream": False}, timeout=30)
    assert again.status_code == 200
    assert len(read) == 1


def test_what_fails_inside_is_told_without_its_words(tmp_path, monkeypatch, caplog):
    dateline = fake_dateline(tmp_path)

    def fail(*_):
        raise RuntimeError("secret in /srv/private")

    with (
        served(dateline) as url,
        OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client,
    ):
        monkeypatch.setattr(dateline.searcher, "search", fail)
        monkeypatch.setattr(dateline.searcher.embedder, "embed", fail)
        with pytest.raises(openai.InternalServerError) as whole:
            chat(client, WHY)
        with pytest.raises(openai.APIError) as streamed:
            list(chat(client, WHY, stream=True))
        with pytest.raises(openai.InternalServerError) as vectors:
            client.embeddings.create(model="hashing-embedder", input="x")
    for caught in (whole, streamed, vectors):
        assert caught.value.type == "server_error"
        assert caught.value.code == "internal"
        assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"),
        ("GET", "/v1/chat/nothing", 404, "not_found"),
        ("POST", "/v1/completions", 404, "not_found"),
        ("POST", "/v1/responses", 404, "not_found"),
        ("GET", "/v1/models/", 404, "model_not_found"),
        ("POST", "/v1/models", 405, "method_not_allowed"),
    ],
)
def test_paths_that_are_none_are_told_in_openai_s_shape(address, method, path, status, code):
    reply = httpx.request(method, address + path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/json"
    error = reply.json()["error"]
    assert (error["type"], error["code"], error["param"]) == (
        "invalid_request_error", code, "model" if code == "model_not_found" else None
    )  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/v1/chatter", "/v1/modelsx", "/v1/ask", "/v1", "/v1/embeddingss"]
)
def test_other_paths_keep_problems(address, path):
    reply = httpx.get(address + path)
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_body_that_cannot_be_read_is_400(address):
    for content in (b"", b"{", b"null", b"[" * 100_000, b"\xff\xfe", b'{"model": "\\ud800"}'):
        reply = httpx.post(
            f"{address}/v1/chat/completions",
            content=content,
            headers={"Content-Type": "application/json"},
        )
        assert reply.status_code == 400
        assert reply.json()["error"]["type"] == "invalid_request_error"


def test_a_large_body_is_413(tmp_path):
    with served(fake_dateline(tmp_path, max_body_bytes=1_000)) as url:
        reply = httpx.post(f"{url}/v1/chat/completions", json={"model": "x" * 2_000})
    assert reply.status_code == 413
    assert reply.json()["error"]["code"] == "body_too_large"


TRUE = "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks. [1]"
FALSE = "Three hundred elephants crossed Zanzibar in 1911. [1] Nobody in Ostrava paid for it. [1]"


@pytest.mark.parametrize(
    ("written", "mode", "fallback"),
    [(TRUE, "llm", None), (FALSE, "extractive", "too_little_supported")],
)
def test_words_that_may_be_withdrawn_are_held_back(tmp_path, written, mode, fallback):
    with (
        served(fake_dateline(tmp_path, model=ScriptedModel(written))) as url,
        OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0) as client,
    ):
        httpx.post(f"{url}/v1/articles", json={"articles": [BRIDGE, LEVY]})
        whole = chat(client, WHY)
        chunks = list(chat(client, WHY, stream=True))
    told = whole.model_extra["dateline"]
    assert (told["status"], told["mode"], told["fallback"]) == ("answered", mode, fallback)
    text = whole.choices[0].message.content
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == text
    assert "elephants" not in text
    assert ("not the words of the language model" in text) == (fallback is not None)
    for one in whole.choices[0].message.annotations:
        cited = one.url_citation
        assert text[cited.start_index : cited.end_index] in ("[1]", "[2]", "[3]")
    assert "inspectors found cracks. [1]" in text


@pytest.mark.slow
def test_the_sample_corpus_answers_the_client(sample):
    dateline, _ = sample
    with (
        served(dateline, lifespan="off") as url,
        OpenAI(base_url=f"{url}/v1", api_key="x", timeout=120) as client,
    ):
        asked = "How many people died when the Lady Corrigan capsized?"
        completion = chat(client, asked)
        text = completion.choices[0].message.content
        stream = chat(client, asked, stream=True)
        said = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        model = client.models.list().data[1].id
        vector = client.embeddings.create(model=model, input=asked).data[0].embedding
    assert "[1]" in text
    assert said == text
    for one in completion.choices[0].message.annotations:
        cited = one.url_citation
        assert text[cited.start_index : cited.end_index].startswith("[")
    assert completion.usage.prompt_tokens > 5
    assert len(vector) == 384
    assert np.isclose(np.linalg.norm(vector), 1, atol=1e-4)


def test_keys_are_the_client_s(tmp_path):
    book = KeyBook(tmp_path)
    _, secret = book.add("chat", Scope.READ, now=datetime.now(UTC), expires_at=None)
    with served(fake_dateline(tmp_path)) as url:
        for key, error in ((secret, None), ("wrong", openai.AuthenticationError)):
            with OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
                if error is None:
                    assert chat(client, UNKNOWN).choices[0].message.content
                    continue
                for ask in (client.models.list, lambda c=client: chat(c, WHY, stream=True)):
                    with pytest.raises(error) as caught:
                        ask()
                    assert caught.value.type == "authentication_error"
                    assert caught.value.code == "invalid_api_key"
