"""What becomes of a sentence after its verdict, and of an answer with too few that hold.

    flag     says it, with its verdict; one that has nothing to do with the passages is not said
    strict   says what is supported; of the rest, the words of the passage that come nearest

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from rag.answers import Fallback, FallbackCode, Strictness, Verdict
from rag.expect import WORD, content_stems
from rag.writing.checking import Checked

# A sentence of which the passages hold less is not about them: what an order in an article,
# or a model's own knowledge, adds. Fitted by eye on benchmarks/writing.py: right sentences
# have half or more.
FOREIGN_BELOW = 0.34
# Of the sentences written, so many have to hold, or at least not to be refuted.
LEAST_CARRIED = 0.5
# A text in English has at least this share of small words such as "the".
_SMALL_WORDS = 0.2


class Ruling(Enum):
    """What becomes of a sentence."""

    SAID = auto()
    QUOTED = auto()
    WITHHELD = auto()


def ruled(checked: Checked, strictness: Strictness, *, foreign_is_withheld: bool) -> Ruling:
    """What becomes of a sentence; `QUOTED`: the passage is quoted in its place, if it can be."""
    if checked.verdict is Verdict.SUPPORTED:
        return Ruling.SAID
    if foreign_is_withheld and checked.near < FOREIGN_BELOW:
        return Ruling.WITHHELD
    return Ruling.QUOTED if strictness == "strict" else Ruling.SAID


@dataclass(slots=True)
class Tally:
    """Sentences that state something, by what became of them."""

    supported: int = 0
    open: int = 0
    bad: int = 0
    withheld: int = 0

    def count(self, verdict: Verdict, *, said: bool) -> None:
        """One more."""
        self.withheld += not said
        if verdict is Verdict.SUPPORTED:
            self.supported += 1
        elif verdict is Verdict.UNCHECKED and said:
            self.open += 1
        else:
            self.bad += 1

    @property
    def written(self) -> int:
        """All of them."""
        return self.supported + self.open + self.bad

    @property
    def share(self) -> float:
        """The share of those that are supported."""
        return self.supported / self.written if self.written else 0.0

    def fallback(self) -> Fallback | None:
        """Why the passages have to speak for themselves, None where they need not."""
        carried = self.supported + self.open
        if self.written and carried and carried >= LEAST_CARRIED * self.written:
            return None
        return Fallback(
            FallbackCode.TOO_LITTLE_SUPPORTED,
            f"The passages carry {self.supported} of the {self.written} sentences that the "
            "language model wrote, so they are quoted instead.",
        )

    def caution(self) -> str | None:
        """What to beware of."""
        if self.bad == self.withheld and not self.open:
            return None
        return (
            f"The cited words carry {self.supported} of {self.written} sentences; the others are "
            "marked. Read the quotations."
        )


def is_english(text: str) -> bool:
    """Whether a text looks like English: only then can its words be looked for."""
    words = WORD.findall(text)
    small = len(words) - len(content_stems(text))
    return bool(words) and small >= _SMALL_WORDS * len(words)
