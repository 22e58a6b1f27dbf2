"""A weighed sentence as it is said: its text with markers, its verdict, its citations.

Offsets are those of the whole answer, of which `at` characters were said before. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rag.answers import Citation, FailedCitation, Problem, Remark, Statement, Verdict
from rag.grounding.findings import Finding
from rag.writing.checking import Checked
from rag.writing.statements import Woven
from rag.writing.weighing import Binding, Weighed

# What a marker that points nowhere becomes.
NOWHERE = "[?]"


@dataclass(frozen=True, slots=True)
class Wording:
    """The text of a sentence and what is told with it."""

    text: str
    statement: Statement
    failed: tuple[FailedCitation, ...]


def worded(weighed: Weighed, marker: Callable[[Binding], int], at: int, highest: int) -> Wording:
    """A sentence with its markers.

    Args:
        weighed: the sentence.
        marker: the number that the answer gives to what a marker is bound to.
        at: the characters of the answer before; a sentence that opens it has no blank first.
        highest: the highest number of a passage.
    """
    words = weighed.piece.words if at else weighed.piece.words.lstrip()
    cut = len(weighed.piece.words) - len(words)
    inserts: list[tuple[int, str]] = []
    markers: list[int] = []
    written: dict[int, str] = {}
    for place, mark in weighed.piece.settled:
        for number in mark.numbers or (0,):
            if binding := weighed.bindings.get(number):
                markers.append(marker(binding))
                inserts.append((max(0, place - cut), f"[{markers[-1]}]"))
            else:
                written[len(inserts)] = mark.written
                inserts.append((max(0, place - cut), NOWHERE))
    if weighed.adopted is not None:
        markers.append(marker(weighed.bindings[weighed.adopted]))
        inserts.append((len(words.rstrip()), f"[{markers[-1]}]"))
    woven = Woven(words, tuple(inserts))
    failed = tuple(_failed(woven, n, mark, at, highest) for n, mark in written.items())
    unique = tuple(dict.fromkeys(markers))
    return Wording(woven.text, _statement(woven, weighed.checked, at, unique), failed)


def quoted(binding: Binding, marker: int, at: int) -> Wording:
    """The words of a passage, in place of a sentence that they do not carry."""
    text = f"{' ' if at else ''}{binding.span.quote} [{marker}]"
    start = at + len(text) - len(text.lstrip())
    return Wording(text, Statement(start, at + len(text), Verdict.SUPPORTED, (marker,)), ())


def citation(marker: int, binding: Binding) -> Citation:
    """The citation of what a marker is bound to; nothing is verified yet."""
    shown, span = binding.shown, binding.span
    return Citation(
        marker=marker,
        quote=span.quote,
        start=span.start,
        end=span.end,
        verdict=Verdict.UNCHECKED,
        passage_id=shown.passage.id,
        article=shown.article,
        dates=tuple(mention for one in span.sentences for mention in one.dates),
        part=shown.part,
    )


def _failed(woven: Woven, insert: int, written: str, at: int, highest: int) -> FailedCitation:
    start, end = woven.insert_at(insert)
    told = f"{written} points nowhere: the passages have the numbers 1 to {highest}"
    return FailedCitation(written, at + start, at + end, told)


def _statement(woven: Woven, checked: Checked, at: int, markers: tuple[int, ...]) -> Statement:
    """The sentence with what speaks against it, or leaves it open."""
    text = woven.text
    lead = len(woven.words) - len(woven.words.lstrip())
    problems = dict(checked.problems)
    findings = [f for f in checked.findings if f.verdict is not Verdict.SUPPORTED]
    findings += [f for f, _ in checked.problems if f not in findings]

    def remark(finding: Finding) -> Remark:
        problem = problems.get(finding)
        start = at + woven.at(lead + finding.start)
        end = at + woven.at(lead + finding.end - 1) + 1
        check = "citation" if problem is Problem.MISCITED else finding.check.value
        return Remark(check, finding.verdict, start, end, finding.detail, problem)

    return Statement(
        at + len(text) - len(text.lstrip()),
        at + len(text.rstrip()),
        checked.verdict,
        markers,
        tuple(remark(finding) for finding in findings),
    )
