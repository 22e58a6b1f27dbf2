import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import RawArticle
from index.errors import (
    EmptySource,
    FetchFailed,
    FetchRefused,
    InvalidRecord,
    SourceError,
    UnreadableSource,
)
from index.sources import Columns, json_files, opening, read_payload, records, streams
from index.sources import read_sources as read_raw_sources
from index.sources.parse import parse
from index.sources.payload import NotModified, Payload
from index.sources.streams import HEAD_BYTES

NOON = datetime(2025, 3, 12, 12, tzinfo=UTC)
GOOD = [{"id": f"a{n}", "text": f"Article {n}. It is short."} for n in range(5)]
JSONL = "".join(json.dumps(record) + "\n" for record in GOOD).encode()


def read_sources(paths, **streams_):
    """What is found, with single documents parsed as a worker does it."""
    for item in read_raw_sources(paths, **streams_):
        yield from parse(item) if isinstance(item, Payload) else [item]


def read(*paths, **streams_):
    return list(read_sources(paths, **streams_))


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def small_limit(monkeypatch):
    """Limits of 200 bytes for a text or a line."""
    for module in (records, streams, json_files, opening):
        monkeypatch.setattr(module, "MAX_BYTES", 200)


def test_files_come_in_the_order_given(tmp_path):
    one, two = write(tmp_path / "1.txt", b"One."), write(tmp_path / "2.txt", b"Two.")
    assert [raw.text for raw in read(two, str(one), two)] == ["Two.", "One.", "Two."]


def test_a_folder_is_read_by_name_with_its_subfolders(tmp_path):
    for name in ("b.txt", "a/z.txt", "a/b/c.txt", "c.txt", "a.txt", "B.txt"):
        write(tmp_path / name, name.encode())
    found = [raw.text for raw in read(tmp_path)]
    assert found == ["B.txt", "a/b/c.txt", "a/z.txt", "a.txt", "b.txt", "c.txt"]


def test_hidden_entries_of_a_folder_are_passed_over(tmp_path):
    write(tmp_path / ".DS_Store", b"x")
    write(tmp_path / ".git/config", b"x")
    hidden = write(tmp_path / ".named.txt", b"Named.")
    assert read(tmp_path) == []
    assert read(hidden)[0].text == "Named."


def test_content_decides_and_not_the_name(tmp_path):
    write(tmp_path / "a.csv", b"Just an article.")
    write(tmp_path / "b", JSONL)
    write(tmp_path / "c.txt", gzip.compress(JSONL))
    write(tmp_path / "d.jsonl", b"A plain article.")
    write(tmp_path / "e.txt", b"\x89PNG\r\n\x1a\n")
    found = read(tmp_path)
    assert [getattr(item, "id", item) for item in found[1:11]] == ["a0", "a1", "a2", "a3", "a4"] * 2
    assert found[0].text == "Just an article."
    assert found[11].text == "A plain article."
    assert isinstance(found[12], UnreadableSource)


def test_a_missing_path_is_an_error_and_the_run_goes_on(tmp_path):
    path = write(tmp_path / "a.txt", b"News.")
    missing, raw = read(tmp_path / "nope.txt", path)
    assert isinstance(missing, UnreadableSource)
    assert missing.origin == str(tmp_path / "nope.txt")
    assert raw.text == "News."


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_an_error(tmp_path):
    path = write(tmp_path / "a.txt", b"News.")
    path.chmod(0)
    assert "Permission denied" in read(path)[0].reason


def test_an_error_of_opening_is_an_error(tmp_path, monkeypatch):
    path = write(tmp_path / "a.txt", b"News.")

    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    found = read(path)
    assert [type(item) for item in found] == [UnreadableSource]
    assert found[0].reason == "it cannot be read (Permission denied)"


def test_loops_of_links_end(tmp_path):
    write(tmp_path / "a" / "one.txt", b"One.")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a")
    (tmp_path / "knot").symlink_to(tmp_path / "knot")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    found = read(tmp_path)
    assert [item.text for item in found if isinstance(item, RawArticle)] == ["One."]
    refused = [Path(item.origin).name for item in found if isinstance(item, UnreadableSource)]
    assert refused == ["gone", "knot"]


def test_a_linked_folder_is_read_once(tmp_path):
    write(tmp_path / "real" / "one.txt", b"One.")
    (tmp_path / "a").symlink_to(tmp_path / "real")
    assert [Path(raw.origin).parent.name for raw in read(tmp_path)] == ["a"]


