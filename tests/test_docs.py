"""The documentation of the command line says what the program does, no less and no more."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api import cli
from api.commands.options import K
from api.commands.running import DEFECT, INTERRUPTED, PARTLY, UNUSABLE, USAGE
from api.schemas import MAX_K

DOCS = (Path(__file__).parents[1] / "docs" / "command-line.md").read_text("utf-8")


def run(*arguments):
    return CliRunner().invoke(cli.app, list(arguments))


def commands():
    import typer

    return typer.main.get_command(cli.app).commands


def test_every_command_and_flag_is_documented():
    assert set(re.findall(r"^## dateline (\w+)$", DOCS, re.MULTILINE)) == set(commands())
    for name, command in commands().items():
        assert f"(#dateline-{name})" in DOCS
        for parameter in command.params:
            for flag in parameter.opts:
                if flag.startswith("--"):
                    assert f"`{flag}" in DOCS or f" {flag} " in DOCS, flag


def test_every_exit_code_is_documented():
    rows = [int(code) for code in re.findall(r"^\| (\d+) \|", DOCS, re.MULTILINE)]
    assert rows == [0, PARTLY, USAGE, UNUSABLE, DEFECT, INTERRUPTED]


@pytest.mark.parametrize("name", commands())
def test_help_has_examples(name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"dateline {name} " in result.stdout or f"  dateline {name}\n" in result.stdout
    examples = re.findall(rf"^    (.*dateline {name}.*)$", DOCS, re.MULTILINE)
    shown = " ".join(result.stdout.split())
    assert examples
    assert all(" ".join(example.split()) in shown for example in examples)


def test_no_command_shows_help():
    result = run()
    assert all(name in result.output for name in commands())


def test_k_has_the_bound_of_http():
    assert K.__metadata__[0].max == MAX_K
    assert f"1 to {MAX_K}" in DOCS
