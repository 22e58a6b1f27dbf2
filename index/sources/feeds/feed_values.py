"""What a feed says, as values: the same whether it was RSS, Atom or JSON Feed.

Dates stay the strings that were given, made ISO 8601 where they were understood.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed.

    `guid` is unique within its feed; `url` is a web address or None; `text` is plain and may
    be empty. `is_summary` says that the text is, or may be, only part of the article.
    `outlet` is who published it, where the feed only passes it on.
    """

    guid: str
    url: str | None
    title: str | None
    published: str | None
    modified: str | None
    authors: tuple[str, ...]
    section: str | None
    outlet: str | None
    language: str | None
    text: str
    is_summary: bool

    @property
    def content_sha256(self) -> str:
        """The hash of what makes the entry new when it differs.

        When it was modified counts only where the text is a summary: the article behind it
        may have changed though the summary did not.
        """
        modified = self.modified if self.is_summary else None
        said = (self.url, self.title, self.published, modified, self.text)
        return hashlib.sha256(repr(said).encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Feed:
    """One document of a feed, entries in its order.

    `url` is the address the feed gives itself, `home_url` the page it belongs to; `ttl_s`
    is how long it asks not to be read again.
    """

    title: str | None
    url: str | None
    home_url: str | None
    language: str | None
    entries: tuple[FeedEntry, ...]
    ttl_s: float | None = None


def told_apart(entries: Iterable[FeedEntry], *, home_url: str | None) -> tuple[FeedEntry, ...]:
    """The entries without repetitions, each with a guid and an address of its own.

    Some feeds give one guid to several articles: there the URL is made part of it. Others
    give every entry the address of the home page, which is then the address of none.
    """
    listed = list(dict.fromkeys(entries))
    urls: dict[str, set[str | None]] = {}
    guids: dict[str | None, set[str]] = {}
    for entry in listed:
        urls.setdefault(entry.guid, set()).add(entry.url)
        guids.setdefault(entry.url, set()).add(entry.guid)
    kept: dict[str, FeedEntry] = {}
    for entry in listed:
        guid = entry.guid if len(urls[entry.guid]) == 1 else f"{entry.guid} {entry.url}"
        shared = len(guids[entry.url]) > 1 or _is_home(entry.url, home_url)
        kept.setdefault(guid, replace(entry, guid=guid, url=None if shared else entry.url))
    return tuple(kept.values())


def _is_home(url: str | None, home_url: str | None) -> bool:
    if url is None:
        return False
    parts = urlsplit(url)
    root = parts.path in ("", "/") and not parts.query
    return root or url.rstrip("/") == (home_url or "").rstrip("/")
