import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sources.columns import Columns
from index.sources.detect import document_kind, kind_of
from tests.index.sources.makers import pdf, tarred, warc, zipped

MAIL = (
    b"From: Ana <a@b.example>\r\nTo: c@d.example\r\nDate: Wed, 12 Mar 2025 10:00:00 +0000\r\n\r\n"
)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (zipped({"a.txt": b"News."}), "zip"),
        (zipped({}), "zip"),
        (tarred({"a.txt": b"News."}), "tar"),
        (warc(("resource", "https://a.example/", "2025-03-12T00:00:00Z", b"News.")), "warc"),
        (pdf([["News."]]), "pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.7\n", "pdf"),
        (MAIL + b"News.", "mail"),
        (MAIL.replace(b"\r", b"") + b"News.", "mail"),
        (b"From ana@b.example Wed Mar 12 10:00:00 2025\n" + MAIL, "mbox"),
        (b"<!DOCTYPE html><html><p>News.", "html"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel>', "feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        (b'{"text": "News."}', "json"),
        (b'\xef\xbb\xbf\n{\n "text": "News."}', "json"),
        ('[{"text": "News."}]'.encode("utf-16"), "json"),
        (b"title,text\nA,News.\n", "table"),
        (b"", "text"),
        (b"\x89PNG\r\n\x1a\n", "text"),
        (b"News.", "text"),
    ],
)
def test_content_decides(data, kind):
    assert kind_of(data, Columns()) == kind


@pytest.mark.parametrize(
    "text",
    [
        "From Monday, 12 March 2025, the mill is closed.\nMany wept: it was old.\n",
        "From: Ana Holm\nTo: the mill\n\nThe mill closed.\n",
        "Date: 12 March 2025\nSubject: the mill\nSource: Meridian Wire\n\nThe mill closed.\n",
        "[Updated at 5 p.m.] The mill closed.",
        "{sic} he said",
        "WARC/1.0 is a format, the archivist said.",
        "PK is short for Phil Katz.",
        "%PDF is how such files begin.",
    ],
)
def test_prose_stays_prose(text):
    assert kind_of(text.encode(), Columns()) == "text"


@given(st.binary(max_size=600), st.sampled_from([b"", b"From: ", b"PK", b"{", b"<", b"text,a\n"]))
def test_any_bytes_have_a_kind(data, start):
    kind = kind_of(start + data, Columns.parse("text=a"))
    assert kind in ("json", "table", "zip", "tar", "warc", "mbox") or kind == document_kind(
        start + data
    )
