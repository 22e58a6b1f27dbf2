"""Addresses in an answer: only those of the articles it may cite stay.

A link is the classic way out for what an injected order collects. Nothing here is rendered:
what is let through is plain text. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from rag.writing.context import Shown

REMOVED = "(link removed)"
_TLDS = (
    "com|org|net|edu|gov|mil|int|io|ai|app|dev|xyz|info|biz|tv|uk|ca|au|de|fr|ru|cn|eu|example|test"
    "|local|link|site|online|shop|store|top|club|live|click|zip|mov|ly|gg|cc|ws|pro|page|cloud|onion"
)
_ADDRESS = re.compile(
    rf"""
    (?:https?|ftp|file|javascript|vbscript|data|blob|wss?|mailto|tel|sms|intent):(?=\S)\S+
    | (?<![\w:])//[\w-]+(?:\.[\w-]+)+\S*
    | (?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+
    | (?<![\w@./-])(?:www\.[\w-]+(?:\.[\w-]+)+|(?:[\w-]+\.)+(?:{_TLDS}))(?![\w-])(?:[/:?\#]\S*)?
    | (?<![\w@./-])(?:[\w-]+\.)+[a-z]{{2,6}}/\S*
    | (?<![\d.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?:[/:]\S*)?(?![\d.])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}'\"”’»*_`"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Addresses that may be said: whole ones, and bare hosts."""

    urls: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()


def allowed_of(shown: Iterable[Shown]) -> Allowed:
    """Those of the articles that are shown, and hosts that their texts name."""
    urls: set[str] = set()
    hosts: set[str] = set()
    for one in shown:
        if one.article.url:
            urls.add(one.article.url)
            hosts.add((urlsplit(one.article.url).hostname or "").casefold())
        hosts.add((one.article.source or "").casefold())
        hosts |= {match[0].rstrip(_TRAILING).casefold() for match in _ADDRESS.finditer(one.text)}
    return Allowed(frozenset(urls), frozenset(hosts - {""}))


def without_links(text: str, allowed: Allowed) -> str:
    """The text with every other address taken out."""

    def kept(match: re.Match[str]) -> str:
        address = match[0].rstrip(_TRAILING)
        tail = match[0][len(address) :]
        if address in allowed.urls or ("/" not in address and address.casefold() in allowed.hosts):
            return match[0]
        return REMOVED + tail

    return _ADDRESS.sub(kept, text)
