"""`/v1/corpus`: what is told of all articles together, against counting them one by one."""

from collections import Counter
from datetime import date, timedelta

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.corpus_wire import (
    MAX_BINS,
    NAMED_OUTLETS,
    CorpusOut,
    outlets_out,
    timeline_out,
    unit_of,
)
from api.example_questions import SHOWN, TRIED
from api.key_book import KeyBook
from api.keys import Scope
from index.store.tally import Tally
from rag.assemble import now
from tests.api.test_http_limits import Slow, serving
from tests.fakes import fake_dateline
from tests.scripted_llm import ScriptedModel
from tests.web.serving import NEWS


@pytest.fixture
def client(tmp_path):
    with TestClient(create_app(fake_dateline(tmp_path))) as client:
        yield client


def test_every_article_is_counted_once(client):
    undated = {"id": "u", "text": "Nobody knows when the lighthouse at Gull Point was painted."}
    shouted = NEWS[1] | {"id": "s", "source": "MERIDIAN WIRE", "text": "The dam is dear."}
    client.post("/v1/articles", json={"articles": [*NEWS, undated, shouted]})
    changed = NEWS[0] | {
        "text": NEWS[0]["text"] + " It is closed still.",
        "published": "2025-03-11",
    }
    client.post("/v1/articles", json=changed)
    told = client.get("/v1/corpus").json()
    CorpusOut.model_validate(told, extra="forbid")
    listed = client.get("/v1/articles", params={"limit": 200}).json()["articles"]
    days = Counter(a["published_at"][:10] for a in listed if a["published_at"])
    assert {bin_["day"]: bin_["articles"] for bin_ in told["timeline"]} == days
    assert [bin_["day"] for bin_ in told["timeline"]] == sorted(days)
    outlets = Counter(a["source"].casefold() for a in listed if a["source"])
    assert {o["source"].casefold(): o["articles"] for o in told["outlets"]} == outlets
    assert told["outlets"][0]["source"] == "Meridian Wire"
    assert (told["articles"], told["undated"]) == (len(listed), 1)
    assert (told["first_day"], told["last_day"]) == (min(days), max(days))
    assert told["last_ingest_at"] == max(
        version["ingested_at"]
        for article in listed
        for version in client.get(f"/v1/articles/{article['id']}").json()["versions"]
    )


def test_an_empty_corpus_is_told_too(client):
    told = client.get("/v1/corpus").json()
    assert (told["articles"], told["timeline"], told["outlets"]) == (0, [], [])
    assert told["last_ingest_at"] is told["first_day"] is None
    assert client.get("/v1/corpus/examples").json() == {"questions": []}


def tallied(first, days, sources=("a.example",)):
    day = date.fromisoformat(first)
    return [Tally(day + timedelta(n), source, 2) for n in range(days) for source in sources]


@pytest.mark.parametrize(
    ("days", "unit"),
    [
        (1, "day"),
        (MAX_BINS, "day"),
        (MAX_BINS + 1, "week"),
        (7 * MAX_BINS, "week"),
        (30 * MAX_BINS, "month"),
        (9_000, "year"),
    ],
)
def test_decades_take_no_more_bins_than_a_year(days, unit):
    tallies = tallied("2001-01-03", days)
    assert unit_of(tallies[0].day, tallies[-1].day) == unit
    bins = timeline_out(tallies, unit, outlets_out(tallies))
    assert len(bins) <= MAX_BINS + 1
    assert sum(bin_.articles for bin_ in bins) == 2 * days
    starts = [date.fromisoformat(bin_.day) for bin_ in bins]
    assert starts == sorted(set(starts))
    assert all(start.weekday() == 0 for start in starts) or unit != "week"
    assert all(start.day == 1 for start in starts) or unit not in ("month", "year")
    assert all(start.month == 1 for start in starts) or unit != "year"


def test_a_bin_names_the_outlets_that_have_most(client):
    sources = [f"outlet{n}.example" for n in range(NAMED_OUTLETS + 3)]
    tallies = [
        *tallied("2025-01-01", 1, sources),
        *tallied("2025-01-02", 2, sources[3:]),
        Tally(date(2025, 1, 1), None, 5),
    ]
    outlets = outlets_out(tallies)
    (first, *_) = timeline_out(tallies, "day", outlets)
    assert set(first.by_outlet) == {o.source for o in outlets[:NAMED_OUTLETS]} == set(sources[3:])
    assert first.articles == 2 * len(sources) + 5


def test_access_is_that_of_the_key(tmp_path):
    dateline = fake_dateline(tmp_path)
    with TestClient(create_app(dateline)) as client:
        assert client.get("/v1/corpus").json()["access"] == {"ingest": True}
        keys = KeyBook(tmp_path)
        for scope in Scope:
            _, secret = keys.add(scope.value, scope, now=now())
            headers = {"Authorization": f"Bearer {secret}"}
            told = client.get("/v1/corpus", headers=headers).json()
            assert told["access"] == {"ingest": scope is Scope.INGEST}
        assert client.get("/v1/corpus").status_code == 401


def test_modes_are_what_can_write(tmp_path, client):
    assert client.get("/v1/corpus").json()["modes"] == ["extractive"]
    dateline = fake_dateline(tmp_path / "written", model=ScriptedModel("nothing"))
    with TestClient(create_app(dateline)) as writing:
        assert writing.get("/v1/corpus").json()["modes"] == ["llm", "extractive"]


def test_examples_are_answered_by_the_corpus(client):
    client.post("/v1/articles", json={"articles": NEWS})
    questions = client.get("/v1/corpus/examples").json()["questions"]
    assert questions == ["Who won the Aldane Prize?"]
    for question in questions:
        answer = client.post("/v1/ask", json={"question": question}).json()
        assert (answer["status"], answer["caution"]) == ("answered", None)


def test_examples_are_looked_for_once_and_no_model_writes_them(tmp_path, monkeypatch):
    model = ScriptedModel("nothing")
    dateline = fake_dateline(tmp_path, model=model)
    searched = []
    search = dateline.searcher.search
    monkeypatch.setattr(dateline.searcher, "search", lambda q: searched.append(q) or search(q))
    with TestClient(create_app(dateline)) as client:
        many = [
            NEWS[3] | {"id": f"p{n}", "title": f"Ilse wins the Brandt{n} Cup"} for n in range(30)
        ]
        client.post("/v1/articles", json={"articles": many})
        first = client.get("/v1/corpus/examples").json()["questions"]
        assert len(first) <= SHOWN
        assert 0 < len(searched) <= TRIED
        before = len(searched)
        assert client.get("/v1/corpus/examples").json()["questions"] == first
        assert len(searched) == before
    assert model.asked == []


def test_examples_give_way_to_people(tmp_path, monkeypatch):
    import asyncio

    from tests.api.test_http_limits import ASK, until

    async def run():
        async with serving(tmp_path) as (client, dateline):
            await client.post("/v1/articles", json={"articles": NEWS})
            slow = Slow(dateline, monkeypatch)
            asked = asyncio.ensure_future(client.post("/v1/ask", json=ASK))
            await until(lambda: slow.inside == 1)
            examples: httpx.Response = await client.get("/v1/corpus/examples")
            slow.go.set()
            await asked
            return examples, slow.most

    examples, most = asyncio.run(run())
    assert examples.json() == {"questions": []}
    assert most == 1
