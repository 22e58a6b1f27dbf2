"""Articles over HTTP: posting, reading, listing and removing."""

import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from index.documents import RawArticle
from index.local.engine import LocalEngine
from tests.fakes import fake_dateline

STORY = "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks."
OTHER = "Voters in Tamsen approved a new water levy by a margin of 212 ballots on Tuesday."
SEED = (
    f"{STORY}\nEngineers said the repair would take eleven weeks.\n"
    "Already a subscriber? Log in.\nSource: National - meridianwire.example\n"
)


@pytest.fixture
def dateline(tmp_path):
    return fake_dateline(tmp_path / "home")


@pytest.fixture
def client(dateline):
    with TestClient(create_app(dateline)) as client:
        yield client


def post(client, body):
    return client.post("/v1/articles", json=body)


def post_text(client, text):
    return client.post("/v1/articles", content=text, headers={"Content-Type": "text/plain"})


def counts(response):
    body = response.json()
    return {"new": body["new"], "changed": body["changed"], "same": body["same"]}


def test_a_record_is_new_then_same_then_changed_then_gone(client):
    first = post(client, {"id": "n1", "text": STORY})
    assert first.status_code == 201
    assert first.json() == {
        "new": 1, "changed": 0, "same": 0, "copies": 0, "skipped": [], "doubts": [],
        "article_ids": ["n1"], "generation": 1,
    }  # fmt: skip
    again = post(client, {"id": "n1", "text": STORY})
    assert again.status_code == 200
    assert counts(again) == {"new": 0, "changed": 0, "same": 1}
    changed = post(client, {"id": "n1", "text": STORY.replace("cracks", "rust")})
    assert changed.status_code == 201
    assert counts(changed) == {"new": 0, "changed": 1, "same": 0}
    assert client.delete("/v1/articles/n1").status_code == 204
    assert client.delete("/v1/articles/n1").status_code == 404
    assert client.get("/v1/articles/n1").status_code == 404
    assert client.get("/v1/search", params={"q": "harbour"}).json()["hits"] == []
    assert counts(post(client, {"id": "n1", "text": STORY})) == {"new": 1, "changed": 0, "same": 0}


def test_a_url_identifies_as_an_id_does(client):
    url = "https://meridianwire.example/bridge"
    (article_id,) = post(client, {"url": url, "text": STORY}).json()["article_ids"]
    assert counts(post(client, {"url": url, "text": STORY}))["same"] == 1
    changed = post(client, {"url": f"{url}#top", "text": STORY.replace("cracks", "rust")})
    assert counts(changed)["changed"] == 1
    assert changed.json()["article_ids"] == [article_id]


def test_a_bare_text_is_known_by_its_words(client):
    assert counts(post(client, {"text": STORY}))["new"] == 1
    assert counts(post(client, {"text": STORY}))["same"] == 1
    assert counts(post(client, {"text": STORY, "published": "2025-04-02"}))["changed"] == 1
    assert client.get("/v1/articles").json()["total"] == 1


def test_a_scraped_text_is_cleaned(client):
    reply = post_text(client, SEED)
    assert reply.status_code == 201
    (article_id,) = reply.json()["article_ids"]
    article = client.get(f"/v1/articles/{article_id}").json()
    assert article["source"] == "meridianwire.example"
    assert article["section"] == "National"
    assert "subscriber" not in article["text"]
    assert article["published_at"] is None
    assert post_text(client, SEED).status_code == 200


def test_the_same_text_posted_and_kept_in_a_file_is_one_article(client, dateline, tmp_path):
    path = tmp_path / "secret-folder" / "bridge.txt"
    (article_id,) = post(client, {"text": STORY}).json()["article_ids"]
    dateline.ingestor.ingest([RawArticle(str(path), STORY)])
    reply = client.get(f"/v1/articles/{article_id}")
    assert "secret-folder" not in reply.text
    assert str(tmp_path) not in reply.text
    assert reply.json()["origins"][0] == "bridge.txt"
    assert reply.json()["origins"][1].startswith("http:post#sha256/")


def test_an_article_tells_its_versions_and_passages(client):
    post(client, {"id": "n1", "text": STORY, "authors": ["Ana Ruiz"], "title": "Bridge shut"})
    post(client, {"id": "n1", "text": STORY + " It will open in May.", "title": "Bridge shut"})
    now = client.get("/v1/articles/n1").json()
    assert now["version"] == 2
    assert [v["number"] for v in now["versions"]] == [1, 2]
    assert [v["current"] for v in now["versions"]] == [False, True]
    assert all(len(v["text_sha256"]) == 64 for v in now["versions"])
    assert now["passages"]
    for passage in now["passages"]:
        assert now["text"][passage["start"] : passage["end"]] == passage["text"]
    assert now["origins"] == ["http:post#n1"]
    then = client.get("/v1/articles/n1?version=1").json()
    assert then["text"] == STORY
    assert then["authors"] == ["Ana Ruiz"]
    assert then["passages"] == []
    assert client.get("/v1/articles/n1?version=3").status_code == 404


