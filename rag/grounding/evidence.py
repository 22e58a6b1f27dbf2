"""Evidence as the checks read it: sentences with their place, words and days.

Knows nothing of verdicts. A title counts as a sentence of its article: drafts take
names and numbers from it, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.documents import Article, DateMention, PublicationDate, Sentence
from index.prepare.mentions import date_mentions
from index.prepare.sentences import split_sentences
from rag.expect import content_stems
from rag.grounding.findings import Place

# Longer lines are cut, at white space where there is some: it bounds the work of every check.
LONGEST_LINE = 1_000
_PARTS = re.compile(rf"\S(?:.{{0,{LONGEST_LINE - 2}}}\S)?(?!\S)|\S{{1,{LONGEST_LINE}}}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence: a sentence, a passage or an article, as it was published."""

    text: str
    title: str = ""
    published: PublicationDate | None = None


def evidence_of(article: Article) -> Evidence:
    """A whole article as one piece; a title that is its own opening is left out."""
    title = "" if article.ref.title_is_derived else article.ref.title
    return Evidence(article.text, title, article.ref.dated)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the evidence, or a title, at its place, with the stems of its words."""

    place: Place
    stems: frozenset[str]
    published: PublicationDate | None
    dates: tuple[DateMention, ...]

    @property
    def text(self) -> str:
        """The words."""
        return self.place.text

    def part(self, start: int, end: int) -> Place:
        """The place of `text[start:end]`."""
        at = self.place
        return Place(
            at.piece, at.start + start, at.start + end, at.text[start:end], in_title=at.in_title
        )


def lines_of(evidence: Sequence[Evidence]) -> tuple[Line, ...]:
    """The sentences of all pieces, in order; the title of a piece stands before its text."""
    lines: list[Line] = []
    for piece, given in enumerate(evidence):
        if given.title.strip():
            title = Sentence(0, len(given.title), given.title)
            lines += [_line(piece, t, given.published, in_title=True) for t in _cut(title)]
        for sentence in split_sentences(given.text):
            lines += [_line(piece, part, given.published) for part in _cut(sentence)]
    return tuple(lines)


def _cut(sentence: Sentence) -> Iterator[Sentence]:
    """The sentence, or parts of one that is none: a table or a list on one line."""
    for match in _PARTS.finditer(sentence.text):
        yield Sentence(sentence.start + match.start(), sentence.start + match.end(), match[0])


def _line(
    piece: int, sentence: Sentence, published: PublicationDate | None, *, in_title: bool = False
) -> Line:
    place = Place(piece, sentence.start, sentence.end, sentence.text, in_title=in_title)
    dates = date_mentions(sentence, published) if published else ()
    return Line(place, frozenset(content_stems(sentence.text)), published, dates)


def covered(stems: frozenset[str], line: Line) -> float:
    """The share of `stems` that a line holds, 0 to 1."""
    return len(stems & line.stems) / len(stems) if stems else 0.0


def by_cover(stems: frozenset[str], lines: Sequence[Line]) -> list[Line]:
    """The lines, those that hold most of `stems` first, else in their order."""
    return sorted(lines, key=lambda line: -covered(stems, line))
