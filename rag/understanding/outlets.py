"""Outlets that a question names: asked for their words, or merely mentioned.

"According to the Harrow Ledger" and "What did CNN report" bound the search to that outlet;
"Who bought CNN?" only prefers it. An outlet that the corpus does not have changes nothing,
and is told where its words were asked for. Pure: the corpus's outlets are an argument.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.understanding.outlet_names import OUTLET_WORDS, Outlets, is_domain, looks_like_an_outlet

_WORD = re.compile(r"[^\W_]+(?:[.&-][^\W_]+)*")
_LONGEST_NAME = 5
_SMALL = frozenset(("the", "of", "and", "&"))
_VERBS = (
    r"report(?:ed|s|ing)?|write|writes|wrote|written|says?|said|publish(?:ed|es)?|print(?:ed|s)?"
    r"|cover(?:ed|s)?|describe[sd]?|claim(?:ed|s)?|estimate[sd]?|put|puts|give|gave|tell|told|cite"
)
_NOUNS = (
    r"report(?:ing|s)?|articles?|story|stories|accounts?|versions?|figures?|counts?|numbers?"
    r"|tally|tallies|coverage|headlines?|editorials?|estimates?|take"
)
_ASKED_BEFORE = re.compile(
    r"(?:\baccording to|\b(?:reported|written|published|covered|said|told|stated|described) by"
    rf"|\b(?:{_NOUNS}) (?:from|in|by|of)|\bper) (?:both )?(?:the )?$",
    re.IGNORECASE,
)
# In a paper, but in a city: a bare "in" is a place.
_IN_BEFORE = re.compile(r"\b(?:in|by) (?:both )?(?:the )?$", re.IGNORECASE)
_ASKED_AFTER = re.compile(
    rf"^(?:['’]s?)? (?:{_NOUNS})\b|^ (?:also |both )?(?:{_VERBS})\b", re.IGNORECASE
)
_TOLD = re.compile(r"\b(?:tell|told|sue[ds]?|suing|bought|buy) (?:the )?$", re.IGNORECASE)
_JOINT = re.compile(
    r"\s*(?:,|,? and|,? or|&|/|vs\.?|versus|with|to|than|from)?(?:['’]s)?"
    r"\s*(?:according to |to |by |in )?(?:the )?",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"(?:\b(?i:according to|(?:reported|written|published) by)|\b(?i:do|does|did)) (?:[Tt]he )?"
    r"(?P<name>[A-Z][\w&’'-]*(?: (?:of |and )?[A-Z][\w&’'-]*){0,4})"
)


@dataclass(frozen=True, slots=True)
class OutletNamed:
    """Words that name an outlet of the corpus, at `text[start:end]`, and its sources."""

    start: int
    end: int
    sources: tuple[str, ...]
    asked: bool = False


@dataclass(frozen=True, slots=True)
class OutletsNamed:
    """The outlets of the corpus that a question names, and names that it does not have."""

    named: tuple[OutletNamed, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[OutletNamed, ...]:
        """Those whose words are asked for."""
        return tuple(one for one in self.named if one.asked)


def outlets_named(text: str, outlets: Outlets) -> OutletsNamed:
    """The outlets that a question names, in order, none twice at one place."""
    found = _found(text, outlets)
    groups = [_asked(text, group) for group in _grouped(text, found)]
    named = tuple(one for group in groups for one in group)
    return OutletsNamed(named, _unknown(text, named))


def _found(text: str, outlets: Outlets) -> list[OutletNamed]:
    words = list(_WORD.finditer(text)) if outlets.by_key else []
    found, place = [], 0
    while place < len(words):
        for count in range(min(_LONGEST_NAME, len(words) - place), 0, -1):
            part = words[place : place + count]
            if sources := _sources(text, part, outlets):
                found.append(OutletNamed(part[0].start(), part[-1].end(), sources))
                place += count - 1
                break
        place += 1
    return found


def _sources(text: str, part: Sequence[re.Match[str]], outlets: Outlets) -> tuple[str, ...]:
    """The sources that neighbouring words name, where they are written as a name."""
    if any(a.end() + 1 != b.start() for a, b in pairwise(part)):
        return ()
    words = tuple(word[0] for word in part)
    capital = all(word[:1].isupper() or word.casefold() in _SMALL for word in words)
    # Typed without capitals, a name of two words is still a name.
    typed_small = text == text.lower() and (len(words) > 1 or is_domain(words[0]))
    if words[-1].casefold() in _SMALL or not (capital or typed_small or is_domain(words[0])):
        return ()
    return outlets.called(words)


def _grouped(text: str, found: Sequence[OutletNamed]) -> list[list[OutletNamed]]:
    """Outlets that are named in one breath: "the Ledger and the Examiner"."""
    groups: list[list[OutletNamed]] = []
    for one in found:
        if groups and _JOINT.fullmatch(text[groups[-1][-1].end : one.start]):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _asked(text: str, group: Sequence[OutletNamed]) -> list[OutletNamed]:
    """The group, marked when its words are asked for."""
    before, after = text[: group[0].start], text[group[-1].end :]
    name = text[group[-1].start : group[-1].end]
    paper = name.split()[-1].casefold() in OUTLET_WORDS or before.casefold().endswith("the ")
    asked = bool(
        _ASKED_BEFORE.search(before)
        or (paper and _IN_BEFORE.search(before))
        or (_ASKED_AFTER.search(after) and not _is_told(before))
    )
    return [OutletNamed(one.start, one.end, one.sources, asked) for one in group]


def _is_told(before: str) -> bool:
    """Whether somebody speaks to the outlet: "told CNN reporters"."""
    return bool(_TOLD.search(before))


def _unknown(text: str, named: Sequence[OutletNamed]) -> tuple[str, ...]:
    found = []
    for match in _UNKNOWN.finditer(text):
        start, end = match.span("name")
        words = tuple(re.sub(r"['’]s?$", "", match["name"]).split())
        known = any(one.start < end and start < one.end for one in named)
        if not known and looks_like_an_outlet(words):
            found.append(" ".join(words))
    return tuple(dict.fromkeys(found))
