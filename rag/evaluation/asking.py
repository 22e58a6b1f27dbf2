"""Asks one question as users would, and once more without the articles that answer it.

The search, the draft and the doubt are those of the answerer; whether the cited sentences
hold the answer is judged on the draft, also when it would have been withheld.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from index.documents import ArticleRef, Filters, Passage
from index.search import Scored
from index.store.sqlite import Store
from rag.answers import Question
from rag.choose import EvidenceChooser
from rag.evaluation.binding import Binding
from rag.evaluation.labels import LabelledQuestion, holds_answer
from rag.evaluation.outcomes import Cited, Evidence, Outcome
from rag.expect import expectation
from rag.extracting import Considered
from rag.pipeline import Answerer
from rag.read import Draft

# Relevant passages or articles that an outcome keeps, and how much of each.
MAX_EVIDENCE = 3
MAX_TEXT_CHARS = 700
K = 10


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks the questions of one set over one corpus.

    `asked_at` stands for the day of a question that has none; `within` bounds what is seen.
    """

    answerer: Answerer
    store: Store
    binding: Binding
    choose: EvidenceChooser
    asked_at: datetime
    within: Filters

    def ask(self, labelled: LabelledQuestion) -> Outcome:
        """What comes of a bound question."""
        relevant = self.binding.relevant(labelled)
        answerable = self.binding.answerable(labelled, relevant)
        question = self._question(labelled)
        started = time.process_time()
        considered = self.answerer.consider(question)
        cpu_ms = (time.process_time() - started) * 1000
        ranked = _ranked(considered.result.candidates, by_article=self.binding.unit == "article")
        newest = _newest([self.store.current(a) for a in labelled.relevant or ()])
        outcome = Outcome(
            id=labelled.id,
            question=labelled.text,
            asked=labelled.asked_at.date().isoformat() if labelled.asked_at else None,
            kind=str(expectation(labelled.text).kind),
            age_days=_age(newest, labelled.asked_at),
            outlet=newest.source if newest else None,
            answers=labelled.answers,
            answerable=answerable,
            stated_unanswerable=labelled.answerable is False,
            ranking=ranked,
            relevant=relevant,
            evidence=self._evidence(labelled, relevant, ranked),
            timings_ms=considered.timings_ms,
            cpu_ms=round(cpu_ms, 1),
        )
        outcome = self._said(outcome, considered)
        outcome = self._without_its_own(outcome, labelled) if answerable else outcome
        return self._chosen(outcome, labelled, considered) if labelled.right_choices else outcome

    def _question(self, labelled: LabelledQuestion) -> Question:
        return Question(labelled.text, labelled.asked_at or self.asked_at, self.within, K)

    def _said(self, outcome: Outcome, considered: Considered) -> Outcome:
        judgement, draft = considered.judgement, considered.draft
        first, any_ = _held(draft, outcome.answers)
        return replace(
            outcome,
            status="answered" if judgement.reason is None else "abstained",
            reason=judgement.reason.code.value if judgement.reason else None,
            confidence=judgement.confidence,
            first_holds=first,
            any_holds=any_,
            cited=_cited(draft, outcome.answers),
        )

    def _without_its_own(self, outcome: Outcome, labelled: LabelledQuestion) -> Outcome:
        """The same question where no article of its own can be seen."""
        if not (own := labelled.own_articles):
            return outcome
        question = self._question(labelled)
        filters = replace(question.filters, excluded=own)
        considered = self.answerer.consider(replace(question, filters=filters))
        return replace(
            outcome,
            without=considered.judgement.confidence,
            without_status="answered" if considered.judgement.reason is None else "abstained",
            without_holds=_held(considered.draft, outcome.answers)[1],
        )

    def _chosen(
        self, outcome: Outcome, labelled: LabelledQuestion, considered: Considered
    ) -> Outcome:
        found = considered.result.candidates
        place = self.choose(considered.query, labelled.choices, found)
        return replace(
            outcome,
            choice=labelled.choices[place],
            choice_is_right=place in labelled.right_choices,
        )

    def _evidence(
        self,
        labelled: LabelledQuestion,
        relevant: Mapping[str, int],
        ranked: Sequence[tuple[str, float]],
    ) -> tuple[Evidence, ...]:
        """The relevant that rank best, then those that were not found."""
        ranks = {key: rank for rank, (key, _) in enumerate(ranked, start=1)}
        found = []
        for article_id in labelled.relevant or ():
            current = self.store.current(article_id)
            passages = self.store.passages_of(article_id) if current else []
            for passage in passages:
                key = article_id if self.binding.unit == "article" else passage.id
                if key in relevant and current:
                    found.append(_evidence(key, current[0], passage, ranks.get(key)))
                if self.binding.unit == "article":
                    break
        found.sort(key=lambda e: (e.rank is None, e.rank or 0, e.id))
        return tuple(found[:MAX_EVIDENCE])


def _evidence(key: str, article: ArticleRef, passage: Passage, rank: int | None) -> Evidence:
    return Evidence(
        id=key,
        title=article.title,
        outlet=article.source,
        published=article.dated.isoformat() if article.dated else None,
        text=_shortened(passage.text),
        rank=rank,
    )


def _ranked(candidates: Sequence[Scored], *, by_article: bool) -> tuple[tuple[str, float], ...]:
    """Ids with scores, best first; of an article its best passage."""
    ranked: dict[str, float] = {}
    for c in candidates:
        ranked.setdefault(c.article.id if by_article else c.passage.id, round(c.score, 6))
    return tuple(ranked.items())


def _held(draft: Draft, answers: Sequence[str]) -> tuple[bool | None, bool | None]:
    """Whether the best sentence, and whether any, holds an answer; None without answers."""
    if not answers:
        return None, None
    first = draft.best is not None and holds_answer(draft.best.sentence.text, answers)
    return first, any(holds_answer(pick.sentence.text, answers) for pick in draft.picks)


def _cited(draft: Draft, answers: Sequence[str]) -> tuple[Cited, ...]:
    return tuple(
        Cited(
            quote=_shortened(pick.sentence.text),
            title=pick.source.article.title,
            outlet=pick.source.article.source,
            published=pick.source.article.dated.isoformat() if pick.source.article.dated else None,
            passage_id=pick.source.passage.id,
            holds=holds_answer(pick.sentence.text, answers),
        )
        for pick in draft.picks
    )


def _newest(found: Sequence[tuple[ArticleRef, str] | None]) -> ArticleRef | None:
    """The article published last, or any where no date is known."""
    refs = [one[0] for one in found if one is not None]
    dated = [ref for ref in refs if ref.dated is not None]
    if dated:
        return max(dated, key=lambda ref: (ref.dated.latest if ref.dated else 0, ref.id))
    return refs[0] if refs else None


def _age(article: ArticleRef | None, asked_at: datetime | None) -> int | None:
    """Whole days from publication to asking; negative for an article from later."""
    if article is None or article.dated is None or asked_at is None:
        return None
    return (asked_at.date() - article.dated.latest.date()).days


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_TEXT_CHARS else text[:MAX_TEXT_CHARS].rstrip() + "…"
