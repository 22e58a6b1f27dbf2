"""What stands before the root of an XML document, and where the root begins.

Whatever it is, looking for the root takes little: declarations and comments that do not
end were damaged, and there are never many. Knows nothing of the root's content.
"""

from __future__ import annotations

import html
import re

from index.errors import UnreadableSource

# A declaration or comment that does not end within this was damaged.
_MAX_PROLOG_CHARS, _MAX_PROLOG_PARTS = 20_000, 1_000
# Longest value of an entity that a document defines for itself, and how many it may define.
_MAX_ENTITY_CHARS, _MAX_ENTITIES = 200, 300
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|rdf|feed|channel)(?=[\s/>])", re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
_ENTITY = re.compile(
    r"<!ENTITY\s{1,50}(?:(%)\s{1,50})?([\w.-]{1,60})\s{1,50}(?:\"([^\"]*)\"|'([^']*)'|(\w+))"
)
_SUBSET_END = re.compile(r"\]\s{0,100}>")


def first_element(text: str) -> str | None:
    """The name of the first element, behind declarations, comments and whatever else."""
    place = _first_element(text)
    found = None if place is None else _ELEMENT.match(text, place)
    return found and found[1]


def _first_element(text: str) -> int | None:
    place = 0
    for _ in range(_MAX_PROLOG_PARTS):
        place = text.find("<", place)
        if place < 0:
            break
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
        closed = _SUBSET_END.search(text, subset)
        return closed.end() if closed else len(text)
    return end + 1 if end >= 0 else len(text)


def after_name(text: str) -> int:
    """Where the name of the element ends that the text begins with."""
    found = _ELEMENT.match(text)
    return 0 if found is None else found.end()


def start_of_root(text: str, origin: str) -> int:
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


def own_entities(prolog: str, origin: str) -> dict[str, str]:
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
