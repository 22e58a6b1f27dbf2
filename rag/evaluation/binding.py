"""Labels meet the corpus: which stored passages or articles are relevant to a question.

A question with answer strings is judged by passages: one is relevant if it stands in a
relevant article and holds an answer. One without is judged by articles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from index.store.sqlite import Store
from rag.evaluation.labels import LabelledQuestion, is_relevant

Unit = Literal["passage", "article"]
# `records.jsonl#9` names the ninth record of a file, whose origin is `records.jsonl#/9`.
_BY_PLACE = re.compile(r"#(\d+)$")


def unit_of(questions: Iterable[LabelledQuestion]) -> Unit:
    """What the questions of a set are judged by: passages if any has answer strings."""
    return "passage" if any(q.answers and q.relevant for q in questions) else "article"


class Binding:
    """Finds in one store what labels name."""

    def __init__(self, store: Store, unit: Unit) -> None:
        self._store = store
        self.unit: Unit = unit
        self._by_tail: dict[str, str] | None = None

    def bound(self, question: LabelledQuestion) -> LabelledQuestion:
        """The question with articles named by their ids; what is not there keeps its name."""
        relevant = question.relevant
        if relevant is not None:
            relevant = {self._id(name): grade for name, grade in relevant.items()}
        articles = tuple(map(self._id, question.articles))
        return replace(question, relevant=relevant, articles=articles)

    def relevant(self, question: LabelledQuestion) -> dict[str, int]:
        """Grades of every relevant passage or article of a bound question."""
        articles = question.relevant or {}
        if self.unit == "article":
            return dict(articles)
        return {
            passage.id: grade
            for article, grade in articles.items()
            for passage in self._store.passages_of(article)
            if is_relevant(passage, question)
        }

    def answerable(self, question: LabelledQuestion, relevant: Mapping[str, int]) -> bool | None:
        """Whether the corpus holds the answer; None where nothing tells."""
        if question.answerable is False:
            return False
        if question.relevant is not None:
            return bool(relevant)
        return True if question.answers or question.answerable else None

    def _id(self, name: str) -> str:
        """The id of an article that is named by its id, or by the end of its origin."""
        if self._store.current(name) is not None:
            return name
        if "/" not in name and "." not in name:
            return name
        tails = self._tails()
        return tails.get(name) or tails.get(_BY_PLACE.sub(r"#/\1", name)) or name

    def _tails(self) -> dict[str, str]:
        """Articles by each ending of their origins that begins a part of the path."""
        if self._by_tail is None:
            self._by_tail = {
                "/".join(parts[place:]): article_id
                for article_id in self._store.article_ids()
                for parts in (origin.split("/") for origin in self._store.origins(article_id))
                for place in range(len(parts))
            }
        return self._by_tail
