"""An evaluation from its inputs to its folder: plan, bind, ask, sum up, write.

    Plan      which questions of which corpus, and what is wanted: planning.py
    Run       binds the labels to the corpus and asks; each outcome is kept at once
    finished  figures, comparison, files and report

Prints nothing; who runs it is told how far it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from index.documents import Filters
from index.files import file_sha256
from index.models.adapter import ADAPTER
from index.search import Searcher
from rag.abstain import weights
from rag.answers import Question
from rag.assemble import Dateline
from rag.choose import EvidenceChooser
from rag.evaluation import ablation
from rag.evaluation.asking import Asker
from rag.evaluation.binding import Binding, unit_of
from rag.evaluation.compare import compare, earlier, ranked
from rag.evaluation.errors import EvaluationError
from rag.evaluation.folder import (
    OUTCOMES,
    corpus_digest,
    identity_of,
    opened,
)
from rag.evaluation.labels import LabelledQuestion
from rag.evaluation.outcomes import Ledger, Outcome
from rag.evaluation.planning import DEFAULT_FOLDER, Plan
from rag.evaluation.report import write_report
from rag.evaluation.results import Results, summed, write
from rag.evaluation.trec import read_run
from rag.understand import understand

# How far it has come, and how many a second.
Progress = Callable[[int, float], None]


# -- asking ---------------------------------------------------------------------------


class Run:
    """The questions of a plan over an open corpus."""

    def __init__(self, plan: Plan, dateline: Dateline) -> None:
        self._plan = plan
        self._dateline = dateline
        store = dateline.engine.store
        self.binding = Binding(store, unit_of(plan.questions) if not plan.judged else "article")
        self.questions = [self.binding.bound(q) for q in plan.questions]
        self._within = Filters(articles=_pool(self.questions)) if plan.pooled else Filters()
        self._stacks: list[ablation.Stack] = []
        self._kept: dict[str, Outcome] = {}
        self._folder = DEFAULT_FOLDER
        self.identity = identity_of(
            corpus=corpus_digest(store), questions=self.questions, settings=self._settings()
        )

    def _settings(self) -> dict[str, Any]:
        return {
            "search": asdict(self._dateline.searcher.settings),
            "abstain_below": self._dateline.settings.abstain_below,
            "models": self._dateline.models | {"reader": file_sha256(ADAPTER)},
            "confidence": dict(weights()),
            "unit": self.binding.unit,
            "pooled": self._plan.pooled,
            "run": str(self._plan.run) if self._plan.run else None,
        }

    @property
    def done(self) -> int:
        """How many questions have their outcome."""
        return len(self._kept)

    def begin(self, folder: Path) -> int:
        """Make the folder ready; returns how many outcomes of this run it holds already."""
        self._folder = folder
        same = opened(folder, self.identity)
        self._ledger = Ledger(folder / OUTCOMES)
        self._kept = self._ledger.begin() if same else {}
        return len(self._kept)

    def ask(self, on_progress: Progress) -> None:
        """Ask every question that has no outcome yet; each outcome is kept at once."""
        if self._plan.run is not None:
            self._score(self._plan.run)
            return
        asker = self._asker()
        started, new = time.monotonic(), 0
        for question in self.questions:
            if question.id in self._kept:
                continue
            outcome = asker.ask(question)
            self._ledger.append(outcome)
            self._kept[outcome.id] = outcome
            new += 1
            on_progress(self.done, new / max(time.monotonic() - started, 1e-6))

    def _score(self, run: Path) -> None:
        outcomes = [
            Outcome(q.id, q.text, relevant=self.binding.relevant(q)) for q in self.questions
        ]
        for outcome in ranked(read_run(run), outcomes):
            self._ledger.append(outcome)
            self._kept[outcome.id] = outcome

    def _asker(self) -> Asker:
        return Asker(
            answerer=self._dateline.answerer,
            store=self._dateline.engine.store,
            binding=self.binding,
            choose=EvidenceChooser(self._dateline.searcher),
            asked_at=self._newest(),
            within=self._within,
        )

    def _newest(self) -> datetime:
        """The day of the newest article: when a question without a day is asked."""
        last = self._dateline.engine.snapshot.columns.published_last
        known = last[~np.isnan(last)]
        return datetime.fromtimestamp(float(known.max()) if known.size else 0.0, UTC)

    def _judged(self) -> list[LabelledQuestion]:
        return [q for q in self.questions if self._kept[q.id].relevant]

    @property
    def ablations(self) -> int:
        """How many searches `ablate` makes."""
        return ablation.total(self._judged())

    def ablate(self, on_progress: Progress) -> None:
        """Search with each stage on and off."""
        day, started = self._newest(), time.monotonic()
        queries = {
            q.id: understand(Question(q.text, q.asked_at or day, self._within))
            for q in self._judged()
        }
        dateline = self._dateline
        stacks = ablation.ablate(
            lambda settings: Searcher(
                dateline.engine, dateline.searcher.embedder, dateline.searcher.reranker, settings
            ),
            dateline.searcher.settings,
            queries,
            {key: self._kept[key].relevant for key in queries},
            by_article=self.binding.unit == "article",
            on_progress=lambda done: on_progress(
                done, done / max(time.monotonic() - started, 1e-6)
            ),
        )
        self._stacks = list(stacks)

    def finish(self) -> Results:
        """The figures of all outcomes, written to the folder."""
        outcomes = [self._kept[q.id] for q in self.questions]
        store = self._dateline.engine.store
        about = self._settings() | {"corpus": store.counts() | {"generation": store.generation}}
        return finished(
            self._plan, self._folder, self.identity, outcomes, about=about, stacks=self._stacks
        )


def _pool(questions: Sequence[LabelledQuestion]) -> tuple[str, ...]:
    """Every article that a question names.

    Raises:
        EvaluationError: none does.
    """
    pool = tuple(sorted({article for q in questions for article in q.own_articles}))
    if not pool:
        raise EvaluationError("the questions name no articles: leave --pooled away")
    return pool


# -- what comes of it ------------------------------------------------------------------


def scored(plan: Plan) -> tuple[str, list[Outcome]]:
    """The outcomes of a run of TREC under judgements, without a corpus; and their identity."""
    assert plan.run is not None  # noqa: S101 - the plan says so
    rankings = read_run(plan.run)
    outcomes = [
        Outcome(
            q.id,
            q.text,
            asked=q.asked_at.date().isoformat() if q.asked_at else None,
            relevant=dict(q.relevant or {}),
        )
        for q in plan.questions
    ]
    identity = identity_of(corpus="", questions=plan.questions, settings={"run": rankings})
    return identity, ranked(rankings, outcomes)


def finished(
    plan: Plan,
    folder: Path,
    identity: str,
    outcomes: Sequence[Outcome],
    *,
    about: Mapping[str, Any] | None = None,
    stacks: Sequence[ablation.Stack] = (),
) -> Results:
    """Sum up, compare, and write every file; the folder gets its outcomes if it has none."""
    opened(folder, identity)
    ledger = Ledger(folder / OUTCOMES)
    if not ledger.begin():
        for outcome in outcomes:
            ledger.append(outcome)
    comparison = None
    if plan.compare is not None:
        comparison = compare(str(plan.compare), outcomes, earlier(plan.compare, outcomes))
    named = {
        "name": plan.name,
        "corpus_form": plan.form,
        "asked": plan.asked,
        "run_file": plan.run.name if plan.run else None,
        "refused_lines": len(plan.refused),
        "identity": identity,
        "corpus": None,
        "models": None,
        "pooled": plan.pooled,
    }
    results = summed(outcomes, {**named, **(about or {})}, stacks=stacks, comparison=comparison)
    write(folder, results)
    write_report(folder, results)
    return results
