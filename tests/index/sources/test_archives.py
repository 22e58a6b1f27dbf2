import gzip
import io
import json
import random
import struct
import tarfile
import time
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import RawArticle
from index.errors import SourceError, UnreadableSource
from index.sources import archives, read_payload, read_sources, streams, zips
from index.sources.payload import Payload
from tests.index.sources.makers import tarred, zipped

NEWS = {
    "a.txt": b"One.",
    "sub/b.html": b"<html><p>Two.</p>",
    "c.jsonl": b'{"text": "Three."}\n' * 2,
}
WANTED = [("f!a.txt", b"One."), ("f!sub/b.html", b"<html><p>Two.</p>")]


def read(data):
    return list(read_payload(Payload("f", data)))


def payloads(items):
    return [(item.origin, item.data) for item in items if isinstance(item, Payload)]


def refusals(items):
    return [item for item in items if isinstance(item, SourceError)]


PACKERS = [
    zipped,
    lambda members: zipped(members, compression=zipfile.ZIP_STORED),
    lambda members: zipped(members, compression=zipfile.ZIP_LZMA),
    tarred,
    lambda members: tarred(members, "w:gz"),
    lambda members: tarred(members, "w:bz2"),
    lambda members: tarred(members, "w:xz"),
]


@pytest.mark.parametrize("pack", PACKERS)
def test_members_are_read_as_files_are(pack):
    items = read(pack(NEWS))
    assert payloads(items) == WANTED
    records = [item for item in items if isinstance(item, RawArticle)]
    assert [(raw.origin, raw.text) for raw in records] == [
        ("f!c.jsonl#/1", "Three."),
        ("f!c.jsonl#/2", "Three."),
    ]
    assert len(items) == 4


@pytest.mark.parametrize("pack", PACKERS)
def test_an_archive_is_a_file_too(tmp_path, pack):
    path = tmp_path / "news"
    path.write_bytes(pack(NEWS))
    with path.open("rb") as stdin:
        found, piped = list(read_sources([path])), list(read_sources(["-"], stdin=stdin))
    assert payloads(found) == [(f"{path}{name[1:]}", data) for name, data in WANTED]
    assert payloads(piped) == [(f"stdin{name[1:]}", data) for name, data in WANTED]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_what_nobody_put_there_is_passed_over(pack):
    hidden = {".DS_Store": b"x", "__MACOSX/._a.txt": b"x", "a/.git/config": b"x"}
    assert payloads(read(pack({**hidden, "./b.txt": b"News."}))) == [("f!./b.txt", b"News.")]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_names_are_shown_and_never_followed(pack):
    items = read(pack({"../../etc/news.txt": b"One.", "/srv/a\x1b[1mb\n.txt": b"Two."}))
    assert [name for name, _ in payloads(items)] == [
        "f!../../etc/news.txt",
        r"f!/srv/a\x1b[1mb\n.txt",
    ]


def test_a_member_without_a_name_is_a_member():
    assert payloads(read(zipped({"~": b"One."}).replace(b"~", b"\0"))) == [("f!", b"One.")]


def test_links_and_devices_are_passed_over():
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        assert read(tarred({"a": b""}, type=kind, linkname="/etc/passwd")) == []


def test_an_encrypted_member_is_refused_alone():
    data = bytearray(zipped({"a.txt": b"One.", "b.txt": b"Two."}))
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1  # the flag in the list of members
    first, second = read(bytes(data))
    assert (first.origin, second.origin) == ("f!a.txt", "f!b.txt")
    assert "encrypted" in first.reason
    assert second.data == b"Two."


def test_a_damaged_member_is_refused_alone():
    data = bytearray(zipped({"a.txt": bytes(range(256)) * 9, "b.txt": b"Two."}))
    data[60:80] = bytes(20)
    first, second = read(bytes(data))
    assert isinstance(first, UnreadableSource)
    assert first.origin == "f!a.txt"
    assert payloads([second]) == [("f!b.txt", b"Two.")]


def test_a_member_over_the_limit_is_refused_alone(monkeypatch):
    from index.sources import opening

    monkeypatch.setattr(opening, "MAX_BYTES", 1_000)
    for pack in (zipped, tarred):
        first, second = read(pack({"a.txt": b"x" * 5_000, "b.txt": b"Two."}))
        assert "1,000 bytes" in first.reason
        assert payloads([second]) == [("f!b.txt", b"Two.")]


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"[Content_Types].xml": b"", "word/document.xml": b"<x/>"}, "Word"),
        ({"[Content_Types].xml": b"", "xl/workbook.xml": b"<x/>"}, "Excel"),
        ({"mimetype": b"application/epub+zip", "META-INF/container.xml": b"<x/>"}, "e-book"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "OpenDocument"),
        ({"META-INF/MANIFEST.MF": b"", "a.class": b""}, "Java"),
    ],
)
def test_documents_in_the_form_of_an_archive_are_named(members, kind):
    [refused] = read(zipped(members))
    assert kind in refused.reason
    assert "save it as" in refused.reason


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_zip_cut_short_is_refused(cut):
    [refused] = read(zipped(NEWS)[:-cut])
    assert isinstance(refused, UnreadableSource)
    assert "fetch the archive again" in refused.reason


@pytest.mark.parametrize(("at", "held"), [(300, 0), (514, 0), (700, 1), (1_100, 1), (2_000, 2)])
def test_a_tar_cut_short_gives_what_it_holds_and_an_error(at, held):
    *found, last = read(tarred(NEWS)[:at])
    assert isinstance(last, UnreadableSource)
    assert payloads(found) == WANTED[:held]


