"""One evaluation against an earlier one: the same questions, figure by figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from rag.evaluation.errors import EvaluationError
from rag.evaluation.figures import FIGURES, Table, table_of
from rag.evaluation.folder import OUTCOMES
from rag.evaluation.outcomes import Ledger, Outcome
from rag.evaluation.significance import Difference, difference
from rag.evaluation.trec import Rankings, read_run

# A question counts as changed when one of these is no longer what it was.
WATCHED = ("hits@1", "answer@1", "choice")

Direction = Literal["won", "lost"]


@dataclass(frozen=True, slots=True)
class Change:
    """A question that went from wrong to right in something, or back."""

    id: str
    question: str
    figure: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed against the results at `path`, over the `n` questions of both."""

    path: str
    n: int
    differences: dict[str, Difference]
    changes: tuple[Change, ...]


def earlier(path: Path, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes at a path: a folder of results, or a run of TREC over the same judgements.

    Raises:
        EvaluationError: it is neither, or shares no question with these.
    """
    if path.is_dir():
        found = list(Ledger(path / OUTCOMES).read())
        if not found:
            raise EvaluationError(
                f"{str(path)!r} holds no results ({OUTCOMES}): name a folder that `dateline eval` "
                "wrote, or a run of TREC"
            )
    else:
        found = ranked(read_run(path), outcomes)
    if not {o.id for o in found} & {o.id for o in outcomes}:
        raise EvaluationError(f"{str(path)!r} has none of these questions: nothing to compare")
    return found


def ranked(run: Rankings, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Outcomes of the rankings of a run; only what they found is known of them."""
    return [
        Outcome(
            o.id, o.question, asked=o.asked, relevant=o.relevant,
            ranking=tuple(run.get(o.id, ())),
        )
        for o in outcomes
    ]  # fmt: skip


def compare(path: str, these: Sequence[Outcome], those: Sequence[Outcome]) -> Comparison:
    """These against those: differences with intervals, and the questions that changed.

    What is relevant is what these say, so that both are judged alike.
    """
    before = {o.id: o for o in those}
    these = [o for o in these if o.id in before]
    those = [replace(before[o.id], relevant=o.relevant, answerable=o.answerable) for o in these]
    this, that = table_of(these), table_of(those)
    found = {f.name: difference(f, this, that) for f in FIGURES}
    differences = {name: one for name, one in found.items() if one is not None}
    return Comparison(path, len(these), differences, tuple(_changes(these, this, that)))


def _changes(outcomes: Sequence[Outcome], this: Table, that: Table) -> list[Change]:
    changes = []
    for column in WATCHED:
        apart = np.nan_to_num(this[column] - that[column])
        for place in np.flatnonzero(apart):
            o = outcomes[int(place)]
            direction: Direction = "won" if apart[place] > 0 else "lost"
            changes.append(Change(o.id, o.question, column, direction))
    return sorted(changes, key=lambda c: (c.direction, WATCHED.index(c.figure), c.id))
