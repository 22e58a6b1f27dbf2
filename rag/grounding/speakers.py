"""Whether a quotation is given to who said it.

Reads "Berg said", "said Berg" and "according to Berg" in the sentence and where the quotation
stands. Says nothing where the sentence names no speaker, or the evidence leaves open who speaks.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from rag.answers import Verdict
from rag.grounding.evidence import Line
from rag.grounding.findings import Check, Finding, Place
from rag.grounding.names import folded, grown, names_of
from rag.grounding.verbatim import quoted_spans

# Who speaks is named so many lines before a quotation, or after it.
BEFORE, AFTER = 3, 2

_SAYS = (
    r"(?:said|says|told|added|asked|wrote|writes|called|calls|described|declared|insisted|warned|"
    r"argued|replied|joked|noted|explained|promised)"
)
_AFTER = re.compile(
    r"(?: (?:of|for|from|at|with) [^,“”\".]{1,60}?)?(?:, [^,“”\".]{1,80},)?"
    rf" ?(?:(?<= )(?:has|had|also|later|then) )?(?<= ){_SAYS}\b"
)
_BEFORE = re.compile(
    r"(?:\b(?:said|says|added|wrote|replied|insisted|joked|warned)|\b[Aa]ccording to)"
    r"(?: [a-z][\w’'-]*,?){0,5}(?: (?:[A-Z]\w{0,4}\.|[A-Z][\w-]+(?:[’']s [\w’' -]{1,40},)?)){0,2} $"
)


def check_speakers(
    sentence: str, quotations: Sequence[Finding], lines: Sequence[Line], known: Container[str]
) -> list[Finding]:
    """A finding for each quotation of the evidence that the sentence gives to somebody else.

    `quotations` are those of `check_quotations`; `known` are the names of the evidence.
    """
    outside = _without(sentence, quoted_spans(sentence))
    said_by = frozenset(_speakers(outside, known))
    if not said_by:
        return []
    return [
        _of(finding, said_by, other)
        for finding in quotations
        if finding.verdict is Verdict.SUPPORTED and finding.found is not None
        if (other := _somebody_else(finding.found, said_by, lines, known))
    ]


def _speakers(text: str, known: Container[str]) -> Iterator[str]:
    """The last names of those who say something in a text."""
    for name in names_of(text, known):
        if name.text.endswith(("'s", "’s")):
            continue
        if _AFTER.match(text, name.end) or _BEFORE.search(text[: name.start][-120:]):
            yield name.words[-1]


def _somebody_else(
    found: Place, said_by: frozenset[str], lines: Sequence[Line], known: Container[str]
) -> str | None:
    """Who the evidence has instead, "nobody of that name" where none is near; None if it fits."""
    at = next((i for i, line in enumerate(lines) if _holds(line.place, found)), None)
    if at is None or found.in_title:
        return None
    own = lines[at].text
    direct = frozenset(_speakers(_without(own, quoted_spans(own)), known))
    if direct:
        return None if _any_same(said_by, direct) else f"{', '.join(sorted(direct))}"
    near = " ".join(line.text for line in lines[max(0, at - BEFORE) : at + AFTER + 1])
    words = frozenset(folded(word) for word in re.findall(r"[\w’'.-]*\w", near))
    return None if _any_same(said_by, words) else "nobody of that name near it"


def _holds(line: Place, found: Place) -> bool:
    same = line.piece == found.piece and line.in_title == found.in_title
    return same and line.start <= found.start < line.end


def _any_same(names: frozenset[str], others: frozenset[str]) -> bool:
    return any(a == b or grown(a, b) for a in names for b in others)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with what stands in quotation marks as blanks."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _of(finding: Finding, said_by: frozenset[str], other: str) -> Finding:
    return Finding(
        Check.QUOTATION,
        Verdict.CONTRADICTED,
        finding.start,
        finding.end,
        finding.said,
        finding.found,
        f"the quotation is given to {', '.join(sorted(said_by))}: the evidence has {other}",
    )
