"""The files of the page: what they are, that they are asked for again, and what they may do."""

import re
from importlib.resources import files

import pytest
from fastapi.testclient import TestClient

from api import page
from api.app import create_app
from api.limits import HEADERS
from tests.fakes import fake_dateline

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with TestClient(create_app(fake_dateline(tmp_path_factory.mktemp("home")))) as client:
        yield client


def test_the_root_is_a_page_for_browsers_and_json_for_programs(client):
    shown = client.get("/", headers=HTML)
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Dateline</title>" in shown.text
    told = client.get("/", headers={"Accept": "application/json"})
    assert told.json()["ask"] == "POST /v1/ask"
    assert client.get("/").json() == told.json()
    assert shown.headers["vary"] == told.headers["vary"] == "Accept"


@pytest.mark.parametrize("name", sorted(page.read_files()))
def test_every_file_is_served_under_the_policy_and_not_twice(client, name):
    path = "/" if name == page.INDEX else f"/web/{name}"
    reply = client.get(path, headers=HTML)
    assert reply.status_code == 200
    assert reply.content == files("api").joinpath("web", name).read_bytes()
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["content-security-policy"] == page.CSP
    assert reply.headers["x-content-type-options"] == HEADERS["X-Content-Type-Options"]
    tag = reply.headers["etag"]
    again = client.get(path, headers=HTML | {"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers=HTML | {"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("name", ["nothing.js", "..%2fpage.py", "%2e%2e/page.py", ".hidden"])
def test_no_other_file_is_served(client, name):
    assert client.get(f"/web/{name}").status_code == 404


def test_the_policy_lets_nothing_from_elsewhere_run():
    policy = dict(part.strip().partition(" ")[::2] for part in page.CSP.split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in page.CSP


def test_the_files_name_only_each_other():
    """No address but those of standards; no markup made from strings; every import is there."""
    held = page.read_files()
    for name, file in held.items():
        text = file.body.decode()
        for address in re.findall(r"https?://[\w.]+", text):
            assert address == "http://www.w3.org", (name, address)
        for imported in re.findall(r'from "\./([\w.]+)"|(?:src|href)="web/([\w.]+)"', text):
            assert "".join(imported) in held
        for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert unsafe not in text, name
        assert not re.search(r"<script>|\son\w+=\"|style=\"", text), name


def test_no_module_is_long():
    for name, file in page.read_files().items():
        if name.endswith(".js"):
            assert file.body.count(b"\n") <= 300, name
            assert file.body.startswith(b"//"), f"{name} says what it does"