def test_folders_are_no_members():
    assert read(zipped({"a/": b""})) == read(tarred({"a": b""}, type=tarfile.DIRTYPE)) == []


# -- nesting and bombs ---------------------------------------------------------------------


def test_archives_in_archives_are_opened_three_deep():
    data, name = b"News.", "a.txt"
    for depth, pack in enumerate((zipped, tarred, zipped), start=1):
        data, name = pack({name: data}), f"{depth}"
    assert payloads(read(data)) == [("f!2!1!a.txt", b"News.")]
    [refused] = read(
        tarred(
            {
                "outer": data,
            }
        )
    )
    assert refused.origin == "f!outer!2!1"
    assert "inside 3 others" in refused.reason


class Watched:
    """Time and memory that a reading took."""

    def __enter__(self):
        tracemalloc.start()
        self.started = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self.started
        self.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


@pytest.fixture
def suspicious(monkeypatch):
    """Bombs of a size that a test can make."""
    monkeypatch.setattr(streams, "MIN_SUSPECT_BYTES", 5_000_000)


def assert_stopped(data, members):
    with Watched() as watched:
        items = read(data)
    bombs = [item for item in refusals(items) if "250 to 1" in item.reason]
    assert len(bombs) == 1
    assert len(items) <= members
    assert watched.seconds < 5
    assert watched.peak < 120_000_000
    return bombs[0]


def test_a_flat_bomb_of_many_members_is_stopped(suspicious):
    lines = b'{"text": "' + b"a" * 1_500_000 + b'"}\n'
    bomb = zipped({f"{n}.jsonl": lines for n in range(100)})
    assert len(bomb) < 500_000
    assert assert_stopped(bomb, 40).origin.startswith("f!")


def test_one_member_that_unpacks_for_ever_is_stopped(suspicious):
    assert_stopped(zipped({"a.txt": b"0" * 60_000_000}), 1)


def test_a_nested_bomb_is_stopped(suspicious):
    layer = {"0.txt": b"0" * 3_000_000}
    for _ in range(2):
        layer = {f"{n}.zip": zipped(layer) for n in range(16)}
    bomb = zipped(layer)  # 16 x 16 x 3 MB in a few hundred kB
    assert len(bomb) < 2_000_000
    assert_stopped(bomb, 400)


def test_members_that_overlap_are_counted_each_time(suspicious):
    assert_stopped(overlapping(b'{"text": "' + b"0" * 3_000_000 + b'"}\n', 500), 100)


def test_a_packed_tar_bomb_is_stopped(suspicious):
    assert_stopped(gzip.compress(tarred({"a.txt": b"0" * 60_000_000})), 3)


def overlapping(data, times):
    """A ZIP whose list names its one member many times."""
    one = zipped({"a.jsonl": data})
    start, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    entry = one[start:end]
    entries = entry * times
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(entries), start, 0)
    return one[:start] + entries + tail


def test_a_list_of_members_that_fills_memory_is_refused(monkeypatch):
    monkeypatch.setattr(zips, "MAX_DIRECTORY_BYTES", 10_000)
    [refused] = read(zipped({f"{n}.txt": b"x" for n in range(1_000)}))
    assert "10,000" in refused.reason
    assert len(read(zipped({f"{n}.txt": b"x" for n in range(100)}))) == 100


def test_a_nested_zip_is_held_only_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(zips, "MAX_HELD_BYTES", 1_000)
    inner = zipped({"a.txt": random.Random(1).randbytes(5_000)})
    first, second = read(zipped({"inner.zip": inner, "b.txt": b"Two."}))
    assert first.origin == "f!inner.zip"
    assert "1,000 bytes" in first.reason
    assert payloads([second]) == [("f!b.txt", b"Two.")]


def test_a_header_of_a_tar_that_fills_memory_is_refused(monkeypatch):
    monkeypatch.setattr(archives, "MAX_TAR_HEADER_BYTES", 50_000)
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a.txt")
        info.pax_headers = {"comment": "x" * 500_000}
        archive.addfile(info)
    [refused] = read(file.getvalue())
    assert "a header in it is larger than 50,000 bytes" in refused.reason


def test_a_sparse_member_does_not_unpack_to_holes():
    file = io.BytesIO(tarred({"a.txt": b"x" * 512}))
    header = bytearray(file.getvalue()[:512])
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[257:265] = b"ustar  \0"
    header[386:410] = b"00000000000\x0000000001000\x00"
    header[483:495] = b"77777777777\x00"  # eight gigabytes of which 512 bytes are there
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    found = read(bytes(header) + file.getvalue()[512:])
    assert [item.origin for item in found] == ["f!a.txt"]
    assert "holes" in found[0].reason


# -- any bytes ---------------------------------------------------------------------------------

SMALL = [
    *(pack({"a.txt": b"One. " * 50, "b.jsonl": b'{"text": "Two."}\n' * 5}) for pack in PACKERS),
    zipped({"in.zip": zipped(NEWS), "in.tar": tarred(NEWS)}),
]


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(SMALL), st.data())
def test_mutated_archives_never_raise(data, drawn):
    broken = bytearray(data[: drawn.draw(st.integers(0, len(data)))])
    for at in drawn.draw(st.lists(st.integers(0, max(0, len(broken) - 1)), max_size=6)):
        if broken:
            broken[at] = drawn.draw(st.integers(0, 255))
    for item in read(bytes(broken)):
        assert isinstance(item, Payload | RawArticle | SourceError)
        json.dumps(item.origin).encode()
