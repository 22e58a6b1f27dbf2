"""The documentation of commands and settings says what there is, no less and no more."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api import cli
from api.commands.options import K
from api.commands.running import DEFECT, INTERRUPTED, PARTLY, UNUSABLE, USAGE
from api.schemas import MAX_K
from rag.settings import Settings, variable

FOLDER = Path(__file__).parents[1] / "docs"
DOCS = (FOLDER / "command-line.md").read_text("utf-8")
SETTINGS = (FOLDER / "settings.md").read_text("utf-8")


def run(*arguments):
    return CliRunner().invoke(cli.app, list(arguments))


def root():
    import typer

    return typer.main.get_command(cli.app)


def commands():
    return root().commands


def long_flags(command):
    return {flag for p in command.params for flag in p.opts if flag.startswith("--")}


def test_every_command_and_flag_is_documented():
    assert set(re.findall(r"^## dateline (\w+)$", DOCS, re.MULTILINE)) == set(commands())
    for name, command in commands().items():
        assert f"(#dateline-{name})" in DOCS
        for parameter in command.params:
            for flag in parameter.opts:
                if flag.startswith("--"):
                    assert f"`{flag}" in DOCS or f" {flag} " in DOCS, flag


def test_options_before_the_command_are_documented():
    head = DOCS.partition("\n| command |")[0]
    assert {flag for flag in long_flags(root()) if flag not in head} == set()


def test_no_option_is_documented_that_does_not_exist():
    known = {"--help"} | long_flags(root()).union(*map(long_flags, commands().values()))
    for group in (c for c in commands().values() if hasattr(c, "commands")):
        known |= set().union(*map(long_flags, group.commands.values()))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", DOCS)) <= known


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


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_has_its_help_and_default(field):
    row = next(line for line in SETTINGS.splitlines() if f"| `{variable(field.name)}` |" in line)
    assert field.metadata["help"].partition("; default:")[0] in row
    default = field.default_factory()
    in_words = field.name in ("home", "model_cache", "threads", "parsers")
    in_words |= field.name in ("llm_model", "llm_context_tokens")
    assert in_words or f"| {'none' if default in (None, ()) else f'`{default}`'} |" in row


def test_no_setting_is_documented_that_does_not_exist():
    documented = set(re.findall(r"\bDATELINE_[A-Z_]*[A-Z]\b", SETTINGS + DOCS))
    assert documented <= {variable(field.name) for field in fields(Settings)}
