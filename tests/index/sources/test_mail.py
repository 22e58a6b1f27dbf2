from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import RawArticle
from index.errors import EmptySource, SourceError, UnreadableSource
from index.sources import mail, read_payload
from index.sources.parse import parse
from index.sources.payload import Payload

PLAIN = (
    "The mill on the river, which had ground flour for two hundred\n"
    "years, closed on Friday after its owners found no buyer.\n\n"
    "The mayor was sorry.\n"
)
JOINED = (
    "The mill on the river, which had ground flour for two hundred years, closed on Friday after"
    " its owners found no buyer.\n\nThe mayor was sorry."
)


def message(*, sender="Meridian Wire <news@meridianwire.example>", plain=PLAIN, page=None, **more):
    built = EmailMessage()
    built["From"] = sender
    built["To"] = "reader@a.example"
    built["Subject"] = "Mill to close – at last"
    built["Date"] = "Wed, 12 Mar 2025 10:15:00 +0100"
    for name, value in more.items():
        built[name.replace("_", "-")] = value
    if plain is not None:
        built.set_content(plain)
    if page is not None and plain is not None:
        built.add_alternative(page, subtype="html")
    elif page is not None:
        built.set_content(page, subtype="html")
    return built


def read(built):
    data = built if isinstance(built, bytes) else built.as_bytes()
    [found] = parse(Payload("f.eml", data))
    return found


def test_a_newsletter_is_an_article_of_its_outlet():
    raw = read(message())
    assert raw == RawArticle(
        origin="f.eml",
        text=JOINED,
        title="Mill to close – at last",
        published="2025-03-12T10:15:00+01:00",
        source="Meridian Wire",
        bytes_sha256=raw.bytes_sha256,
    )


@pytest.mark.parametrize(
    ("sender", "headers", "source", "authors"),
    [
        ("Ana Holm <ana.holm@a.example>", {}, None, ("Ana Holm",)),
        ("Ana Holm <ana@a.example>", {"List_Unsubscribe": "<mailto:x@a.example>"}, "Ana Holm", ()),
        ("no-reply@meridianwire.example", {}, "meridianwire.example", ()),
        ("ana@a.example", {}, None, ()),
        ("Newsome <newsome@a.example>", {}, None, ("Newsome",)),
    ],
)
def test_a_sender_is_an_outlet_or_a_person(sender, headers, source, authors):
    raw = read(message(sender=sender, **headers))
    assert (raw.source, raw.authors) == (source, authors)


def test_the_page_is_read_where_there_is_one():
    page = "<html><body><p>The mill closed.</p><p>The mayor was sorry about it.</p></body></html>"
    assert "The mayor was sorry about it." in read(message(plain=None, page=page)).text
    stub = read(message(plain="Open in a browser.", page=page)).text
    assert "The mill closed." in stub
    assert "browser" not in stub
    assert read(message(page="<p>Enable pictures.</p>")).text == JOINED


def test_lines_that_were_not_broken_stay():
    text = "The mill closed. " * 10 + "\nThe mayor was sorry.\n"
    assert read(message(plain=text)).text.strip() == text.strip()


def test_attachments_stay_closed():
    built = message()
    built.add_attachment(b"secret words", maintype="text", subtype="csv", filename="a.csv")
    assert "secret" not in read(built).text


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "unknown-8bit", "no-such-charset", ""])
def test_a_wrong_charset_is_mended(charset):
    encoded = "The café’s owner".encode("cp1252" if charset == "iso-8859-1" else "utf-8")
    head = (
        f"From: news@a.example\nTo: b@a.example\nDate: 12 Mar 2025\nSubject: A\n"
        f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    )
    assert read(head.encode() + encoded).text == "The café’s owner"


def test_a_page_that_a_browser_saved_is_a_page():
    head = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://meridianwire.example/mill\r\n"
        "Subject: Mill\r\nDate: Wed, 12 Mar 2025 10:15:00 +0100\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="--b"\r\n\r\n'
        "----b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    body = "".join(
        f"<p>The mill on the river closed in year {n} of the town.</p>" for n in range(9)
    )
    page = f"<html><head><title>Mill</title></head><body><article>{body}</article></body></html>"
    raw = read((head + page.replace("=", "=3D") + "\r\n----b--\r\n").encode())
    assert raw.url == "https://meridianwire.example/mill"
    assert "closed in year 3" in raw.text


@pytest.mark.parametrize("plain", ["", " \n"])
def test_a_message_without_text_is_empty(plain):
    assert isinstance(read(message(plain=plain)), EmptySource)


def test_a_header_that_would_take_long_is_not_parsed():
    raw = read(message().as_bytes().replace(b"From: ", b"From: " + b"(" * 30_000 + b"\n ", 1))
    assert (raw.text, raw.source) == (JOINED, None)


@pytest.mark.parametrize("line", [b"X-A: b\n", b"\n--b\n\nx\n"])
def test_a_message_of_headers_or_parts_is_refused(line):
    head = message().as_bytes().partition(b"\n\n")[0] + b"\n"
    refused = read(head + b"Content-Type: multipart/mixed; boundary=b\n" + line * 200_000)
    assert isinstance(refused, UnreadableSource)
    assert "the limits are 1,000,000 and 10,000" in refused.reason


def test_hostile_nesting_ends():
    head = b"From: news@a.example\nTo: b@a.example\nDate: 12 Mar 2025\n"
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3_000)
    )
    assert isinstance(read(head + parts + b"\nNews."), SourceError | RawArticle)


# -- mailboxes -----------------------------------------------------------------------------------


def mbox(*built):
    envelope = b"From news@meridianwire.example Wed Mar 12 10:15:00 2025\n"
    return b"".join(envelope + m.as_bytes().replace(b"\nFrom ", b"\n>From ") + b"\n" for m in built)


def test_a_mailbox_holds_messages():
    one = message(Message_ID="<one@meridianwire.example>")
    two = message(plain="The port opened.\n\nFrom here on, ships come.\n")
    first, second = read_payload(Payload("f", mbox(one, two)))
    assert (first.origin, second.origin) == ("f!one@meridianwire.example", "f!/2")
    assert parse(first)[0].text == JOINED
    assert parse(second)[0].text == "The port opened.\n\nFrom here on, ships come."


def test_a_message_over_the_limit_is_refused_alone(monkeypatch):
    monkeypatch.setattr(mail, "MAX_BYTES", 2_000)
    box = mbox(message(plain="word " * 2_000), message())
    first, second = read_payload(Payload("f", box))
    assert isinstance(first, UnreadableSource)
    assert "2,000 bytes" in first.reason
    assert parse(second)[0].text == JOINED


WHOLE = message(page="<p>The mill closed.</p>").as_bytes()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_messages_never_raise(drawn):
    broken = bytearray(WHOLE[: drawn.draw(st.integers(0, len(WHOLE)))])
    for at in drawn.draw(st.lists(st.integers(0, max(0, len(broken) - 1)), max_size=8)):
        if broken:
            broken[at] = drawn.draw(st.integers(0, 255))
    for data in (bytes(broken), b"From a@b.example Wed Mar 12 10:15:00 2025\n" + bytes(broken)):
        for item in read_payload(Payload("f", data)):
            for found in parse(item) if isinstance(item, Payload) else [item]:
                assert isinstance(found, RawArticle | SourceError)
