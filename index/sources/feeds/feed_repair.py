"""Text that means to be RSS or Atom, made well-formed XML that is safe to parse.

    find the root ─ own entities ─ references ─ namespaces ─ recover ─ trim

Feeds in the wild are cut short, use entities they do not define and hold control
characters. What can be read is kept; what could expand, nest or grow without bound is
refused by name or cut off. Knows nothing of bytes, nor of what the elements mean.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from lxml import etree

from index.errors import UnreadableSource
from index.sources.feeds.feed_prolog import after_name, own_entities, start_of_root
from index.sources.feeds.feed_trim import local_name, trim
from index.sources.streams import MAX_BYTES

_MAX_PREFIXES = 100

_REFERENCE = re.compile(r"&(?:(#x[0-9A-Fa-f]{1,6}|#\d{1,7}|[A-Za-z][\w.-]{0,59});)?")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PREFIX = re.compile(r"(?:</?|\s)([A-Za-z_][\w.-]{0,40}):[A-Za-z_]")
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


def repaired(text: str, origin: str) -> Document:
    """Well-formed XML of a document's text.

    Raises:
        UnreadableSource: it is no feed, or it defines entities that could expand.
    """
    start = start_of_root(text, origin)
    entities = own_entities(text[:start], origin)
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
        if root is None:
            raise UnreadableSource(origin, "it is no XML that can be read: nothing of it is left")
        trim(root, origin)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableSource(origin, f"it is no XML that can be read ({error})") from error
    return Document(etree.tostring(root, encoding="utf-8", xml_declaration=True), local_name(root))


def _with_references(body: str, entities: dict[str, str], origin: str) -> str:
    """The body with named characters spelt out and stray ampersands escaped; not in CDATA."""
    parts: list[str] = []
    size = place = 0

    def spelt(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "&amp;"
        if name.startswith("#"):
            return "" if _NOT_XML.match(_numbered(name)) else match[0]
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


def _numbered(reference: str) -> str:
    """The character of `#233` or `#xe9`; NUL for what is none."""
    number = int(reference[1:]) if reference[1].isdigit() else int(f"0{reference[1:]}", 0)
    return chr(number) if number < 0x110000 else "\0"


def _with_namespaces(body: str) -> str:
    """The body with the namespaces declared that it uses and forgets to declare."""
    used = sorted(set(_PREFIX.findall(body)) - {"xml", "xmlns"})[:_MAX_PREFIXES]
    missing = [prefix for prefix in used if f"xmlns:{prefix}" not in body]
    said = "".join(
        f' xmlns:{prefix}="{_NAMESPACES.get(prefix, "urn:undeclared:" + prefix)}"'
        for prefix in missing
    )
    place = after_name(body)
    return body[:place] + said + body[place:]
