"""How a question was read, over HTTP and on the command line."""

import json
from datetime import date

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import rag.assemble
from api import cli
from api.app import create_app
from api.reading import read_as
from index.documents import RawArticle
from rag.answers import Understood
from tests.fakes import HashingEmbedder, OverlapReranker, fake_dateline

NEWS = [
    RawArticle("a", "The harbour bridge at Port Merrow closed in April after inspections.",
               source="harrowledger.example", published="2025-04-02"),
    RawArticle("b", "The harbour bridge at Port Merrow stays closed, engineers said on Friday.",
               source="tarnexaminer.example", published="2025-05-20"),
]  # fmt: skip
QUESTION = "According to the Harrow Ledger, what was found in articles from April 2025?"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    dateline = fake_dateline(tmp_path_factory.mktemp("home"))
    dateline.ingestor.ingest(NEWS)
    with TestClient(create_app(dateline)) as client:
        yield client


def test_an_answer_tells_how_the_question_was_read(client):
    body = {"question": QUESTION, "asked_at": "2025-06-02"}
    understood = client.post("/v1/ask", json=body).json()["understood"]
    april = {"first": "2025-04-01", "last": "2025-04-30"}
    assert understood == {
        "text": QUESTION,
        "about": "past",
        "period": april,
        "dates": [{"text": "April 2025", "start": 64, "end": 74, **april}],
        "as_of": None,
        "published": april,
        "sources": ["harrowledger.example"],
        "preferred_sources": [],
        "phrases": [],
        "parts": [],
        "notes": [],
    }


def test_what_was_read_is_taken_back(client):
    body = {"question": QUESTION, "asked_at": "2025-06-02", "literal": ["dates", "outlets"]}
    understood = client.post("/v1/ask", json=body).json()["understood"]
    assert understood["sources"] == understood["dates"] == []
    assert understood["published"] is understood["period"] is None
    body["literal"] = ["days"]
    refused = client.post("/v1/ask", json=body)
    assert refused.status_code == 422
    assert "dates" in refused.text


def test_a_search_is_read_like_a_question(client):
    params = {"q": "Port Merrow, according to the Tarn Examiner", "asked_at": "2025-06-02"}
    body = client.get("/v1/search", params=params).json()
    assert body["understood"]["sources"] == ["tarnexaminer.example"]
    assert {hit["article"]["source"] for hit in body["hits"]} == {"tarnexaminer.example"}
    plain = client.get("/v1/search", params={**params, "literal": ["outlets", "dates"]}).json()
    assert len(plain["hits"]) == 2


def test_a_follow_up_over_http(client):
    history = [{"role": "user", "content": "What closed at Port Merrow in March 2025?"}]
    body = {"question": "And in April?", "history": history, "asked_at": "2025-06-02"}
    reply = client.post("/v1/ask", json=body).json()
    assert reply["question"] == "And in April?"
    assert reply["understood"]["text"] == "What closed at Port Merrow in April?"
    alone = client.post("/v1/ask", json={**body, "literal": ["history"]}).json()
    assert alone["understood"]["text"] == "And in April?"


def test_lines_say_only_what_is_more_than_the_words():
    assert list(read_as(Understood("Who won?"), " Who  won?")) == []
    day = date(2025, 5, 1)
    whole = Understood(
        "Who won in May?",
        period=(day, date(2025, 5, 31)),
        as_of=day,
        sources=("a.example",),
        preferred_sources=("b.example", "c.example"),
        notes=("outlet not in the corpus: Ostrava Herald",),
    )
    assert list(read_as(whole, "And in May?")) == [
        "read as: Who won in May?",
        "as of 2025-05-01: nothing later is seen",
        "about from 2025-05-01 to 2025-05-31",
        "only a.example",
        "rather b.example, c.example",
        "outlet not in the corpus: Ostrava Herald",
    ]
    assert list(read_as(Understood("x", published=(day, day)), "x")) == [
        "only what was published on 2025-05-01"
    ]


def test_the_command_line_tells_and_takes_back(tmp_path, monkeypatch):
    monkeypatch.setattr(rag.assemble, "load_embedder", lambda *_: HashingEmbedder())
    monkeypatch.setattr(rag.assemble, "load_reranker", lambda *_: OverlapReranker())
    dateline = fake_dateline(tmp_path)
    dateline.ingestor.ingest(NEWS)
    dateline.close()

    def run(*arguments):
        home = ("--home", str(tmp_path), "--asked-at", "2025-06-02")
        result = CliRunner().invoke(cli.app, [*arguments, *home])
        assert result.exit_code == 0, result.output
        return result.stdout

    told = run("ask", "What did the Harrow Ledger say of Port Merrow last month?")
    assert told.startswith("about from 2025-05-01 to 2025-05-31\nonly harrowledger.example\n")
    assert run("search", "Port Merrow according to the Harrow Ledger").startswith("only harrow")
    plain = run("search", "Port Merrow according to the Harrow Ledger", "--literal", "outlets")
    assert "only harrow" not in plain
    found = json.loads(run("ask", "Who closed “the bridge” in May?", "--json"))
    assert found["understood"]["phrases"] == ["the bridge"]
