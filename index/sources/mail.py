"""E-mail to articles: newsletters and alerts as they were saved, one or a mailbox of them.

Attachments stay closed and nothing is fetched. A page that a browser saved as MHTML is a
message, too, and is read as the page it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

from index.documents import RawArticle
from index.errors import EmptySource, UnreadableSource
from index.sources.pages.html import html_text, page_to_raw
from index.sources.payload import Payload
from index.sources.streams import MAX_BYTES, Source, printable_name
from index.sources.text import decode
from index.sources.wrapped import paragraphs, usual_width

# Parsing a longer header takes more than linear time.
MAX_HEADER = 2_000
# So many lines that may begin a part, or bytes of headers, are an attack on the parser.
MAX_PARTS = 10_000
MAX_HEADERS = 1_000_000
# Mailers break lines before this width.
MAX_WIDTH = 80
# A text part with less than this share of the page's words only points to the page.
_STUB_SHARE = 0.5
_SHARED_BOX = re.compile(
    r"(?:no-?reply|do-?not-?reply|news|newsletters?|info|hello|editors?|alerts?|briefings?|mail"
    r"|press|media|contact|updates?|team|daily|weekly|digest|subscriptions?)\b",
    re.IGNORECASE,
)
_FROM_LINE = re.compile(rb"From \S+ .*\d{4}")
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^<>\s]{1,200})>", re.IGNORECASE | re.MULTILINE)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


def mail_to_raw(payload: Payload) -> RawArticle:
    """The article that a message is: subject, sender, date and body.

    Raises:
        UnreadableSource: it is no message that can be read.
        EmptySource: it has no text.
    """
    _refuse_attacks(payload)
    try:
        message = message_from_bytes(payload.data, policy=policy.default)
        saved = _header(message, "snapshot-content-location")
        page = _part(message, "html")
        if saved is not None:
            return page_to_raw(
                Payload(payload.origin, page.encode(), saved, "text/html; charset=utf-8")
            )
        text = _body(_part(message, "plain"), page)
        sender, names = _sender(message)
        title, published = _header(message, "subject"), _date(message)
    except (EmptySource, UnreadableSource):
        raise
    except MemoryError:
        raise
    except Exception as error:
        # Damaged messages make the parser raise almost anything.
        raise UnreadableSource(
            payload.origin, f"it is a message that cannot be read ({error!r:.200}); save it anew"
        ) from error
    if not text.strip():
        raise EmptySource(payload.origin, "it is a message without text; save what it links to")
    return RawArticle(
        payload.origin, text, title=title, published=published, source=sender, authors=names
    )


def _refuse_attacks(payload: Payload) -> None:
    end = _END_OF_HEADERS.search(payload.data)
    headers = end.start() if end else len(payload.data)
    parts = payload.data.count(b"\n--")
    if headers > MAX_HEADERS or parts > MAX_PARTS:
        raise UnreadableSource(
            payload.origin,
            f"it is a message with {headers:,} bytes of headers and up to {parts:,} parts, the "
            f"limits are {MAX_HEADERS:,} and {MAX_PARTS:,}; give its text",
        )


def read_mbox(source: Source) -> Iterator[Payload | UnreadableSource]:
    """The messages of a mailbox, at `origin!message-id`, else at `origin!/number`."""
    for number, data in enumerate(_messages(source), start=1):
        headers = _END_OF_HEADERS.split(data, maxsplit=1)[0]
        named = _MESSAGE_ID.search(headers)
        name = printable_name(named[1].decode("utf-8", "replace")) if named else f"/{number}"
        origin = f"{source.origin}!{name}"
        if len(data) > MAX_BYTES:
            yield UnreadableSource(
                origin, f"it is larger than {MAX_BYTES:,} bytes, the limit for a message"
            )
        else:
            yield Payload(origin, data)


def _messages(source: Source) -> Iterator[bytes]:
    """Messages without their envelope; of one over `MAX_BYTES`, a little more than that."""
    held: list[bytes] = []
    size = 0
    blank = True
    for line in source.lines():
        if blank and _FROM_LINE.match(line):
            if held:
                yield b"".join(held)
            held, size = [], 0
        elif size <= MAX_BYTES:
            held.append(re.sub(rb"\A>(>*From )", rb"\1", line))
            size += len(line)
        blank = not line.strip()
    if held:
        yield b"".join(held)


# -- the body ---------------------------------------------------------------------------


def _part(message: EmailMessage, kind: str) -> str:
    """The text of the body's first part of this kind; empty when there is none."""
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    data = part.get_payload(decode=True)
    charset = part.get_content_charset()
    return decode(data, charset=charset) if isinstance(data, bytes) and data.strip() else ""


def _body(plain: str, page: str) -> str:
    """The words of the page, whose paragraphs are whole; else those of the text part."""
    from_page = html_text(page) if page.strip() else ""
    if len(from_page.split()) >= _STUB_SHARE * len(plain.split()) and from_page.strip():
        return from_page
    lines = [line.strip() for line in plain.split("\n")]
    if usual_width(lines) > MAX_WIDTH:
        return plain
    return "\n\n".join(paragraphs(lines))


# -- the headers ------------------------------------------------------------------------


def _header(message: EmailMessage, name: str) -> str | None:
    """A header as text; None where it is absent, empty or longer than any honest one."""
    if sum(len(v) for key, v in message.raw_items() if key.lower() == name) > MAX_HEADER:
        return None
    return " ".join(str(message[name] or "").split()) or None


def _date(message: EmailMessage) -> str | None:
    said = _header(message, "date")
    sent = getattr(message["date"], "datetime", None) if said else None
    return sent.isoformat() if isinstance(sent, datetime) else said


def _sender(message: EmailMessage) -> tuple[str | None, tuple[str, ...]]:
    """The outlet and the authors that the sender stands for: a mailing is of an outlet.

    A person's own address names an author and no outlet.
    """
    if _header(message, "from") is None:
        return None, ()
    addresses: tuple[Address, ...] = getattr(message["from"], "addresses", ())
    if not addresses:
        return None, ()
    name, box = addresses[0].display_name.strip(), addresses[0].username
    mailing = any(message[header] is not None for header in ("list-id", "list-unsubscribe"))
    if mailing or _SHARED_BOX.match(box):
        return name or addresses[0].domain.lower() or None, ()
    return None, (name,) if name else ()
