"""What the events of a stream come to: its text, and what of it is cited and judged.

The whole answer is folded from the events that were sent, so both say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rag.answers import (
    AnswerEvent,
    Citation,
    Cited,
    Delta,
    FailedCitation,
    Judged,
    Replaced,
    Statement,
    Verdict,
    Verified,
)


@dataclass(slots=True)
class Telling:
    """What was said so far."""

    text: str = ""
    _citations: dict[int, Citation] = field(default_factory=dict)
    _statements: list[Statement] = field(default_factory=list)
    _failed: list[FailedCitation] = field(default_factory=list)

    def take(self, event: AnswerEvent) -> None:
        """One more event."""
        match event:
            case Delta():
                self.text += event.text
            case Cited():
                self._citations[event.citation.marker] = event.citation
            case Verified():
                known = self._citations[event.marker]
                self._citations[event.marker] = replace(known, verdict=event.verdict)
            case Judged():
                self._statements.append(event.statement)
                self._failed += event.failed
            case Replaced():
                self._replace(event.text)
            case _:
                pass

    def _replace(self, text: str) -> None:
        self.text = text
        self._citations = {n: c for n, c in self._citations.items() if f"[{n}]" in text}
        self._statements = [one for one in self._statements if one.end <= len(text)]
        self._failed = [one for one in self._failed if one.end <= len(text)]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations with their verdicts, by marker."""
        return tuple(self._citations[marker] for marker in sorted(self._citations))

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The sentences with their verdicts."""
        return tuple(self._statements)

    @property
    def failed(self) -> tuple[FailedCitation, ...]:
        """The markers that point nowhere."""
        return tuple(self._failed)

    @property
    def supported_share(self) -> float | None:
        """The share of statements that are supported, None where there is none."""
        if not self._statements:
            return None
        good = sum(one.verdict is Verdict.SUPPORTED for one in self._statements)
        return good / len(self._statements)
