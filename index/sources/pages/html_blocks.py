"""Markup to a tree, and a tree to blocks: the lines that a reader of the page sees.

A block is a paragraph, a heading, an item, a caption or a row of a table, without its
markup. Everything here takes time in proportion to the length of the markup, also for
markup that was made to take longer. Knows nothing of articles.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

# The parser leaves out whatever is deeper.
MAX_DEPTH = 255
# Without scripts and styles. A parsed page takes 50 times the memory; the largest of the
# development set has 200,000 characters and 3,000 elements, live reports ten times as much.
MAX_MARKUP_CHARS = 5_000_000
MAX_ELEMENTS = 30_000
# Extractors go up and down the tree: the sum of the depths of all elements.
MAX_STEPS = 1_000_000
# Of a start tag; pictures and whole programs are kept in attributes, and the parser
# compares each attribute of a tag with all others.
_MAX_TAG_CHARS = 4_000
_MAX_VALUE_CHARS = 1_000

_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<tag>script|style)(?P<attributes>\s[^>]*+)?>(?P<body>.*?)"
    r"(?:</(?P=tag)\b[^>]*+(?:>|\Z)|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_VALUE = r"(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>\"'][^\s>]*+)"
_START_TAG = re.compile(
    rf"<[a-z][^\s/>]*+(?:[\s/]++|[^\s/>=][^\s/>=]*+(?:\s*+=\s*+{_VALUE}?+)?+|=)*+>?+",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"\s(class|content|datetime|href|id|itemprop|lang|name|property|rel|style)\s*+=\s*+"
    rf"({_VALUE})"
)
_NAME = re.compile(r"<[a-z][^\s/>]*+", re.IGNORECASE)
_FORMATTING = re.compile(
    r"</?(?:a|b|big|center|em|font|i|nobr|small|span|strong|tt|u)(?:\s[^<>]*+)?>", re.IGNORECASE
)
_ANY_TAG = re.compile(r"<[a-z/!?][^<>]*+>?+", re.IGNORECASE)
_SPACE = re.compile(r"\s+")

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
     "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
     "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "menu",
     "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
     "tr", "ul")
)  # fmt: skip
_PICTURE = re.compile(r"image|photo|picture|caption|figure", re.IGNORECASE)
_CELLS = frozenset(("td", "th"))
_NOT_TEXT = frozenset(
    ("applet", "area", "audio", "base", "button", "canvas", "datalist", "embed", "frame",
     "frameset", "head", "iframe", "img", "input", "link", "map", "meta", "noembed", "noframes",
     "noscript", "object", "option", "param", "script", "select", "source", "style", "svg",
     "template", "textarea", "title", "track", "video")
)  # fmt: skip
_LINE_ENDS = ("", *".!?:;\"'”’»…)")
_Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Block:
    """A line that is seen, the element that holds it, and how much of it is links."""

    text: str
    element: HtmlElement
    link_chars: int

    @property
    def link_share(self) -> float:
        """The share of its characters that are links."""
        return self.link_chars / len(self.text)


@dataclass(frozen=True, slots=True)
class Script:
    """What a page holds in a `<script>`: its attributes as written, and its body."""

    attributes: str
    body: str


class TooMuch(ValueError):
    """A page has more of something than any page for readers has."""


class TooDeep(TooMuch):
    """Its elements are nested too deep for the parser."""


def parse(markup: str) -> tuple[HtmlElement, list[Script]]:
    """The tree of a document without comments, styles and scripts, and the scripts.

    Raises:
        TooMuch: it is over one of the limits.
        ValueError: it holds no element.
    """
    scripts: list[Script] = []

    def leave_out(match: re.Match[str]) -> str:
        if (match["tag"] or "").lower() == "script":
            scripts.append(Script(match["attributes"] or "", match["body"]))
        return " " if match["tag"] else ""

    seen = _START_TAG.sub(_bounded, _UNSEEN.sub(leave_out, markup)).replace("\x00", "")
    if len(seen) > MAX_MARKUP_CHARS:
        raise TooMuch(f"it has {len(seen):,} characters of markup, over {MAX_MARKUP_CHARS:,}")
    tags = seen.count("<")
    if tags > 4 * MAX_ELEMENTS:
        raise TooMuch(f"it has {tags:,} tags, over {4 * MAX_ELEMENTS:,}")
    try:
        return _tree(seen), scripts
    except TooDeep:
        # Old pages leave `<font>` open in every paragraph.
        return _tree(_FORMATTING.sub("", seen)), scripts


def _tree(markup: str) -> HtmlElement:
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError as error:
        raise ValueError(str(error)) from error
    if any("depth" in entry.message.lower() for entry in parser.error_log.filter_from_errors()):
        raise TooDeep(f"its elements are nested deeper than {MAX_DEPTH}")
    elements, steps = _size(tree)
    if elements > MAX_ELEMENTS:
        raise TooMuch(f"it has {elements:,} elements, over {MAX_ELEMENTS:,}")
    if steps > MAX_STEPS:
        raise TooMuch(f"its elements stand {steps // elements} deep on average")
    return tree


def _size(tree: HtmlElement) -> tuple[int, int]:
    """The number of elements, and the sum of their depths."""
    elements = steps = depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            depth += 1
            elements += 1
            steps += depth
        else:
            depth -= 1
    return elements, steps


def _bounded(match: re.Match[str]) -> str:
    """A start tag; where it is very long, with nothing but the attributes that matter."""
    tag = match[0]
    if len(tag) <= _MAX_TAG_CHARS:
        return tag
    name = _NAME.match(tag)
    kept = {
        found[1]: found[2]
        for found in _ATTRIBUTE.finditer(tag)
        if len(found[2]) <= _MAX_VALUE_CHARS
    }
    return " ".join([name[0] if name else "<p", *(f"{key}={kept[key]}" for key in kept)]) + " >"


def blocks(root: HtmlElement) -> list[Block]:
    """The lines of a tree, in the order of the document."""
    reading = _Reading(root)
    reading.read(root)
    reading.end(root)
    return reading.blocks


def plain(markup: str) -> str:
    """What is left of any markup when its tags are taken out; for what can't be parsed."""
    return html.unescape(_ANY_TAG.sub("\n", _UNSEEN.sub(" ", markup)))


