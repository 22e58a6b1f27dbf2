"""RSS 0.9x, 1.0 and 2.0 and Atom 0.3 and 1.0 to `Feed`, on top of feedparser.

feedparser sees only XML that `feed_repair` has made well-formed, so that it never falls
back to guessing. Knows nothing of JSON Feed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from time import struct_time
from typing import Any, cast

import feedparser

from index.errors import UnreadableSource
from index.sources.feeds.feed_repair import Document
from index.sources.feeds.feed_text import (
    MARKUP_KINDS,
    is_part,
    language_tag,
    markup_text,
    text_of,
    web_address,
)
from index.sources.feeds.feed_values import Feed, FeedEntry, told_apart
from index.sources.payload import Payload

_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_DAY = re.compile(r"\s*(\d{4}-\d{2}-\d{2})\s*")
_PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000}
# A list of authors is no longer than this; one of keywords is not a section.
_MAX_AUTHORS = 20
_MAX_SECTION_CHARS, _MAX_SECTION_COMMAS = 60, 1


def read_xml(document: Document, payload: Payload) -> Feed:
    """The feed of a repaired document.

    Raises:
        UnreadableSource: feedparser cannot make anything of it.
    """
    base = payload.url or ""
    try:
        found = feedparser.parse(
            io.BytesIO(document.xml),
            response_headers={"content-location": base},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:  # whatever a stranger's document makes of a parser
        raise UnreadableSource(
            payload.origin, f"it cannot be parsed as a feed ({type(error).__name__}: {error})"
        ) from error
    about = found["feed"]
    if not found["entries"] and not about:
        raise UnreadableSource(
            payload.origin, f"its <{document.root}> holds neither a channel nor entries"
        )
    home = web_address(_get(about, "link"), base)
    atom = str(found.get("version") or "").startswith("atom")
    return Feed(
        title=_title(about),
        url=_self_url(about, base),
        home_url=home,
        language=language_tag(_get(about, "language")),
        entries=told_apart(
            _entries(found["entries"], home or base, about, atom=atom), home_url=home
        ),
        ttl_s=_ttl_s(about),
    )


def _entries(
    found: Sequence[Any], base: str, about: Mapping[str, Any], *, atom: bool
) -> Iterator[FeedEntry]:
    for entry in found:
        text, is_summary = _words(entry)
        title = _title(entry)
        url = _url(entry, base)
        published, modified = _dates(entry, atom=atom)
        if not (text or title or url):
            continue
        yield FeedEntry(
            guid=_text(entry, "id") or url or f"{title} {published}",
            url=url,
            title=title,
            published=published,
            modified=modified,
            authors=_authors(entry) or (_authors(about) if atom else ()),
            section=_section(entry),
            outlet=_outlet(entry),
            language=language_tag(_get(_get(entry, "title_detail") or {}, "language"))
            or language_tag(_get(about, "language")),
            text=text,
            is_summary=is_summary,
        )


def _get(values: Mapping[str, Any], key: str) -> Any:
    """A value as it stands: feedparser's own look-up answers one key with another."""
    return dict.get(cast("dict[str, Any]", values), key)


def _text(values: Mapping[str, Any], key: str) -> str | None:
    value = _get(values, key)
    return text_of(value) if isinstance(value, str) else None


def _title(values: Mapping[str, Any]) -> str | None:
    """The title on one line, out of whatever markup it is in."""
    title = _get(values, "title")
    if not isinstance(title, str):
        return None
    kind = _get(_get(values, "title_detail") or {}, "type")
    return text_of(" ".join(markup_text(title, kind).split()))


def _words(entry: Mapping[str, Any]) -> tuple[str, bool]:
    """The longest text of an entry, and whether it is only a part of the article."""
    contents = [_plain(c) for c in _get(entry, "content") or [] if not _get(c, "src")]
    detail = _get(entry, "summary_detail") or {}
    summary = _plain({"type": _get(detail, "type"), "value": _get(entry, "summary") or ""})
    content = max(contents, key=len, default="")
    if len(content) > len(summary) or (content and content == summary):
        return content, is_part(content, full_from="content")
    return summary, is_part(summary, full_from="summary")


def _plain(content: Mapping[str, Any]) -> str:
    return markup_text(str(_get(content, "value") or ""), _get(content, "type"))


def _url(entry: Mapping[str, Any], base: str) -> str | None:
    """Where the article stands: not the feed's counting detour, no enclosure, no tag: URI."""
    links = [link for link in _get(entry, "links") or [] if _get(link, "rel") == "alternate"]
    pages = [link for link in links if _get(link, "type") in (None, "", *MARKUP_KINDS)]
    candidates = [
        _get(entry, "feedburner_origlink"),
        *[_get(link, "href") for link in pages],
        _get(entry, "link"),
        *[_get(link, "href") for link in links],
        _get(entry, "id") if _get(entry, "guidislink") else None,
    ]
    found = (web_address(value, base) for value in candidates)
    return next((url for url in found if url), None)


def _self_url(about: Mapping[str, Any], base: str) -> str | None:
    for link in _get(about, "links") or []:
        if _get(link, "rel") == "self":
            return web_address(_get(link, "href"), base)
    return None


def _dates(entry: Mapping[str, Any], *, atom: bool) -> tuple[str | None, str | None]:
    """When it was published and when modified.

    Outside Atom, `dc:date` is all the date there is, which feedparser calls "updated".
    """
    published = _date(entry, "published") or _date(entry, "created")
    modified = _date(entry, "updated")
    if published is None and not atom:
        return modified, None
    return published, None if modified == published else modified


def _date(entry: Mapping[str, Any], key: str) -> str | None:
    said, parsed = _text(entry, key), _get(entry, f"{key}_parsed")
    if said is None:
        return None
    if day := _DAY.fullmatch(said):
        return day[1]
    if not isinstance(parsed, struct_time) or not _CLOCK.search(said):
        return said
    try:
        return datetime(*parsed[:6], tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return said


def _authors(values: Mapping[str, Any]) -> tuple[str, ...]:
    details = [_get(person, "name") for person in _get(values, "authors") or []]
    names = (text_of(name) for name in details[:_MAX_AUTHORS] if isinstance(name, str))
    return tuple(dict.fromkeys(name for name in names if name and "@" not in name))


def _section(entry: Mapping[str, Any]) -> str | None:
    """The first category that is a word, not an address of a vocabulary."""
    for tag in _get(entry, "tags") or []:
        name = str(_get(tag, "label") or _get(tag, "term") or "").strip().strip("/ ")
        listed = name.count(",") > _MAX_SECTION_COMMAS
        if name and not listed and "://" not in name and len(name) <= _MAX_SECTION_CHARS:
            return name
    return None


def _outlet(entry: Mapping[str, Any]) -> str | None:
    """The feed that this entry was taken over from, where it says so."""
    source = _get(entry, "source")
    return _title(source) if isinstance(source, dict) else None


def _ttl_s(about: Mapping[str, Any]) -> float | None:
    """How long the feed may be kept: `ttl` in minutes, or the syndication module's period."""
    ttl = _text(about, "ttl")
    if ttl and re.fullmatch(r"\d{1,6}", ttl):
        return int(ttl) * 60.0
    period = _PERIODS_S.get((_text(about, "sy_updateperiod") or "").lower())
    often = _text(about, "sy_updatefrequency") or "1"
    if period and re.fullmatch(r"[1-9]\d{0,3}", often):
        return period / int(often)
    return None
