"""Sentences of an answer as it grows, each with the markers that belong to it.

A marker after the final stop belongs to the sentence before, unless a line begins between
them. The pieces tile the words: put together again they are the answer. Knows no passages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from index.prepare.sentences import split_sentences
from rag.writing.markers import Marker, Words

# A sentence is over when so much of the next has come: "U.S." may go on.
_FIRM = re.compile(r"\S+\s")
_MAY_END = re.compile(r"[.!?…。！？][\"'”’)\]»*_]*\s|\n|[。！？]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence with the white space before it, and its markers by their place in `words`."""

    words: str
    marks: tuple[tuple[int, Marker], ...]

    @property
    def text(self) -> str:
        """The words of the sentence."""
        return self.words.strip()

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of passages that it gives, in order, each once."""
        return tuple(dict.fromkeys(n for _, mark in self.marks for n in mark.numbers))

    @property
    def settled(self) -> list[tuple[int, Marker]]:
        """Markers in their places, moved out of words; of those that say the same the last."""
        last: dict[tuple[int, ...], tuple[int, Marker]] = {}
        for place, mark in self.marks:
            last.pop(mark.numbers, None)
            last[mark.numbers] = (self._word_end(place), mark)
        return sorted(last.values(), key=lambda one: one[0])

    def _word_end(self, place: int) -> int:
        if not (0 < place < len(self.words) and self.words[place - 1].isalnum()):
            return place
        while place < len(self.words) and self.words[place].isalnum():
            place += 1
        return place


@dataclass(frozen=True, slots=True)
class Woven:
    """Words with something put in between: `inserts` are places in `words` and what stands there.

    What is put in is led by a blank where none is.
    """

    words: str
    inserts: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """All of it."""
        return self._until(len(self.words), len(self.inserts))

    def at(self, place: int) -> int:
        """Where in `text` the character at a place of `words` stands."""
        before = sum(1 for at, _ in self.inserts if at <= place)
        return len(self._until(place, before))

    def insert_at(self, number: int) -> tuple[int, int]:
        """Where in `text` an insert stands."""
        end = len(self._until(self.inserts[number][0], number + 1))
        return end - len(self.inserts[number][1]), end

    def _until(self, place: int, inserts: int) -> str:
        said, at = "", 0
        for where, insert in self.inserts[:inserts]:
            said += self.words[at:where]
            said += (" " if _needs_space(said) else "") + insert
            at = where
        return said + self.words[at:place]


def _needs_space(said: str) -> bool:
    return bool(said) and not said[-1].isspace() and said[-1] not in "(]"


class Statements:
    """The sentences of one reply."""

    def __init__(self) -> None:
        self._words = ""
        self._marks: list[tuple[int, Marker]] = []

    def feed(self, tokens: Iterable[Words | Marker]) -> None:
        """Take what comes next."""
        for token in tokens:
            if isinstance(token, Words):
                self._words += token.text
            else:
                self._marks.append((len(self._words), token))

    @property
    def certain(self) -> str:
        """The words of the sentence that has begun, as far as no marker changes them."""
        end = self._marks[0][0] if self._marks else len(self._words)
        if _MAY_END.search(self._words) and len(found := split_sentences(self._words)) > 1:
            end = min(end, found[0].end)
        return self._words[:end]

    def finished(self, *, at_end: bool = False) -> Iterator[Piece]:
        """The sentences that are over; at the end of the reply, all."""
        while at_end or _MAY_END.search(self._words):
            found = split_sentences(self._words)
            if len(found) < 2:
                break
            if not at_end and not _FIRM.match(self._words, found[1].start):
                break
            yield self._cut(found[0].end, found[1].start)
        if at_end and (self._words or self._marks):
            yield self._cut(len(self._words), len(self._words))

    def _cut(self, end: int, following: int) -> Piece:
        """The first sentence, which ends at `end`, with the markers before the next one."""
        line = self._words.find("\n", end, following)
        reach = line if line >= 0 else following
        cut = max((place for place, _ in self._marks if end <= place <= reach), default=end)
        piece = Piece(self._words[:cut], tuple(m for m in self._marks if m[0] <= cut))
        self._words = self._words[cut:]
        self._marks = [(place - cut, mark) for place, mark in self._marks if place > cut]
        return piece
