"""How one version of a text became the next: paragraphs, and in them the words.

Pure. Uses difflib, on paragraphs first and then on the words of paragraphs that changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Paragraphs that share less of their words than this were replaced, not edited.
EDITED_RATIO = 0.5
_WORD = re.compile(r"\s+|[^\s]+")

Operation = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stayed, went or came."""

    operation: Operation
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of either version; `operation` is "edited" where only words changed."""

    operation: Operation | Literal["edited"]
    pieces: tuple[Piece, ...]


def diff(old: str, new: str) -> tuple[Paragraph, ...]:
    """The paragraphs of both texts in reading order.

    Nothing is lost: leaving out all that was added gives back the old text, leaving out
    all that was removed the new one.
    """
    return tuple(_paragraphs(old.split("\n"), new.split("\n")))


def _paragraphs(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from (_whole("same", text) for text in old[a:b])
        else:
            yield from _changed(list(old[a:b]), list(new[c:d]))


def _changed(old: list[str], new: list[str]) -> Iterator[Paragraph]:
    """Old paragraphs removed, new ones added, and those that are alike as edited, in order."""
    at = 0
    for text in old:
        alike = next((i for i in range(at, len(new)) if _ratio(text, new[i]) >= EDITED_RATIO), None)
        if alike is None:
            yield _whole("removed", text)
            continue
        yield from (_whole("added", added) for added in new[at:alike])
        yield Paragraph("edited", tuple(_pieces(_WORD.findall(text), _WORD.findall(new[alike]))))
        at = alike + 1
    yield from (_whole("added", added) for added in new[at:])


def _whole(operation: Operation, text: str) -> Paragraph:
    return Paragraph(operation, (Piece(operation, text),))


def _ratio(old: str, new: str) -> float:
    return SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio()


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[a:b]))
            continue
        if b > a:
            yield Piece("removed", "".join(old[a:b]))
        if d > c:
            yield Piece("added", "".join(new[c:d]))
