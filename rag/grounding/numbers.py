"""Holds the numbers of a sentence against those of the evidence.

A number that the evidence gives, rounded as numbers are in news, is fine; one for which it
gives another value of the same thing is contradicted; one it does not give is unsupported.
Small spelt numbers may be counted off a list, and are then left unchecked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from rag.answers import Verdict
from rag.expect import content_stems
from rag.grounding.evidence import Line, by_cover, covered
from rag.grounding.findings import MOST_FINDINGS, Check, Finding
from rag.grounding.quantities import Quantity, quantities

# "1.2 million" for 1,234,567: how far a number that is written as rounded may be off.
ROUNDED = 0.05
# "18,600" for 18,643: the same of one that merely ends in zeros.
TRIMMED = 0.01
# "About 30", "nearly 100" and "more than 4,000" may be so far off.
ABOUT = 0.10
BEYOND = 0.25
# Two kilometres and 1.2 miles.
CONVERTED = 0.04
# Spelt numbers up to here are left unchecked where the evidence has no other of the kind.
COUNTED_OFF = 2.0
# Longer lists are not counted off.
LISTED = 8.0
_LIST = re.compile(
    r"[\w.’'-]+(?: [\w.’'-]+){0,4}(?:, [\w.’'-]+(?: [\w.’'-]+){0,5})+?(?P<serial>,)? (?:and|or) \w"
)
# Numbers of the evidence that are looked at, those of the nearest lines first.
MOST_GIVEN = 3_000
# A line that holds so much of the sentence's words speaks of the same thing.
SAME_THING = 0.35
# One that holds so much of them makes the same statement.
SAME_STATEMENT = 0.7


@dataclass(frozen=True, slots=True)
class Given:
    """A number of the evidence, in its line."""

    quantity: Quantity
    line: Line


def check_numbers(
    sentence: str, lines: Sequence[Line], skip: Sequence[tuple[int, int]] = ()
) -> list[Finding]:
    """A finding for each number of `sentence`; those that touch a span of `skip` are left out."""
    said = [
        quantity
        for quantity in quantities(sentence)
        if all(quantity.end <= first or last <= quantity.start for first, last in skip)
        if quantity.kind != "year"
    ][:MOST_FINDINGS]
    if not said:
        return []
    stems = _topic(sentence)
    ordered = by_cover(stems, lines)
    found = (Given(q, line) for line in ordered for q in quantities(line.text))
    given = list(islice(found, MOST_GIVEN))
    findings = [_finding(quantity, given, stems, said) for quantity in said]
    return [
        _of(quantity, Verdict.UNCHECKED, None, "it may be counted from the evidence")
        if finding.verdict is Verdict.UNSUPPORTED and _is_listed(quantity, ordered)
        else finding
        for quantity, finding in zip(said, findings, strict=True)
    ]


def _topic(sentence: str) -> frozenset[str]:
    """The stems of what the sentence says beside its numbers."""
    for quantity in reversed(quantities(sentence)):
        sentence = sentence[: quantity.start] + " " + sentence[quantity.end :]
    return frozenset(content_stems(sentence))


def _finding(
    said: Quantity, given: Sequence[Given], stems: frozenset[str], beside: Sequence[Quantity]
) -> Finding:
    same = [one for one in given if agrees(said, one.quantity)]
    other = _other_value(said, given, stems)
    elsewhere = _changed_places(said, same, given, beside) or (
        other is not None and _in_its_place(said, same, other, stems)
    )
    if same and not elsewhere:
        return _of(said, Verdict.SUPPORTED, same[0], "the evidence gives {found}")
    other = other or next((one for one in given if said.nouns & one.quantity.nouns), None)
    if other:
        return _of(said, Verdict.CONTRADICTED, other, "the evidence gives {found} instead")
    if said.spelt and said.value <= COUNTED_OFF:
        return _of(said, Verdict.UNCHECKED, None, "it may be counted from the evidence")
    return _of(said, Verdict.UNSUPPORTED, None, "the evidence does not give it")


def _is_listed(said: Quantity, lines: Sequence[Line]) -> bool:
    """Whether a line lists so many of what is counted: "the villages of A, B and C"."""
    if not said.spelt or not COUNTED_OFF < said.value <= LISTED:
        return False
    about = [line for line in lines if said.nouns & line.stems]
    return any(
        match[0].count(", ") + 1 + (not match["serial"]) == said.value
        for line in about
        for match in _LIST.finditer(line.text)
    )


def _of(said: Quantity, verdict: Verdict, given: Given | None, detail: str) -> Finding:
    found = given.line.part(given.quantity.start, given.quantity.end) if given else None
    told = detail.format(found=repr(found.text)) if found else detail
    return Finding(
        Check.NUMBER, verdict, said.start, said.end, said.text, found, f"{said.text!r}: {told}"
    )


def agrees(said: Quantity, given: Quantity) -> bool:
    """Whether `said` may be written where `given` was meant."""
    if said.kind in ("clock", "score", "ordinal"):
        return said.kind == given.kind and _pair(said) == _pair(given)
    if given.kind == "score":
        return said.value in (given.value, given.second)
    if given.kind in ("clock", "ordinal") or not _may_be_of_one_unit(said, given):
        return False
    if said.unit and given.unit and said.unit.factor != given.unit.factor:
        here, there = said.value * said.unit.factor, given.value * given.unit.factor
        return abs(here - there) <= max(CONVERTED, ABOUT if said.hedge else 0.0) * there
    return _rounds(said, said.value, given.value) or _share(said) == _share(given) is not None


def _pair(quantity: Quantity) -> tuple[float, ...]:
    second = quantity.second
    return (quantity.value,) if second is None else tuple(sorted((quantity.value, second)))


def _share(quantity: Quantity) -> float | None:
    """A half and 50 percent are the same share."""
    if quantity.unit and quantity.unit.dimension == "percent":
        return quantity.value / 100
    return quantity.value if quantity.step == 0 else None


def _may_be_of_one_unit(said: Quantity, given: Quantity) -> bool:
    if said.unit is None or given.unit is None:
        bare = given if given.unit is None else said
        other = said if bare is given else given
        if other.unit is None or other.unit.dimension == "age":
            return True
        # "From 3 to 5 percent", "5 million in damages": a number without any unit may have it.
        return not bare.nouns or _share(bare) is not None
    return said.unit.dimension == given.unit.dimension


def _rounds(said: Quantity, here: float, there: float) -> bool:
    if here == there:
        return True
    off = (there - here) / max(abs(there), 1e-9)
    match said.hedge:
        case "about":
            return abs(off) <= ABOUT
        case "over":
            return 0 < off <= BEYOND or (said.rounded and abs(off) <= ROUNDED)
        case "under":
            return -BEYOND <= off < 0 or (said.rounded and abs(off) <= ROUNDED)
    if abs(here - there) > said.step / 2:
        return False
    written_rounded = said.rounded or there != round(there)
    return abs(off) <= (ROUNDED if written_rounded else TRIMMED)


def _other_value(said: Quantity, given: Sequence[Given], stems: frozenset[str]) -> Given | None:
    """Another value for the same thing, from the line that says most of the sentence."""
    for one in given:
        if agrees(said, one.quantity) or covered(stems, one.line) < SAME_THING:
            continue
        if _counts_the_same(said, one.quantity):
            return one
    return None


def _counts_the_same(said: Quantity, given: Quantity) -> bool:
    if said.kind != given.kind:
        return False
    if said.kind != "number":
        return True
    if said.step == given.step == 0:  # shares
        return True
    if said.unit or given.unit:
        return bool(said.unit and given.unit and said.unit.dimension == given.unit.dimension)
    return bool(said.nouns & given.nouns)


def _changed_places(
    said: Quantity, same: Sequence[Given], given: Sequence[Given], beside: Sequence[Quantity]
) -> bool:
    """Whether it and another number of the sentence count each what the other counts."""
    if not said.nouns or any(_counts_the_same(said, one.quantity) for one in same):
        return False
    for other in beside:
        there = [one for one in given if agrees(other, one.quantity)]
        if any(_counts_the_same(other, one.quantity) for one in there):
            continue
        if any(_counts_the_same(said, one.quantity) for one in there) and any(
            _counts_the_same(other, one.quantity) for one in same
        ):
            return True
    return False


def _in_its_place(
    said: Quantity, same: Sequence[Given], other: Given, stems: frozenset[str]
) -> bool:
    """Whether the line that says nearly all of the sentence has the other value, and not this."""
    if covered(stems, other.line) < SAME_STATEMENT or not said.nouns:
        return False
    return not any(one.line is other.line or said.nouns & one.quantity.nouns for one in same)
