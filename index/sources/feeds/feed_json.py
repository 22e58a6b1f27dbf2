"""JSON Feed 1.0 and 1.1 to `Feed`. Knows nothing of XML.

A field of the wrong type counts as missing, as readers of JSON Feed do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from index.errors import UnreadableSource
from index.sources.feeds.feed_text import is_part, language_tag, markup_text, text_of, web_address
from index.sources.feeds.feed_trim import MAX_ENTRIES
from index.sources.feeds.feed_values import Feed, FeedEntry, told_apart
from index.sources.payload import Payload

VERSION_PREFIX = "https://jsonfeed.org/version/"


def read_json(text: str, payload: Payload) -> Feed:
    """The feed of a JSON document.

    Raises:
        UnreadableSource: it is no JSON, or no JSON Feed.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(
            payload.origin, f"it is no whole JSON document ({type(error).__name__}: {error})"
        ) from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise UnreadableSource(payload.origin, "it is JSON and no JSON Feed: it has no items")
    base = payload.url or ""
    home = web_address(document.get("home_page_url"), base)
    return Feed(
        title=_string(document, "title"),
        url=web_address(document.get("feed_url"), base),
        home_url=home,
        language=language_tag(_string(document, "language")),
        entries=told_apart(_entries(document, home or base), home_url=home),
    )


def _entries(document: Mapping[str, Any], base: str) -> Iterator[FeedEntry]:
    for item in document["items"][:MAX_ENTRIES]:
        if not isinstance(item, dict):
            continue
        text, is_summary = _words(item)
        title = _string(item, "title")
        title = markup_text(title, None) if title else None
        url = web_address(item.get("url"), base) or web_address(item.get("external_url"), base)
        published = _string(item, "date_published")
        if not (text or title or url):
            continue
        yield FeedEntry(
            guid=_guid(item) or url or f"{title} {published}",
            url=url,
            title=title,
            published=published,
            modified=_string(item, "date_modified"),
            authors=_authors(item) or _authors(document),
            section=next(iter(_strings(item, "tags")), None),
            outlet=None,
            language=language_tag(_string(item, "language") or _string(document, "language")),
            text=text,
            is_summary=is_summary,
        )


def _words(item: Mapping[str, Any]) -> tuple[str, bool]:
    """The longest text of an item, and whether it is only a part of the article."""
    content = max(
        markup_text(_string(item, "content_html") or "", "text/html"),
        _string(item, "content_text") or "",
        key=len,
    )
    summary = markup_text(_string(item, "summary") or "", None)
    if len(content) >= len(summary):
        return content, is_part(content, full_from="content")
    return summary, is_part(summary, full_from="summary")


def _guid(item: Mapping[str, Any]) -> str | None:
    """The id; version 1.0 let publishers give numbers."""
    value = item.get("id")
    return str(value) if isinstance(value, int | float) else _string(item, "id")


def _authors(values: Mapping[str, Any]) -> tuple[str, ...]:
    listed = values.get("authors")
    people = listed if isinstance(listed, list) else [values.get("author")]
    names = (_string(person, "name") for person in people if isinstance(person, dict))
    return tuple(dict.fromkeys(name for name in names if name))


def _strings(values: Mapping[str, Any], key: str) -> list[str]:
    listed = values.get(key)
    items = listed if isinstance(listed, list) else []
    return [text for item in items if isinstance(item, str) and (text := text_of(item))]


def _string(values: Mapping[str, Any], key: str) -> str | None:
    value = values.get(key)
    if not isinstance(value, str):
        return None
    # JSON can spell halves of characters, which UTF-8 cannot.
    return text_of(value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
