"""`dateline backup` and `dateline restore`: a data directory in one file, and back."""

from __future__ import annotations

import shlex
import sys
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from api.commands.options import AsJson, Home
from api.commands.running import (
    INTERRUPTED,
    UNUSABLE,
    Problem,
    again,
    command,
    settings_from,
)
from api.progress import Meter, meter
from api.terminal import note, say, say_json, several, size

if TYPE_CHECKING:
    from index.backup import BackupManifest, Maker, OnProgress
    from rag.settings import Settings

_STANDARD_STREAM = Path("-")
_MB = 1_000_000


@command
def backup(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="TARGET", help="A new file, a folder for a file named by the time, or -."
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Copy the data directory into one file, also while it is searched and written to.

    The file holds articles, versions, vectors, feeds and the hashes of API keys as of one
    moment; `dateline restore` builds the indexes from them. It appears only once it is whole,
    and is packed where its name ends in .gz.

    \\b
      dateline backup /backups
      dateline backup news.tar.gz --force
      dateline backup - | zstd > news.tar.zst
    """  # noqa: D301 - typer keeps the lines after it
    settings = settings_from(home)
    try:
        if target == _STANDARD_STREAM:
            _to_standard_output(settings, as_json=as_json)
            return 0
        path = _file_for(target, force=force)
        manifest = _backed_up(settings, path)
    except KeyboardInterrupt:
        note("interrupted: nothing was kept of this backup")
        return INTERRUPTED
    _say_backed_up(settings, path, manifest, as_json=as_json)
    return 0


def _file_for(target: Path, *, force: bool) -> Path:
    if target.is_dir():
        return target / f"dateline-{_maker().made_at:%Y%m%dT%H%M%SZ}.tar"
    if target.exists() and not force:
        raise Problem(f"{str(target)!r} is there already: name another file, or add --force")
    if not target.parent.is_dir():
        raise Problem(f"there is no folder {str(target.parent)!r}: make it first")
    return target


def _maker() -> Maker:
    from importlib.metadata import version

    from index.backup import Maker
    from rag.assemble import now

    return Maker(version("dateline"), now())


def _backed_up(settings: Settings, path: Path) -> BackupManifest:
    from index.backup import save_backup
    from index.store.connections import STORE_FILE

    with meter("MB", _megabytes(settings.home / STORE_FILE)) as shown:
        return save_backup(settings.home, path, _maker(), on_progress=_telling(shown))


def _to_standard_output(settings: Settings, *, as_json: bool) -> None:
    from index.backup import write_backup
    from index.store.connections import STORE_FILE

    if as_json:
        raise Problem("--json has no place beside a backup on standard output: leave it out")
    if sys.stdout.isatty():
        raise Problem("a terminal cannot keep a backup: send it to a file or a program")
    with meter("MB", _megabytes(settings.home / STORE_FILE)) as shown:
        write_backup(settings.home, sys.stdout.buffer, _maker(), on_progress=_telling(shown))
    sys.stdout.flush()


def _megabytes(path: Path) -> int | None:
    return max(1, path.stat().st_size // _MB) if path.is_file() else None


def _telling(shown: Meter) -> OnProgress:
    import time

    started = time.monotonic()

    def tell(done: int, _: int) -> None:
        seconds = time.monotonic() - started
        shown.show(done // _MB, None, done / _MB / seconds if seconds else 0.0)

    return tell


def _say_backed_up(
    settings: Settings, path: Path, manifest: BackupManifest, *, as_json: bool
) -> None:
    if as_json:
        say_json({"path": str(path), "bytes": path.stat().st_size, **asdict(manifest)})
        return
    say(f"{path} ({size(path.stat().st_size)}): {_contents(manifest)}")
    restoring = again(settings, "restore").partition(" --home")[0]
    note(f"back again: {restoring} {shlex.quote(str(path))} --home FOLDER")


def _contents(manifest: BackupManifest) -> str:
    return (
        f"generation {manifest.generation}, {several(manifest.articles, 'article')} "
        f"({several(manifest.passages, 'passage')})"
        + (", API keys" if len(manifest.files) > 1 else "")
    )


@command
def restore(
    source: Annotated[
        Path, typer.Argument(metavar="BACKUP", help="The file, or - for standard input.")
    ],
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Put a backup back into an empty data directory.

    Checksums are compared before anything is put in place, and the indexes are built. What is
    in the directory is never touched: move it away first.

    \\b
      dateline restore /backups/dateline-20250602T021500Z.tar
      zstd -dc news.tar.zst | dateline restore - --home /srv/dateline
    """  # noqa: D301 - typer keeps the lines after it
    from index.restore import restore_backup

    settings = settings_from(home)
    try:
        with _opened(source) as stream, meter("MB", _size_of(source)) as shown:
            manifest = restore_backup(stream, settings.home, on_progress=_telling(shown))
    except KeyboardInterrupt:
        note("interrupted: give the same command again, or see `dateline status`")
        return INTERRUPTED
    if as_json:
        say_json({"home": str(settings.home), **asdict(manifest)})
    else:
        made = datetime.fromisoformat(manifest.made_at)
        say(f"{settings.home}: {_contents(manifest)}, as of {made:%Y-%m-%d %H:%M} UTC")
        note(f"next: {again(settings, 'status')}, then {again(settings, 'serve')}")
    return 0


def _size_of(source: Path) -> int | None:
    return None if source == _STANDARD_STREAM or source.suffix != ".tar" else _megabytes(source)


def _opened(source: Path) -> nullcontext[BinaryIO] | BinaryIO:
    if source == _STANDARD_STREAM:
        return nullcontext(sys.stdin.buffer)
    try:
        return source.open("rb")
    except OSError as error:
        raise Problem(f"{str(source)!r} cannot be read ({error.strerror})", UNUSABLE) from None
