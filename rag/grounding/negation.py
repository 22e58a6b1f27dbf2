"""Compares what the sentence affirms and denies with what the evidence does.

Reads the words that follow "not", "never", "denied", "failed to" and the like, and pairs of
opposites ("rose", "fell"), in sentences that otherwise say the same. Lists are data:
negation.toml. Whatever may be read in two ways is left alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from rag.answers import Verdict
from rag.expect import stem
from rag.grounding.evidence import Line, covered
from rag.grounding.findings import Check, Finding
from rag.grounding.verbs import verb_key, verb_keys
from rag.grounding.words import Word, words_of

# A line of the evidence must hold so much of what the sentence says beside the denial.
SAME_STATEMENT = 0.6
# Or the sentence so much of what a line says that is shorter, but says this many things.
WHOLE_LINE, LEAST_SAID = 0.8, 3
# Words after a denial, among which the first that carries meaning is what is denied.
REACH = 4

_DATA = tomllib.loads(files("rag.grounding").joinpath("negation.toml").read_text("utf-8"))
_CUES = re.compile(
    r"\b(?:" + "|".join([*_DATA["verbs"], *_DATA["cues"]]) + r")\b|n['’]t\b", re.IGNORECASE
)
_NO_CUES = re.compile(r"\b(?:" + "|".join(_DATA["not_cues"]) + r")\b", re.IGNORECASE)
_CUE_STEMS = frozenset(stem(w) for cue in _DATA["verbs"] for w in re.findall(r"[a-z]{4,}", cue))
_OPPOSITES: dict[str, frozenset[str]] = {}
for _one, _other in _DATA["opposites"]:
    for _left, _right in ((_one, _other), (_other, _one)):
        for _word in _left.split():
            _OPPOSITES[stem(_word)] = _OPPOSITES.get(stem(_word), frozenset()) | {
                stem(w) for w in _right.split()
            }
_JOINED = re.compile(r",? (?:and|but|while|although|though) |; ")
# A short line that speaks of what was said before: "This was not an attack."
_POINTS = re.compile(r"^\W*(?:this|that|it|there)\b", re.IGNORECASE)
_BREAK = re.compile(r"[;:.!?—–]|, (?:but|and|who|which|while)\b|\bbut\b")


@dataclass(frozen=True, slots=True)
class Denied:
    """What a text denies: stems of the heads, with the words of each denial."""

    heads: dict[str, tuple[int, int]]
    affirmed: dict[str, tuple[int, int]]

    def within(self, first: int, last: int) -> Denied:
        """What lies in a part of the text."""
        return Denied(
            {k: span for k, span in self.heads.items() if first <= span[0] < last},
            {k: span for k, span in self.affirmed.items() if first <= span[0] < last},
        )


def check_negation(sentence: str, lines: Sequence[Line]) -> list[Finding]:
    """A finding where the evidence denies what the sentence says, or the other way round."""
    words = words_of(sentence)
    said = _read(sentence, words)
    for first, last in [(0, len(sentence)), *_clauses(sentence)]:
        part = [word for word in words if first <= word.start < last]
        content = frozenset(word.stem for word in part if word.content) - _CUE_STEMS
        near = [line for line in lines if _same_statement(content, line)]
        heard = said if (first, last) == (0, len(sentence)) else said.within(first, last)
        for line in sorted(near, key=lambda line: -covered(content, line)):
            there = _read(line.text, words_of(line.text))
            for finding in (
                *_denials(sentence, heard, line, there),
                *_opposed(sentence, part, line),
            ):
                if not _said_elsewhere(said, finding, near):
                    return [finding]
    return []


def _clauses(sentence: str) -> list[tuple[int, int]]:
    """The parts of a sentence that deny something and are joined to others by "and" or "but"."""
    cuts = [0, *(m.start() for m in _JOINED.finditer(sentence)), len(sentence)]
    parts = list(pairwise(cuts))
    return [(a, b) for a, b in parts if len(parts) > 1 and _CUES.search(sentence, a, b)]


def _same_statement(content: frozenset[str], line: Line) -> bool:
    opposed = {stem for stem in content if _OPPOSITES.get(stem, frozenset()) & line.stems}
    rest, there = verb_keys(content - opposed), verb_keys(line.stems)
    if len(content) > 1 and rest and len(rest & there) / len(rest) >= SAME_STATEMENT:
        return True
    whole = there - _CUE_STEMS
    pointing = bool(_POINTS.match(line.text)) and bool(whole)
    if len(whole) < LEAST_SAID and not pointing:
        return False
    return len(whole & rest) / len(whole) >= (1.0 if pointing else WHOLE_LINE)


def _read(text: str, words: Sequence[Word]) -> Denied:
    """Which stems stand right after a denial, an odd number of times, and which do not."""
    times: dict[str, int] = {}
    spans: dict[str, tuple[int, int]] = {}
    excused = [match.span() for match in _NO_CUES.finditer(text)]
    for cue in _CUES.finditer(text):
        if any(first <= cue.start() < last for first, last in excused):
            continue
        if head := _head(text, words, cue.end()):
            times[_key(head)] = times.get(_key(head), 0) + 1
            spans[_key(head)] = (cue.start(), head.end)
    denied = {head: spans[head] for head, count in times.items() if count % 2}
    cue_spans = [match.span() for match in _CUES.finditer(text)]
    scopes = [(first, _scope_end(text, words, last)) for first, last in cue_spans]
    affirmed = {
        _key(word): (word.start, word.end)
        for word in words
        if word.content and _key(word) not in times
        if not any(first <= word.start < last for first, last in scopes)
    }
    return Denied(denied, affirmed)


def _key(word: Word) -> str:
    return verb_key(word.stem)


def _scope_end(text: str, words: Sequence[Word], at: int) -> int:
    """Where the words end that a denial may be about."""
    reached = [word.end for word in words if word.start >= at][:REACH]
    stop = _BREAK.search(text, at)
    return min(reached[-1] if reached else at, stop.start() if stop else len(text))


def _head(text: str, words: Sequence[Word], at: int) -> Word | None:
    """What a denial that ends at `at` is about."""
    for word in [word for word in words if word.start >= at][:REACH]:
        if _BREAK.search(text, at, word.start):
            return None
        if word.content and word.stem not in _CUE_STEMS:
            return word
    return None


def _denials(sentence: str, said: Denied, line: Line, there: Denied) -> Iterator[Finding]:
    if said.heads and len(said.heads) == len(there.heads):
        return  # both deny something of the same: in which words, is open
    for head, span in said.heads.items():
        if head in there.affirmed and head not in there.heads:
            yield _of(sentence, span, line, there.affirmed[head], "says so without denying it")
    for head, span in there.heads.items():
        if head in said.affirmed:
            yield _of(sentence, said.affirmed[head], line, span, "denies it")


def _opposed(sentence: str, words: Sequence[Word], line: Line) -> Iterator[Finding]:
    stems = {word.stem for word in words}
    for word in words:
        others = _OPPOSITES.get(word.stem, frozenset()) & line.stems
        if others and word.stem not in line.stems and not others & stems:
            at = next(w for w in words_of(line.text) if w.stem in others)
            yield _of(
                sentence, (word.start, word.end), line, (at.start, at.end), "has the opposite"
            )


def _said_elsewhere(said: Denied, finding: Finding, near: Sequence[Line]) -> bool:
    """Whether another line about the same says it as the sentence does."""
    stems = {_key(word) for word in words_of(finding.said) if word.content} - _CUE_STEMS
    for line in near:
        there = _read(line.text, words_of(line.text))
        for one in stems:
            if one in (there.heads if one in said.heads else there.affirmed):
                return True
    return False


def _of(
    sentence: str, said: tuple[int, int], line: Line, there: tuple[int, int], told: str
) -> Finding:
    found = line.part(*there)
    words = sentence[slice(*said)]
    detail = f"{words!r}: the evidence {told}, {found.text!r}"
    return Finding(Check.NEGATION, Verdict.CONTRADICTED, *said, words, found, detail)
