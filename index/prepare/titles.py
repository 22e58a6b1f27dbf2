"""Tells a headline above a text from its first sentence, and makes one for want of it."""

from __future__ import annotations

from index.prepare.lines import Line
from index.prepare.rules import fold

TITLE_LIMIT = 160  # characters; the longest headlines of the development set have 140
DERIVED_TITLE_LIMIT = 90
HEADER_LINES = 6  # title, deck, byline, role, date and one more
PROSE = 120  # a title stands above a paragraph at least this long
_SENTENCE_END = (".", '."', ".'", ".)", ":", ";", ",")


def is_title(text: str, title: str | None, following: list[Line]) -> bool:
    """Whether the first line is the headline: the known one, or a short line above prose."""
    if len(text) > TITLE_LIMIT:
        return False
    if fold(text).endswith(_SENTENCE_END) and not text.endswith("..."):
        return False  # a scraper's title may be the first sentence, which is text
    if title is not None:
        seen, known = fold(text).casefold(), fold(title).casefold()
        stem = known.rstrip(".… ")
        return seen == known or (stem != known and len(stem) > 20 and seen.startswith(stem))
    if text.count(" ") < 2:
        return False
    return any(len(line.text) >= max(PROSE, len(text) + 1) for line in following[:HEADER_LINES])


def opening(lines: list[Line]) -> str:
    """The first words of the text, as a title for want of one."""
    text = lines[0].text if lines else ""
    if len(text) <= DERIVED_TITLE_LIMIT:
        return text
    head = text[: DERIVED_TITLE_LIMIT + 1]
    cut = head.rfind(" ")
    return head[: cut if cut > 0 else DERIVED_TITLE_LIMIT].rstrip(" ,;:-–—") + "…"
