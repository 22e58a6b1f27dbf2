"""What a page says of its article in JSON-LD, however it is nested, wrapped or broken.

Reads schema.org's NewsArticle and its kin. Values stay as they are stated: strings, of
which `page_metadata.py` makes sense.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from index.sources.pages.html_blocks import Script

_LINKED = re.compile(r"application/(?:\w+\+)?ld\+json", re.IGNORECASE)
_MAX_CHARS = 2_000_000
_MAX_NODES = 5_000
_ARTICLE = re.compile(r"(?:.*Article|.*Posting|Report)\Z")
# A review or a page describes the article where nothing else does.
_RANKED = (_ARTICLE, re.compile(r"(?:.*Review|WebPage|ItemPage)\Z"))
# What hangs on these is some other article.
_OTHERS = frozenset(
    ("itemListElement", "hasPart", "isPartOf", "mentions", "citation", "relatedLink", "comment",
     "associatedMedia", "breadcrumb", "review", "isBasedOn", "subjectOf", "potentialAction")
)  # fmt: skip
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_PAIR = re.compile(
    r'"(headline|datePublished|dateModified|articleSection|inLanguage)"\s*:\s*("(?:[^"\\\n]|\\.)*+")'
)
_TAG = re.compile(r"<[^<>]{1,500}>")

Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Linked:
    """An article as JSON-LD describes it."""

    headline: str | None = None
    published: str | None = None
    created: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    section: str | None = None
    language: str | None = None
    url: str | None = None
    body: str | None = None


def read_linked(scripts: Iterable[Script]) -> Linked:
    """The article that the scripts of a page describe; empty where they describe none."""
    documents: list[object] = []
    for script in scripts:
        if _LINKED.search(script.attributes) and len(script.body) <= _MAX_CHARS:
            documents += _decoded(script.body)
    nodes = [node for _, node in zip(range(_MAX_NODES), _nodes(documents), strict=False)]
    names = {str(node["@id"]): node for node in nodes if "@id" in node and "name" in node}
    for rank in _RANKED:
        for node in nodes:
            if any(rank.match(kind) for kind in _strings(node.get("@type"))):
                return _linked(node, names)
    return Linked()


def _decoded(body: str) -> list[object]:
    """The JSON documents in a script; of a broken one, the pairs that can be made out."""
    found: list[object] = []
    start = re.search(r"[\[{]\s*[\"\[{]", body)
    at = start.start() if start else len(body)
    decoder = json.JSONDecoder(strict=False)
    while at < len(body):
        try:
            document, end = decoder.raw_decode(body, at)
        except (ValueError, RecursionError):
            mended = _TRAILING_COMMA.sub("", body[at:])
            if len(mended) < len(body) - at:
                body, at = mended, 0
                continue
            return [*found, *_made_out(body[at:])]
        found.append(document)
        following = re.compile(r"[\[{]").search(body, end)
        at = following.start() if following else len(body)
    return found


def _made_out(body: str) -> list[object]:
    pairs: dict[str, object] = {}
    for key, value in _PAIR.findall(body):
        try:
            pairs.setdefault(key, json.loads(value, strict=False))
        except ValueError:
            continue
    return [{"@type": "Article", **pairs}] if pairs else []


def _nodes(documents: list[object]) -> Iterator[Node]:
    """Every object, the outer ones first, but for what describes other articles."""
    waiting = documents
    while waiting:
        deeper: list[object] = []
        for one in waiting:
            if isinstance(one, dict):
                yield one
                deeper += [value for key, value in one.items() if key not in _OTHERS]
            elif isinstance(one, list):
                deeper += one
        waiting = [one for one in deeper if isinstance(one, dict | list)]


def _linked(node: Node, names: Mapping[str, Node]) -> Linked:
    page = node.get("mainEntityOfPage")
    return Linked(
        headline=_first(node.get("headline")) or _first(node.get("name")),
        published=_first(node.get("datePublished")),
        created=_first(node.get("dateCreated")),
        modified=_first(node.get("dateModified")),
        authors=tuple(_names(node.get("author"), names) or _names(node.get("creator"), names)),
        publisher=next(iter(_names(node.get("publisher"), names)), None),
        section=_first(node.get("articleSection")),
        language=_first(node.get("inLanguage")),
        url=_first(node.get("url")) or _first(page.get("@id") if isinstance(page, dict) else page),
        body=next(iter(_strings(node.get("articleBody"))), None),
    )


def _names(value: object, names: Mapping[str, Node]) -> list[str]:
    """The names of people or of an organisation, given as text, as objects or as references."""
    found: list[str] = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            known = one if "name" in one else names.get(str(one.get("@id")), {})
            found += map(_plain, _strings(known.get("name")))
        elif isinstance(one, str):
            found.append(_plain(one))
    return [name for name in found if name]


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str) and one.strip()]


def _first(value: object) -> str | None:
    return next((text for text in map(_plain, _strings(value)) if text), None)


def _plain(text: str) -> str:
    return " ".join(_TAG.sub("", html.unescape(text)).split())
