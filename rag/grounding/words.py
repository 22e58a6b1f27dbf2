"""Words of a sentence with their stems and spans, as several checks need them."""

from __future__ import annotations

from dataclasses import dataclass

from rag.expect import WORD, content_stems, stem


@dataclass(frozen=True, slots=True)
class Word:
    """A word at `start:end`; `content`: it carries meaning of its own."""

    text: str
    start: int
    end: int
    stem: str
    content: bool

    @property
    def folded(self) -> str:
        """In small letters, with a straight apostrophe."""
        return self.text.casefold().replace("’", "'")


def words_of(text: str) -> tuple[Word, ...]:
    """The words and numbers of a text, in order."""
    return tuple(
        Word(m[0], m.start(), m.end(), stem(m[0]), bool(content_stems(m[0])))
        for m in WORD.finditer(text)
    )
