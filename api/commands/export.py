"""`dateline export`: the corpus as JSON Lines, which `dateline ingest` takes back."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from api.commands.options import Home
from api.commands.running import command, opened_store, settings_from
from api.progress import meter
from api.terminal import note, several

if TYPE_CHECKING:
    from index.store.sqlite import Store


@command
def export(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to; default: standard output."),
    ] = None,
    home: Home = None,
) -> int:
    """Write the corpus as JSON Lines: articles with every version, origins and passages.

    A line is also a plain record, for other programs. `dateline ingest` takes the file back
    and restores articles, versions and ids as they were; vectors are made anew. A FILE that
    ends in .gz is packed; it appears only once it is whole.

    \\b
      dateline export corpus.jsonl.gz
      dateline export | jq -r .title
    """  # noqa: D301 - typer keeps the lines after it
    with opened_store(settings_from(home)) as store:
        if path is None:
            count = _write(store, sys.stdout.buffer)
        else:
            with _whole(path) as file:
                count = _write(store, file)
    note(f"{several(count, 'article')} exported" + ("" if path is None else f" to {path}"))
    return 0


def _write(store: Store | None, file: BinaryIO) -> int:
    from index.exchange import export_articles

    if store is None:
        return 0
    count = passages = 0
    with meter("articles", store.counts()["articles"]) as shown:
        for article in export_articles(store):
            file.write(json.dumps(article, ensure_ascii=False).encode() + b"\n")
            count += 1
            passages += len(article["passages"])
            shown.show(count, passages, 0.0)
    file.flush()
    return count


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that is there under its name once all of it is written."""
    from index.files import durable_replace

    temporary = path.with_name(path.name + ".part")
    try:
        with temporary.open("wb") as raw:
            if path.suffix == ".gz":
                # No time and no name inside: the same corpus gives the same bytes.
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                    yield packed  # type: ignore[misc]
            else:
                yield raw
        durable_replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
