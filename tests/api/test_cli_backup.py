"""`dateline backup` and `dateline restore`: what they say, refuse and leave behind."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api import cli
from index.documents import RawArticle
from index.restore import build_indexes
from tests.fakes import fake_dateline

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_COLOR", "1")
    dateline = fake_dateline(tmp_path / "home")
    dateline.ingestor.ingest([RawArticle("dam", "The dam at Quarrow held on Friday.", id="dam")])
    dateline.close()
    return tmp_path / "home"


def run(*arguments):
    return CliRunner().invoke(cli.app, list(map(str, arguments)))


def status(folder):
    return json.loads(run("status", "--home", folder, "--json").stdout)


def test_there_and_back(home, tmp_path):
    made = run("backup", tmp_path / "news.tar")
    assert made.exit_code == 0
    assert re.fullmatch(
        r"/\S+/news\.tar \([\d.]+ kB\): generation 1, 1 article \(1 passage\)\n", made.stdout
    )
    assert "restore " + str(tmp_path / "news.tar") + " --home FOLDER" in made.stderr
    back = run("restore", tmp_path / "news.tar", "--home", tmp_path / "other")
    assert back.exit_code == 0, back.stderr
    assert "1 article (1 passage), as of 20" in back.stdout
    assert f"dateline serve --home {tmp_path}/other" in back.stderr
    before, after = status(home), status(tmp_path / "other")
    for key in ("generation", "searchable_generation", "articles", "versions", "made_with"):
        assert after[key] == before[key]


def test_a_folder_gets_a_file_named_by_the_time(home, tmp_path):
    (tmp_path / "backups").mkdir()
    told = json.loads(run("backup", tmp_path / "backups", "--json").stdout)
    (path,) = (tmp_path / "backups").iterdir()
    assert re.fullmatch(r"dateline-\d{8}T\d{6}Z\.tar", path.name)
    assert told["path"] == str(path)
    assert told["bytes"] == path.stat().st_size
    assert (told["generation"], told["articles"], told["passages"]) == (1, 1, 1)
    assert list(told["files"]) == ["dateline.sqlite3"]
    restored = json.loads(run("restore", path, "--home", tmp_path / "new", "--json").stdout)
    assert restored["home"] == str(tmp_path / "new")
    assert restored["files"] == told["files"]


def test_a_file_that_is_there_is_replaced_only_by_force(home, tmp_path):
    (tmp_path / "news.tar").write_bytes(b"something else")
    refused = run("backup", tmp_path / "news.tar")
    assert refused.exit_code == 2
    assert "is there already: name another file, or add --force" in refused.stderr
    assert (tmp_path / "news.tar").read_bytes() == b"something else"
    assert run("backup", tmp_path / "news.tar", "--force").exit_code == 0
    assert run("restore", tmp_path / "news.tar", "--home", tmp_path / "new").exit_code == 0


def test_what_cannot_be_is_said_in_one_line(home, tmp_path):
    (tmp_path / "text").write_text("no backup")
    for arguments, code, told in (
        (("backup", tmp_path / "none" / "a.tar"), 2, "there is no folder "),
        (("backup", tmp_path / "a.tar", "--home", tmp_path / "no"), 3, "nothing to back up in "),
        (("backup", "-", "--json"), 2, "--json has no place beside a backup"),
        (("restore", tmp_path / "none.tar", "--home", tmp_path / "new"), 3, "cannot be read"),
        (("restore", tmp_path / "text", "--home", tmp_path / "new"), 3, "not a backup"),
        (("restore", tmp_path / "text"), 3, "is not empty, it holds dateline.sqlite3, "),
    ):
        result = run(*arguments)
        assert result.exit_code == code, result.stderr
        assert result.stderr.startswith("error: ")
        assert told in result.stderr
        assert result.stderr.count("\n") == 1
    assert not (tmp_path / "a.tar").exists()


def test_through_a_pipe_and_back(home, tmp_path):
    environment = {**os.environ, "DATELINE_HOME": str(home)}
    command = [sys.executable, "-m", "api.cli"]
    packed = subprocess.run(
        [*command, "backup", "-"], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert packed.stderr == b""
    back = subprocess.run(
        [*command, "restore", "-", "--home", tmp_path / "other"],
        cwd=ROOT,
        env=environment,
        input=packed.stdout,
        capture_output=True,
        check=True,
    )
    assert back.stdout.startswith(str(tmp_path / "other").encode())
    assert status(tmp_path / "other")["articles"] == 1


def test_an_interrupt_leaves_nothing(home, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("index.backup._pack", interrupted)
    result = run("backup", tmp_path / "news.tar")
    assert result.exit_code == 130
    assert "nothing was kept" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    monkeypatch.undo()
    assert run("backup", tmp_path / "news.tar", "--home", home).exit_code == 0
    monkeypatch.setattr("index.restore._unpack", interrupted)
    result = run("restore", tmp_path / "news.tar", "--home", tmp_path / "new")
    assert result.exit_code == 130
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["write.lock"]


def test_after_an_interrupt_while_the_indexes_are_built_all_is_there(home, tmp_path, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("index.restore.build_indexes", interrupted)
    assert run("backup", tmp_path / "news.tar").exit_code == 0
    result = run("restore", tmp_path / "news.tar", "--home", tmp_path / "new")
    assert (result.exit_code, status(tmp_path / "new")["articles"]) == (130, 1)
    build_indexes(tmp_path / "new")
    assert status(tmp_path / "new")["searchable_generation"] == 1
