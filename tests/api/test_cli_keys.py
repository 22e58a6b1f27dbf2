"""`dateline keys`: what is printed where, with which exit code; and `serve` with keys."""

import json
import re
import signal
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from typer.testing import CliRunner

from api import cli
from api.commands.running import PARTLY, UNUSABLE, USAGE
from api.key_book import KEYS_FILE, KeyBook
from api.keys import Scope
from tests.api.test_cli_process import environment, start, wait_until_ready

__all__ = ["environment"]  # a fixture

KEY = re.compile(r"dl_[A-Za-z0-9_-]{43}\n")


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path / "home"


def run(*arguments):
    return CliRunner().invoke(cli.app, ["keys", *map(str, arguments)])


def run_json(*arguments, code=0):
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_the_way_of_a_key(home):
    added = run("add", "laptop")
    assert added.exit_code == 0
    assert KEY.fullmatch(added.stdout)  # nothing else, so that a script can take it
    assert "'laptop' (read, for good); it is not shown again" in added.stderr
    assert "every request" in added.stderr
    assert added.stdout.strip() not in added.stderr
    assert KeyBook(home).find(added.stdout.strip().encode()).name == "laptop"
    second = run("add", "importer", "--scope", "ingest")
    assert "every request" not in second.stderr
    listed = run("list")
    assert re.search(
        r"^laptop  read, for good, made \d{4}-\d\d-\d\d \d\d:\d\d UTC$", listed.stdout, re.MULTILINE
    )
    assert "importer  ingest, for good" in listed.stdout
    assert "dl_" not in listed.stdout
    revoked = run("revoke", "laptop")
    assert (revoked.exit_code, revoked.stdout, revoked.stderr) == (0, "Revoked 'laptop'\n", "")
    assert "laptop  read, revoked " in run("list").stdout
    assert "everything is open again" in run("revoke", "importer").stderr


def test_json(home):
    added = run_json("add", "laptop", "--expires", "12h")
    assert KEY.fullmatch(added.pop("key") + "\n")
    assert (added["name"], added["scope"], added["works"]) == ("laptop", "read", True)
    created, expires = map(datetime.fromisoformat, (added["created_at"], added["expires_at"]))
    assert expires - created == timedelta(hours=12)
    assert run_json("list") == {"keys": [added]}
    revoked = run_json("revoke", "laptop")
    assert revoked["revoked_at"] is not None
    assert not revoked["works"]


def test_a_key_that_has_expired_is_shown_as_such(home):
    made = datetime(2025, 3, 12, tzinfo=UTC)
    KeyBook(home).add("old", Scope.READ, now=made, expires_at=made + timedelta(days=1))
    assert "old  read, expired 2025-03-13 00:00 UTC, made 2025-03-12" in run("list").stdout


def test_nothing_to_list(home):
    result = run("list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no keys yet: dateline keys add NAME" in result.stderr
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("add", "laptop"), PARTLY, "'laptop' already"),
        (("add", "../x"), PARTLY, "'../x' cannot name a key"),
        (("revoke", "other"), PARTLY, "no key is called 'other'"),
        (("add",), USAGE, "NAME"),
        (("add", "x", "--scope", "admin"), USAGE, "admin"),
        (("add", "x", "--expires", "3y"), USAGE, "such as 90d or 12h"),
        (("add", "x", "--expires", "0d"), USAGE, "such as 90d or 12h"),
        (("add", "x", "--expires", "999999d"), USAGE, "such as 90d or 12h"),
    ],
)
def test_what_cannot_be(arguments, code, told):
    run("add", "laptop")
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [("list",), ("add", "x"), ("revoke", "x")])
def test_a_damaged_file_is_named(home, arguments):
    home.mkdir()
    (home / KEYS_FILE).write_text("damaged")
    result = run(*arguments)
    assert result.exit_code == UNUSABLE
    assert KEYS_FILE in result.stderr
    assert result.stderr.count("\n") == 1


def test_serve_refuses_an_address_of_others_without_keys(environment, home):
    made = datetime(2025, 3, 12, tzinfo=UTC)
    book = KeyBook(home)
    book.add("old", Scope.READ, now=made, expires_at=made + timedelta(days=1))
    book.add("revoked", Scope.READ, now=made)
    book.revoke("revoked", now=made)
    process = start(environment, "serve", "--host", "0.0.0.0", "--port", 0)  # noqa: S104
    out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (USAGE, "")
    assert told.count("\n") == 1
    assert "others can reach 0.0.0.0" in told
    assert f"dateline keys add NAME --home {home}" in told


def test_serve_with_keys_and_what_becomes_of_them(environment):
    secret = run("add", "laptop").stdout.strip()
    process = start(environment, "serve", "--host", "0.0.0.0", "--port", 0)  # noqa: S104
    try:
        lines = iter(process.stdout.readline, "")
        url = next(line.split()[1] for line in lines if line.lstrip().startswith("docs"))
        url = url.removesuffix("/docs")
        wait_until_ready(url)
        headers = {"Authorization": f"Bearer {secret}"}
        assert httpx.get(url + "/v1/articles").status_code == 401
        assert httpx.get(url + "/v1/articles", headers=headers).status_code == 200
        other = run("add", "other", "--scope", "ingest").stdout.strip()
        article = {"id": "dam", "text": "The dam at Quarrow held on Friday."}
        posted = httpx.post(url + "/v1/articles", json=article, headers={"X-API-Key": other})
        assert posted.status_code == 201
        run("revoke", "laptop")
        assert httpx.get(url + "/v1/articles", headers=headers).status_code == 401
        run("revoke", "other")  # the last: an address of others stays closed
        assert httpx.get(url + "/v1/articles").status_code == 401
        process.send_signal(signal.SIGTERM)
        out, told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "every request needs a key, of which there is 1" in told
    for shown in (secret, other):
        assert shown not in out + told
