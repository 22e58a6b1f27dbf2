"""docs/settings.md, written from `Settings`, so that the page cannot fall behind.

    python -m api.settings_page > docs/settings.md

Knows nothing of what a setting does.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from rag.settings import Settings, variable

_HEAD = """\
# Settings

Dateline is set by environment variables. An empty one counts as not set. All of them are
checked on start: a value that cannot be used, or a `DATELINE_` variable that is none of
these, ends the command with exit code 2 and a line that names it.

| variable | what it is | value | default |
|---|---|---|---|
"""
_TAIL = """
The flags `--home`, `--host`, `--port` and `--workers` of a command stand above the variables.

`HF_HUB_OFFLINE=1`, which is of the model hub's own client, keeps Dateline from the network
also where a model is in no package and no cache.

This page is written by `python -m api.settings_page`.
"""
# Defaults that depend on the machine or a server, in words.
_MACHINE_DEFAULTS = {
    "home": "the platform's folder for application data",
    "model_cache": "the platform's folder for caches",
    "threads": "the usable CPUs",
    "llm_model": "the only one of the server",
    "llm_context_tokens": "what the server says, else `8192`",
}


def settings_page() -> str:
    """The whole page."""
    rows = [_row(field) for field in dataclasses.fields(Settings)]
    return _HEAD + "".join(rows) + _TAIL


def _row(field: dataclasses.Field[object]) -> str:
    """One line of the table."""
    help_ = field.metadata["help"].partition("; default:")[0]
    expected = field.metadata["parse"].__doc__ if field.metadata["parse"] is not str else "text"
    cells = (f"`{variable(field.name)}`", help_, expected, _default(field))
    return "| " + " | ".join(cells) + " |\n"


def _default(field: dataclasses.Field[object]) -> str:
    if field.name in _MACHINE_DEFAULTS:
        return _MACHINE_DEFAULTS[field.name]
    if field.default_factory is dataclasses.MISSING:
        return "none"
    default = field.default_factory()
    return "none" if default in (None, ()) or isinstance(default, Path) else f"`{default}`"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
