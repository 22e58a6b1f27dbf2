"""Where a quotation has to begin to be understood: "He" and "the agency" need their names.

Pure: surface forms of English, no model. A quotation stays one span of the article.
"""

from __future__ import annotations

import re

from index.documents import Passage, Sentence

# Sentences before the one that answers, at the most, and how long they may be together.
MAX_SENTENCES = 2
MAX_CHARS = 400
# A name this many words into the sentence tells whom it is about.
_NAMED_WITHIN = 6

_PRONOUN = re.compile(
    r"^[\W_]*(?:he|she|they|it|his|her|hers|their|theirs|its|him|them|this|that|these|those"
    r"|both|neither|such|there)\b(?!['’]s (?:a|an|the|no)\b)",
    re.IGNORECASE,
)
# "The agency said": a thing that was named before, unless a name follows ("the mayor of Orrin").
_DEFINITE = re.compile(r"^[\W_]*the (?:former |latter |new |same )?[a-z]+\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")


def quote_start(passage: Passage, sentence: Sentence) -> int:
    """The offset in the article where the quotation of a sentence begins.

    It is the sentence's own start, unless the sentence leans on those before it that stand
    in the same passage.
    """
    place = next(i for i, s in enumerate(passage.sentences) if s.start == sentence.start)
    start, current = sentence.start, sentence
    for before in reversed(passage.sentences[max(0, place - MAX_SENTENCES) : place]):
        if not leans(current.text) or sentence.start - before.start > MAX_CHARS:
            break
        start, current = before.start, before
    # What leads in has to say more than what it leads to.
    return sentence.start if leans(current.text) else start


def leans(sentence: str) -> bool:
    """Whether a sentence speaks of somebody or something that was named before it."""
    if _PRONOUN.search(sentence):
        return True
    if not _DEFINITE.search(sentence):
        return False
    words = _WORD.findall(sentence)[1:]
    return not any(word[0].isupper() or word[0].isdigit() for word in words[:_NAMED_WITHIN])
