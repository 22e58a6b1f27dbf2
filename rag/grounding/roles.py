"""Finds names that have changed places: who did it to whom, and who is what.

"Berg defeated Hale" where Hale defeated Berg; "mayor Tom Hale" where the mayor is Anna Berg;
"Hale promised" where only Berg did. Only names that both texts hold, and only where nothing
in the evidence has them as the sentence does. Knows no grammar beyond the passive; who
governs which verb, agents.py tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise, permutations

from rag.answers import Verdict
from rag.expect import content_stems
from rag.grounding.agents import check_agents
from rag.grounding.evidence import Line, by_cover, covered
from rag.grounding.findings import Check, Finding
from rag.grounding.names import Name, names_in, names_of
from rag.grounding.offices import Office, offices
from rag.grounding.words import Word, words_of

# Words that lie so far from a name are not about it.
REACH = 8
# A line that holds so much of what the sentence says beside the name makes the same statement.
SAME_STATEMENT = 0.75
# Lines that are read for who does what, those that hold most of the sentence's words first.
NEAR_LINES = 30
# Names of a sentence that are paired.
MOST_NAMES = 10
_PASSIVE = re.compile(r"\b(?:was|were|been|being|is|are|be|got)\b[^,;.]*\bby\s+(?:the\s+)?$")
_APART = re.compile(r"[,;:.!?—–“”\"]")

# A stem beside a name, and whether the name comes before it.
Beside = tuple[str, bool]


def check_roles(sentence: str, lines: Sequence[Line]) -> list[Finding]:
    """A finding where names of the sentence are not where the evidence has them."""
    known = names_in(lines)
    near = by_cover(frozenset(content_stems(sentence)), lines)[:NEAR_LINES]
    found = chain(
        _swapped(sentence, near, known),
        _other_office(sentence, near, known),
        _other_subject(sentence, lines, known),
    )
    first = next(found, None)
    return [first] if first else check_agents(sentence, lines, known)


def _swapped(
    sentence: str, lines: Sequence[Line], known_names: frozenset[str]
) -> Iterator[Finding]:
    """Two names, each with words beside it that stand beside the other in the evidence."""
    there = [(line, _beside(line.text, known_names)) for line in lines]
    said = _beside(sentence, known_names)
    for one, other in permutations(names_of(sentence, known_names)[:MOST_NAMES], 2):
        about_one, about_other = said[one.words[-1]], said[other.words[-1]]
        for line, known in there:
            crossed = _shared(about_one, other, known) and _shared(about_other, one, known)
            if crossed and not any(
                _shared(about_one, one, k) or _shared(about_other, other, k) for _, k in there
            ):
                start, end = min(one.start, other.start), max(one.end, other.end)
                told = f"{one.text!r} and {other.text!r} have changed places"
                yield _of(sentence, (start, end), line, told)


def _shared(about: frozenset[Beside], name: Name, known: dict[str, frozenset[Beside]]) -> bool:
    return any(about & known.get(word, frozenset()) for word in name.words)


def _beside(text: str, known: frozenset[str]) -> dict[str, frozenset[Beside]]:
    """For each word of a name, the stems that are near to the name, and on which side."""
    names, words = names_of(text, known), words_of(text)
    found: dict[str, set[Beside]] = {word: set() for name in names for word in name.words}
    for word in words:
        if word.content and not any(n.start <= word.start < n.end for n in names):
            for name, before in _neighbours(text, word, names, words):
                for part in name.words:
                    found[part].add((word.stem, before))
    return {name: frozenset(about) for name, about in found.items()}


def _neighbours(
    text: str, word: Word, names: Sequence[Name], words: Sequence[Word]
) -> Iterator[tuple[Name, bool]]:
    """The name that a word follows, and the one it leads to; a passive turns them round."""
    left = [name for name in names if name.end <= word.start][-1:]
    right = [name for name in names if name.start >= word.end][:1]
    passive = any(_PASSIVE.search(text[: name.start][-60:]) for name in right)
    for name in left:
        if _near(text, words, name.end, word.start):
            yield name, not passive
    for name in right:
        if _near(text, words, word.end, name.start):
            yield name, passive


def _near(text: str, words: Sequence[Word], start: int, end: int) -> bool:
    between = sum(start <= word.start and word.end <= end for word in words)
    return between < REACH and not _APART.search(text, start, end)


def _other_office(
    sentence: str, lines: Sequence[Line], known_names: frozenset[str]
) -> Iterator[Finding]:
    """Such as "Mayor Tom Hale" where the evidence has a mayor of another name."""
    there = [(office, line) for line in lines for office in offices(line.text, known_names)]
    for office in offices(sentence, known_names):
        if office.name not in known_names or any(_may_be(office, known) for known, _ in there):
            continue
        for known, line in there:
            if known.title == office.title and known.name != office.name:
                told = f"the evidence has {known.text!r} instead"
                yield _of(sentence, (office.start, office.end), line, told)


def _may_be(office: Office, known: Office) -> bool:
    """Whether the evidence has this person in that office, or in one that includes it."""
    return (
        office.name == known.name
        and bool(set(office.title) & set(known.title))
        and (set(office.title) <= set(known.title) or set(known.title) <= set(office.title))
    )


def _other_subject(
    sentence: str, lines: Sequence[Line], known_names: frozenset[str]
) -> Iterator[Finding]:
    """The sentence's first name does what a line of the evidence has another name do."""
    names = names_of(sentence, known_names)
    name = next(iter(names), None)
    if name is None or name.start > len("The Prime Minister "):
        return
    others = {word for n in names for word in n.words}
    stems = frozenset(w.stem for w in words_of(sentence[name.end :]) if w.content)
    if len(stems) < 3:
        return
    for before, line in pairwise([None, *lines]):
        if line is None or covered(stems, line) < SAME_STATEMENT:
            continue
        near = " ".join(one.text for one in (before, line) if one).casefold()
        if any(word in near for word in name.words):
            return
        subject = next(iter(names_of(line.text, known_names)), None)
        if subject and not others & set(subject.words) and name.words[-1] in known_names:
            told = f"the evidence says it of {subject.text!r}"
            yield _of(sentence, (name.start, name.end), line, told)


def _of(sentence: str, span: tuple[int, int], line: Line, told: str) -> Finding:
    said = sentence[slice(*span)]
    detail = told if told.startswith(("'", '"')) else f"{said!r}: {told}"
    return Finding(Check.ROLE, Verdict.CONTRADICTED, *span, said, line.place, detail)
