"""What came of one question, as a value and as a line of JSON.

Everything that an evaluation says later (metrics, slices, failures) is computed from
these lines alone; nothing here asks a question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Rises when a line of an earlier release can no longer be read.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence that would be cited, and whether it holds the answer."""

    quote: str
    title: str
    outlet: str | None
    published: str | None
    passage_id: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something relevant, and its rank among all candidates; None if it was not found."""

    id: str
    title: str
    outlet: str | None
    published: str | None
    text: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, what was found, what would be said, and what would have been right.

    `ranking` holds ids with scores, best first; `relevant` the grades of ids. Where the
    question cannot tell, a value is None: `answerable` without labels, `first_holds` and
    `any_holds` without answer strings, `choice_is_right` without choices. `without` is the
    confidence when the question's own articles are left out. `stated_unanswerable`: the
    question itself says that nothing answers it.
    """

    id: str
    question: str
    asked: str | None = None
    kind: str | None = None
    age_days: int | None = None
    outlet: str | None = None
    answers: tuple[str, ...] = ()
    answerable: bool | None = None
    stated_unanswerable: bool = False
    ranking: tuple[tuple[str, float], ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)
    status: str | None = None
    reason: str | None = None
    confidence: float | None = None
    first_holds: bool | None = None
    any_holds: bool | None = None
    cited: tuple[Cited, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    without: float | None = None
    without_status: str | None = None
    without_holds: bool | None = None
    choice: str | None = None
    choice_is_right: bool | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    cpu_ms: float | None = None

    @property
    def best_rank(self) -> int | None:
        """The rank of the best relevant candidate."""
        ranks = (rank for rank, (key, _) in enumerate(self.ranking, 1) if key in self.relevant)
        return next(ranks, None)


def to_line(outcome: Outcome) -> str:
    """One line of JSON, without a line feed."""
    return json.dumps(asdict(outcome), ensure_ascii=False)


def from_line(line: str) -> Outcome:
    """The outcome of a line.

    Raises:
        ValueError: it is no such line, as when writing it was cut short.
    """
    try:
        values: dict[str, Any] = json.loads(line)
        values["ranking"] = tuple((str(key), float(score)) for key, score in values["ranking"])
        values["answers"] = tuple(values["answers"])
        values["cited"] = tuple(Cited(**cited) for cited in values["cited"])
        values["evidence"] = tuple(Evidence(**evidence) for evidence in values["evidence"])
        return Outcome(**values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is not an outcome ({error})") from None


class Ledger:
    """A file of outcomes that grows by one line for each question that was asked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Iterator[Outcome]:
        """What is there, up to the first line that is not whole."""
        if not self._path.exists():
            return
        for line in self._path.read_text("utf-8", errors="replace").split("\n"):
            try:
                yield from_line(line)
            except ValueError:
                return

    def begin(self) -> dict[str, Outcome]:
        """What is there by question, with anything after the last whole line cut off."""
        kept = {outcome.id: outcome for outcome in self.read()}
        self._path.write_text("".join(to_line(o) + "\n" for o in kept.values()), "utf-8")
        return kept

    def append(self, outcome: Outcome) -> None:
        """Add one and see it written."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(to_line(outcome) + "\n")
