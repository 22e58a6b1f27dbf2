"""Holds the sentences that a model wrote against the passages that it cites for them.

The verdict is that of rag/grounding: words first, and the model of token vectors only where
they leave it open. A sentence without a citation is held against the passages nearest to it.
Knows nothing of what is done about a verdict: policy.py does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.answers import Problem, Verdict
from rag.expect import content_stems
from rag.grounding.evidence import Evidence, Line, covered, lines_of
from rag.grounding.findings import Check, Finding, Place
from rag.grounding.judge import (
    SUPPORTED_FROM,
    UNSUPPORTED_BELOW,
    Support,
    check_words,
    joined,
)
from rag.grounding.verbatim import check_quotations, check_verbatim
from rag.writing.context import Context, Shown

# A longer sentence is none, and is not read.
MOST_CHARS = 1_500
# Two lines that hold so much of a sentence's words carry its meaning: of such sentences of QAGS and
# WiCE that pass the checks, the estimate tells nine in ten the same, at fifty times the cost.
WORDS_THERE = 0.75
# Passages that a sentence without a citation is held against.
NEAREST = 2
# Another passage must hold so much more of a sentence than those that it cites.
MISCITED_BY = 0.25
# Words of saying, which any text may add or leave out.
_SAYING = frozenset(content_stems("said say says told tell added according reported stated"))
_BAD = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checks came to.

    `against` are the passages that count, `places` where words of the sentence stand in
    them, by their `piece`. `near`, 0 to 1, is how much of its words all passages hold.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    problems: tuple[tuple[Finding, Problem], ...]
    against: tuple[Shown, ...]
    near: float

    def places(self, number: int) -> list[Place]:
        """Where checks found something in the passage of a number."""
        pieces = [one.number for one in self.against]
        return [
            finding.found
            for finding in self.findings
            if finding.found and pieces[finding.found.piece] == number
        ]


class Checker:
    """Checks the sentences of one answer. For one task; its work belongs in a thread."""

    def __init__(self, context: Context, support: Support | None) -> None:
        self._context = context
        self._support = support
        self._lines: dict[tuple[int, ...], tuple[Line, ...]] = {}

    @cached_property
    def _stems(self) -> dict[int, frozenset[str]]:
        return {
            one.number: frozenset(
                content_stems(f"{one.title} {one.article.source or ''} {one.text}")
            )
            for one in self._context.shown
        }

    def check(self, sentence: str, numbers: Iterable[int]) -> Checked:
        """The verdict on a sentence without its markers, which cited passages by `numbers`."""
        cited = tuple(one for n in numbers if (one := self._context.numbered(n)))
        stems = frozenset(content_stems(sentence))
        against = cited or self._nearest(stems)
        near = self._near(stems)
        if not stems or not against:
            return Checked(Verdict.UNCHECKED, (), (), against, near)
        if len(sentence) > MOST_CHARS:
            return Checked(Verdict.UNSUPPORTED, (), (), against, near)
        findings, verdict = self._judged(sentence, stems, against)
        if cited and verdict is Verdict.UNSUPPORTED:
            wider = self._with_siblings(cited)
            more, there = self._judged(sentence, stems, wider)
            called = there is Verdict.UNCHECKED and self._is_only_called(findings, cited)
            if there is Verdict.SUPPORTED or called:
                return Checked(there, more, (), wider, near)
        problems = self._quotations(findings, against)
        if cited and verdict is not Verdict.SUPPORTED:
            miscited = self._miscited(sentence, stems, cited)
            problems += miscited
            verdict = Verdict.UNSUPPORTED if miscited and verdict not in _BAD else verdict
        return Checked(verdict, findings, problems, against, near)

    def _judged(
        self, sentence: str, stems: frozenset[str], against: Sequence[Shown]
    ) -> tuple[tuple[Finding, ...], Verdict]:
        findings = self._found(sentence, stems, against)
        verbatim = findings[0].check is Check.VERBATIM
        return findings, Verdict.SUPPORTED if verbatim else joined(findings)

    def _is_only_called(self, findings: Sequence[Finding], cited: Sequence[Shown]) -> bool:
        """Whether all that is missing are first names: the passage has the last ones."""
        held = frozenset().union(*(self._stems[one.number] for one in cited))
        bad = [finding for finding in findings if finding.verdict in _BAD]
        lasts = [content_stems(finding.said)[-1:] for finding in bad]
        named = all(finding.check is Check.NAME for finding in bad)
        return named and all(last and last[0] in held for last in lasts)

    def _with_siblings(self, cited: Sequence[Shown]) -> tuple[Shown, ...]:
        """The cited passages with the others of their articles: a number off by little."""
        articles = {one.article.id for one in cited}
        return tuple(one for one in self._context.shown if one.article.id in articles)

    def lines(self, shown: Sequence[Shown]) -> tuple[Line, ...]:
        """The lines of passages, each piece in its turn; kept for the next sentence."""
        key = tuple(one.number for one in shown)
        if key not in self._lines:
            self._lines[key] = lines_of([one.evidence for one in shown])
        return self._lines[key]

    def _found(
        self, sentence: str, stems: frozenset[str], against: Sequence[Shown]
    ) -> tuple[Finding, ...]:
        evidence = [one.evidence for one in against]
        if verbatim := check_verbatim(sentence, evidence):
            return tuple(verbatim)
        lines = self.lines(against)
        findings = check_words(sentence, evidence, lines)
        if any(finding.verdict in _BAD for finding in findings):
            return tuple(findings)
        return (*findings, self._meaning(sentence, stems, lines, findings))

    def _meaning(
        self,
        sentence: str,
        stems: frozenset[str],
        lines: Sequence[Line],
        findings: Sequence[Finding],
    ) -> Finding:
        """Whether the meaning is there: by its words, or else by the estimate."""
        wanted = (stems - _SAYING) or stems
        best = max(lines, key=lambda line: covered(wanted, line))
        more = max(lines, key=lambda line: len((wanted & line.stems) - best.stems))
        share = len(wanted & (best.stems | more.stems)) / len(wanted)
        if share >= WORDS_THERE:
            verdict, told = Verdict.SUPPORTED, f"the evidence has {share:.0%} of its words"
        elif self._support is None:
            verdict, told = Verdict.UNCHECKED, "whether the evidence carries the meaning is open"
        else:
            probability = self._support.probability(sentence, lines, findings)
            verdict, told = _read(probability)
        return Finding(Check.SEMANTIC, verdict, 0, len(sentence), sentence, None, told)

    def _quotations(
        self, findings: Sequence[Finding], against: Sequence[Shown]
    ) -> tuple[tuple[Finding, Problem], ...]:
        """What is wrong with quotations: another passage or speaker has them, or none."""
        others = [one.evidence for one in self._context.shown if one not in against]
        return tuple(
            (finding, self._elsewhere(finding, others))
            for finding in findings
            if finding.check is Check.QUOTATION and finding.verdict in _BAD
        )

    def _elsewhere(self, finding: Finding, others: Sequence[Evidence]) -> Problem:
        if finding.verdict is Verdict.CONTRADICTED:
            return Problem.MISATTRIBUTED
        found = check_quotations(finding.said, others)
        there = any(one.verdict is Verdict.SUPPORTED for one in found)
        return Problem.MISATTRIBUTED if there else Problem.NOT_FOUND

    def _miscited(
        self, sentence: str, stems: frozenset[str], cited: Sequence[Shown]
    ) -> tuple[tuple[Finding, Problem], ...]:
        """Where the words of a passage that was not cited carry the sentence."""
        held = self._held(stems, cited)
        for one in self._nearest(stems):
            if one in cited or self._held(stems, [one]) - held <= MISCITED_BY:
                continue
            told = f"passage of {one.article.source or one.article.title!r} says more of it"
            finding = Finding(
                Check.SEMANTIC, Verdict.UNSUPPORTED, 0, len(sentence), sentence, None, told
            )
            return ((finding, Problem.MISCITED),)
        return ()

    def _nearest(self, stems: frozenset[str]) -> tuple[Shown, ...]:
        """The passages that hold most of the words, in order of their numbers."""
        ranked = sorted(self._context.shown, key=lambda one: -len(stems & self._stems[one.number]))
        return tuple(sorted(ranked[:NEAREST], key=lambda one: one.number))

    def _near(self, stems: frozenset[str]) -> float:
        return self._held(stems, self._context.shown)

    def _held(self, stems: frozenset[str], shown: Iterable[Shown]) -> float:
        held = frozenset().union(*(self._stems[one.number] for one in shown))
        return len(stems & held) / len(stems) if stems else 1.0


def _read(probability: float) -> tuple[Verdict, str]:
    if probability >= SUPPORTED_FROM:
        verdict, told = Verdict.SUPPORTED, "the evidence carries the meaning"
    elif probability < UNSUPPORTED_BELOW:
        verdict, told = Verdict.UNSUPPORTED, "the evidence lacks the meaning"
    else:
        verdict, told = Verdict.UNCHECKED, "whether the evidence carries the meaning is open"
    return verdict, f"{told} (probability {probability:.2f})"
