"""What bytes are, by their content: names and content types lie too often to count.

    json             records, one a line or in one document
    table            CSV, where the header names a column that holds the text
    zip, tar, warc, mbox   containers
    feed, html, pdf, mail, text   single documents

Whatever is nothing else is text; whether it can be read as text, `text.py` finds out.
"""

from __future__ import annotations

import re
from typing import Literal

from index.sources.columns import Columns
from index.sources.feeds import looks_like_feed
from index.sources.pages.html import looks_like_html
from index.sources.table_head import delimiter_of
from index.sources.text import encoding_of

DocumentKind = Literal["feed", "html", "pdf", "mail", "text"]
Kind = Literal["json", "table", "zip", "tar", "warc", "mbox"] | DocumentKind

_TAR_MAGIC = slice(257, 262)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WARC = re.compile(rb"\s*WARC/\d\.\d+\r?\n")
_PDF = re.compile(rb"(?:\xef\xbb\xbf)?\s*%PDF-\d")
_MBOX = re.compile(rb"From \S+ .{0,60}\b\d{4}\b.{0,20}\r?\n(?=[!-9;-~]{1,76}:)")
_JSON = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*\{)")
_HEADER = re.compile(rb"([!-9;-~]{1,76}):[ \t]?[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*")
# Who wrote and when stand above any text; a saved message has at least one of these, too.
_OF_MAIL = frozenset(
    (b"message-id", b"mime-version", b"received", b"return-path", b"delivered-to", b"to")
)


def kind_of(head: bytes, columns: Columns) -> Kind:
    """What begins with `head`, the first `HEAD_BYTES` of it."""
    if head.startswith(_ZIP):
        return "zip"
    if head[_TAR_MAGIC] == b"ustar":
        return "tar"
    if _WARC.match(head):
        return "warc"
    if _MBOX.match(head):
        return "mbox"
    kind = document_kind(head)
    if kind == "text" and _JSON.match(_opening(head)):
        return "json"
    if kind == "text" and delimiter_of(head, columns) is not None:
        return "table"
    return kind


def document_kind(head: bytes) -> DocumentKind:
    """What single document begins with `head`."""
    if _PDF.match(head):
        return "pdf"
    if _looks_like_mail(head):
        return "mail"
    if looks_like_feed(head):
        return "feed"
    if looks_like_html(head):
        return "html"
    return "text"


def _opening(head: bytes) -> str:
    opening = head[:1024]
    return opening.decode(encoding_of(opening, cut=True), "replace").lstrip("\ufeff")


def _looks_like_mail(head: bytes) -> bool:
    """Whether the first lines are the headers of a message: who wrote it, when, and more."""
    names: set[bytes] = set()
    end = 0
    while match := _HEADER.match(head, end):
        names.add(match[1].lower())
        end = match.end()
    return {b"from", b"date"} <= names and bool(names & _OF_MAIL)
