"""What counts as right: answer strings, normalised, in passages of the right articles."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from index.documents import Passage

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’–—…")


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with its accepted answers and the articles that hold one.

    `relevant` is empty when the corpus does not hold the answer.
    """

    id: str
    text: str
    asked: date
    answers: tuple[str, ...]
    relevant: frozenset[str]


def normalise(text: str) -> str:
    """Lower case, without punctuation, articles and extra space.

    Source: the answer normalisation of Rajpurkar et al., "SQuAD: 100,000+ Questions for
    Machine Comprehension of Text", EMNLP 2016.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Whether a text holds one of the answers as whole words, both normalised."""
    words = f" {normalise(text)} "
    return any(f" {wanted} " in words for wanted in map(normalise, answers) if wanted)


def is_relevant(passage: Passage, question: LabelledQuestion) -> bool:
    """Whether its article is one of the relevant and its text holds an answer."""
    return passage.article_id in question.relevant and holds_answer(passage.text, question.answers)
