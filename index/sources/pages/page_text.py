"""The text of the article on a page: what two extractors take, judged by where it stands.

trafilatura and readability-lxml read the same tree, so that each block of the page was
taken by both, by one or by none of them. The smallest element with nearly all prose that
both take is the article's area, and the area decides about the rest:

1. both: it is the article.
2. readability alone, which takes a region with its captions and tables: the same, but for
   readers' comments and, where it found much that trafilatura did not, only in the area.
3. trafilatura alone, which takes single blocks from anywhere: in the area; prose between
   headline and area; where readability found a fragment, prose in the wider area.
4. none: it is not.

Knows nothing of metadata.
"""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from readability import Document
from readability.readability import Unparseable

from index.sources.pages.html_blocks import Block, blocks

# Set on the development pages as they are and without the names and elements that the
# extractors go by (benchmarks/extraction.py --without). Values half as far again in either
# direction change the mean F1 of all by less than 0.0005, but for MIN_SHARED below 0.45 or
# above 0.6 and WIDENED_SHARE below 0.6 or above 0.8, which cost up to 0.008.
# Bytes of UTF-8, so that a sentence has a like size in every script.
MIN_PROSE_BYTES = 80
MAX_LINK_SHARE = 0.5
# Of the prose that both take, the share that stands in the area.
AREA_SHARE = 0.9
# Below this share of the other's prose, what both take is a fragment of it.
MIN_SHARED = 0.5
# The area widens to elements of which trafilatura takes this share.
WIDENED_SHARE = 0.7

_OWNER = "data-block-owner"
_NOT_LETTERS = re.compile(r"[\W_]+")
# Fewer letters stand in many places: they must be a line of their own.
_MIN_FOUND = 12
_MAX_SEARCHED = 200_000
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_READERS = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|disqus|replies)(?:$|[\s_-])", re.IGNORECASE
)

# What they make of a page is weighed here; a page that is too much for one is no event.
for library in ("trafilatura", "readability.readability"):
    logging.getLogger(library).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Vote:
    """A block of a page, and who takes it for a part of the article."""

    block: Block
    trafilatura: bool
    readability: bool


@dataclass(frozen=True, slots=True)
class _Area:
    """Where the article stands: its element, one that may hold more of it, and its prose.

    `shared` says that trafilatura takes most of what readability takes.
    """

    element: HtmlElement
    wider: HtmlElement
    headline: int
    first: int
    last: int
    shared: bool


def article_blocks(tree: HtmlElement) -> list[Block]:
    """The blocks of the article on a page, in the order of the document."""
    return judged(votes(tree))


def judged(cast: list[Vote]) -> list[Block]:
    """The blocks that belong to the article, by the votes on all blocks of a page."""
    cast = [vote for vote in cast if not _leads_elsewhere(vote.block)]
    area = _area(cast)
    if area is None:
        return [vote.block for vote in cast if vote.readability or vote.trafilatura]
    return [vote.block for number, vote in enumerate(cast) if _belongs(number, vote, area)]


def votes(tree: HtmlElement) -> list[Vote]:
    """The blocks of a page with what the two extractors make of them."""
    for number, element in enumerate(tree.iter(etree.Element)):
        element.set(_OWNER, str(number))
    seen = blocks(tree)
    by_trafilatura = _Taken.of_text(_by_trafilatura(tree))
    by_readability = _Taken.of_blocks(_by_readability(tree))
    return [
        Vote(block, by_trafilatura.holds(block), by_readability.holds(block))
        for block in seen
        if _letters(block.text)
    ]


def _area(cast: list[Vote]) -> _Area | None:
    prose = [number for number, vote in enumerate(cast) if _is_prose(vote.block)]
    first = [number for number in prose if cast[number].trafilatura]
    second = [number for number in prose if cast[number].readability]
    both = [number for number in first if cast[number].readability]
    chosen = both or first or second
    if not chosen:
        return None
    element = _smallest(cast, chosen)
    is_fragment = _size(cast, both) < MIN_SHARED * _size(cast, first)
    above = range(chosen[0], -1, -1)
    return _Area(
        element=element,
        wider=_widened(element, cast) if is_fragment else element,
        headline=next((n for n in above if cast[n].block.element.tag == "h1"), chosen[0]),
        first=chosen[0],
        last=chosen[-1],
        shared=_size(cast, both) >= MIN_SHARED * _size(cast, second),
    )


def _smallest(cast: list[Vote], chosen: list[int]) -> HtmlElement:
    """The smallest element, above paragraphs, that holds nearly all of the blocks."""
    inside: dict[HtmlElement, int] = {}
    for number in chosen:
        held_by = cast[number].block.element
        for element in _upwards(held_by if held_by.tag != "p" else held_by.getparent()):
            inside[element] = inside.get(element, 0) + len(cast[number].block.text)
    enough = AREA_SHARE * _size(cast, chosen)
    return max((one for one, held in inside.items() if held >= enough), key=_depth)


