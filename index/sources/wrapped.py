"""Lines that a page or a mailer broke, joined to the paragraphs they were.

Knows nothing of where the lines come from.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

# A line shorter than this share of the usual one may end its paragraph.
_FULL = 0.75
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’»)\]]*\Z")
_BULLET = re.compile(r"[-*•·–—▪◦]\s")
_NUMBERED = re.compile(r"\d{1,3}(?:\.\d{1,3})*[.)]\s")
_BROKEN = re.compile(r"(\w+)-\Z")
_WORD = re.compile(r"\w+(?:-\w+)*")
# Before these a hyphen is part of the word, wherever the line ends.
_COMPOUNDS = frozenset(("all", "anti", "co", "ex", "long", "mid", "non", "self", "short", "well"))


def usual_width(lines: Sequence[str]) -> int:
    """The length that nine of ten lines do not exceed; 0 without lines."""
    lengths = sorted(len(line) for line in lines if line)
    return lengths[-(-(len(lengths) - 1) * 9 // 10)] if lengths else 0


def paragraphs(lines: Sequence[str], *, hyphens: bool = False) -> list[str]:
    """Stripped lines joined; a blank one always ends a paragraph.

    With `hyphens`, words that were divided at the end of a line are whole again.
    """
    width = usual_width(lines)
    words = _whole_words(lines) if hyphens else frozenset()
    found: list[list[str]] = []
    before = ""
    for line in lines:
        if before and line and _goes_on(before, line, width):
            parts = found[-1]
            parts[-1], between = _end(parts[-1], line, words) if hyphens else (parts[-1], " ")
            parts += [between, line]
        elif line:
            found.append([line])
        before = line
    return ["".join(parts) for parts in found]


def _goes_on(line: str, following: str, width: int) -> bool:
    """Whether the paragraph of a line goes on in the next."""
    ended = _SENTENCE_END.search(line) is not None
    if _BULLET.match(following) or (ended and _NUMBERED.match(following)):
        return False
    if len(line) >= _FULL * width:
        return True
    return not ended and following[0].islower()


def _whole_words(lines: Sequence[str]) -> frozenset[str]:
    """The words of a text that no end of a line can have divided."""
    ends = ("-", "\u00ad")
    words: list[str] = []
    for before, line in zip(("", *lines), lines, strict=False):
        found = _WORD.findall(line)
        words += found[before.endswith(ends) : len(found) - line.endswith(ends)]
    return frozenset(words)


def _end(line: str, following: str, words: Collection[str]) -> tuple[str, str]:
    """The line as it stands before the following one, and what comes between them."""
    if line.endswith("\u00ad"):
        return line[:-1], ""
    broken = _BROKEN.search(line)
    rest = _WORD.match(following)
    if broken is None or rest is None or not following[0].islower():
        return line, " "
    return (line[:-1] if _is_divided(broken[1], rest[0], words) else line), ""


def _is_divided(first: str, rest: str, words: Collection[str]) -> bool:
    """Whether a hyphen at the end of a line is of the line and not of the word.

    The rest of the text tells: it has the word whole, or with its hyphen, or its halves
    as words of their own.
    """
    if first + rest in words:
        return True
    if f"{first}-{rest}" in words or first.lower() in _COMPOUNDS or not first[-1].isalpha():
        return False
    return not (first in words and rest in words)
