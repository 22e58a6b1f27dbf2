import gzip
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import RawArticle
from index.errors import SourceError, UnreadableSource
from index.sources import read_payload, warc
from index.sources.payload import Payload
from tests.index.sources import makers

PAGE = b"<!DOCTYPE html><html><p>The mill closed.</p></html>"
MILL, PORT = "https://meridianwire.example/mill", "https://meridianwire.example/port"
DAY = "2025-03-12T10:00:00Z"


def response(url, body=PAGE, date=DAY, **http):
    return ("response", url, date, makers.http(body, **http))


def read(data):
    return list(read_payload(Payload("f", data)))


def documents(items):
    return [(item.url, item.data) for item in items if isinstance(item, Payload)]


@pytest.mark.parametrize(
    "pack",
    [
        lambda records: makers.warc(*records),
        lambda records: gzip.compress(makers.warc(*records)),
        lambda records: b"".join(gzip.compress(makers.warc(record)) for record in records),
    ],
    ids=["plain", "packed whole", "packed by record"],
)
def test_captures_become_documents(pack):
    text = (
        "conversion",
        PORT,
        "2025-03-13T00:00:00Z",
        b"The port opened.",
        "Content-Type: text/plain",
    )
    first, second = read(pack([response(MILL), text]))
    assert first == Payload(
        f"f!{MILL}", PAGE, MILL, "text/html; charset=utf-8", datetime(2025, 3, 12, 10, tzinfo=UTC)
    )
    assert (second.url, second.data, second.content_type) == (
        *(PORT, b"The port opened.", "text/plain"),
    )


def test_a_later_capture_of_an_address_has_the_same_origin():
    first, second = read(makers.warc(response(MILL), response(MILL, b"<html>New", "2025-03-14")))
    assert first.origin == second.origin
    assert first.fetched_at < second.fetched_at


@pytest.mark.parametrize(
    "record",
    [
        response(MILL, status="404 Not Found"),
        response(MILL, status="301 Moved"),
        response(MILL, content_type="image/png"),
        response(MILL, content_type="text/css"),
        response(MILL, content_type="application/javascript"),
        response(MILL, content_type="application/octet-stream", body=b"plain words"),
        response(MILL, body=b"  "),
        response("https://meridianwire.example/robots.txt", content_type="text/plain"),
        ("request", MILL, DAY, b"GET /mill HTTP/1.1\r\nHost: meridianwire.example\r\n\r\n"),
        ("warcinfo", "", DAY, b"software: crawler"),
        ("metadata", MILL, DAY, b"via: https://meridianwire.example/"),
        ("revisit", MILL, DAY, b"HTTP/1.1 200 OK\r\n\r\n"),
        ("resource", "urn:thumbnail:1", DAY, PAGE, "Content-Type: text/html"),
        ("response", "dns:meridianwire.example", DAY, b"1.2.3.4"),
    ],
)
def test_what_is_no_article_is_passed_over(record):
    assert documents(read(makers.warc(record, response(PORT)))) == [(PORT, PAGE)]
    assert len(read(makers.warc(record, response(PORT)))) == 1


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(PAGE), {"Content_Encoding": "gzip"}),
        (zlib.compress(PAGE), {"Content_Encoding": "deflate"}),
        (zlib.compress(PAGE)[2:-4], {"Content_Encoding": "deflate"}),
        (PAGE, {"Content_Encoding": "gzip"}),
        (b"5\r\n" + PAGE[:5] + b"\r\n%x\r\n" % (len(PAGE) - 5) + PAGE[5:] + b"\r\n0\r\n\r\n",
         {"Transfer_Encoding": "chunked"}),
        (b"%x\r\n" % len(gzip.compress(PAGE)) + gzip.compress(PAGE) + b"\r\n0\r\n\r\n",
         {"Transfer_Encoding": "chunked", "Content_Encoding": "gzip"}),
        (PAGE, {"Transfer_Encoding": "chunked"}),
        (PAGE, {"Content_Encoding": "br"}),
    ],
)  # fmt: skip
def test_what_the_connection_put_around_a_page_is_removed(body, headers):
    assert documents(read(makers.warc(response(MILL, body, **headers)))) == [(MILL, PAGE)]


def test_oddities_are_not_printed(capfd):
    assert documents(read(makers.warc(response("https://a.example/a b"))))
    assert capfd.readouterr() == ("", "")


def test_brotli_is_refused_by_name():
    [refused] = read(makers.warc(response(MILL, bytes(range(128, 228)), Content_Encoding="br")))
    assert refused.origin == f"f!{MILL}"
    assert "Brotli" in refused.reason


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"Content-Length: ", b"Content-Length: x", 1),
        lambda data: data.replace(b"Content-Length: ", b"Length: ", 1),
        lambda data: data.replace(b"Content-Length: ", b"Content-Length: -", 1),
        lambda data: data.replace(b"\r\nWARC-Type: response", b"\r\nx: " + b"y" * 500_000, 1),
    ],
)
def test_a_damaged_record_is_refused_alone(damage):
    items = read(damage(makers.warc(response(MILL), response(PORT))))
    assert documents(items) == [(PORT, PAGE)]
    assert any(isinstance(item, UnreadableSource) for item in items)


def test_bytes_between_records_are_told():
    one, two = makers.warc(response(MILL)), makers.warc(response(PORT))
    items = read(one + b"rubbish\nmore\r\n" + two)
    assert documents(items) == [(MILL, PAGE), (PORT, PAGE)]
    assert [item.reason[:9] for item in items if isinstance(item, UnreadableSource)] == [
        "14 bytes "
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_archive_cut_short_gives_what_it_holds_and_one_error(pack):
    data = pack(makers.warc(response(MILL), response(PORT, PAGE * 50)))
    *found, last = read(data[:-40])
    assert documents(found)[:1] == [(MILL, PAGE)]
    assert len(found) == 1
    assert isinstance(last, UnreadableSource)


def test_a_page_over_the_limit_is_refused_alone(monkeypatch):
    monkeypatch.setattr(warc, "MAX_BYTES", 1_000)
    bomb = response(MILL, gzip.compress(b"<html>" + b"0" * 500_000), Content_Encoding="gzip")
    large = response(MILL, b"<html>" + b"0" * 5_000)
    items = read(makers.warc(bomb, large, response(PORT)))
    assert documents(items) == [(PORT, PAGE)]
    assert [item.origin for item in items[:2]] == [f"f!{MILL}"] * 2
    assert all("1,000 bytes" in item.reason for item in items[:2])


def test_pages_that_unpack_to_far_more_end_the_reading(monkeypatch):
    from index.sources import streams

    monkeypatch.setattr(streams, "MIN_SUSPECT_BYTES", 1_000_000)
    packed = gzip.compress(b"<html>" + b"0" * 400_000)
    data = makers.warc(*[response(MILL, packed, Content_Encoding="gzip")] * 100)
    *found, last = read(data)
    assert len(found) < 60
    assert "250 to 1" in last.reason


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_archives_never_raise(drawn):
    whole = makers.warc(
        response(MILL), response(PORT, gzip.compress(PAGE), Content_Encoding="gzip")
    )
    broken = bytearray(whole[: drawn.draw(st.integers(0, len(whole)))])
    for at in drawn.draw(st.lists(st.integers(0, max(0, len(broken) - 1)), max_size=6)):
        if broken:
            broken[at] = drawn.draw(st.integers(0, 255))
    for item in read(bytes(broken)):
        assert isinstance(item, Payload | RawArticle | SourceError)
