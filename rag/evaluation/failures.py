"""Which questions went wrong, of what kind, and the worst of each kind first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.evaluation.outcomes import Outcome

Kind = Literal["taken", "sentence", "order", "rank", "found", "withheld"]
# What the reader sees: where the relevant stood decides what to mend.
KINDS: dict[Kind, str] = {
    "taken": "answered though nothing answers it",
    "sentence": "the relevant was at hand, another sentence was picked",
    "order": "the answer came second or third",
    "rank": "the relevant was found, but not among the first four",
    "found": "nothing relevant was found",
    "withheld": "the answer was right, and withheld",
}
# Passages that are near enough to be read for an answer.
NEAR = 4


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that went wrong, and how."""

    kind: Kind
    outcome: Outcome


def kind_of(outcome: Outcome) -> Kind | None:
    """How a question went wrong; None where it did not, or nobody can tell."""
    if outcome.stated_unanswerable:
        return "taken" if outcome.status == "answered" else None
    if not outcome.answerable:
        return None
    rank = outcome.best_rank
    right = outcome.first_holds if outcome.first_holds is not None else rank == 1
    if right:
        return "withheld" if outcome.status == "abstained" else None
    if outcome.any_holds:
        return "order"
    if rank is None:
        return "found"
    return "rank" if rank > NEAR or outcome.first_holds is None else "sentence"


def failures(outcomes: Iterable[Outcome]) -> list[Failure]:
    """Every question that went wrong: said with confidence first."""
    found = [Failure(kind, o) for o in outcomes if (kind := kind_of(o))]
    order = {"withheld": 2, "order": 1}

    def badness(failure: Failure) -> tuple[int, float, str]:
        outcome = failure.outcome
        return order.get(failure.kind, 0), -(outcome.confidence or 0.0), outcome.id

    return sorted(found, key=badness)


def counted(found: Sequence[Failure]) -> dict[str, int]:
    """How many went wrong in which way, in the words for people."""
    counts = Counter(failure.kind for failure in found)
    return {words: counts[kind] for kind, words in KINDS.items() if counts[kind]}


def marked(text: str, answers: Sequence[str]) -> list[tuple[str, bool]]:
    """The text in pieces, those that are an accepted answer told apart."""
    wanted = sorted({answer for answer in answers if answer.strip()}, key=len, reverse=True)
    if not wanted:
        return [(text, False)]
    pattern = r"(?<!\w)(" + "|".join(map(re.escape, wanted)) + r")(?!\w)"
    parts = re.split(pattern, text, flags=re.IGNORECASE)
    return [(part, place % 2 == 1) for place, part in enumerate(parts) if part]
