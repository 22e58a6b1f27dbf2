"""Reads what a model writes, delta by delta: words, and markers that point at passages.

    [1]  [1][2]  [1, 2]  [1-3]  [^1]  【1】  【1†source】  [passage 1]

Links, pictures and HTML become plain words on the way. Held back is only what may still
become a marker, a link or a tag, and the last word, which may become an address. Whatever the
deltas are cut into, the tokens say the same. Knows nothing of passages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.writing.neutral import visible

# What begins like a marker, link or tag and has not ended after so many characters is none.
MOST_HELD = 300
MOST_ADDRESS = 2_000
# A range of more numbers is a score or a span of years.
_LONGEST_RANGE = 10

# White space inside a line: nothing that is held back goes over its end.
_S = r"[^\S\n]*"
_NUMBERS = rf"\^?\d{{1,3}}(?:{_S}(?:,|;|&|and|–|-){_S}\^?\d{{1,3}})*"
_LABEL = rf"(?:(?:passages?|sources?|articles?|citations?|refs?\.?){_S})?"
_MARKER = re.compile(
    rf"\[{_S}{_LABEL}({_NUMBERS}){_S}\]|【{_S}{_LABEL}({_NUMBERS}){_S}(?:†[^】\n]{{0,100}})?】",
    re.IGNORECASE,
)
_NO_ANSWER = re.compile(rf"\[{_S}no[ _-]answer{_S}\.?{_S}\]", re.IGNORECASE)
_IN_BRACKETS = rf"\[([^\[\]\n]{{0,{MOST_HELD}}})"
_LINK = re.compile(rf"(!?){_IN_BRACKETS}\]\(([^()\n]{{0,{MOST_ADDRESS}}})\)")
_LINK_BEGUN = re.compile(rf"!?{_IN_BRACKETS}\]\([^()\n]{{0,{MOST_ADDRESS}}}$")
_BRACKET_BEGUN = re.compile(rf"(?:!|!?{_IN_BRACKETS}\]?|【[^】\n]{{0,{MOST_HELD}}})$")
_TAG = re.compile(
    rf"<(?:!--.{{0,{MOST_ADDRESS}}}?-->|[a-z/!?][^<>]{{0,{MOST_ADDRESS}}}>)",
    re.IGNORECASE | re.DOTALL,
)
_TAG_BEGUN = re.compile(rf"<(?:$|[a-z/!?][^<>]{{0,{MOST_ADDRESS}}}$)", re.IGNORECASE)
_AUTOLINK = re.compile(
    r"<((?:[a-z][a-z0-9+.-]*:|www\.)[^<>\s]*|[^<>\s@]+@[^<>\s]+)>", re.IGNORECASE
)
_SPECIAL = re.compile(r"!?\[|【|<|!$")
_LAST_WORD = re.compile(r"\S+$")


@dataclass(frozen=True, slots=True)
class Words:
    """Words that may be said."""

    text: str


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker as it was written, and the numbers of passages that it gives."""

    numbers: tuple[int, ...]
    written: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The model says that the passages do not answer."""


Token = Words | Marker | NoAnswer


class MarkerReader:
    """One reply. `clean` takes out of words what must not be said, such as addresses."""

    def __init__(self, clean: Callable[[str], str] = str) -> None:
        self._clean = clean
        self._held = ""

    def feed(self, delta: str) -> list[Token]:
        """What is certain after one more delta."""
        self._held += _seen(delta)
        return list(self._read(at_end=False))

    def end(self) -> list[Token]:
        """What is left when there are no more deltas."""
        return list(self._read(at_end=True))

    def _read(self, *, at_end: bool) -> Iterator[Token]:
        while self._held:
            special = _SPECIAL.search(self._held)
            before = self._held[: special.start()] if special else self._held
            if special is None and not at_end:
                yield from self._words(self._settled(before))
                return
            # A word that a bracket follows is kept with it until the bracket is settled.
            rest = self._held[len(before) :]
            found = self._settle(rest, at_end=at_end) if rest else ([], 0)
            if found is None:
                yield from self._words(self._settled(before))
                return
            yield from self._words(before)
            tokens, length = found
            yield from tokens
            self._held = self._held[length:]

    def _settled(self, before: str) -> str:
        """All but the last word, unless that is longer than any address."""
        word = _LAST_WORD.search(before)
        if word is None or len(word[0]) > MOST_ADDRESS:
            return before
        return before[: word.start()]

    def _words(self, text: str) -> Iterator[Token]:
        self._held = self._held[len(text) :]
        if said := self._clean(text):
            yield Words(said)

    def _settle(self, rest: str, *, at_end: bool) -> tuple[list[Token], int] | None:
        """The tokens that `rest` begins with and their length; None while that is open."""
        if rest[0] == "<":
            return self._settle_tag(rest, at_end=at_end)
        if link := _LINK.match(rest):
            return self._linked(link), link.end()
        if not at_end and (_LINK_BEGUN.match(rest) or _BRACKET_BEGUN.match(rest)):
            return None
        if marker := _MARKER.match(rest, 0, MOST_HELD):
            return [_marker(marker)], marker.end()
        if no_answer := _NO_ANSWER.match(rest, 0, MOST_HELD):
            return [NoAnswer()], no_answer.end()
        return [Words(rest[0])], 1

    def _linked(self, link: re.Match[str]) -> list[Token]:
        """The words of a link, or the marker in it; of a picture, nothing."""
        if link[1]:
            return []
        if marker := _MARKER.fullmatch(f"[{link[2]}]"):
            return [_marker(marker)]
        return [Words(said)] if (said := self._clean(link[2])) else []

    def _settle_tag(self, rest: str, *, at_end: bool) -> tuple[list[Token], int] | None:
        if link := _AUTOLINK.match(rest):
            return [Words(self._clean(link[1]))], link.end()
        if tag := _TAG.match(rest):
            return [], tag.end()
        if not at_end and _TAG_BEGUN.match(rest):
            return None
        return [Words("‹")], 1


def _marker(match: re.Match[str]) -> Marker:
    return Marker(tuple(dict.fromkeys(_numbers(match[1] or match[2]))), match[0])


def _numbers(listed: str) -> Iterator[int]:
    for part in re.split(r"\s*(?:,|;|&|and)\s*", listed):
        ends = [int(end) for end in re.findall(r"\d+", part)]
        if len(ends) == 2 and 0 < ends[1] - ends[0] < _LONGEST_RANGE:
            yield from range(ends[0], ends[1] + 1)
        else:
            yield from ends


def _seen(delta: str) -> str:
    """The delta without what nobody sees; its lines stay."""
    return "\n".join(visible(line) for line in delta.replace("\r", "").split("\n"))
