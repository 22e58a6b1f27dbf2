"""The verdict on a sentence: what each check found, joined. Start here.

    1. verbatim    the sentence stands in the evidence: supported, and done
    2. quotations  what is in quotation marks was said, and by whom
    3. numbers     with units and scale
    4. dates       by way of the article's date
    5. names       of people, places and organisations, and who is what
    6. negation    what is denied and what is affirmed
    7. semantic    how likely the evidence supports the whole of it

A contradiction that any check finds decides; then what is not in the evidence; then the
probability: from `SUPPORTED_FROM` on the sentence is supported, under `UNSUPPORTED_BELOW` it is
not. Between them it is `unchecked`, and so is what passed the checks where no model is at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from index.documents import PublicationDate
from rag.answers import Verdict
from rag.expect import content_stems
from rag.grounding.dates import check_dates, written_dates
from rag.grounding.evidence import Evidence, Line, by_cover, covered, lines_of
from rag.grounding.findings import Check, Finding, Grounding, Place
from rag.grounding.names import check_names, names_in
from rag.grounding.negation import check_negation
from rag.grounding.numbers import check_numbers
from rag.grounding.roles import check_roles
from rag.grounding.speakers import check_speakers
from rag.grounding.verbatim import check_quotations, check_verbatim, quoted_spans

# Both parts of the development data weigh the same in the fit, and both classes in each.
SUPPORTED_FROM = 0.5
# Set by benchmarks/grounding.py: of the sentences below, nine in ten are not supported.
UNSUPPORTED_BELOW = 0.15
# Sentences of the evidence that are shown as nearest.
NEAREST = 3


class Support(Protocol):
    """Estimates how likely evidence supports a sentence."""

    def probability(
        self, sentence: str, lines: Sequence[Line], findings: Sequence[Finding]
    ) -> float:
        """The probability, 0 to 1."""


def judge_sentence(
    sentence: str,
    evidence: Sequence[Evidence],
    support: Support | None = None,
    *,
    said_at: PublicationDate | None = None,
) -> Grounding:
    """Whether the evidence, all pieces together, supports the sentence.

    Args:
        sentence: one sentence; citation markers in it are passed over.
        evidence: what it is held against.
        support: estimates semantic support; None leaves that out.
        said_at: the day that "on Friday" of the sentence goes by; default: that of the evidence.
    """
    lines = lines_of(evidence)
    stems = frozenset(content_stems(sentence))
    if not stems or not lines:
        return Grounding(Verdict.UNCHECKED, None, (), ())
    if verbatim := check_verbatim(sentence, evidence):
        found = verbatim[0].found
        assert found is not None  # noqa: S101 - that is what it says
        return Grounding(Verdict.SUPPORTED, 1.0, tuple(verbatim), (found,))
    findings = check_words(sentence, evidence, lines, said_at)
    probability = support.probability(sentence, lines, findings) if support else None
    if probability is not None:
        findings.append(_semantic(sentence, probability))
    return Grounding(joined(findings), probability, tuple(findings), _nearest(stems, lines))


def check_words(
    sentence: str,
    evidence: Sequence[Evidence],
    lines: Sequence[Line],
    said_at: PublicationDate | None = None,
) -> list[Finding]:
    """What the checks find that need no model, in order."""
    dates = check_dates(sentence, lines, said_at)
    quoted = quoted_spans(sentence)
    spans = [(written.start, written.end) for written in written_dates(sentence)]
    quotations = check_quotations(sentence, evidence)
    return [
        *quotations,
        *(check_speakers(sentence, quotations, lines, names_in(lines)) if quotations else ()),
        *check_numbers(sentence, lines, skip=spans),
        *dates,
        *check_names(sentence, lines),
        *check_roles(sentence, lines),
        *_outside(check_negation(sentence, lines), quoted),
    ]


def _outside(findings: Iterable[Finding], quoted: Sequence[tuple[int, int]]) -> list[Finding]:
    """Without those inside a quotation, which was held against the evidence as a whole."""
    return [f for f in findings if not any(a <= f.start and f.end <= b for a, b in quoted)]


def joined(findings: Sequence[Finding]) -> Verdict:
    """The verdict on the whole of a sentence."""
    verdicts = [finding.verdict for finding in findings]
    for decides in (Verdict.CONTRADICTED, Verdict.UNSUPPORTED):
        if decides in verdicts:
            return decides
    semantic = [finding.verdict for finding in findings if finding.check is Check.SEMANTIC]
    return semantic[0] if semantic else Verdict.UNCHECKED


def _semantic(sentence: str, probability: float) -> Finding:
    if probability >= SUPPORTED_FROM:
        verdict, told = Verdict.SUPPORTED, "the evidence carries the meaning"
    elif probability < UNSUPPORTED_BELOW:
        verdict, told = Verdict.UNSUPPORTED, "the evidence lacks the meaning"
    else:
        verdict, told = Verdict.UNCHECKED, "whether the evidence carries the meaning is open"
    detail = f"{told} (probability {probability:.2f})"
    return Finding(Check.SEMANTIC, verdict, 0, len(sentence), sentence, None, detail)


def _nearest(stems: frozenset[str], lines: Sequence[Line]) -> tuple[Place, ...]:
    best = by_cover(stems, lines)[:NEAREST]
    return tuple(line.place for line in best if covered(stems, line) > 0)
