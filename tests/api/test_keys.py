"""API keys: made once, kept as digests, compared whole, changed by many at once."""

import hashlib
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from api import key_book
from api.key_book import FORMAT, KEYS_FILE, KeyBook
from api.keys import Key, KeyRefused, KeysUnreadable, Scope
from tests.conftest import ROOT

NOW = datetime(2025, 3, 12, 9, 30, tzinfo=UTC)


@pytest.fixture
def book(tmp_path):
    return KeyBook(tmp_path)


def test_a_key_is_found_and_only_its_digest_is_kept(tmp_path, book):
    made, secret = book.add("laptop", Scope.READ, now=NOW)
    assert secret.startswith("dl_")
    assert len(secret) == 3 + 43  # 256 bits in base64
    assert book.find(secret.encode()) == made == KeyBook(tmp_path).all()[0]
    assert made.digest == hashlib.sha256(secret.encode()).digest()
    written = (tmp_path / KEYS_FILE).read_text()
    assert secret not in written
    assert secret[3:] not in written
    assert made.digest.hex() in written
    assert made.digest.hex() not in repr(made)
    assert str(made.digest) not in repr(made)


def test_keys_differ(book):
    secrets = {book.add(f"k{i}", Scope.READ, now=NOW)[1] for i in range(20)}
    assert len(secrets) == 20


def test_the_file_is_for_its_owner_alone(tmp_path, book):
    book.add("laptop", Scope.READ, now=NOW)
    before = os.umask(0)
    try:
        book.add("other", Scope.READ, now=NOW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / KEYS_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "presented",
    [
        lambda s: s[:-1],
        lambda s: s + "x",
        lambda s: s.upper(),
        lambda s: s[3:],
        lambda s: "",
        lambda s: s + "\x00",
        lambda s: " " + s,
        lambda s: hashlib.sha256(s.encode()).hexdigest(),
    ],
)
def test_nothing_but_the_key_is_the_key(book, presented):
    _, secret = book.add("laptop", Scope.READ, now=NOW)
    assert book.find(presented(secret).encode()) is None


def test_every_digest_is_compared_whatever_is_presented(book, monkeypatch):
    """So the time tells neither which key was right nor how much of one."""
    secrets = [book.add(f"k{i}", Scope.READ, now=NOW)[1] for i in range(5)]
    compared = []

    def compare(one, other):
        compared.append((len(one), len(other)))
        return one == other

    monkeypatch.setattr(key_book.hmac, "compare_digest", compare)
    wrong = [secrets[0][:n] for n in (0, 1, 20, 45)] + [secrets[2][:-1] + "~", "x" * 5_000]
    for presented in [*secrets, *wrong]:
        compared.clear()
        book.find(presented.encode())
        assert compared == [(32, 32)] * 5


def test_revoked_and_expired(book):
    key, secret = book.add("laptop", Scope.READ, now=NOW, expires_at=NOW + timedelta(hours=1))
    assert key.works_at(NOW)
    assert key.works_at(NOW + timedelta(minutes=59))
    assert not key.works_at(NOW + timedelta(hours=1))
    revoked = book.revoke("laptop", now=NOW + timedelta(minutes=1))
    assert not revoked.works_at(NOW)
    assert book.find(secret.encode()) == replace(key, revoked_at=NOW + timedelta(minutes=1))


def test_keys_are_needed_until_the_last_is_revoked(book):
    assert not book.are_needed()
    book.add("expired", Scope.READ, now=NOW, expires_at=NOW)
    assert book.are_needed()  # that a key has run out opens nothing
    book.add("other", Scope.READ, now=NOW)
    book.revoke("expired", now=NOW)
    assert book.are_needed()
    book.revoke("other", now=NOW)
    assert not book.are_needed()


def test_a_name_is_free_again_once_it_is_revoked(book):
    _, first = book.add("laptop", Scope.READ, now=NOW)
    with pytest.raises(KeyRefused, match="'laptop' already"):
        book.add("laptop", Scope.INGEST, now=NOW)
    book.revoke("laptop", now=NOW)
    with pytest.raises(KeyRefused, match="no key is called 'laptop'"):
        book.revoke("laptop", now=NOW)
    key, second = book.add("laptop", Scope.INGEST, now=NOW)
    assert book.find(second.encode()) == key
    assert not book.find(first.encode()).works_at(NOW)


