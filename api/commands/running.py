"""What every command shares: exit codes, one-line errors, settings, opening the data.

Whatever is slow to import is imported inside functions, so that `--help` is quick.
"""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import typer

from api.terminal import complain, note

if TYPE_CHECKING:
    from index.local.engine import LocalEngine
    from index.store.sqlite import Store
    from rag.assemble import Dateline
    from rag.settings import Settings

_P = ParamSpec("_P")

# Some inputs were skipped, or nothing was found.
PARTLY = 1
# A wrong flag or setting.
USAGE = 2
# The data directory or a model cannot be used.
UNUSABLE = 3
# A defect of Dateline.
DEFECT = 70
INTERRUPTED = 130

# What `dateline --home FOLDER COMMAND` gives; the command's own --home stands above it.
_home: ContextVar[Path | None] = ContextVar("home", default=None)


class Problem(Exception):
    """Ends a command with a line on standard error and an exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code


def command(function: Callable[_P, int | None]) -> Callable[_P, None]:
    """A command that returns its exit code; what it raises becomes one line and a code."""

    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            code = function(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            note("interrupted")
            code = INTERRUPTED
        except Exception as error:
            code = told(error)
        raise typer.Exit(code or 0)

    return run


def told(error: Exception) -> int:
    """Print what went wrong; returns the exit code."""
    import sqlite3

    from index.errors import ArticleNotFound, IndexingError
    from rag.errors import AnsweringError

    if isinstance(error, Problem):
        complain(str(error))
        return error.code
    if isinstance(error, ArticleNotFound):
        complain(str(error))
        return PARTLY
    if isinstance(error, AnsweringError):
        complain(str(error))
        return USAGE
    if isinstance(error, IndexingError):
        complain(str(error))
        return UNUSABLE
    if isinstance(error, OSError | sqlite3.Error):
        complain(_unusable(error))
        return UNUSABLE
    if os.environ.get("PYTHONFAULTHANDLER") or sys.flags.dev_mode:
        raise error
    complain(
        f"unexpected {type(error).__name__}: {error}; this is a defect, please report it with "
        "what `python -X dev -m api.cli …` prints"
    )
    return DEFECT


def _unusable(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{str(error.filename)!r} cannot be used ({error.strerror}); see `dateline status`"
    return f"the data directory cannot be used ({error}); see `dateline status`"


def use_home(home: Path | None) -> None:
    """Remember the data directory that was given before the command."""
    _home.set(home)


def settings_from(home: Path | None = None, **changes: object) -> Settings:
    """Settings of the environment, with what flags change; None changes nothing."""
    from rag.settings import Settings

    settings = Settings.from_env(os.environ)
    given = {"home": home or _home.get(), **changes}
    return replace(settings, **{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]


def again(settings: Settings, words: str) -> str:
    """A command on the same data directory, ready to be pasted into a shell."""
    from rag.settings import Settings

    where = ""
    if settings.home != Settings().home:
        where = " --home " + shlex.quote(str(settings.home.absolute()))
    return f"{_program()} {words}{where}"


def _program() -> str:
    """`dateline` where a shell finds this one under that name, else the path to it."""
    called = Path(sys.argv[0])
    if called.name != "dateline" or not called.is_file():
        return "dateline"
    found = shutil.which("dateline")
    return "dateline" if found and called.samefile(found) else shlex.quote(str(called))


@contextmanager
def opened(settings: Settings) -> Iterator[Dateline]:
    """The whole system, models loaded."""
    from rag.assemble import assemble

    dateline = assemble(settings)
    try:
        yield dateline
    finally:
        dateline.close()


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store | None]:
    """The store alone, without models; None where nothing was ever ingested."""
    from index.store.sqlite import STORE_FILE, Store

    if not (settings.home / STORE_FILE).is_file():
        yield None
        return
    store = Store(settings.home / STORE_FILE)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def opened_engine(settings: Settings) -> Iterator[LocalEngine | None]:
    """Store and indexes as they were made, without models; None where nothing is."""
    from index.local.engine import LocalEngine

    with opened_store(settings) as store:
        manifest = store.manifest if store else None
    if manifest is None:
        yield None
        return
    engine = LocalEngine(settings.home, manifest)
    try:
        yield engine
    finally:
        engine.close()