def test_a_very_deep_folder_is_read(tmp_path):
    deep = tmp_path
    for _ in range(600):
        deep = deep / "d"
    deep.mkdir(parents=True)
    write(deep / "one.txt", b"One.")
    assert [raw.text for raw in read(tmp_path)] == ["One."]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in read(tmp_path)[0].reason


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux")
def test_a_name_that_is_not_utf8_gives_a_printable_origin(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"News.")
    assert read(tmp_path)[0].origin == str(tmp_path / r"caf\xe9.txt")


def test_an_impossible_path_is_an_error():
    assert isinstance(read("a\0b")[0], UnreadableSource)


def test_a_text_from_standard_input():
    [raw] = read("-", stdin=io.BytesIO(b"News."))
    assert (raw.origin, raw.text) == ("stdin", "News.")
    assert raw.bytes_sha256 == hashlib.sha256(b"News.").hexdigest()


def test_records_from_standard_input_leave_it_open():
    stdin = io.BytesIO(JSONL)
    assert [raw.origin for raw in read("-", stdin=stdin)] == [f"stdin#a{n}" for n in range(5)]
    assert not stdin.closed


def test_no_standard_input_is_an_error():
    assert read("-")[0].origin == "stdin"


@pytest.mark.parametrize("data", [b"", b"\n \n", gzip.compress(b"")])
def test_an_empty_file_is_empty(tmp_path, data):
    assert [type(item) for item in read(write(tmp_path / "a.txt", data))] == [EmptySource]


def test_records_begin_after_blank_lines(tmp_path):
    found = read(write(tmp_path / "a.jsonl", b"\n\n" + JSONL + b'\n{"text": ""}'))
    assert [item.id for item in found[:5]] == [record["id"] for record in GOOD]
    assert found[5].origin.endswith("a.jsonl#/9")


def test_good_and_bad_records_are_both_told(tmp_path):
    found = read(write(tmp_path / "a.jsonl", JSONL + b"oops\n" + JSONL))
    assert [type(item) for item in found] == [*[RawArticle] * 5, InvalidRecord, *[RawArticle] * 5]


@pytest.mark.parametrize("cut", [5, 8, 40, 200])
def test_a_gzip_file_cut_short_gives_what_it_holds_and_an_error(tmp_path, cut):
    lines = [json.dumps({"text": os.urandom(2000).hex()}) for _ in range(20)]
    path = write(tmp_path / "a.gz", gzip.compress("\n".join(lines).encode())[:-cut])
    *good, last = read(path)
    assert all(isinstance(item, RawArticle | InvalidRecord) for item in good)
    assert isinstance(last, UnreadableSource)
    assert last.origin == str(path)
    assert "gzip" in last.reason
    assert len(good) >= 18


def test_a_damaged_gzip_file_is_an_error(tmp_path):
    data = bytearray(gzip.compress(os.urandom(5000)))
    data[2000:2100] = bytes(100)
    found = read(write(tmp_path / "a.gz", bytes(data)), write(tmp_path / "b.gz", b"\x1f\x8b"))
    assert [type(item) for item in found] == [UnreadableSource] * 2


def test_a_line_over_the_limit_is_refused_and_the_next_are_read(tmp_path, small_limit):
    long = json.dumps({"text": "x" * 5000}).encode()
    path = write(tmp_path / "a.jsonl", JSONL + long + b"\n" + JSONL)
    found = read(path)
    assert [type(item) for item in found] == [*[RawArticle] * 5, InvalidRecord, *[RawArticle] * 5]
    assert found[5].origin == f"{path}#/6"
    assert "200 bytes" in found[5].reason


@pytest.mark.parametrize("first", [b'{"text": "' + b"x" * 900 + b'"}\n', b""])
def test_a_file_over_the_limit_is_read_when_its_lines_are_not(tmp_path, small_limit, first):
    found = read(write(tmp_path / "a.jsonl", first + JSONL * 10))
    assert [item.id for item in found if isinstance(item, RawArticle)] == [
        "a0",
        "a1",
        "a2",
        "a3",
        "a4",
    ] * 10


@pytest.mark.parametrize("data", [b"x" * 5000, b"\n" * 5000, b"x\n" * 5000])
def test_a_text_over_the_limit_is_refused(tmp_path, small_limit, data):
    packed = write(tmp_path / "b.gz", gzip.compress(data))
    for item in read(write(tmp_path / "a.txt", data), packed):
        assert isinstance(item, UnreadableSource)
        assert "200 bytes" in item.reason


