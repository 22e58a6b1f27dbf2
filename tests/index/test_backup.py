"""Backup and restore: one moment of a data directory in use, whole or not at all."""

import io
import json
import random
import sqlite3
import subprocess
import sys
import tarfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from index import backup as backups
from index.backup import Maker, save_backup, write_backup
from index.documents import Filters, Query, RawArticle
from index.errors import BackupError, BeingReindexed, StoreFormatError, StoreLocked
from index.forget import forget_articles
from index.local.engine import LOCK_FILE
from index.restore import restore_backup
from index.store.sqlite import STORE_FILE, Store
from tests.fakes import fake_dateline

ROOT = Path(__file__).parents[2]
MAKER = Maker("0.1", datetime(2025, 6, 2, 2, 15, tzinfo=UTC))


def articles(first, last):
    return (
        RawArticle(
            f"o{i}", f"Report {i} from the harbor says ferry {i} sank at dawn.", id=f"n{i:04}"
        )
        for i in range(first, last)
    )


@pytest.fixture
def home(tmp_path):
    """A data directory with forty articles, of which one was changed and one removed."""
    dateline = fake_dateline(tmp_path / "home")
    dateline.ingestor.ingest(articles(0, 40))
    dateline.ingestor.ingest([RawArticle("o3", "The ferry was raised on Friday.", id="n0003")])
    forget_articles(dateline.engine, ["n0005"])
    dateline.close()
    return tmp_path / "home"


def saved(home):
    save_backup(home, home.parent / "backup.tar", MAKER)
    return home.parent / "backup.tar"


def restored(path, home):
    with path.open("rb") as file:
        return restore_backup(file, home)


