"""`dateline ingest`: files, folders, addresses and standard input into the corpus."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import AsJson, Home
from api.commands.running import (
    INTERRUPTED,
    PARTLY,
    Problem,
    again,
    command,
    opened,
    settings_from,
)
from api.progress import meter
from api.terminal import duration, note, one_line, say, say_json, several

if TYPE_CHECKING:
    from index.reports import IngestReport, Progress
    from index.sources.columns import Columns
    from rag.settings import Settings

# Refused inputs that are named on standard error; `--json` has them all.
MAX_NAMED = 20
_READ_BYTES = 1 << 20


@command
def ingest(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH|URL...", help="Files, folders and addresses; - is standard input."
        ),
    ],
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="FIELD=COLUMN,…", help="What the columns of CSV or JSON records mean."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be stored, and store nothing.")
    ] = False,
    reread: Annotated[
        bool, typer.Option("--reread", help="Prepare again what is stored already.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Add articles: pages, feeds, texts, tables, archives, from files and addresses.

    What an input is, its content decides: HTML, RSS, Atom, JSON Feed, text as it was scraped,
    JSON, JSON Lines, CSV, PDF, e-mail, WARC, ZIP and tar, also packed with gzip. What is
    stored already is skipped, so the same command may be run again, also after an
    interruption. Refused inputs are named and the exit code is 1.

    \b
      dateline ingest ~/news
      dateline ingest page.html records.jsonl.gz crawl.warc.gz
      dateline ingest https://example.org/2025/03/article
      dateline ingest export.csv --columns text=body,published=date --dry-run
      curl -s https://example.org/a.txt | dateline ingest -
    """  # noqa: D301 - typer keeps the lines after it
    settings = settings_from(home)
    last: list[Progress] = []
    try:
        report = _run(
            settings, paths, last, columns=_columns(columns), dry_run=dry_run, reread=reread
        )
    except KeyboardInterrupt:
        stored = last[0].new + last[0].changed if last else 0
        note(
            f"interrupted: {several(stored, 'article')} of this run stored for good; "
            "the same command goes on from there"
        )
        return INTERRUPTED
    if as_json:
        _say_json(report)
    else:
        _say(report, settings, dry_run=dry_run)
    return PARTLY if report.skipped or not report.progress.articles else 0


def _columns(text: str | None) -> Columns | None:
    from index.sources.columns import Columns

    try:
        return None if text is None else Columns.parse(text)
    except ValueError as error:
        raise Problem(f"--columns: {error}") from None


def _run(
    settings: Settings,
    paths: Sequence[str],
    last: list[Progress],
    *,
    columns: Columns | None,
    dry_run: bool,
    reread: bool,
) -> IngestReport:
    """Ingest; `last` holds how far it has come, also when it is interrupted."""
    from index.sources import read_sources
    from rag.assemble import load_fetcher

    with opened(settings) as dateline, meter("inputs", count_inputs(paths)) as shown:

        def show(progress: Progress) -> None:
            last[:] = [progress]
            shown.show(progress.articles, progress.passages, progress.passages_per_s)

        run = dateline.ingestor.preview if dry_run else dateline.ingestor.ingest
        with ExitStack() as stack:
            # What is read again must come whole, whether or not it has changed.
            fetcher = stack.enter_context(load_fetcher(settings)) if reread else dateline.fetcher
            items = read_sources(paths, stdin=sys.stdin.buffer, columns=columns, fetcher=fetcher)
            return run(items, on_progress=show, reread=reread)


def _say_json(report: IngestReport) -> None:
    from api.article_wire import stored_out

    more = {
        "passages": report.progress.passages,
        "embedded": report.progress.embedded,
        "seconds": round(report.progress.seconds, 3),
    }
    say_json(stored_out(report).model_dump(mode="json") | more)


def _say(report: IngestReport, settings: Settings, *, dry_run: bool) -> None:
    for skipped in report.skipped[:MAX_NAMED]:
        note(f"skipped {one_line(skipped.origin)}: {one_line(skipped.reason)}")
    if (more := len(report.skipped) - MAX_NAMED) > 0:
        note(f"and {more:,} more were skipped; --json lists them all")
    for doubt in report.doubts[:MAX_NAMED]:
        note(f"look at {one_line(doubt.origin)}: {one_line(doubt.reason)}")
    if (more := len(report.doubts) - MAX_NAMED) > 0:
        note(f"and {more:,} more were stored with doubts; --json lists them all")
    p = report.progress
    if not p.articles:
        note("there is nothing to ingest here: name a file, or a folder that holds some")
    elif not p.new and not p.changed:
        say(f"Nothing to do: {p.same:,} stored already, {p.skipped:,} skipped.")
    elif dry_run:
        say(
            f"{p.new:,} would be new, {p.changed:,} changed, {p.same:,} stored already, "
            f"{p.skipped:,} skipped: {several(p.passages, 'passage')}. Nothing was stored."
        )
    else:
        copies = f" ({several(p.copies, 'copy', 'copies')} of others)" if p.copies else ""
        say(
            f"{p.new:,} new, {p.changed:,} changed{copies}, {p.same:,} stored already, "
            f"{p.skipped:,} skipped: {several(p.passages, 'passage')} in {duration(p.seconds)} "
            f"({p.passages_per_s:.0f} a second). The corpus is at generation {report.generation}."
        )
        note("next: " + again(settings, 'ask "…"'))


def count_inputs(paths: Sequence[str]) -> int | None:
    """How many inputs there are, lines of records counted; None when only reading tells."""
    total = 0
    for name in paths:
        if name == "-" or name.lower().startswith(("http://", "https://")):
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
    """The lines of records and tables, 1 for a document; None for what is packed."""
    from index.errors import SourceError
    from index.sources.columns import Columns
    from index.sources.detect import kind_of
    from index.sources.streams import Source

    lines, last = 0, b"\n"
    try:
        if not file.is_file():
            return 1
        with file.open("rb") as stream:
            source = Source(stream, str(file))
            kind = kind_of(source.head(), Columns())
            if source.packed or kind in ("zip", "tar", "warc", "mbox"):
                return None
            if kind not in ("json", "table"):
                return 1
            stream.seek(0)
            while block := stream.read(_READ_BYTES):
                lines += block.count(b"\n")
                last = block
    except (OSError, SourceError):  # reading it will say so
        return 1
    return lines + (not last.endswith(b"\n"))
