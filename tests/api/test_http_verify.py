"""Sentences against evidence over HTTP and on the command line."""

import json

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api import cli
from api.app import create_app
from api.commands.running import PARTLY, USAGE
from api.schemas import MAX_EVIDENCE_CHARS, MAX_PIECES
from tests.api.test_http_ask import BRIDGE
from tests.fakes import HashingTokenEmbedder, fake_dateline

GIVEN = "The harbour bridge reopened on Friday after eleven months of repairs."


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with TestClient(create_app(fake_dateline(tmp_path_factory.mktemp("home")))) as client:
        assert client.post("/v1/articles", json=BRIDGE).status_code == 201
        yield client


def verified(client, **body):
    reply = client.post("/v1/verify", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_a_wrong_number_is_contradicted_and_both_places_are_told(client):
    said = "The harbour bridge reopened after ten months."
    body = verified(client, sentence=said, evidence=["Nothing of it.", GIVEN])
    assert body["verdict"] == "contradicted"
    assert body["article"] is None
    (number,) = [f for f in body["findings"] if f["check"] == "number"]
    assert said[number["start"] : number["end"]] == number["said"] == "ten months"
    found = number["found"]
    assert (found["piece"], GIVEN[found["start"] : found["end"]]) == (1, "eleven months")
    assert body["nearest"][0]["text"] == GIVEN


def test_a_stored_article_is_evidence(client):
    said = "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks."
    body = verified(client, sentence=said, article_id="bridge")
    assert (body["verdict"], body["probability"]) == ("supported", 1.0)
    assert body["article"]["id"] == "bridge"
    (finding,) = body["findings"]
    place = finding["found"]
    text = client.get("/v1/articles/bridge").json()["text"]
    assert text[place["start"] : place["end"]] == place["text"]


def test_a_stored_article_has_a_date(client):
    ask = {
        "sentence": "Cracks were found and the bridge closed on March 31.",
        "article_id": "bridge",
    }
    assert {f["verdict"] for f in verified(client, **ask)["findings"] if f["check"] == "date"} == {
        "supported"
    }


def test_evidence_may_have_title_and_date(client):
    piece = {"text": GIVEN, "title": "Port Merrow bridge opens", "published": "2025-04-05"}
    said = "The Port Merrow bridge reopened on April 4."
    body = verified(client, sentence=said, evidence=[piece])
    assert {(f["check"], f["verdict"]) for f in body["findings"]} >= {
        ("date", "supported"),
        ("name", "supported"),
    }
    assert any(place["in_title"] for place in body["nearest"])
    piece["published"] = "2025-05-05"
    assert verified(client, sentence=said, evidence=[piece])["verdict"] == "unsupported"


@pytest.mark.parametrize(
    "body",
    [
        {"sentence": "A."},
        {"sentence": "A.", "evidence": []},
        {"sentence": "A.", "evidence": [""]},
        {"sentence": " ", "evidence": ["B."]},
        {"sentence": "A" * 2_001, "evidence": ["B."]},
        {"sentence": "A.", "evidence": ["B."], "article_id": "bridge"},
        {"sentence": "A.", "evidence": ["B."], "version": 1},
        {"sentence": "A.", "evidence": ["B."] * (MAX_PIECES + 1)},
        {"sentence": "A.", "evidence": ["B" * MAX_EVIDENCE_CHARS, "C"]},
        {"sentence": "A.", "evidence": [{"text": "B.", "published": "Friday"}]},
        {"sentence": "A.", "evidence": [{"text": "B.", "publishd": "2025-04-05"}]},
        {"sentence": "A.", "article_id": "bridge", "version": 0},
    ],
)
def test_what_cannot_be_checked_is_refused(client, body):
    reply = client.post("/v1/verify", json=body)
    assert reply.status_code == 422
    assert reply.json()["type"].endswith("invalid-request")


@pytest.mark.parametrize("version", [None, 7])
def test_what_is_not_stored_is_not_found(client, version):
    article = "bridge" if version else "tunnel"
    reply = client.post(
        "/v1/verify", json={"sentence": "A.", "article_id": article, "version": version}
    )
    assert reply.status_code == 404
    assert reply.json()["type"].endswith("article-not-found")


@pytest.mark.parametrize(
    "text",
    [
        "1" + "0" * 700,
        "1," + "000," * 300,
        "\x00",
        "𝒽" * 500,
        "9" * 1_000,
        "“" * 300,
        "A. " * 600,
        "-" * 999,
    ],
)
def test_odd_text_gets_a_verdict(client, text):
    assert verified(client, sentence="x" + text, evidence=[text + "x", GIVEN])["verdict"]
    assert verified(client, sentence=GIVEN, evidence=["x" + text])["verdict"]


@pytest.fixture
def command(monkeypatch, tmp_path):
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("rag.assemble.load_aligner", lambda *_: HashingTokenEmbedder())
    return lambda *arguments: CliRunner().invoke(cli.app, ["verify", *map(str, arguments)])


def test_the_command_holds_a_sentence_against_files(command, tmp_path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("Nothing of it.", "utf-8")
    two.write_text(GIVEN, "latin-1")
    result = command("It reopened after ten months.", "--evidence", one, "--evidence", two)
    assert result.exit_code == 0
    assert result.stdout.startswith("contradicted")
    assert "eleven months" in result.stdout
    result = command("It reopened after ten months.", "--evidence", two, "--json")
    assert json.loads(result.stdout)["verdict"] == "contradicted"


def test_the_command_holds_a_sentence_against_an_article(command, tmp_path):
    fake = fake_dateline(tmp_path / "home")
    with TestClient(create_app(fake)) as client:
        client.post("/v1/articles", json=BRIDGE)
    result = command("The bridge closed on Monday.", "--article", "bridge", "--json")
    assert json.loads(result.stdout)["article"]["id"] == "bridge"
    assert command("The bridge closed.", "--article", "tunnel").exit_code == PARTLY


@pytest.mark.parametrize(
    "arguments",
    [
        ("A.",),
        (" ", "--article", "bridge"),
        ("A.", "--article", "bridge", "--evidence", "x"),
        ("A.", "--evidence", "x", "--version", "1"),
    ],
)
def test_the_command_refuses_what_it_cannot_use(command, arguments):
    result = command(*arguments)
    assert result.exit_code == USAGE
    assert "Traceback" not in result.output


def test_the_command_names_what_it_cannot_find(command):
    result = command("A.", "--article", "bridge")
    assert (result.exit_code, "bridge" in result.stderr) == (PARTLY, True)
    assert command("A.", "--evidence", "nowhere.txt").exit_code not in (0, 70)