def test_pages_follow_each_other(client):
    days = {f"n{i}": f"2025-04-{i + 1:02}" for i in range(5)}
    records = [{"id": i, "text": f"{STORY} Note {i}.", "published": d} for i, d in days.items()]
    post(client, {"articles": [*records, {"id": "undated", "text": OTHER}]})
    seen, path = [], "/v1/articles?limit=2&from=2025-04-02"
    while path:
        page = client.get(path).json()
        assert set(page) == {"articles", "total", "limit", "offset", "next"}
        assert page["total"] == 4
        seen += [article["id"] for article in page["articles"]]
        path = page["next"]
    assert seen == ["n4", "n3", "n2", "n1"]
    everything = client.get("/v1/articles?limit=200").json()
    assert everything["articles"][-1]["id"] == "undated"
    assert client.get("/v1/articles?offset=1000000").json()["articles"] == []


def test_next_keeps_the_filters(client):
    post(
        client,
        {
            "articles": [
                {"id": f"n{i}", "text": f"{STORY} {i}", "source": "A & B", "section": s}
                for i, s in enumerate(["World", "Local", "World"])
            ]
        },
    )
    page = client.get(
        "/v1/articles", params={"source": "a & b", "section": ["World", "Local"], "limit": 2}
    ).json()
    assert page["total"] == 3
    rest = client.get(page["next"]).json()
    assert len(rest["articles"]) == 1
    assert rest["next"] is None


def test_one_bad_record_costs_no_other(client):
    bad = [{"id": "no id", "text": STORY}, {"text": 7}, "words", None, {"title": "x"}, {"text": ""}]
    reply = post(client, {"articles": [{"id": "n1", "text": STORY}, *bad]})
    assert reply.status_code == 201
    skipped = reply.json()["skipped"]
    assert [s["origin"] for s in skipped] == [f"http:post#{n}" for n in range(2, 8)]
    assert {s["code"] for s in skipped} == {"invalid_record"}
    assert "'no id'" in skipped[0]["reason"]


def test_nothing_but_refusals_is_a_problem(client):
    reply = post_text(client, "Please enable JavaScript.\nAlready a subscriber? Log in.\n")
    assert reply.status_code == 422
    body = reply.json()
    assert body["type"] == "urn:dateline:problem:nothing-stored"
    assert body["skipped"][0]["code"] == "boilerplate_only"
    assert client.get("/v1/articles").json()["total"] == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'"words"', "give a record"),
        (b"[]", "give a record"),
        (b"null", "give a record"),
        (b'{"articles": {}}', "a list of 1 or more"),
        (b'{"articles": []}', "a list of 1 or more"),
        (b'{"articles": [{}], "text": "x"}', "beside `articles`"),
        (b'{"articles": [' + b"{}," * 1000 + b"{}]}", "limit is 1,000"),
        (b'{"text": ' + b"9" * 10_000 + b"}", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"\xff\xfe\xfa", "not JSON"),
    ],
)
def test_a_body_that_is_no_record_is_refused(client, content, told):
    reply = client.post(
        "/v1/articles", content=content, headers={"Content-Type": "application/json"}
    )
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert told in reply.json()["detail"]


@pytest.mark.parametrize(
    "text",
    [b"", b" \n\t", b"%PDF-1.7 etc", b"<html><body></body></html>", bytes(range(32)) * 9],
)
def test_a_text_that_is_none_is_refused(client, text):
    reply = post_text(client, text)
    assert reply.status_code == 422
    assert reply.json()["skipped"]


