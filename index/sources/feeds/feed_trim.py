"""The elements of a feed without what only an attack holds, and without what nobody reads.

Endless entries, names, dates and attributes are cut off, so that what comes after takes no
time that matters (`benchmarks/feeds.py`). Knows which elements are read, not what they mean.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from itertools import islice

from lxml import etree

from index.errors import UnreadableSource

# A feed of 20 MB may hold millions of empty elements; feeds of news hold some thousand.
MAX_ELEMENTS = 300_000
MAX_ENTRIES = 20_000
_NAME_CHARS, _SHORT_CHARS, _ATTRIBUTE_CHARS = 100, 4_000, 4_000
_MAX_ATTRIBUTES = 100
# Elements of one name within one entry: no feed has as many authors or categories.
_MAX_ALIKE = 100
# Longer texts are handed over as CDATA, which is read at once and not reference by reference.
_CDATA_CHARS = 500

_ENTRIES = frozenset(("item", "entry"))
_STRUCTURE = _ENTRIES | frozenset(("rss", "rdf", "feed", "channel", "source"))
_PERSONS = frozenset(("author",))
# Names and dates, for which feedparser has patterns that take long on long values.
_NAMES = frozenset(
    (
        *("author", "creator", "email", "managingeditor", "name", "webmaster"),
        *("created", "date", "issued", "lastbuilddate", "modified", "pubdate", "published"),
        *("updated",),
    )
)
_SHORT = _NAMES | frozenset(
    (
        *("category", "guid", "id", "language", "link", "origlink", "subject", "title", "ttl"),
        *("updatefrequency", "updateperiod", "uri"),
    )
)
_WORDS = frozenset(
    (
        *("abstract", "body", "content", "description", "encoded", "fullitem", "subtitle"),
        *("summary", "tagline"),
    )
)
# A group of pictures and films may hold their description, which can be all there is.
_READ = _STRUCTURE | _SHORT | _WORDS | {"group"}
_NOT_NAME = re.compile(r"[^a-z0-9]")
_MEDIA = "{http://search.yahoo.com/mrss"


def trim(root: etree._Element, origin: str) -> None:
    """Cut off in place what is too much; raises `UnreadableSource` for far too much."""
    elements = list(islice(root.iter(etree.Element), MAX_ELEMENTS + 1))
    if len(elements) > MAX_ELEMENTS:
        raise UnreadableSource(
            origin, f"it has more than {MAX_ELEMENTS:,} elements; split it if you trust it"
        )
    entries = 0
    alike: Counter[tuple[etree._Element, str]] = Counter()
    for element in elements:
        local, parent = local_name(element), element.getparent()
        entries += local in _ENTRIES
        alike[parent, local] += 1
        if parent is not None and (
            (local_name(parent) in _STRUCTURE and local not in _READ)
            or (local in _ENTRIES and (entries > MAX_ENTRIES or _is_stray(element, parent)))
            or (local in _SHORT and alike[parent, local] > _MAX_ALIKE)
        ):
            parent.remove(element)
        else:
            _tidy(element, local)


def _is_stray(entry: etree._Element, parent: etree._Element) -> bool:
    """Whether it is an empty entry within another, which would end that one too early."""
    return not len(entry) and local_name(parent) in _ENTRIES


def _tidy(element: etree._Element, local: str) -> None:
    if element.attrib:
        _tidy_attributes(element)
    if ":" in local:  # of a prefix that stands for nothing
        element.tag = "unread"
    if local in _SHORT and not (local in _PERSONS and len(element)):
        _shorten(element, _NAME_CHARS if local in _NAMES else _SHORT_CHARS)
    elif local in _WORDS and len(element) and not str(element.tag).startswith(_MEDIA):
        _flatten(element)
    if local == "id":  # a name, which feedparser would take for an address
        element.set("isPermaLink", "false")
    text = element.text
    if text and len(text) > _CDATA_CHARS and "]]>" not in text:
        element.text = etree.CDATA(text)


def _flatten(element: etree._Element) -> None:
    """Turn markup that is part of the document into text that holds HTML, as most feeds do.

    An element that was never closed may have swallowed entries; it stays as it is.
    """
    if next(element.iter("{*}item", "{*}entry"), None) is not None:
        return
    for inner in element.iterdescendants(etree.Element):
        inner.tag = _NOT_NAME.sub("-", local_name(inner))
        inner.attrib.clear()
    holder = etree.Element("div")
    holder.text = element.text
    holder.extend(list(element))
    markup = etree.tostring(holder, encoding="unicode", method="html")[
        len("<div>") : -len("</div>")
    ]
    if element.get("type") is None:  # RSS, where the text between elements is HTML as well
        element.text = html.unescape(markup)
    else:
        element.text = markup
        element.set("type", "html")


def _tidy_attributes(element: etree._Element) -> None:
    if len(element.attrib) > _MAX_ATTRIBUTES:
        element.attrib.clear()
    for name, value in element.attrib.items():
        if len(value) > _ATTRIBUTE_CHARS or ":" in str(name).rpartition("}")[2]:
            del element.attrib[name]


def _shorten(element: etree._Element, limit: int) -> None:
    """Keep a short element short, and without children."""
    text = element.text or ""
    if len(element):
        text = text if text.strip() else "".join(element.itertext())
        del element[:]
    if len(text) > limit or text != element.text:
        element.text = text[:limit]


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace, in lower case."""
    return str(element.tag).rpartition("}")[2].lower()
