"""What is written of the API holds: docs/http.md, the OpenAPI description, the page."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import examples, limits, posted, runtime, schemas
from api.app import create_app
from api.errors import PROBLEMS
from api.grounding_wire import VerifyOut
from api.guards import access, bodies, deadlines
from api.openai import schemas as openai_schemas
from api.openai.errors import OpenAIError, is_spoken_at
from api.openai.replies import Annotation, ChatCompletion, EmbeddingList, ModelList, ModelOut
from api.wire import AnswerOut, SearchOut
from rag.answers import ReasonCode, Verdict
from rag.grounding.findings import Check
from rag.pipeline import MAX_QUESTION_CHARS
from rag.settings import Settings
from tests.fakes import fake_dateline

DOCS = (Path(__file__).parents[2] / "docs" / "http.md").read_text("utf-8")
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    app = create_app(fake_dateline(tmp_path_factory.mktemp("home")))
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def description(client):
    return client.get("/openapi.json").json()


def operations(description):
    return [
        (method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_route_is_documented(description):
    headings = re.findall(r"^## `([A-Z]+ [^`]+)`", DOCS, re.MULTILINE)
    assert sorted(headings) == sorted(f"{m} {p}" for m, p, _ in operations(description))
    for path in ("/docs", "/openapi.json"):
        assert f"`{path}`" in DOCS


def test_every_route_has_a_curl_and_its_reply():
    for section in DOCS.split("\n## ")[1:]:
        if section.startswith("`"):
            assert "curl" in section
            assert len(re.findall(r"^```", section, re.MULTILINE)) >= 4


def test_every_problem_is_documented():
    rows = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", DOCS, re.MULTILINE)
    assert {slug: int(status) for status, slug in rows} == {
        slug: status for slug, (status, _) in PROBLEMS.items()
    }


@pytest.mark.parametrize("code", [*ReasonCode, *Verdict, *Check])
def test_every_code_is_documented(code):
    assert f"`{code}`" in DOCS


@pytest.mark.parametrize(
    "limit",
    [
        MAX_QUESTION_CHARS,
        schemas.MAX_K,
        schemas.MAX_TURNS,
        schemas.MAX_TURN_CHARS,
        schemas.MAX_NAMES,
        schemas.MAX_NAME_CHARS,
        schemas.MAX_PIECES,
        schemas.MAX_EVIDENCE_CHARS,
        openai_schemas.MAX_MESSAGES,
        openai_schemas.MAX_TEXT_CHARS,
        openai_schemas.MAX_INPUTS,
        openai_schemas.MAX_INPUT_CHARS,
        schemas.MAX_PAGE,
        posted.MAX_RECORDS,
        posted.MAX_ADDRESSES,
        Settings().max_body_bytes,
        Settings().max_concurrency,
        int(Settings().timeout_s),
        int(limits.PATIENCE_S),
        limits.WAITING_PER_SLOT,
        runtime.BUSY_RETRY_S,
        Settings().rate_per_minute,
        access.FAILURES_PER_MINUTE,
        int(bodies.PATIENCE_S),
        bodies.SLOWEST_BYTES_PER_S,
        int(deadlines.CHANGE_TIMEOUT_S),
        int(deadlines.seconds_for("GET", "/v1/search", 0)),
    ],
)
def test_every_limit_is_documented(limit):
    table = DOCS.split("\n## Limits")[1].split("\n## ")[0]
    assert re.search(rf"(?<![\d,]){limit:,}(?![\d,])", table)


def test_the_json_in_the_documentation_is_json_and_of_the_form():
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)]
    answers = [b for b in blocks if "answer" in b]
    assert answers
    for answer in answers:
        AnswerOut.model_validate(answer, extra="forbid")
    for verified in (b for b in blocks if "nearest" in b):
        VerifyOut.model_validate(verified, extra="forbid")
    for search in (b for b in blocks if "query" in b):
        SearchOut.model_validate(search, extra="forbid")


def test_the_json_of_openai_s_routes_is_of_the_form():
    told = DOCS.split("\n## `GET /v1/models`")[1].split("\n## `GET /healthz`")[0]
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", told, re.DOTALL)]
    forms = (ModelList, ModelOut, ChatCompletion, Annotation, EmbeddingList)
    for block, form in zip(blocks, forms, strict=True):
        form.model_validate(block, extra="forbid")
    (error,) = re.findall(r'```json\n(\{\s+"error".*?)```', DOCS, re.DOTALL)
    OpenAIError.model_validate_json(error, extra="forbid")


def test_the_description_is_whole(description):
    schemas_ = description["components"]["schemas"]
    refs = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(description)))
    assert refs == set(schemas_)
    assert "HTTPValidationError" not in schemas_
    ids = [operation["operationId"] for _, _, operation in operations(description)]
    assert sorted(ids) == [
        "add_articles", "add_feed", "ask", "complete_chat", "create_embeddings", "delete_article",
        "get_article", "get_corpus", "get_diff", "get_examples", "get_model", "health",
        "list_articles", "list_feeds", "list_models", "metrics", "poll_feeds", "ready",
        "remove_feed", "search", "verify",
    ]  # fmt: skip
    tags = {tag["name"] for tag in description["tags"]}
    for method, path, operation in operations(description):
        assert set(operation["tags"]) <= tags, path
        assert operation["summary"], path
        assert operation["description"], path
        assert method.lower() in METHODS
        for status, reply in operation["responses"].items():
            if int(status) >= 400:
                of_openai = is_spoken_at(path)
                kind = "application/json" if of_openai else "application/problem+json"
                assert list(reply["content"]) == [kind], path
                assert not (of_openai and status == "422"), path


def test_the_examples_of_the_description_work(client, description):
    add = description["paths"]["/v1/articles"]["post"]["requestBody"]["content"]
    examples_ = add["application/json"]["examples"]
    assert set(examples_) == {"one", "many", "address"}
    for name in ("one", "many"):
        reply = client.post("/v1/articles", json=examples_[name]["value"])
        assert reply.status_code in (200, 201)
    text = add["text/plain"]["example"]
    assert client.post("/v1/articles", content=text).status_code == 201
    for body in description["components"]["schemas"]["AskRequest"]["examples"]:
        assert client.post("/v1/ask", json=body).status_code == 200
    for body in description["components"]["schemas"]["ChatRequest"]["examples"]:
        assert client.post("/v1/chat/completions", json=body).status_code == 200
    for body in description["components"]["schemas"]["VerifyRequest"]["examples"]:
        assert client.post("/v1/verify", json=body).status_code == 200


def test_the_examples_of_replies_are_of_the_form():
    AnswerOut.model_validate(examples.ANSWER, extra="forbid")
    SearchOut.model_validate(examples.SEARCH, extra="forbid")
    VerifyOut.model_validate(examples.VERIFIED, extra="forbid")
    text, (cited,) = examples.RECORD["text"], examples.ANSWER["citations"]
    assert text[cited["start"] : cited["end"]] == cited["quote"]


def test_the_page_may_load_what_it_loads_and_nothing_else(client):
    page = client.get("/docs")
    policy = dict(
        part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    loaded = re.findall(r'<script src="([^"]+)"', page.text)
    inline = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in inline]
    assert policy["script-src"].split() == [*(f"'sha256-{h}'" for h in hashes), *loaded]
    styles = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)
    assert policy["style-src"].split() == [*styles, "'unsafe-inline'"]
    assert "/openapi.json" in page.text


def test_the_root_tells_where_to_go(client):
    body = client.get("/").json()
    assert client.get(body["docs"]).status_code == 200
    assert client.get(body["openapi"]).status_code == 200