@pytest.mark.parametrize("name", ["", " ", "a b", "-x", "x" * 65, "x\n", "é", "a/b", "\x1b[2J"])
def test_a_name_that_cannot_be_one(book, name):
    with pytest.raises(KeyRefused, match="cannot name a key"):
        book.add(name, Scope.READ, now=NOW)
    assert book.all() == ()


def test_the_longest_revoked_makes_room_and_no_other(book, monkeypatch):
    monkeypatch.setattr(key_book, "MAX_KEYS", 3)
    for name in "abc":
        book.add(name, Scope.READ, now=NOW)
    with pytest.raises(KeyRefused, match="3 keys"):
        book.add("d", Scope.READ, now=NOW)
    book.revoke("c", now=NOW)
    book.revoke("a", now=NOW + timedelta(hours=1))
    book.add("d", Scope.READ, now=NOW)
    assert [key.name for key in book.all()] == ["a", "b", "d"]


def test_scopes():
    assert Scope.INGEST.allows(Scope.READ)
    assert Scope.INGEST.allows(Scope.INGEST)
    assert Scope.READ.allows(Scope.READ)
    assert not Scope.READ.allows(Scope.INGEST)


def test_what_another_process_changes_is_seen(tmp_path, book):
    other = KeyBook(tmp_path)
    assert book.all() == ()
    for i in range(30):  # as fast as files change: times alone may be equal
        _, secret = other.add(f"k{i}", Scope.READ, now=NOW)
        assert book.find(secret.encode()).works_at(NOW)
        other.revoke(f"k{i}", now=NOW)
        assert not book.find(secret.encode()).works_at(NOW)
    (tmp_path / KEYS_FILE).unlink()
    assert book.all() == ()


ROW = {
    "name": "x", "sha256": "00" * 32, "scope": "read",
    "created": NOW.isoformat(), "expires": None, "revoked": None,
}  # fmt: skip


def held(**changes):
    return json.dumps({"format": FORMAT, "keys": [ROW | changes]})


def test_the_file_reads_as_documented(tmp_path, book):
    (tmp_path / KEYS_FILE).write_text(held())
    assert book.all() == (Key("x", bytes(32), Scope.READ, NOW),)


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null", "\x00", '{"keys": []}', '{"format": 2, "keys": []}',
        '{"format": 1}', '{"format": 1, "keys": [1]}', held(scope="admin"), held(sha256="zz"),
        held(created="yesterday"), held(created="2025-01-01T00:00:00"), held(revoked=7),
    ],
)  # fmt: skip
def test_a_damaged_file_is_an_error_and_not_an_open_door(tmp_path, book, content):
    (tmp_path / KEYS_FILE).write_text(content)
    for asked in (book.all, book.are_needed, lambda: book.find(b"x")):
        with pytest.raises(KeysUnreadable, match=KEYS_FILE):
            asked()
    with pytest.raises(KeysUnreadable):
        book.add("laptop", Scope.READ, now=NOW)
    assert (tmp_path / KEYS_FILE).read_text() == content


def test_a_file_that_is_a_folder_is_an_error(tmp_path, book):
    (tmp_path / KEYS_FILE).mkdir()
    with pytest.raises(KeysUnreadable):
        book.are_needed()


ADD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from api.key_book import KeyBook
from api.keys import Scope
book = KeyBook(Path(sys.argv[1]))
for i in range(25):
    book.add(f"{sys.argv[2]}{i}", Scope.READ, now=datetime.now(UTC))
    if i % 5 == 0:
        book.revoke(f"{sys.argv[2]}{i}", now=datetime.now(UTC))
"""


def test_processes_that_add_at_once_lose_none(tmp_path, book):
    processes = [
        subprocess.Popen([sys.executable, "-c", ADD, str(tmp_path), name], cwd=ROOT)
        for name in "abc"
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    keys = book.all()
    assert {key.name for key in keys} == {f"{name}{i}" for name in "abc" for i in range(25)}
    assert sum(key.revoked_at is not None for key in keys) == 15


def test_what_a_killed_process_left_is_no_obstacle(tmp_path, book):
    (tmp_path / KEYS_FILE).with_suffix(".new").write_text("half")
    _, secret = book.add("laptop", Scope.READ, now=NOW)
    assert book.find(secret.encode())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys.json", "keys.lock"]
