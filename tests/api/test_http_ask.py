"""Asking and searching over HTTP: the wire form, filters, and words that can be checked."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.fakes import fake_dateline

BRIDGE = {
    "id": "bridge",
    "title": "Harbour bridge closed",
    "published": "2025-04-02",
    "source": "meridianwire.example",
    "section": "National",
    "text": "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks. "
    "Engineers said the repair would take eleven weeks. “It is safe,” said Zoë Brânză, 41. "
    "Nobody 𝒽ad been hurt when the northern span moved.",
}
LEVY = {
    "id": "levy",
    "title": "Tamsen approves water levy",
    "published": "2025-05-20T17:14:00Z",
    "source": "tarn-examiner.example",
    "section": "Elections",
    "text": "Voters in Tamsen approved a new water levy by a margin of 212 ballots on Tuesday.",
}
UNDATED = {"id": "undated", "text": "The lighthouse keeper of Gull Point has kept bees for years."}

ANSWER = {
    "question", "understood", "status", "reason", "caution", "answer", "confidence", "citations",
    "hits", "mode", "models", "generation", "timings_ms", "statements", "supported_share",
    "failed", "fallback", "withheld", "neutralised",
}  # fmt: skip
CITATION = {"marker", "quote", "start", "end", "verdict", "passage_id", "article", "dates", "part",
            "highlight", "attribution"}  # fmt: skip
HIT = {"rank", "score", "passage_id", "text", "start", "end", "article", "copies"}
ARTICLE = {"id", "title", "source", "section", "url", "published_at", "modified_at", "version"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    app = create_app(fake_dateline(tmp_path_factory.mktemp("home")))
    with TestClient(app) as client:
        stored = client.post("/v1/articles", json={"articles": [BRIDGE, LEVY, UNDATED]})
        assert stored.status_code == 201
        yield client


def ask(client, question="Why did the harbour bridge at Port Merrow close?", **more):
    return client.post("/v1/ask", json={"question": question, **more})


def found(response):
    assert response.status_code == 200, response.text
    return {hit["article"]["id"] for hit in response.json()["hits"]}


def test_an_answer_has_the_wire_form(client):
    body = ask(client).json()
    assert set(body) == ANSWER
    assert body["status"] == "answered"
    assert body["reason"] is None
    assert body["mode"] == "extractive"
    assert body["models"] == {"embedder": "hashing-embedder", "reranker": "overlap-reranker"}
    assert "inspectors found cracks. [1]" in body["answer"]
    for citation in body["citations"]:
        assert set(citation) == CITATION
        assert set(citation["article"]) == ARTICLE
        assert citation["verdict"] == "supported"
    for hit in body["hits"]:
        assert set(hit) == HIT
        assert set(hit["article"]) == ARTICLE
    assert [hit["rank"] for hit in body["hits"]] == list(range(1, len(body["hits"]) + 1))
    assert body["citations"][0]["article"] == {
        "id": "bridge",
        "title": "Harbour bridge closed",
        "source": "meridianwire.example",
        "section": "National",
        "url": None,
        "published_at": "2025-04-02",
        "modified_at": None,
        "version": 1,
    }


@pytest.mark.parametrize(
    "question",
    [
        "Why did the harbour bridge at Port Merrow close?",
        "Had anybody been hurt when the northern span moved?",
        "How many weeks did engineers say the repair would take?",
        "Which water levy was approved by voters in Tamsen?",
    ],
)
def test_every_citation_and_hit_is_verbatim(client, question):
    body = ask(client, question).json()
    assert body["citations"]
    quoted = [(c, c["quote"]) for c in body["citations"]] + [(h, h["text"]) for h in body["hits"]]
    for item, words in quoted:
        article = item["article"]
        path = f"/v1/articles/{article['id']}?version={article['version']}"
        text = client.get(path).json()["text"]
        assert text[item["start"] : item["end"]] == words
    for citation in body["citations"]:
        assert f"{citation['quote']} [{citation['marker']}]" in body["answer"]


def test_what_the_corpus_does_not_hold_is_declined(client):
    body = ask(client, "Who won the Ostrava marathon in Zanzibar?").json()
    assert body["status"] == "abstained"
    assert body["reason"]["code"] == "not_in_corpus"
    assert body["answer"] == ""
    assert body["citations"] == []
    assert body["hits"]


def test_an_empty_filter_result_abstains(client):
    body = ask(client, filters={"sources": ["nobody.example"]}).json()
    assert body["status"] == "abstained"
    assert body["reason"]["code"] == "filter_empty"
    assert body["hits"] == []


def test_an_empty_corpus_abstains(tmp_path):
    with TestClient(create_app(fake_dateline(tmp_path))) as client:
        assert ask(client).json()["reason"]["code"] == "nothing_found"
        assert client.get("/v1/search", params={"q": "bridge"}).json()["hits"] == []
        assert client.get("/v1/articles").json()["articles"] == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"from": "2025-05-20"}, {"levy"}),
        ({"from": "2025-05-20T17:14:00Z"}, {"levy"}),
        ({"from": "2025-05-20T17:14:01Z"}, set()),
        ({"to": "2025-05-20"}, {"bridge", "levy"}),
        ({"to": "2025-05-20T17:13:59Z"}, {"bridge"}),
        ({"to": "2025-05-20T19:14:00+02:00"}, {"bridge", "levy"}),
        ({"as_of": "2025-05-19"}, {"bridge"}),
        ({"as_of": "2025-05-20"}, {"bridge", "levy"}),
        ({"from": "2025-04-02", "to": "2025-04-02"}, {"bridge"}),
        ({"sources": ["MERIDIANWIRE.example"]}, {"bridge"}),
        ({"sections": ["elections", "national"]}, {"bridge", "levy"}),
        ({"sources": ["meridianwire.example"], "sections": ["Elections"]}, set()),
        ({"articles": ["levy", "undated"]}, {"levy", "undated"}),
        ({"articles": ["none"]}, set()),
        ({"excluded": ["levy", "none", "\u00e9"]}, {"bridge", "undated"}),
        ({"articles": ["levy", "bridge"], "excluded": ["levy"], "to": "2025-06-01"}, {"bridge"}),
        ({}, {"bridge", "levy", "undated"}),
        (None, {"bridge", "levy", "undated"}),
        ({"sources": None, "from": None}, {"bridge", "levy", "undated"}),
    ],
)
def test_filters(client, filters, expected):
    assert found(ask(client, filters=filters)) == expected
    params = {"q": "bridge", **(filters or {})}
    params["source"] = params.pop("sources", None) or []
    params["section"] = params.pop("sections", None) or []
    params["article"] = params.pop("articles", None) or []
    params = {name: value for name, value in params.items() if value is not None}
    assert found(client.get("/v1/search", params=params)) == expected
    params.pop("q")
    listed = client.get("/v1/articles", params=params).json()
    assert {article["id"] for article in listed["articles"]} == expected
    assert listed["total"] == len(expected)


def test_k_bounds_the_hits(client):
    assert len(ask(client, k=1).json()["hits"]) == 1
    assert len(client.get("/v1/search?q=bridge&k=2").json()["hits"]) == 2
    assert len(ask(client, k=None, history=None, asked_at=None).json()["hits"]) == 3


def test_a_follow_up_leans_on_what_was_asked_before(client):
    history = [
        {"role": "user", "content": "What happened to the harbour bridge at Port Merrow?"},
        {"role": "assistant", "content": "It closed."},
    ]
    body = ask(client, "Why?", history=history).json()
    assert body["hits"][0]["article"]["id"] == "bridge"
    assert body["question"] == "Why?"


def test_as_of_is_the_day_of_asking_unless_one_is_given(client, monkeypatch):
    asked = []
    runtime = client.app.state.runtime
    answer = runtime.ask

    async def spy(question):
        asked.append(question.asked_at)
        return await answer(question)

    monkeypatch.setattr(runtime, "ask", spy)
    ask(client, filters={"as_of": "2025-05-19T10:00:00Z"})
    ask(client, filters={"as_of": "2025-05-19"}, asked_at="2025-05-18")
    ask(client, filters={"as_of": "9999-12-31"})
    assert asked[0] == datetime(2025, 5, 19, 10, tzinfo=UTC)
    assert asked[1].date().isoformat() == "2025-05-18"
    assert asked[2] <= datetime.now(UTC)


def test_a_search_has_its_form(client):
    body = client.get("/v1/search", params={"q": "water levy", "source": "x", "k": 3}).json()
    assert set(body) == {"query", "understood", "hits", "generation", "timings_ms"}
    body = client.get("/v1/search", params={"q": "water levy"}).json()
    assert body["query"] == "water levy"
    assert body["hits"][0]["article"]["id"] == "levy"
    assert body["generation"] == client.get("/readyz").json()["generation"]
    several = client.get("/v1/search?q=x&source=meridianwire.example&source=tarn-examiner.example")
    assert found(several) == {"bridge", "levy"}


def test_the_same_question_has_the_same_answer(client):
    one, two = (ask(client, asked_at="2025-06-01").json() for _ in range(2))
    one.pop("timings_ms")
    two.pop("timings_ms")
    assert one == two
