"""Dockerfile, systemd units and docs/operations.md name commands and settings that there are."""

import json
import re
import shlex
import subprocess
from dataclasses import fields
from pathlib import Path
from shutil import which

import pytest
import typer

from api import cli
from api.serving import GRACE_S, RELEASE_S
from rag.settings import Settings, variable

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
DOCS = (ROOT / "docs" / "operations.md").read_text("utf-8")
UNITS = sorted((ROOT / "deploy").iterdir())
SETTINGS = {variable(field.name) for field in fields(Settings)}
COMMANDS = typer.main.get_command(cli.app).commands
ROOT_OPTIONS = {flag for p in typer.main.get_command(cli.app).params for flag in p.opts}


def instructions():
    """The lines of the Dockerfile with those they go on in."""
    whole = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    return [line.split(None, 1) for line in whole.splitlines() if line.strip()]


def called(text):
    """The words after each `dateline` that is run in a text."""
    text = re.sub(r"\\\n\s*", " ", text)
    for line in re.findall(r"(?:^|[ /\"`])dateline ((?:--home|[a-z]+)\b[^|;&\n`]*)", text):
        yield shlex.split(line, comments=True)


def assert_known(words):
    while words[0].startswith("--"):
        assert words[0] in ROOT_OPTIONS
        words = words[2:]
    assert words[0] in COMMANDS, words
    command, name = COMMANDS[words[0]], words[0]
    if hasattr(command, "commands") and len(words) > 1:
        command, name = command.commands[words[1]], f"{name} {words[1]}"
    flags = {flag for p in command.params for flag in p.opts} | {"--home"}
    assert {word for word in words if word.startswith("--")} <= flags, name


def test_the_dockerfile_calls_commands_and_sets_settings_that_there_are():
    runs = [rest for name, rest in instructions() if name == "RUN"]
    words = [found for run in runs for found in called(run)]
    assert [w[2] for w in words if w[0] == "--home"] == ["ingest", "ask", "verify"]
    for found in words:
        assert_known(found)
    entry, default = (
        json.loads(next(rest for name, rest in instructions() if name == wanted))
        for wanted in ("ENTRYPOINT", "CMD")
    )
    assert entry == ["dateline"]
    assert_known(default)
    assert set(re.findall(r"\bDATELINE_\w+", DOCKERFILE)) <= SETTINGS


def test_the_image_runs_as_nobody_special_on_the_files_it_copies():
    names = [name for name, _ in instructions()]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert dict(instructions())["USER"] == "10001:10001"
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            assert all((ROOT / source).exists() and f"!{source}" in ignored for source in sources)


def test_the_image_asks_its_own_port_whether_it_is_ready():
    check = dict(instructions())["HEALTHCHECK"]
    port = re.search(r"DATELINE_PORT=(\d+)", DOCKERFILE)[1]
    assert f"http://127.0.0.1:{port}/readyz" in check
    assert dict(instructions())["EXPOSE"] == port
    json.loads(check.partition("CMD ")[2])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_call_commands_and_set_settings_that_there_are(unit):
    text = unit.read_text("utf-8")
    for line in re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE):
        program, *words = shlex.split(line)
        assert program.endswith("/bin/dateline")
        assert_known(words)
    assert set(re.findall(r"\bDATELINE_[A-Z_]+(?==)", text)) - {"DATELINE_NAME"} <= SETTINGS


def test_systemd_waits_longer_than_the_server_does():
    text = (ROOT / "deploy" / "dateline.service").read_text("utf-8")
    assert int(re.search(r"TimeoutStopSec=(\d+)", text)[1]) > GRACE_S + RELEASE_S
    assert "KillMode=mixed" in text


@pytest.mark.skipif(which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_no_fault_with_the_units(tmp_path):
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/dateline/venv/bin/dateline", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    paths = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_documentation_calls_commands_and_names_settings_that_there_are():
    blocks = re.findall(r"^```(?:sh)?\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)
    blocks += re.findall(r"^    (dateline .*)$", DOCS, re.MULTILINE)
    words = [found for block in blocks for found in called(block)]
    assert len(words) > 8
    for found in words:
        if found[0] in COMMANDS or found[0].startswith("--"):
            assert_known(found)
    assert set(re.findall(r"\bDATELINE_[A-Z_]+\b", DOCS)) - {"DATELINE_NAME"} <= SETTINGS


@pytest.mark.parametrize(
    "words", re.findall(r"^\| `([^`]+)`", DOCS.partition("## Errors")[2], re.MULTILINE)
)
def test_errors_that_are_explained_are_said_somewhere(words):
    """Each piece between the ellipses stands in a message of the code."""
    said = " ".join(
        re.sub(r'"\s*\n\s*f?"', "", path.read_text("utf-8"))
        for package in ("api", "index", "rag")
        for path in (ROOT / package).rglob("*.py")
    )
    for piece in re.split(r"[…\d]+|-9", words):
        assert piece.strip(" ;") in said, piece
