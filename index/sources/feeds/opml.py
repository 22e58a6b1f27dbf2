"""Lists of feeds as readers exchange them: OPML in and out. Knows nothing of the feeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from index.errors import UnreadableSource
from index.sources.feeds.feed_text import text_of, web_address
from index.sources.streams import MAX_BYTES

_MAX_TITLE_CHARS = 200


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed as a list names it."""

    url: str
    title: str | None = None


def read_opml(data: bytes, origin: str) -> list[ListedFeed]:
    """The feeds of an OPML document, also those in folders within folders, each once.

    Raises:
        UnreadableSource: it is no OPML, or it lists none.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableSource(origin, f"it has {len(data):,} bytes, a list may have {MAX_BYTES:,}")
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableSource(origin, f"it is no OPML ({error}); export it again") from error
    if root is None or str(root.tag).lower() != "opml":
        raise UnreadableSource(
            origin, "it is no OPML: give the list that a feed reader exports, or a feed's address"
        )
    found: dict[str, ListedFeed] = {}
    for outline in root.iter("outline"):
        said = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        url = web_address(_over_http(said.get("xmlurl", "")), "")
        title = text_of(" ".join((said.get("title") or said.get("text") or "").split()))
        if url is not None:
            found.setdefault(url, ListedFeed(url, title and title[:_MAX_TITLE_CHARS]))
    if not found:
        raise UnreadableSource(origin, "no outline of it has an xmlUrl: it lists no feed")
    return list(found.values())


def _over_http(url: str) -> str:
    """The address behind `feed://`, which some readers write."""
    if url.lower().startswith("feed://"):
        return "http://" + url[len("feed://") :]
    return url[len("feed:") :] if url.lower().startswith("feed:") else url


def write_opml(feeds: Iterable[ListedFeed]) -> str:
    """The feeds as an OPML document."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Feeds of Dateline"
    body = etree.SubElement(root, "body")
    for feed in feeds:
        title = feed.title or feed.url
        etree.SubElement(body, "outline", type="rss", text=title, title=title, xmlUrl=feed.url)
    etree.indent(root)
    return f"{etree.tostring(root, encoding='unicode')}\n"
