"""Bytes that mean to be RSS or Atom, made well-formed XML that is safe to parse.

    unpack ─ decode ─ prolog and entities ─ recover ─ trim

Feeds in the wild are cut short, declare encodings they are not in, use entities they do
not define and hold control characters. What can be read is kept; what could expand,
nest or grow without bound is refused by name or cut off. Knows nothing of what the
elements mean, but for which of them are short.
"""

from __future__ import annotations

import codecs
import html
import re
import zlib
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from index.errors import UnreadableSource
from index.sources.streams import GZIP_MAGIC, MAX_BYTES, MAX_UNPACKED_RATIO

# A feed of 20 MB may hold millions of empty elements; feeds of news hold some thousand.
MAX_ELEMENTS = 500_000
MAX_ENTRIES = 20_000
# A declaration or comment that does not end within this was damaged.
_MAX_PROLOG_CHARS = 20_000
# Longest value of an entity that a document defines for itself, and how many it may define.
_MAX_ENTITY_CHARS, _MAX_ENTITIES = 200, 300
_SHORT_CHARS, _AUTHOR_CHARS, _ATTRIBUTE_CHARS, _MAX_ATTRIBUTES = 4_000, 200, 4_000, 100
_AUTHORS = frozenset(
    ("author", "contributor", "creator", "email", "managingeditor", "name", "webmaster")
)
_SHORT = _AUTHORS | frozenset(
    (
        *("category", "date", "generator", "guid", "id", "issued", "language", "lastbuilddate"),
        *("link", "modified", "pubdate", "published", "subject", "ttl", "updated", "updatebase"),
        *("updatefrequency", "updateperiod", "uri", "url"),
    )
)
_PERSONS = frozenset(("author", "contributor"))
_ENTRIES = frozenset(("item", "entry"))

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|rdf|feed|channel)(?=[\s/>])", re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})["']""")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+(%?)\s*([\w.-]{1,60})\s+(?:\"([^\"]*)\"|'([^']*)'|(\w+))")
_REFERENCE = re.compile(r"&(?:(#x[0-9A-Fa-f]{1,6}|#\d{1,7}|[A-Za-z][\w.-]{0,59});)?")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIX = re.compile(r"(?:</?|\s)([A-Za-z_][\w.-]{0,40}):[A-Za-z_]")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
# What prefixes stand for where a document forgets to say.
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as XML in UTF-8, and the name of its root."""

    xml: bytes
    root: str


def unpacked(data: bytes, origin: str) -> bytes:
    """The bytes, out of gzip where they are packed so; raises `UnreadableSource`."""
    if len(data) > MAX_BYTES:
        raise UnreadableSource(
            origin, f"it has {len(data):,} bytes, a feed may have {MAX_BYTES:,}; split it"
        )
    if not data.startswith(GZIP_MAGIC):
        return data
    reader = zlib.decompressobj(wbits=31)
    try:
        plain = reader.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise UnreadableSource(
            origin, f"its gzip data is damaged ({error}); fetch it again"
        ) from error
    if len(plain) > min(MAX_BYTES, max(1_000_000, MAX_UNPACKED_RATIO * len(data))):
        raise UnreadableSource(
            origin,
            f"{len(data):,} bytes of gzip unpack to more than a feed may hold; unpack it yourself "
            "if you trust it",
        )
    return plain


def first_element(text: str) -> str | None:
    """The name of the first element, behind declarations, comments and whatever else."""
    place = _first_element(text)
    found = None if place is None else _ELEMENT.match(text, place)
    return found and found[1]


def _first_element(text: str) -> int | None:
    place = 0
    while (place := text.find("<", place)) >= 0:
        for opening, closing in (("<?", "?>"), ("<!--", "-->")):
            if text.startswith(opening, place):
                end = text.find(closing, place + len(opening), place + _MAX_PROLOG_CHARS)
                place = place + 2 if end < 0 else end + len(closing)
                break
        else:
            if text.startswith("<!", place):
                place = _end_of_doctype(text, place)
            elif _ELEMENT.match(text, place):
                return place
            else:
                place += 1
    return None


def _end_of_doctype(text: str, start: int) -> int:
    end = text.find(">", start)
    subset = text.find("[", start, end if end >= 0 else len(text))
    if subset >= 0:
        closed = re.compile(r"\]\s{0,100}>").search(text, subset)
        return closed.end() if closed else len(text)
    return end + 1 if end >= 0 else len(text)


def decoded(data: bytes, content_type: str | None = None) -> str:
    """The text of a document: byte order mark, UTF-8 if it is that, else what is declared.

    Many feeds declare Latin-1 and are UTF-8; the other way round, bytes that are not UTF-8
    are read as Windows-1252, which every byte can be.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace").lstrip("\ufeff")
    found = _DECLARED.search(data[:1_000])
    declared = [found[1].decode()] if found else []
    if charset := _CHARSET.search(content_type or ""):
        declared.append(charset[1])
    stateful = [name for name in declared if name.lower().startswith("iso-2022")]
    for encoding in (*stateful, "utf-8", *declared):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError, ValueError):
            continue
    mostly = data.decode("utf-8", "replace")
    if mostly.count("\ufffd") * 10 < sum(byte >= 0x80 for byte in data):
        return mostly
    for encoding in declared:
        try:
            if codecs.lookup(encoding).name != "utf-8":
                return data.decode(encoding, "replace")
        except (UnicodeError, LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def repaired(text: str, origin: str) -> Document:
    """Well-formed XML of a document's text.

    Raises:
        UnreadableSource: it is no feed, or it defines entities that could expand.
    """
    start = _start(text, origin)
    entities = _entities(text[:start], origin)
    body = _NOT_XML.sub("", text[start:])
    body = _with_namespaces(_with_references(body, entities, origin))
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(body.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableSource(origin, f"it is no XML that can be read ({error.msg})") from error
    if root is None:
        raise UnreadableSource(origin, "it is no XML that can be read: nothing of it is left")
    _trim(root, origin)
    return Document(etree.tostring(root, encoding="utf-8", xml_declaration=True), _local(root))


def _start(text: str, origin: str) -> int:
    """Where the root begins, also where a script printed warnings before the document."""
    place = _first_element(text)
    if place is not None and not _ROOT.match(text, place):
        late = text.find("<?xml", place, place + 4_000)
        behind = _first_element(text[late:]) if late >= 0 else None
        place = place if behind is None else late + behind
    if place is None:
        raise UnreadableSource(origin, "it holds no element: neither a feed nor any other XML")
    if not _ROOT.match(text, place):
        raise UnreadableSource(
            origin,
            f"it begins with <{first_element(text)}>, which no RSS or Atom feed does; "
            "give the address of the feed itself",
        )
    return place


def _entities(prolog: str, origin: str) -> dict[str, str]:
    """What the document's own plain entities stand for; others are refused."""
    if "<!ENTITY" not in prolog:
        return {}
    found: dict[str, str] = {}
    for percent, name, double, single, outside in _ENTITY.findall(prolog):
        value = html.unescape(double or single)
        if percent or outside or re.search(r"&(?!#)|[<%]", double or single):
            raise UnreadableSource(
                origin,
                f"it defines the entity {name!r} by others or by another file, as attacks do; "
                "remove its DOCTYPE if you trust it",
            )
        found[name] = value
    if len(found) > _MAX_ENTITIES or any(len(v) > _MAX_ENTITY_CHARS for v in found.values()):
        raise UnreadableSource(
            origin, "it defines entities that are too many or too long; remove its DOCTYPE"
        )
    return found


def _with_references(body: str, entities: dict[str, str], origin: str) -> str:
    """The body with named characters spelt out and stray ampersands escaped; not in CDATA."""
    parts: list[str] = []
    size = place = 0

    def spelt(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "&amp;"
        if name.startswith("#"):
            return match[0]
        if name in entities:
            return html.escape(entities[name])
        character = html.unescape(match[0])
        return match[0] if character in "<>&\"'" else html.escape(character)

    while place < len(body):
        cdata = body.find("<![CDATA[", place)
        outside = body[place : cdata if cdata >= 0 else len(body)]
        end = body.find("]]>", cdata) + 3 if cdata >= 0 else len(body)
        end = len(body) if end == 2 else end
        parts += [_REFERENCE.sub(spelt, outside), body[cdata:end] if cdata >= 0 else ""]
        size += sum(map(len, parts[-2:]))
        if size > 2 * MAX_BYTES:
            raise UnreadableSource(origin, "its entities expand it to more than a feed may hold")
        place = end
    return "".join(parts)


def _with_namespaces(body: str) -> str:
    """The body with the namespaces declared that it uses and forgets to declare."""
    used = set(_PREFIX.findall(body)) - {"xml", "xmlns"}
    missing = sorted(prefix for prefix in used if f"xmlns:{prefix}" not in body)[:50]
    said = "".join(
        f' xmlns:{prefix}="{_NAMESPACES.get(prefix, "urn:undeclared:" + prefix)}"'
        for prefix in missing
    )
    name = _ELEMENT.match(body)
    return body if name is None else body[: name.end()] + said + body[name.end() :]


def _trim(root: etree._Element, origin: str) -> None:
    """Cut off what only an attack holds: endless entries, names, dates and attributes."""
    elements = list(islice(root.iter(etree.Element), MAX_ELEMENTS + 1))
    if len(elements) > MAX_ELEMENTS:
        raise UnreadableSource(
            origin, f"it has more than {MAX_ELEMENTS:,} elements; split it if you trust it"
        )
    entries = 0
    for element in elements:
        _trim_attributes(element)
        local = _local(element)
        if local in _ENTRIES:
            entries += 1
            if entries > MAX_ENTRIES or _is_stray(element):
                _remove(element)
        elif local == "keywords":  # of podcasts and pictures; they would pass for sections
            _remove(element)
        elif local in _SHORT and not (local in _PERSONS and len(element)):
            _shorten(element, _AUTHOR_CHARS if local in _AUTHORS else _SHORT_CHARS)
        if local == "id":  # a name, which feedparser would take for an address
            element.set("isPermaLink", "false")


def _trim_attributes(element: etree._Element) -> None:
    if len(element.attrib) > _MAX_ATTRIBUTES:
        element.attrib.clear()
    for name, value in element.attrib.items():
        if len(value) > _ATTRIBUTE_CHARS:
            del element.attrib[name]


def _is_stray(entry: etree._Element) -> bool:
    """Whether it is an empty entry within another, which would end that one too early."""
    parent = entry.getparent()
    return not len(entry) and parent is not None and _local(parent) in _ENTRIES


def _remove(element: etree._Element) -> None:
    if (parent := element.getparent()) is not None:
        parent.remove(element)


def _shorten(element: etree._Element, limit: int) -> None:
    """Keep a short element short, and without children."""
    text = element.text or ""
    if len(element) and not text.strip():
        text = "".join(element.itertext())
    for child in list(element):
        element.remove(child)
    element.text = text[:limit]


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()
