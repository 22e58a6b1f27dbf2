"""Puts a backup back into an empty data directory: the whole of it, or nothing.

    1. lock      nothing else writes there meanwhile, and nothing may be there
    2. unpack    beside, under `restore.part`; sizes and checksums are those of the manifest
    3. migrate   a store of an older release is brought to today's format
    4. rename    the store last: before that there is nothing, after it everything
    5. index     what is derived is built from the store; whoever opens it would do the same

A kill at any instant leaves an empty directory, for which the same command may be given
again, or the whole store.
"""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, cast

from filelock import FileLock, Timeout

from index.backup import (
    KEPT_BESIDE,
    MANIFEST_FILE,
    BackupManifest,
    OnProgress,
    copied_sha256,
    described,
    require_room,
)
from index.errors import BackupError, StoreLocked
from index.files import durable_replace
from index.local.engine import LOCK_FILE, LOCK_TIMEOUT_S, LocalEngine
from index.store.sqlite import STORE_FILE, Store

_UNPACKED = "restore.part"
# What an empty data directory may hold: the lock, an interrupted restore, a mounted disk's own,
# and keys, which are compared.
_NO_OBSTACLE = {LOCK_FILE, _UNPACKED, "lost+found", "keys.lock", *KEPT_BESIDE}
_MAX_NAMED = 5
_MAX_MANIFEST_BYTES = 1_000_000


def restore_backup(
    stream: BinaryIO, home: Path, *, on_progress: OnProgress = lambda *_: None
) -> BackupManifest:
    """Restore a backup; returns its manifest. Packed ones (gzip, bzip2, xz) are read as they are.

    Raises:
        BackupError: something is there, or the backup is damaged, not whole or not one.
        StoreFormatError: the store is of a newer release.
        StoreLocked: another process is at work there.
    """
    home.mkdir(parents=True, exist_ok=True)
    try:
        # 1. lock
        with FileLock(home / LOCK_FILE).acquire(timeout=LOCK_TIMEOUT_S):
            _require_empty(home)
            folder = home / _UNPACKED
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            try:
                manifest = _restored(stream, home, folder, on_progress)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except Timeout:
        raise StoreLocked(
            f"another process is at work in {str(home)!r}: wait until it has finished"
        ) from None
    # 5. index
    build_indexes(home)
    return manifest


def _restored(
    stream: BinaryIO, home: Path, folder: Path, on_progress: OnProgress
) -> BackupManifest:
    # 2. unpack
    manifest = _unpacked(stream, folder, on_progress)
    # 3. migrate
    store = Store(folder / STORE_FILE)
    store.without_indexes()
    store.close()
    # 4. rename
    _require_empty(home)
    for name in KEPT_BESIDE:
        if name in manifest.files:
            _require_own(home / name, folder / name)
            durable_replace(folder / name, home / name)
    durable_replace(folder / STORE_FILE, home / STORE_FILE)
    return manifest


def _require_empty(home: Path) -> None:
    """Refuse a directory in use."""
    found = sorted({path.name for path in home.iterdir()} - _NO_OBSTACLE)
    if found:
        more = f" and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else ""
        raise BackupError(
            f"{str(home)!r} is not empty, it holds {', '.join(found[:_MAX_NAMED])}{more}: stop "
            "what uses it and move it away, or restore into another folder with --home"
        )


def _require_own(there: Path, restored: Path) -> None:
    """Refuse to replace keys by others; those of an interrupted restore are the same."""
    if there.is_file() and there.read_bytes() != restored.read_bytes():
        raise BackupError(
            f"{str(there)!r} is there already, and the backup has another one: move it away"
        )


def _unpacked(stream: BinaryIO, folder: Path, on_progress: OnProgress) -> BackupManifest:
    try:
        with tarfile.open(fileobj=stream, mode="r|*") as tar:
            first = tar.next()
            if first is None or first.name != MANIFEST_FILE:
                raise BackupError("this is not a backup that `dateline backup` made")
            content = cast("IO[bytes]", tar.extractfile(first))
            manifest = described(content.read(_MAX_MANIFEST_BYTES))
            total = sum(file.bytes for file in manifest.files.values())
            require_room(folder, total)
            done = 0

            def told(count: int) -> None:
                nonlocal done
                done += count
                on_progress(done, total)

            while (member := tar.next()) is not None:
                _unpack(tar, member, manifest, folder, told)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(
            f"the backup is not whole, or not a backup ({error}): take another copy of it"
        ) from error
    missing = [name for name in manifest.files if not (folder / name).is_file()]
    if missing or STORE_FILE not in manifest.files:
        raise BackupError(f"the backup lacks {', '.join(missing) or STORE_FILE}: take another copy")
    return manifest


def _unpack(
    tar: tarfile.TarFile,
    member: tarfile.TarInfo,
    manifest: BackupManifest,
    folder: Path,
    told: Callable[[int], None],
) -> None:
    """Write one file under its own name, never anywhere else, and compare its checksum."""
    expected = manifest.files.get(member.name)
    source = tar.extractfile(member)
    if expected is None or source is None or member.name not in (STORE_FILE, *KEPT_BESIDE):
        raise BackupError(f"the backup holds {member.name!r}, which no backup of Dateline has")
    sha256 = copied_sha256(cast("BinaryIO", source), folder / member.name, told)
    if sha256 != expected.sha256:
        raise BackupError(
            f"{member.name} of the backup has sha256 {sha256}, its manifest says "
            f"{expected.sha256}: it is damaged, take another copy or an earlier backup"
        )


def build_indexes(home: Path) -> None:
    """Build what is derived from a restored store, unless it waits for a `reindex` first."""
    store = Store(home / STORE_FILE)
    manifest, reindexing = store.manifest, store.reindexing
    store.close()
    if manifest is not None and reindexing is None:
        engine = LocalEngine(home, manifest)
        engine.publish()
        engine.close()
