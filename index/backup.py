"""A data directory in one file, copied while it is used.

The file is a tar: `manifest.json` first, which says what follows, then the store as of
one generation, then the small files that are kept beside it. Derived indexes are left
out, for `restore` builds them again. No lock is taken: an ingest goes on, a search does
not notice. A file appears under its name only once it is whole and on the disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal

from index.errors import BackupError
from index.files import durable_replace, file_sha256
from index.store.connections import STORE_FILE, Connections
from index.store.reading import ReadingStore

# A change of what the file holds, that an older release could not read, raises it.
FORMAT = 1
MANIFEST_FILE = "manifest.json"
# The hashes of API keys, without which a restored server would let nobody in.
KEPT_BESIDE = ("keys.json",)
# 16 MB at the usual page size: between two steps Ctrl-C is heard and progress told.
_PAGES_PER_STEP = 4096
_COPIED_AT_ONCE = 1 << 20

# Is told the bytes done and the bytes in all; what is copied counts half, packing it half.
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of a backup."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds. `made_with` names models and chunker; None of an empty store."""

    format: int
    made_at: str
    release: str
    generation: int
    articles: int
    versions: int
    passages: int
    made_with: Mapping[str, Any] | None
    files: Mapping[str, PackedFile]


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes a backup, and when."""

    release: str
    made_at: datetime


def save_backup(
    home: Path, target: Path, maker: Maker, *, on_progress: OnProgress = lambda *_: None
) -> BackupManifest:
    """Write a backup to a file, in place of one that is there; packed where it ends in .gz.

    Raises:
        BackupError: there is no store, it is damaged, or the disk has no room.
    """
    temporary = target.with_name(target.name + ".part")
    try:
        with _private(temporary) as file:
            manifest = write_backup(
                home,
                file,
                maker,
                scratch=target.parent,
                pack=target.suffix == ".gz",
                on_progress=on_progress,
            )
        durable_replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return manifest


def write_backup(
    home: Path,
    stream: BinaryIO,
    maker: Maker,
    *,
    scratch: Path | None = None,
    pack: bool = False,
    on_progress: OnProgress = lambda *_: None,
) -> BackupManifest:
    """Write a backup to a stream; `scratch` has room for the copy that is packed.

    Raises:
        BackupError: there is no store, it is damaged, or the disk has no room.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".dateline-backup-") as made:
        folder = Path(made)
        counted = _copied(home, folder, on_progress)
        for name in KEPT_BESIDE:
            if (home / name).is_file():
                shutil.copyfile(home / name, folder / name)
        files = {
            path.name: PackedFile(path.stat().st_size, file_sha256(path))
            for path in sorted(folder.iterdir(), key=lambda path: path.name != STORE_FILE)
        }
        manifest = BackupManifest(
            FORMAT, maker.made_at.isoformat(), maker.release, **counted, files=files
        )
        _pack(folder, manifest, stream, pack=pack, on_progress=on_progress)
    return manifest


def _copied(home: Path, folder: Path, on_progress: OnProgress) -> dict[str, Any]:
    """Copy the store as of one generation into a folder; returns what it holds.

    The source stays in one read transaction, so that commits of others neither change the
    copy nor make it begin again.
    """
    path = home / STORE_FILE
    if not path.is_file():
        raise BackupError(f"there is nothing to back up in {str(home)!r}: no {STORE_FILE}")
    require_room(folder, 2 * path.stat().st_size)
    connections = Connections(path)
    try:
        source, store = connections.here, ReadingStore(connections)
        source.execute("BEGIN")
        counted = {
            "generation": store.generation,
            "made_with": store.manifest,
            **store.counts(),
        }
        page = int(source.execute("PRAGMA page_size").fetchone()[0])

        def told(_: int, left: int, total: int) -> None:
            on_progress((total - left) * page // 2, total * page)

        with closing(sqlite3.connect(folder / STORE_FILE, isolation_level=None)) as copy:
            # The copy is flushed once, by whoever renames it.
            copy.execute("PRAGMA synchronous = OFF")
            source.backup(copy, pages=_PAGES_PER_STEP, progress=told)
            _require_sound(copy, home)
    except sqlite3.DatabaseError as error:
        raise BackupError(
            f"the store in {str(home)!r} cannot be copied ({error}): see `dateline status`, or "
            "restore an earlier backup"
        ) from error
    finally:
        connections.close()
    return counted


def _require_sound(copy: sqlite3.Connection, home: Path) -> None:
    found = str(copy.execute("PRAGMA quick_check(1)").fetchone()[0])
    if found != "ok":
        raise BackupError(
            f"the store in {str(home)!r} is damaged ({found}), and so would the backup be: "
            "restore an earlier one"
        )


def require_room(folder: Path, needed: int) -> None:
    """Refuse what will not fit.

    Raises:
        BackupError: the disk has less room.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(
            f"{str(folder)!r} has room for {free:,} bytes, {needed:,} are needed: free some, or "
            "name a folder of another disk"
        )


def _pack(
    folder: Path,
    manifest: BackupManifest,
    stream: BinaryIO,
    *,
    pack: bool,
    on_progress: OnProgress,
) -> None:
    made_at = int(datetime.fromisoformat(manifest.made_at).timestamp())
    total = sum(file.bytes for file in manifest.files.values())
    done = 0

    def add(name: str, size: int, content: IO[bytes] | _Counted) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, made_at, 0o600
        tar.addfile(info, content)

    def told(count: int) -> None:
        nonlocal done
        done += count
        on_progress((total + done) // 2, total)

    mode: Literal["w|gz", "w|"] = "w|gz" if pack else "w|"
    with tarfile.open(fileobj=stream, mode=mode) as tar:
        described = json.dumps(asdict(manifest), indent=1).encode() + b"\n"
        add(MANIFEST_FILE, len(described), io.BytesIO(described))
        for name, file in manifest.files.items():
            with (folder / name).open("rb") as content:
                add(name, file.bytes, _Counted(content, told))


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, told: Callable[[int], None]) -> None:
        self._file, self._told = file, told

    def read(self, size: int = -1, /) -> bytes:
        part = self._file.read(size)
        self._told(len(part))
        return part


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    """A new file that only its owner may read, for it holds hashes of keys."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file


def described(content: bytes) -> BackupManifest:
    """The manifest that a backup begins with.

    Raises:
        BackupError: it is none, or one of a newer release.
    """
    try:
        value = json.loads(content)
        if value["format"] > FORMAT:
            raise BackupError(
                f"the backup has format {value['format']}, this release reads up to {FORMAT}: "
                "update Dateline"
            )
        files = {name: PackedFile(**file) for name, file in value.pop("files").items()}
        return BackupManifest(**value, files=files)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError(f"{MANIFEST_FILE} of the backup cannot be read ({error!r})") from error


def copied_sha256(source: BinaryIO, target: Path, told: Callable[[int], None]) -> str:
    """Write what is read to a new file; returns its sha256."""
    digest = hashlib.sha256()
    with _private(target) as file:
        while part := source.read(_COPIED_AT_ONCE):
            digest.update(part)
            file.write(part)
            told(len(part))
    return digest.hexdigest()
