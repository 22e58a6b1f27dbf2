"""HTML pages to articles, and fragments of HTML to plain text.

A page is decoded and parsed once; `page_text.py` finds the text of its article and
`page_metadata.py` what is said of it. Functions of their argument alone: no network, no
clock. What they take is bounded, whatever the page.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from index.documents import RawArticle
from index.errors import EmptySource, UnreadableSource
from index.sources.pages.html_blocks import Block, Script, TooMuch, blocks, parse, plain
from index.sources.pages.page_metadata import read_metadata
from index.sources.pages.page_text import article_blocks
from index.sources.pages.page_values import fold
from index.sources.payload import Payload
from index.sources.text import decode, encoding_of

MAX_PAGE_BYTES = 20_000_000
MAX_FRAGMENT_CHARS = 2_000_000
# Below this share of the text that JSON-LD states, the page shows no more than a teaser
# until its scripts have run.
MIN_SHOWN_SHARE = 0.5
_TITLE_LINES = 4

_OPENING = re.compile(
    r"\ufeff?\s*+(?:<\?xml[^>]*+>\s*+)?(?:<!--.*?(?:-->|\Z)\s*+|<\?(?!xml)[^>]*+>\s*+)*+"
    r"(?:<!doctype\s+html\b|<(?:html|head|body|title|meta|link|script|style|base|article|main|section"
    r"|div|p|h[1-6]|table|ul|center|font|span)(?=[\s/>])|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_COMMENT = re.compile(r"\s*<!--")
_DECLARED = re.compile(
    rb"<meta\b[^>]{0,500}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})"
    rb"|<\?xml\b[^>]{0,100}?\bencoding\s*=\s*[\"']([\w.:-]{1,40})",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 20_000
_MARKUP = re.compile(rb"<(script|style)\b.*?(?:</\1|\Z)|<[^<>]*+>?+", re.IGNORECASE | re.DOTALL)
# What a server says when nobody told it.
_BY_DEFAULT = frozenset(("iso-8859-1", "latin-1", "latin1", "us-ascii", "windows-1252"))


def looks_like_html(head: bytes) -> bool:
    """Whether the beginning of some bytes is that of a page or of a piece of one."""
    opening = head[:_HEAD_BYTES].decode(encoding_of(head[:_HEAD_BYTES], cut=True), "replace")
    match = _OPENING.match(opening)
    # A comment that fills the head tells nothing but that it is markup.
    return match is not None and (match.end() < len(opening) or bool(_COMMENT.match(opening)))


def page_to_raw(payload: Payload) -> RawArticle:
    """The article on a page, with what the page says of it.

    Raises:
        UnreadableSource: it is too large, nested too deep or no text at all.
        EmptySource: no text of an article is on it.
    """
    origin = payload.origin
    tree, scripts = _tree(payload)
    known = read_metadata(tree, scripts, payload.url)
    found = article_blocks(tree)
    text = "\n".join(block.text for block in _below_title(found, known.title))
    stated = html_text(known.body) if known.body else ""
    if len(text) < MIN_SHOWN_SHARE * len(stated):
        text = stated
    if not text:
        raise EmptySource(
            origin,
            f"it is a page of {len(payload.data):,} bytes without the text of an article; give the"
            " address of one article, or save its text",
        )
    return RawArticle(
        origin=origin,
        text=text,
        url=known.url,
        title=known.title,
        published=known.published,
        modified=known.modified,
        source=known.source,
        section=known.section,
        authors=known.authors,
        language=known.language,
    )


def html_text(fragment: str) -> str:
    """The plain text of a piece of HTML, a line for each paragraph, item or row.

    Raises nothing; of a fragment longer than `MAX_FRAGMENT_CHARS` it reads the beginning.
    """
    fragment = fragment[:MAX_FRAGMENT_CHARS]
    if not fragment.strip():
        return ""
    try:
        tree, _ = parse(f"<html><body><div>{fragment}</div></body></html>")
    except ValueError:
        lines = plain(fragment).split("\n")
        return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
    return "\n".join(block.text for block in blocks(tree))


def _tree(payload: Payload) -> tuple[HtmlElement, list[Script]]:
    origin, size = payload.origin, len(payload.data)
    if size > MAX_PAGE_BYTES:
        raise UnreadableSource(
            origin,
            f"it is a page of {size:,} bytes, over the limit of {MAX_PAGE_BYTES:,}; save its text",
        )
    try:
        return parse(_markup(payload))
    except TooMuch as error:
        raise UnreadableSource(origin, f"{error}, the limit for a page; save its text") from error
    except ValueError as error:
        raise EmptySource(
            origin, f"it is a page of {size:,} bytes that shows nothing; save the text instead"
        ) from error


def _markup(payload: Payload) -> str:
    """The page as text. What is said of its encoding counts where the bytes agree.

    Markup is ASCII in every language, so the encoding is guessed from what is not markup.
    """
    data, said = payload.data, _charset(payload)
    if encoding_of(data, said) not in ("utf-8", said):
        said = encoding_of(_MARKUP.sub(b" ", data), said)
    return decode(data, payload.origin, charset=said)


def _charset(payload: Payload) -> str | None:
    """What the server says, unless it is a default and the page says otherwise."""
    served = _CHARSET.search(payload.content_type or "")
    declared = _DECLARED.search(payload.data[:_HEAD_BYTES])
    page = (declared[1] or declared[2]).decode("ascii", "replace") if declared else None
    if served is None or (page is not None and served[1].lower() in _BY_DEFAULT):
        return page
    return served[1]


def _below_title(found: list[Block], title: str | None) -> list[Block]:
    """The blocks without a heading above them that repeats the title or a part of it."""
    known = fold(title or "")
    return [
        block
        for place, block in enumerate(found)
        if place >= _TITLE_LINES
        or block.element.tag not in ("h1", "h2")
        or not _repeats(fold(block.text), known)
    ]


def _repeats(heading: str, title: str) -> bool:
    return bool(heading) and bool(title) and (heading in title or title in heading)