PAGE = f"""<!doctype html><html lang="en"><head><title>Bridge shut - Meridian Wire</title>
<meta property="og:site_name" content="Meridian Wire">
<meta property="article:published_time" content="2025-04-02T09:30:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Bridge shut</h1>
<p>{STORY}</p><p>Engineers said the repair would take eleven weeks and cost 4.2 million crowns,
which the council has not yet found.</p></article><footer>© Meridian Wire</footer></body></html>"""
FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Meridian Wire</title>
<item><title>Bridge shut</title><link>https://meridianwire.example/b</link><description>{STORY}
</description></item><item><title>Levy</title><link>https://meridianwire.example/l</link>
<description>{OTHER}</description></item></channel></rss>"""
TABLE = f'headline,body,date\nBridge shut,"{STORY}",2025-04-02\nLevy,"{OTHER}",2025-04-03\n'


def zipped(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "", "image/png"])
@pytest.mark.parametrize(
    ("body", "titles"),
    [
        (PAGE.encode(), ["Bridge shut"]),
        (FEED.encode(), ["Bridge shut", "Levy"]),
        (TABLE.encode(), ["Bridge shut", "Levy"]),
        (zipped(page=PAGE, table=TABLE), ["Bridge shut", "Bridge shut", "Levy"]),
    ],
)
def test_content_decides_what_a_body_is(client, body, titles, media_type):
    reply = client.post("/v1/articles", content=body, headers={"Content-Type": media_type})
    assert reply.status_code == 201, reply.text
    found = client.get("/v1/articles").json()["articles"]
    assert sorted(article["title"] for article in found) == titles
    again = client.post("/v1/articles", content=body, headers={"Content-Type": media_type})
    assert again.status_code == 200
    assert again.json()["same"] == len(titles)


def test_a_page_that_is_posted_with_its_address_is_known_by_it(client):
    url = "https://meridianwire.example/bridge?utm_source=mail"
    page = client.post("/v1/articles", params={"url": url}, content=PAGE).json()
    (article_id,) = page["article_ids"]
    article = client.get(f"/v1/articles/{article_id}").json()
    assert article["url"] == "https://meridianwire.example/bridge"
    assert article["source"] == "Meridian Wire"
    assert article["published_at"] == "2025-04-02T09:30:00Z"
    assert "Home" not in article["text"]
    changed = PAGE.replace("eleven", "twelve")
    second = client.post("/v1/articles", params={"url": url + "&x"}, content=changed).json()
    assert counts_of(second) == (1, 0)  # another address
    third = client.post("/v1/articles", params={"url": url}, content=changed).json()
    assert counts_of(third) == (0, 1)


def counts_of(stored):
    return stored["new"], stored["changed"]


def test_files_of_a_form_are_documents(client):
    files = [("file", ("a.html", PAGE)), ("file", ("b.csv", TABLE)), ("other", ("c.txt", SEED))]
    reply = client.post("/v1/articles", files=files)
    assert reply.status_code == 201
    assert reply.json()["new"] == 4
    two = client.post("/v1/articles", params={"url": "https://x.example/"}, files=files)
    assert two.status_code == 422
    assert client.post("/v1/articles", files=[]).status_code == 422


def test_columns_are_named_in_the_query(client):
    table = f"kop,tekst\nBridge shut,{STORY}\n"
    named = {"columns": "text=tekst,title=kop"}
    assert client.post("/v1/articles", params=named, content=table).json()["new"] == 1
    (article,) = client.get("/v1/articles").json()["articles"]
    assert article["title"] == "Bridge shut"
    wrong = client.post("/v1/articles", params={"columns": "words=tekst"}, content=table)
    assert wrong.status_code == 422
    assert "'words'" in wrong.json()["detail"]


def test_an_address_that_is_not_public_is_refused(client):
    reply = post(client, {"url": "http://127.0.0.1:9/latest/meta-data"})
    assert reply.status_code == 422
    assert reply.json()["skipped"][0]["code"] == "fetch_refused"
    many = {"articles": [{"url": f"http://127.0.0.1/{n}"} for n in range(21)]}
    assert "the limit is 20" in post(client, many).json()["detail"]


def test_an_address_is_fetched(tmp_path, page_server):
    dateline = fake_dateline(tmp_path / "home", fetch_private=True)
    with TestClient(create_app(dateline)) as client:
        reply = post(client, {"url": page_server})
        assert reply.status_code == 201, reply.text
        (article,) = client.get("/v1/articles").json()["articles"]
        assert article["title"] == "Bridge shut"
        shown = client.get(f"/v1/articles/{article['id']}").json()
        assert shown["versions"][0]["fetched_at"]


@pytest.fixture
def page_server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/bridge"
            body = PAGE.encode() if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/bridge"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "text",
    [
        STORY + "\x00 After the NUL the harbour master spoke at length.",
        STORY + " \\ud800 \\udfff halves",
        STORY + "\x1b[31m red \u202e reversed \u2028 line",
        "'; DROP TABLE articles; -- " + STORY,
        "𝕳𝖆𝖗𝖇𝖔𝖚𝖗 " * 400,
        "a" * 100_000,
        "harbour. " * 20_000,
    ],
)
def test_hostile_texts_are_stored_and_quoted_exactly(client, text):
    body = '{"id": "n1", "text": "%s"}' % (  # noqa: UP031 - an escape that JSON alone can spell
        text.replace("\x00", "\\u0000").replace("\x1b", "\\u001b")
    )
    reply = client.post(
        "/v1/articles", content=body.encode(), headers={"Content-Type": "application/json"}
    )
    assert reply.status_code == 201, reply.text
    article = client.get("/v1/articles/n1").json()
    for passage in article["passages"]:
        assert article["text"][passage["start"] : passage["end"]] == passage["text"]
    hits = client.get("/v1/search", params={"q": "harbour master spoke"}).json()["hits"]
    for hit in hits:
        assert article["text"][hit["start"] : hit["end"]] == hit["text"]


@pytest.mark.parametrize(
    "fields",
    [
        *(
            {"published": published}
            for published in (
                "yesterday", "9999-99-99", "10000-01-01", "-1", "9" * 10_000,
                "0001-01-01T00:00+14:00",
                "9999-12-31T23:59:59-14:00", "٢٠٢٥-٠٣-١٢", "2025-03-12\x00", "\ud800",
                "1e400", "June", "12/13/14", "2025-03-12T17:14:00+99:99", "a" * 100_000,
            )
        ),
        {"title": "\ud800 half \x00 \x1b[2J"},
        {"title": "x" * 200_000},
        {"source": "'; DROP TABLE versions; --", "section": "\u202e\x00"},
        {"authors": ["\udfff", "x" * 10_000, ""]},
        {"authors": "Ana Ruiz"},
        {"url": "https://[::1]:99999/\u202e"},
        {"url": "https://x.example/" + "y" * 50_000},
        {"nested": [[[[{}]]]], "k": 1e308},
    ],
)  # fmt: skip
def test_hostile_metadata_is_stored_or_refused_and_never_an_error(client, fields):
    body = json.dumps({"text": STORY, **fields})
    reply = client.post("/v1/articles", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code in (201, 422), reply.text
    listed = client.get("/v1/articles")
    assert listed.status_code == 200
    for article in listed.json()["articles"]:
        assert client.get(f"/v1/articles/{article['id']}").status_code == 200
        found = client.get("/v1/search", params={"q": "harbour bridge"}).json()["hits"]
        assert [hit["article"]["id"] for hit in found] == [article["id"]]


def test_another_writer_means_try_again(client, dateline, monkeypatch):
    monkeypatch.setattr("index.local.engine.LOCK_TIMEOUT_S", 0.05)
    post(client, {"id": "n1", "text": STORY})
    other = LocalEngine(dateline.settings.home, dateline.engine.manifest)
    with other.writing(timeout_s=1):
        replies = [post(client, {"text": OTHER}), client.delete("/v1/articles/n1")]
    other.close()
    for reply in replies:
        assert reply.status_code == 503
        assert reply.headers["retry-after"] == "5"
        assert reply.json()["type"] == "urn:dateline:problem:store-locked"
        assert str(dateline.settings.home) not in reply.text
    assert client.delete("/v1/articles/n1").status_code == 204


def test_what_another_process_stored_is_seen(client, dateline):
    other = fake_dateline(dateline.settings.home)
    other.ingestor.ingest([RawArticle("x", STORY, id="n1")])
    other.close()
    hits = client.get("/v1/search", params={"q": "harbour bridge"}).json()["hits"]
    assert [hit["article"]["id"] for hit in hits] == ["n1"]


def test_two_versions_are_compared(client):
    post(client, {"id": "n1", "text": STORY, "title": "Bridge shut"})
    post(client, {"id": "n1", "text": STORY.replace("cracks", "rust"), "title": "Bridge shut"})
    compared = client.get("/v1/articles/n1/diff").json()
    assert (compared["from_version"], compared["to_version"]) == (1, 2)
    (paragraph,) = compared["paragraphs"]
    assert paragraph["operation"] == "edited"
    changed = [(p["operation"], p["text"]) for p in paragraph["pieces"] if p["operation"] != "same"]
    assert changed == [("removed", "cracks."), ("added", "rust.")]
    back = client.get("/v1/articles/n1/diff?from=2&to=1").json()
    assert (back["from_version"], back["to_version"]) == (2, 1)
    first = client.get("/v1/articles/n1/diff?to=1").json()
    assert {p["operation"] for p in first["paragraphs"]} == {"same"}
    assert client.get("/v1/articles/n1/diff?from=3").status_code == 404
    assert client.get("/v1/articles/n2/diff").status_code == 404
