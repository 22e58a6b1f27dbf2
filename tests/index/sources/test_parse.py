import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import RawArticle
from index.errors import EmptySource, SourceError, UnreadableSource
from index.sources.parse import parse
from index.sources.payload import Payload
from tests.index.sources.makers import pdf

NOON = datetime(2025, 3, 12, 12, tzinfo=UTC)
BODY = "".join(f"<p>The mill on the river closed in year {n} of the town.</p>" for n in range(9))
PAGE = f"<!DOCTYPE html><html><body><article>{BODY}</article></body></html>".encode()
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Meridian Wire</title>
<item><title>Mill</title><link>https://meridianwire.example/mill</link><guid>1</guid>
<description>The mill closed on Friday after two hundred years.</description></item>
<item><title>Port</title><link>https://meridianwire.example/port</link><guid>2</guid>
<description>The port opened on Monday and ships came.</description></item></channel></rss>"""


@pytest.mark.parametrize("data", [PAGE, b"The mill closed.", pdf([["The mill closed."]])])
def test_a_single_document_keeps_hash_time_and_address(data):
    payload = Payload("f", data, "https://meridianwire.example/mill", None, NOON)
    [raw] = parse(payload)
    assert "mill" in raw.text
    assert (raw.origin, raw.url) == ("f", payload.url)
    assert (raw.fetched_at, raw.bytes_sha256) == (NOON, payload.sha256())


def test_the_entries_of_a_feed_keep_the_time():
    found = parse(Payload("f", FEED, fetched_at=NOON))
    assert [raw.title for raw in found] == ["Mill", "Port"]
    assert {raw.fetched_at for raw in found} == {NOON}
    assert {raw.bytes_sha256 for raw in found} == {None}


def test_the_server_may_settle_the_encoding():
    text = "Президент приехал"
    payload = Payload("f", text.encode("cp866"), content_type='text/plain; charset="cp866"')
    assert parse(payload)[0].text == text
    assert (
        parse(Payload("f", text.encode(), content_type="text/plain; charset=cp866"))[0].text == text
    )
    odd = Payload("f", "Le café fermé.".encode("cp1252"), content_type="text/plain; charset=x-odd")
    assert parse(odd)[0].text == "Le café fermé."


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", EmptySource),
        (b"\x89PNG\r\n\x1a\n", UnreadableSource),
        (b"<?xml?><a/>", UnreadableSource),
    ],
)
def test_what_is_no_document_is_refused(data, kind):
    assert [type(item) for item in parse(Payload("f", data))] == [kind]


def test_it_crosses_processes():
    assert pickle.loads(pickle.dumps(parse)) is parse  # noqa: S301


STARTS = [b"", b"<html>", b"%PDF-1.4\n", b"From: a@b.example\nTo: c\nDate: x\n\n", FEED[:120], b"{"]


@settings(deadline=None)
@given(st.sampled_from(STARTS), st.binary(max_size=500))
def test_any_bytes_are_articles_or_refusals(start, data):
    for item in parse(Payload("f", start + data)):
        assert isinstance(item, RawArticle | SourceError)
        assert not isinstance(item, RawArticle) or item.text.strip()
