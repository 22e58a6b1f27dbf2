"""`dateline ingest`: files, folders, JSON Lines and standard input into the corpus."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import AsJson, Home
from api.commands.running import PARTLY, command, opened, settings_from
from api.progress import meter
from api.terminal import duration, note, one_line, say, say_json, several

if TYPE_CHECKING:
    from index.ingest import IngestReport

# Refused inputs that are named on standard error; `--json` has them all.
MAX_NAMED = 20
_LINES_SUFFIXES = (".jsonl", ".ndjson")
_READ_BYTES = 1 << 20


@command
def ingest(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files and folders; - is standard input.")
    ],
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Add articles: scraped text files, folders of them, and JSON Lines (also .gz).

    What is stored already is skipped, so the same command may be run again, also after an
    interruption. Refused inputs are named and the exit code is 1.

    \b
      dateline ingest ~/news
      dateline ingest article.txt more/ records.jsonl.gz
      curl -s https://example.org/a.txt | dateline ingest -
    """  # noqa: D301 - typer keeps the lines after it
    from index.sources import read_sources

    settings = settings_from(home)
    with opened(settings) as dateline, meter("inputs", count_inputs(paths)) as shown:
        report = dateline.ingestor.ingest(
            read_sources(paths, stdin=sys.stdin.buffer),
            on_progress=lambda p: shown.show(p.articles, p.passages, p.passages_per_s),
        )
    if as_json:
        _say_json(report)
    else:
        _say(report)
    return PARTLY if report.skipped or not report.progress.articles else 0


def _say_json(report: IngestReport) -> None:
    from api.article_wire import stored_out

    more = {"passages": report.progress.passages, "seconds": round(report.progress.seconds, 3)}
    say_json(stored_out(report).model_dump(mode="json") | more)


def _say(report: IngestReport) -> None:
    for skipped in report.skipped[:MAX_NAMED]:
        note(f"skipped {one_line(skipped.origin)}: {one_line(skipped.reason)}")
    if (more := len(report.skipped) - MAX_NAMED) > 0:
        note(f"and {more:,} more were skipped; --json lists them all")
    p = report.progress
    if not p.articles:
        note("there is nothing to ingest here: name a file, or a folder that holds some")
    elif not p.new and not p.changed:
        say(f"Nothing to do: {p.same:,} stored already, {p.skipped:,} skipped.")
    else:
        say(
            f"{p.new:,} new, {p.changed:,} changed, {p.same:,} stored already, "
            f"{p.skipped:,} skipped: {several(p.passages, 'passage')} in {duration(p.seconds)} "
            f"({p.passages_per_s:.0f} a second). The corpus is at generation {report.generation}."
        )


def count_inputs(paths: Sequence[str]) -> int | None:
    """How many inputs there are, lines of JSON Lines counted; None when only reading tells."""
    total = 0
    for name in paths:
        if name == "-":
            return None
        path = Path(name)
        files = _files(path) if path.is_dir() else [path]
        for file in files:
            count = _count(file)
            if count is None:
                return None
            total += count
    return total


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(root) / name for name in names if not name.startswith("."))


def _count(file: Path) -> int | None:
    if file.suffix == ".gz":
        return None
    if file.suffix not in _LINES_SUFFIXES or not file.is_file():
        return 1
    lines, last = 0, b""
    with file.open("rb") as stream:
        while block := stream.read(_READ_BYTES):
            lines += block.count(b"\n")
            last = block
    return lines + (not last.endswith(b"\n"))
