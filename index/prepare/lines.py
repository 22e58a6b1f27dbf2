"""Raw text to lines: what is thrown away because nobody reads it.

A line keeps where it stood in the raw text, so that whatever is removed later can
be shown there. Only characters that carry no words change: line ends, control and
zero-width characters, odd and repeated spaces. Spelling, quotes and composed
letters stay as they were published (no NFC), because a quotation must be found in
the text as the outlet wrote it. Knows no rule.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

_LINE = re.compile("[^\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]+")

# Invisible and without meaning in running text. The joiners U+200C and U+200D stay:
# Persian, Indic scripts and emoji are spelled with them.
_INVISIBLE = "\u00ad\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_LAST_SPACE = 0x3000  # no control character or space has a higher code
_SURROGATES = range(0xD800, 0xE000)  # cannot be written as UTF-8


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text without its odd characters, and its span in the raw text."""

    text: str
    start: int
    end: int


def split_lines(raw: str) -> list[Line]:
    """The lines of `raw` that hold at least one visible character, in order."""
    lines = []
    for match in _LINE.finditer(raw):
        text = tidy(match.group())
        if text:
            lines.append(Line(text, match.start(), match.end()))
    return lines


def tidy(raw: str) -> str:
    """One line without invisible characters; every run of white space is one space."""
    return " ".join(raw.translate(_table()).split())


def cut(raw: str, line: Line, spans: list[tuple[int, int]]) -> tuple[list[Line], list[Line]]:
    """The pieces of `line` that stay and those that go, for sorted disjoint `spans` of it."""
    at = _positions(raw, line)
    kept, gone = [], []
    done = 0
    for start, end in [*spans, (len(line.text), len(line.text))]:
        kept.append(_piece(line, at, done, start))
        gone.append(_piece(line, at, start, end))
        done = end
    return [p for p in kept if p.text], [p for p in gone if p.text]


def _piece(line: Line, at: list[int], start: int, end: int) -> Line:
    """`line.text[start:end]` without outer spaces, with its span in the raw text."""
    text = line.text[start:end]
    start += len(text) - len(text.lstrip(" "))
    end = max(start, end - (len(text) - len(text.rstrip(" "))))
    if start == end:
        return Line("", at[0], at[0])
    return Line(line.text[start:end], at[start], at[end - 1] + 1)


def _positions(raw: str, line: Line) -> list[int]:
    """The raw position of each character of `line.text`."""
    table = _table()
    at: list[int] = []
    space: int | None = None
    for position in range(line.start, line.end):
        character = raw[position]
        seen = table.get(ord(character), character)
        if seen is None:
            continue
        if seen.isspace():
            space = position
            continue
        if space is not None and at:
            at.append(space)
        space = None
        at.append(position)
    return at


@cache
def _table() -> dict[int, str | None]:
    """For `str.translate`: control and invisible characters vanish, odd spaces are spaces."""
    table: dict[int, str | None] = dict.fromkeys(_SURROGATES)
    for code in range(_LAST_SPACE + 1):
        category = unicodedata.category(chr(code))
        if category == "Cc":
            table[code] = None
        elif category == "Zs":
            table[code] = " "
    table[ord("\t")] = " "
    table.update(dict.fromkeys(map(ord, _INVISIBLE + _BIDI)))
    return table
