"""What counts as right: answer strings, normalised, in passages of the right articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from index.documents import Passage
from rag.words import normalise


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with what is known of its answer; most of it may be unknown.

    `asked_at` is None where the day of asking is not told. `relevant` maps the ids of
    articles that hold the answer to grades of 1 and more; it is empty when the corpus does
    not hold it, and None when nobody looked. `articles` are those that belong to the
    question, relevant or not. `answerable` is what the question itself says of that.
    """

    id: str
    text: str
    asked_at: datetime | None = None
    answers: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    relevant: Mapping[str, int] | None = None
    articles: tuple[str, ...] = ()
    answerable: bool | None = None

    @property
    def right_choices(self) -> tuple[int, ...]:
        """The places of the choices that are an accepted answer."""
        accepted = {normalise(answer) for answer in self.answers}
        return tuple(i for i, choice in enumerate(self.choices) if normalise(choice) in accepted)

    @property
    def own_articles(self) -> tuple[str, ...]:
        """Every article that belongs to it, sorted: without them it should not be answered."""
        return tuple(sorted({*self.articles, *(self.relevant or ())}))


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Whether a text holds one of the answers as whole words, both normalised."""
    words = f" {normalise(text)} "
    return any(f" {wanted} " in words for wanted in map(normalise, answers) if wanted)


def is_relevant(passage: Passage, question: LabelledQuestion) -> bool:
    """Whether its article is one of the relevant and its text holds an answer."""
    relevant = question.relevant or {}
    return passage.article_id in relevant and holds_answer(passage.text, question.answers)
