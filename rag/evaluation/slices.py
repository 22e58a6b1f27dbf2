"""Figures of parts of the questions: by the age of the answer, kind, outlet and month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.evaluation.figures import HEADLINE, Table
from rag.evaluation.outcomes import Outcome
from rag.evaluation.significance import Estimate, estimate

# The longest of these in days that an answer is not older than.
AGES = (
    (-1, "published after the question"),
    (1, "the same day or the day before"),
    (7, "2 to 7 days"),
    (30, "8 to 30 days"),
    (365, "31 days to a year"),
)
OLDER = "older than a year"
# Outlets of their own in a report; the others are taken together.
MAX_OUTLETS = 12
OTHERS = "others"
SHOWN = ("hits@1", "ndcg@10", "answer@1", "answer@3")


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of the questions and its figures; None where none of it can tell."""

    name: str
    n: int
    figures: dict[str, Estimate | None]


def age_of(outcome: Outcome) -> str | None:
    """How old the newest relevant article was when the question was asked, in words."""
    if outcome.age_days is None:
        return None
    return next((name for most, name in AGES if outcome.age_days <= most), OLDER)


def slices(outcomes: Sequence[Outcome], table: Table) -> dict[str, list[Slice]]:
    """Every way to part the questions that parts them in two or more."""
    outlets = Counter(o.outlet for o in outcomes if o.outlet)
    large = {name for name, _ in outlets.most_common(MAX_OUTLETS)}

    def outlet(o: Outcome) -> str | None:
        return o.outlet if o.outlet in large else OTHERS if o.outlet else None

    ages = [*(name for _, name in AGES), OLDER]
    ways: dict[str, tuple[Callable[[Outcome], str | None], Callable[[str], object]]] = {
        "Age of the answer": (age_of, ages.index),
        "Kind of question": (lambda o: o.kind, str),
        "Outlet": (outlet, lambda name: (name == OTHERS, -outlets[name], name)),
        "Month": (lambda o: o.asked[:7] if o.asked else None, str),
    }
    parted = {title: _parts(outcomes, table, part, order) for title, (part, order) in ways.items()}
    return {title: parts for title, parts in parted.items() if len(parts) > 1}


def _parts(
    outcomes: Sequence[Outcome],
    table: Table,
    part: Callable[[Outcome], str | None],
    order: Callable[[str], object],
) -> list[Slice]:
    names = [part(o) for o in outcomes]
    found = []
    for name in sorted({name for name in names if name is not None}, key=order):  # type: ignore[arg-type]
        rows = np.array([other == name for other in names])
        within = {column: values[rows] for column, values in table.items()}
        figures = {f.name: estimate(f, within) for f in HEADLINE if f.name in SHOWN}
        found.append(Slice(name, int(rows.sum()), figures))
    return found