def everything(home):
    """All rows of all tables, apart from what names the derived indexes."""
    store = sqlite3.connect(home / STORE_FILE)
    names = [n for (n,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {n: sorted(map(repr, store.execute(f"SELECT * FROM {n}"))) for n in names}  # noqa: S608
    store.close()
    rows.pop("segments")
    rows["meta"] = [r for r in rows["meta"] if "published" not in r and "remade" not in r]
    return rows


def found(home, words):
    dateline = fake_dateline(home)
    result = dateline.searcher.search(Query(words, datetime(2025, 6, 2, tzinfo=UTC), k=5))
    dateline.close()
    return [(hit.passage.id, hit.score) for hit in result.hits], result.generation


def test_what_is_restored_is_the_same_and_is_found_the_same(home, tmp_path):
    manifest = restored(saved(home), tmp_path / "other")
    assert everything(tmp_path / "other") == everything(home)
    assert found(tmp_path / "other", "ferry 17") == found(home, "ferry 17")
    assert (manifest.articles, manifest.versions) == (39, 40)
    assert Store(tmp_path / "other" / STORE_FILE).published == manifest.generation


def test_a_packed_backup_is_restored_as_it_is(home, tmp_path):
    save_backup(home, tmp_path / "backup.tar.gz", MAKER)
    assert (tmp_path / "backup.tar.gz").read_bytes()[:2] == b"\x1f\x8b"
    restored(tmp_path / "backup.tar.gz", tmp_path / "other")
    assert everything(tmp_path / "other") == everything(home)


def test_a_backup_is_one_moment_of_an_ingest_that_goes_on(home, tmp_path, monkeypatch):
    """Commits between the steps of the copy neither get into it nor are held up by it."""
    monkeypatch.setattr(backups, "_PAGES_PER_STEP", 1)
    writer = fake_dateline(home)
    before = writer.engine.store.counts()
    steps, written = [], []

    def write_meanwhile(done, total):
        steps.append(done)
        if len(steps) in (2, 20):
            number = 1000 + len(steps)
            written.append(writer.ingestor.ingest(articles(number, number + 1)).generation)

    with (tmp_path / "backup.tar").open("wb") as file:
        manifest = write_backup(home, file, MAKER, on_progress=write_meanwhile)
    after = writer.engine.store.counts()
    writer.close()
    assert len(steps) > 20
    assert manifest.generation < min(written)
    assert steps == sorted(steps)
    restored(tmp_path / "backup.tar", tmp_path / "other")
    copied = Store(tmp_path / "other" / STORE_FILE)
    assert copied.counts() == before
    assert after["articles"] == before["articles"] + 2
    copied.close()


def test_a_backup_waits_for_no_writer(home, tmp_path):
    """The lock is held and a transaction open: the backup has what was committed before."""
    other = sqlite3.connect(home / STORE_FILE, isolation_level=None)
    with FileLock(home / LOCK_FILE):
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM passages")
        restored_from = saved(home)
        other.execute("ROLLBACK")
    other.close()
    restored(restored_from, tmp_path / "other")
    assert everything(tmp_path / "other") == everything(home)


def test_keys_go_with_it_and_only_the_owner_may_read_them(home, tmp_path):
    (home / "keys.json").write_text('{"keys": []}')
    path = saved(home)
    assert path.stat().st_mode & 0o077 == 0
    restored(path, tmp_path / "other")
    kept = tmp_path / "other" / "keys.json"
    assert kept.read_text() == '{"keys": []}'
    assert kept.stat().st_mode & 0o077 == 0


def test_a_directory_in_use_is_refused_and_not_touched(home, tmp_path):
    path = saved(home)
    before = everything(home)
    with pytest.raises(BackupError, match=r"is not empty, it holds dateline\.sqlite3, "):
        restored(path, home)
    assert everything(home) == before
    (tmp_path / "wal").mkdir()
    (tmp_path / "wal" / (STORE_FILE + "-wal")).write_bytes(b"of a store that is gone")
    with pytest.raises(BackupError, match=r"it holds dateline\.sqlite3-wal"):
        restored(path, tmp_path / "wal")


def test_other_keys_are_never_replaced(home, tmp_path):
    (home / "keys.json").write_text("of the backup")
    path = saved(home)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "keys.json").write_text("of this machine")
    with pytest.raises(BackupError, match=r"keys\.json' is there already"):
        restored(path, tmp_path / "other")
    assert (tmp_path / "other" / "keys.json").read_text() == "of this machine"


def test_a_directory_that_another_process_has_locked_is_refused(home, tmp_path, monkeypatch):
    monkeypatch.setattr("index.restore.LOCK_TIMEOUT_S", 0.1)
    (tmp_path / "other").mkdir()
    with (
        FileLock(tmp_path / "other" / LOCK_FILE),
        pytest.raises(StoreLocked, match="wait until it has finished"),
    ):
        restored(saved(home), tmp_path / "other")


def test_a_backup_cut_anywhere_is_refused_and_leaves_nothing(home, tmp_path):
    whole = saved(home).read_bytes()
    moments = random.Random(20250602)
    cuts = [0, 100, 512, 1024, 5000, *(moments.randrange(len(whole)) for _ in range(10))]
    for cut in cuts:
        with pytest.raises(BackupError):
            restore_backup(io.BytesIO(whole[:cut]), tmp_path / "other")
        assert {p.name for p in (tmp_path / "other").iterdir()} <= {LOCK_FILE}


def test_a_changed_byte_of_the_store_is_noticed(home, tmp_path):
    whole = bytearray(saved(home).read_bytes())
    whole[len(whole) // 2] ^= 1
    with pytest.raises(BackupError, match=r"dateline\.sqlite3 of the backup has sha256 "):
        restore_backup(io.BytesIO(bytes(whole)), tmp_path / "other")
    assert not (tmp_path / "other" / STORE_FILE).exists()


def changed(path, rename=None, **manifest):
    """The backup with other words in its manifest, or another file of a name."""
    made = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=made, mode="w") as new:
        for member in old:
            content = old.extractfile(member).read()
            if member.name == "manifest.json":
                content = json.dumps(json.loads(content) | manifest).encode()
                member.size = len(content)
            elif rename:
                member.name = rename
            new.addfile(member, io.BytesIO(content))
    made.seek(0)
    return made


def test_what_is_no_backup_of_this_release_is_refused_by_name(home, tmp_path):
    path, other = saved(home), tmp_path / "other"
    with pytest.raises(BackupError, match="format 2, this release reads up to 1: update"):
        restore_backup(changed(path, format=2), other)
    with pytest.raises(BackupError, match=r"manifest\.json of the backup cannot be read"):
        restore_backup(changed(path, generation=None, surplus=1), other)
    for name in ("../escaped", "/etc/escaped", "unasked"):
        with pytest.raises(BackupError, match="which no backup of Dateline has"):
            restore_backup(changed(path, rename=name), other)
    assert not (tmp_path / "escaped").exists()
    with pytest.raises(BackupError, match="not a backup"):
        restore_backup(io.BytesIO(b"no tar" * 1000), other)


def test_a_store_of_a_newer_release_is_refused_before_it_is_put_in_place(home, tmp_path):
    store = sqlite3.connect(home / STORE_FILE)
    store.execute("PRAGMA user_version = 999")
    store.close()
    with pytest.raises(StoreFormatError, match="format 999"):
        restored(saved(home), tmp_path / "other")
    assert not (tmp_path / "other" / STORE_FILE).exists()


def test_a_damaged_store_is_not_backed_up(home, tmp_path):
    path = home / STORE_FILE
    content = bytearray(path.read_bytes())
    content[20 * 4096 : 24 * 4096] = b"\x55" * (4 * 4096)
    path.write_bytes(content)
    with pytest.raises(BackupError, match=r"is damaged|cannot be copied"):
        saved(home)
    assert [p.name for p in tmp_path.iterdir()] == ["home"]


def test_nothing_and_no_room_are_said(home, tmp_path, monkeypatch):
    with pytest.raises(BackupError, match="there is nothing to back up in"):
        save_backup(tmp_path / "none", tmp_path / "backup.tar", MAKER)
    path = saved(home)
    full = type("Usage", (), {"free": 10})()
    monkeypatch.setattr("index.backup.shutil.disk_usage", lambda _: full)
    with pytest.raises(BackupError, match=r"has room for 10 bytes, [\d,]+ are needed"):
        saved(home)
    with pytest.raises(BackupError, match="has room for 10 bytes"):
        restored(path, tmp_path / "other")


def test_a_store_in_the_midst_of_a_reindex_is_restored_in_the_midst_of_it(home, tmp_path):
    store = Store(home / STORE_FILE)
    store.set_reindexing({"manifest": {"dim": 3}, "after": "n0007"})
    store.close()
    restored(saved(home), tmp_path / "other")
    store = Store(tmp_path / "other" / STORE_FILE)
    assert store.reindexing == {"manifest": {"dim": 3}, "after": "n0007"}
    store.close()


def test_until_the_indexes_are_built_nothing_is_searched(home, tmp_path, monkeypatch):
    """What a kill after the last rename leaves; whoever opens it next builds them."""
    monkeypatch.setattr("index.restore.build_indexes", lambda _: None)
    other = tmp_path / "other"
    restored(saved(home), other)
    with (
        FileLock(other / LOCK_FILE),
        pytest.raises(BeingReindexed, match="another process builds its indexes"),
    ):
        fake_dateline(other)
    assert found(other, "ferry 17") == found(home, "ferry 17")


KILLED = """
import itertools, os, shutil, signal, sys
from pathlib import Path
from index.restore import restore_backup
from tests.index.test_backup import STORE_FILE, everything, restored, saved

home, other = Path(sys.argv[1]), Path(sys.argv[1]).with_name("other")
fsync, replace = os.fsync, Path.replace
expected = everything(home)


def in_a_child(work):
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def killed_at(last):
    left = itertools.count(last, -1)

    def watched(work):
        def run(*arguments):
            for step in (lambda: work(*arguments), lambda: None):
                if next(left) == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                step()
        return run

    os.fsync, Path.replace = watched(fsync), watched(replace)
    restored(saved(home), other)


for moment in itertools.count():
    alive = in_a_child(lambda: killed_at(moment)) == 0
    whole = (other / STORE_FILE).exists()
    if not whole:
        assert in_a_child(lambda: restored(home.with_name("backup.tar"), other)) == 0
    assert everything(other) == expected
    shutil.rmtree(other)
    print("alive" if alive else "all" if whole else "nothing", flush=True)
    if alive:
        break
"""


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(home):
    """Killed before and after each flush and rename: the file and the directory are whole."""
    saved(home)
    (home / "keys.json").write_text("{}")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, home], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    outcomes = done.stdout.split()
    assert outcomes[-1] == "alive"
    assert outcomes.count("nothing") > 10
    assert outcomes.count("all") > 3
    assert outcomes == sorted(outcomes, key=["nothing", "all", "alive"].index)


def test_searches_go_on_while_a_backup_is_made(home):
    dateline = fake_dateline(home)
    stop, failures = threading.Event(), []

    def search():
        while not stop.is_set():
            try:
                seen = dateline.engine.snapshot
                assert len(dateline.engine.lexical(seen, "ferry", Filters(), 5)) == 5
            except Exception as error:
                failures.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    for _ in range(5):
        saved(home)
    stop.set()
    thread.join()
    dateline.close()
    assert failures == []
