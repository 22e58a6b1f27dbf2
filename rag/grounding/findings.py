"""What checks find, as values: read this first.

A finding is about words of the sentence, points at words of the evidence where there are
some, and has a verdict of its own. Offsets count Unicode code points, half open.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rag.answers import Verdict

# Of one kind, such as numbers, so many are held against the evidence: no sentence has more.
MOST_FINDINGS = 25


class Check(StrEnum):
    """The checks, in the order in which they are made."""

    VERBATIM = "verbatim"
    QUOTATION = "quotation"
    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    ROLE = "role"
    NEGATION = "negation"
    SEMANTIC = "semantic"


@dataclass(frozen=True, slots=True)
class Place:
    """Words of the evidence: `evidence[piece].text[start:end] == text`, or of its title."""

    piece: int
    start: int
    end: int
    text: str
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found about `sentence[start:end]`.

    `found` is where the evidence says the same or something else, None where it says
    nothing. `detail` is a plain sentence for a person.
    """

    check: Check
    verdict: Verdict
    start: int
    end: int
    said: str
    found: Place | None
    detail: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """The outcome for one sentence.

    `probability`, 0 to 1, estimates that the evidence supports the sentence; None where no
    models were at hand. `nearest` are the evidence's sentences that say most of it, best first.
    """

    verdict: Verdict
    probability: float | None
    findings: tuple[Finding, ...]
    nearest: tuple[Place, ...]