def _widened(element: HtmlElement, cast: list[Vote]) -> HtmlElement:
    """The largest element around that one of which trafilatura takes nearly all."""
    held: dict[HtmlElement, int] = {}
    taken: dict[HtmlElement, int] = {}
    for vote in cast:
        for one in _upwards(vote.block.element):
            held[one] = held.get(one, 0) + len(vote.block.text)
            taken[one] = taken.get(one, 0) + vote.trafilatura * len(vote.block.text)
    for parent in element.iterancestors():
        if taken[parent] < WIDENED_SHARE * held[parent]:
            break
        element = parent
    return element


def _belongs(number: int, vote: Vote, area: _Area) -> bool:
    if vote.trafilatura and vote.readability:
        return True
    upwards = _upwards(vote.block.element)
    inside = area.element in upwards
    if vote.readability:
        return (inside or area.shared) and not _by_readers(upwards, area)
    if not vote.trafilatura:
        return False
    if inside or area.first < number < area.last:
        return True
    above = area.headline < number < area.first
    return (above or area.wider in upwards) and _is_prose(vote.block)


def _leads_elsewhere(block: Block) -> bool:
    """Whether it is a part of the site's navigation, of which short pages are not freed."""
    return block.link_share > MAX_LINK_SHARE and any(
        one.tag == "nav" or one.get("role") == "navigation" for one in _upwards(block.element)
    )


def _by_readers(upwards: list[HtmlElement], area: _Area) -> bool:
    """Whether an element that is not around the area says that readers wrote what it holds."""
    around = set(area.element.iterancestors())
    return any(one not in around and _READERS.search(_names(one)) for one in upwards)


def _is_prose(block: Block) -> bool:
    return (
        len(block.text.encode()) >= MIN_PROSE_BYTES
        and block.link_share <= MAX_LINK_SHARE
        and block.element.tag not in _HEADINGS
    )


def _size(cast: list[Vote], numbers: list[int]) -> int:
    return sum(len(cast[number].block.text) for number in numbers)


def _upwards(element: HtmlElement) -> list[HtmlElement]:
    return [element, *element.iterancestors()]


def _depth(element: HtmlElement) -> int:
    return sum(1 for _ in element.iterancestors())


def _names(element: HtmlElement) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}"


# -- the extractors ---------------------------------------------------------------------


def _by_trafilatura(tree: HtmlElement) -> str:
    try:
        found = trafilatura.bare_extraction(tree, include_comments=False)
    except Exception:  # hostile pages bring up whatever is left unhandled in it
        return ""
    return getattr(found, "text", None) or ""


class _Article(Document):  # type: ignore[misc]
    """Keeps the article as a tree, with its attributes."""

    def get_clean_html(self) -> str:
        return str(etree.tostring(self.html, encoding="unicode"))


def _by_readability(tree: HtmlElement) -> list[Block]:
    document = _Article(copy.deepcopy(tree), handle_failures="ignore")
    try:
        document.summary()
    except Unparseable:
        return []
    return blocks(document.html)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What an extractor took: lines as letters, each with its element where that is known."""

    letters: str
    lines: frozenset[str]
    owned: frozenset[tuple[str, str]]
    starts: frozenset[str]

    @classmethod
    def of_text(cls, text: str) -> _Taken:
        return cls._of([("", _letters(line)) for line in text.split("\n")])

    @classmethod
    def of_blocks(cls, taken: Iterable[Block]) -> _Taken:
        return cls._of([(_owner(block.element), _letters(block.text)) for block in taken])

    @classmethod
    def _of(cls, owned: list[tuple[str, str]]) -> _Taken:
        letters = "".join(letters for _, letters in owned)
        places = range(min(len(letters), _MAX_SEARCHED))
        return cls(
            letters=letters,
            lines=frozenset(letters for owner, letters in owned if not owner),
            owned=frozenset(owned),
            starts=frozenset(letters[at : at + _MIN_FOUND] for at in places),
        )

    def holds(self, block: Block) -> bool:
        """Whether it took the block, also as a piece of a longer line."""
        letters = _letters(block.text)
        if letters in self.lines or (_owner(block.element), letters) in self.owned:
            return True
        return (
            len(letters) >= _MIN_FOUND
            and letters[:_MIN_FOUND] in self.starts
            and letters in self.letters
        )


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text.casefold())


def _owner(element: HtmlElement) -> str:
    """The number of the nearest element that has one; readability makes some that have none."""
    return next((one.get(_OWNER) for one in _upwards(element) if one.get(_OWNER)), "")