def test_a_gzip_bomb_of_lines_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "MIN_SUSPECT_BYTES", 100_000)
    long = b"0" * 1_000_000 + b"\n"
    path = write(tmp_path / "a.gz", gzip.compress(JSONL + long * 30))
    *found, last = read(path)
    assert [item.id for item in found[:5]] == [record["id"] for record in GOOD]
    assert len(found) < 25
    assert isinstance(last, UnreadableSource)
    assert "250 to 1" in last.reason


def test_empty_lines_without_end_are_stopped(tmp_path):
    path = write(tmp_path / "a.gz", gzip.compress(JSONL + b"\n" * 50_000_000))
    *good, last = read(path)
    assert len(good) == 5
    assert "100,000 empty lines" in last.reason
    assert len(read(write(tmp_path / "b", JSONL + b"\n" * 90_000 + JSONL))) == 10


def test_one_record_is_held_at_a_time():
    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def __init__(self):
            self.given = 0

        def readinto(self, buffer):
            at = self.given % 18
            lines = b'{"text": "News."}\n' * (len(buffer) // 18 + 2)
            buffer[:] = lines[at : at + len(buffer)]
            self.given += len(buffer)
            return len(buffer)

    endless = Endless()
    found = read_sources(["-"], stdin=endless)
    assert [next(found).text for _ in range(20_000)] == ["News."] * 20_000
    assert endless.given < 20_000 * 18 + 3 * HEAD_BYTES
    found.close()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_file_is_what_it_holds(tmp_path, pack):
    records_, text = write(tmp_path / "a", pack(JSONL)), write(tmp_path / "b", pack(b"News."))
    *found, last = read(records_, text)
    assert [item.id for item in found] == ["a0", "a1", "a2", "a3", "a4"]
    assert (last.origin, last.text) == (str(text), "News.")


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_other_packed_files_cut_short_are_errors_too(tmp_path, pack):
    lines = [json.dumps({"text": os.urandom(2000).hex()}) for _ in range(50)]
    *good, last = read(write(tmp_path / "a", pack("\n".join(lines).encode())[:-50]))
    assert all(isinstance(item, RawArticle | InvalidRecord) for item in good)
    assert isinstance(last, UnreadableSource)
    assert "fetch the file again" in last.reason


def test_single_documents_are_handed_on_whole(tmp_path):
    path = write(tmp_path / "a.txt", b"News.")
    assert list(read_raw_sources([path])) == [Payload(str(path), b"News.")]


class Site:
    """A fetcher of what it was given."""

    def __init__(self, pages):
        self.pages = pages

    def fetch(self, url):
        if url not in self.pages:
            raise FetchFailed(url, "there is nothing")
        return self.pages[url]


def test_addresses_are_fetched_and_what_they_hold_is_opened():
    page = Payload("https://a.example/1", b"News.", "https://a.example/one", None, NOON)
    dump = Payload("https://a.example/2", gzip.compress(JSONL), "https://a.example/2", None, NOON)
    same = NotModified("HTTPS://a.example/3")
    site = Site({page.origin: page, dump.origin: dump, same.origin: same})
    names = [page.origin, dump.origin, same.origin, "http://a.example/4"]
    one, *many, unchanged, failed = read_raw_sources(names, fetcher=site)
    assert one == page
    assert [raw.origin for raw in many] == [f"https://a.example/2#a{n}" for n in range(5)]
    assert {raw.fetched_at for raw in many} == {NOON}
    assert unchanged is same
    assert isinstance(failed, FetchFailed)


def test_without_a_fetcher_an_address_is_refused():
    [refused] = read("https://a.example/1")
    assert isinstance(refused, FetchRefused)
    assert refused.origin == "https://a.example/1"


def test_a_payload_is_opened_as_a_file_is():
    packed = Payload("upload", gzip.compress(b"News."), "https://a.example/", "text/plain", NOON)
    assert list(read_payload(packed)) == [replace(packed, data=b"News.")]
    found = list(read_payload(Payload("upload", JSONL.replace(b"text", b"words")),
                              columns=Columns.parse("text=words")))  # fmt: skip
    assert [raw.origin for raw in found] == [f"upload#a{n}" for n in range(5)]
    assert {raw.fetched_at for raw in found} == {None}


@given(
    st.binary(max_size=2000), st.sampled_from([b"", b'{"text": "', b'{"a"}\n', b"\x1f\x8b\x08\x00"])
)
def test_no_bytes_raise(data, start):
    for packed in (start + data, gzip.compress(start + data)):
        found = read("-", stdin=io.BytesIO(packed))
        assert found or not data.strip()
        assert all(isinstance(item, RawArticle | SourceError) for item in found)
        assert all(item.text.strip() for item in found if isinstance(item, RawArticle))
