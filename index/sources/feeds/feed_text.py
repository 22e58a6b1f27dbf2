"""What every kind of feed needs for its words and addresses."""

from __future__ import annotations

import html
import re
from typing import Literal
from urllib.parse import urljoin, urlsplit

from index.sources.pages.html import html_text

# Shorter texts than these are read in full on their page: brief news costs one request.
_FULL_CHARS = {"content": 600, "summary": 1_500}
_CUT_OFF = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|\b(?:continue reading|read more|read the full \w+|full story))"
    r"[\s.»>→\])]*\Z",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"</?(?:a|abbr|article|b|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure"
    r"|font|h[1-6]|hr|i|iframe|img|ins|li|ol|p|pre|q|s|section|small|span|strike|strong|sub|sup"
    r"|table|tbody|td|th|tr|tt|u|ul|video)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"<[a-zA-Z!/][^<>]{0,4000}>")
_MAX_URL_CHARS = 2_000
# Pictures within attributes, or attributes without end, which take HTML parsers minutes.
_LONG_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,15})[\s/][^<>]{4000,}>")
MARKUP_KINDS = frozenset(("text/html", "application/xhtml+xml"))
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)


def text_of(value: str) -> str | None:
    """The value without space around it; None when nothing is left."""
    return value.strip() or None


def markup_text(value: str, kind: str | None) -> str:
    """The plain text of a title, summary or content that says it is of a kind.

    Many say "text" and are HTML, also HTML escaped twice: what looks like tags or named
    characters is read as such. Text that shows tags between real ones keeps them.
    """
    value = _LONG_TAG.sub(r"<\1>", value.strip())
    if not value:
        return ""
    if not _TAG.search(value):  # plain, but for named characters, or escaped twice
        value = html.unescape(html.unescape(value))
    if _TAG.search(value) or (kind in MARKUP_KINDS and _ANY_TAG.search(value)):
        value = html_text(value)
    return "\n".join(line.rstrip() for line in value.strip().split("\n"))


def is_part(text: str, *, full_from: Literal["content", "summary"]) -> bool:
    """Whether a text may be only part of an article: cut off, or too short to be sure."""
    return len(text) < _FULL_CHARS[full_from] or _CUT_OFF.search(text[-80:]) is not None


def web_address(value: object, base: str) -> str | None:
    """The absolute http(s) address that a value names, seen from `base`; else None."""
    if not isinstance(value, str) or not (value := html.unescape(value.strip())):
        return None
    if len(value) > _MAX_URL_CHARS:
        return None
    try:
        url = urljoin(base, value)
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\x00-\x1f<>\"]", url):
        return None
    return url


def language_tag(value: str | None) -> str | None:
    """A BCP 47 tag, which some write `en_US`; None for what is none."""
    tag = (value or "").strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None