@dataclass(slots=True)
class _Reading:
    """The blocks so far, and the pieces of the next one with whether each is in a link."""

    root: HtmlElement
    blocks: list[Block] = field(default_factory=list)
    pieces: list[_Piece] = field(default_factory=list)
    links: int = 0
    verbatim: int = 0
    row: int = 0

    def read(self, element: HtmlElement) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in _NOT_TEXT:
            return
        if tag == "br":
            self.pieces.append(("\n", False))
            return
        is_row = tag == "tr" and _is_row_of_data(element)
        is_block = (tag in _BLOCKS and not (self.row and tag in _CELLS)) or _is_picture(element)
        if is_block:
            self.end(element.getparent())
        elif tag in _CELLS and self.pieces:
            self.pieces.append((" | ", False))
        self.links += tag == "a"
        self.verbatim += tag == "pre"
        self.row += is_row
        self._add(element.text)
        for child in element:
            self.read(child)
            self._add(child.tail)
        self.links -= tag == "a"
        self.verbatim -= tag == "pre"
        if is_block:
            self.end(element)
        self.row -= is_row

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if not self.verbatim:
            text = _SPACE.sub(" ", text)
        self.pieces.append((text, self.links > 0))

    def end(self, element: HtmlElement | None) -> None:
        """End the block that `element` holds."""
        pieces, self.pieces = self.pieces, []
        owner = self.root if element is None else element
        for line in _lines(pieces):
            text = _text(line)
            if text:
                links = sum(len(text.strip()) for text, linked in line if linked)
                self.blocks.append(Block(text, owner, min(links, len(text))))


def _lines(pieces: list[_Piece]) -> list[list[_Piece]]:
    """The pieces of each line: a break in the middle of a sentence is none."""
    lines: list[list[_Piece]] = [[]]
    for text, linked in pieces:
        for number, part in enumerate(text.split("\n")):
            if number:
                lines.append([])
            lines[-1].append((part, linked))
    joined: list[list[_Piece]] = []
    before = ""
    for line in lines:
        text = _text(line)
        if joined and _goes_on(before, text):
            joined[-1] += [(" ", False), *line]
        else:
            joined.append(line)
        before = text
    return joined


def _text(line: list[_Piece]) -> str:
    return _SPACE.sub(" ", "".join(text for text, _ in line)).strip(" |")


def _goes_on(line: str, following: str) -> bool:
    return line[-1:] not in _LINE_ENDS and following[:1].islower()


def _is_picture(element: HtmlElement) -> bool:
    """Whether it is a picture with words of its own, in the middle of a paragraph."""
    return (
        element.tag == "span"
        and _PICTURE.search(element.get("class", "")) is not None
        and next(element.iter("img"), None) is not None
    )


def _is_row_of_data(row: HtmlElement) -> bool:
    """Whether a row holds cells and no paragraphs, as rows of tables for the layout do."""
    return len(row) > 1 and not any(
        child.tag in _BLOCKS or child.tag == "br"
        for cell in row
        for child in cell.iterdescendants()
    )
