"""Finds who does what the other way round: the name before a verb, and the name after it.

"Tarquesh shipped missiles to Karsovia" where Karsovia shipped them to Tarquesh; "Hale paid
Berg" where Berg was paid by nobody else than Hale's rival. Only names of both texts, right
beside the verb; verbs of saying are left out, as several people say much.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from rag.answers import Verdict
from rag.expect import content_stems, stem
from rag.grounding.evidence import Line, by_cover, covered
from rag.grounding.findings import Check, Finding
from rag.grounding.names import Name, grown, names_of
from rag.grounding.verbs import VERB_FORMS, verb_key
from rag.grounding.words import Word, words_of

_DATA = tomllib.loads(files("rag.grounding").joinpath("agents.toml").read_text("utf-8"))
# Lines that are read, those that hold most of the sentence's words first.
NEAR_LINES = 30
# A line that holds so much of the sentence makes the same statement.
SAME_STATEMENT = 0.6
# Words such as "has" or "also" between a name and its verb.
_BETWEEN = frozenset(_DATA["between"].split())
_BE = frozenset(_DATA["be"].split())
_SAYING = frozenset(verb_key(stem(word)) for word in _DATA["saying"].split())
# Forms of one name begin with so many of the same letters.
_ALIKE = 3
_AND = re.compile(r",? and (?:the )?")
_COMMA = re.compile(r", (?:the )?")
_TITLED = re.compile(r"\b(?:" + "|".join(sorted(VERB_FORMS)) + r")\b", re.IGNORECASE)
_BY = re.compile(r"\s+by\s+(?:the\s+)?$")


@dataclass(frozen=True, slots=True)
class Act:
    """A name and the verb that it governs, or that is done to it, with its span."""

    name: str
    verb: str
    does: bool
    start: int
    end: int


def check_agents(sentence: str, lines: Sequence[Line], known: frozenset[str]) -> list[Finding]:
    """A finding where a name does what the evidence has another name of the sentence do."""
    names = frozenset(word for name in names_of(sentence, known) for word in name.words)
    held = _Grown(known | names)
    said = list(acts(sentence, held))
    stems = frozenset(content_stems(sentence))
    near = by_cover(stems, lines)[:NEAR_LINES] if said else []
    there = [(act, line) for line in near for act in _acts_of(line, held)]
    for act in said:
        alike = [(other, line) for other, line in there if other.verb == act.verb]
        if any(other.does == act.does and _same(other.name, act.name) for other, _ in alike):
            continue
        for other, line in alike:
            is_named = other.name in _Grown(names)
            turned = act.does and not other.does and _same(other.name, act.name)
            another = act.does and other.does and is_named
            same = covered(stems, line) >= SAME_STATEMENT
            to_another = same and not act.does and not other.does and not is_named
            if turned or another or to_another:
                return [_of(sentence, act, line, other)]
    return []


class _Grown:
    """Names in any form: "Ilmara" is there where "Ilmaran" is."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names: dict[str, list[str]] = {}
        for name in names:
            self._names.setdefault(name[:_ALIKE], []).append(name)

    def __contains__(self, word: object) -> bool:
        near = self._names.get(word[:_ALIKE], ()) if isinstance(word, str) else ()
        return any(_same(str(word), name) for name in near)


def _same(one: str, other: str) -> bool:
    return one == other or grown(one, other)


def _acts_of(line: Line, known: Container[str]) -> Iterator[Act]:
    """The acts of a line; in a title verbs may have a capital, too."""
    if not line.place.in_title:
        return acts(line.text, known)
    return acts(_TITLED.sub(lambda match: match[0].lower(), line.text), known)


def acts(text: str, known: Container[str]) -> Iterator[Act]:
    """What names do, and what is done to them, where they stand beside the verb."""
    words = words_of(text)
    names = names_of(text, known)
    for name in names:
        if verb := _verb_after(text, words, name):
            passive = _is_passive(words, name, verb)
            for one in _joined(text, names, name):
                yield from _act(one, verb, does=not passive)
        if verb := _verb_before(text, words, name):
            yield from _act(name, verb, does=bool(_BY.search(text[verb.end : name.start])))


def _joined(text: str, names: Sequence[Name], last: Name) -> Iterator[Name]:
    """A name with those that are joined to it by "and": they do it together."""
    yield last
    between = _AND
    for name in reversed([one for one in names if one.end <= last.start]):
        if not between.fullmatch(text[name.end : last.start]):
            return
        yield name
        last, between = name, _COMMA


def _act(name: Name, verb: Word, *, does: bool) -> Iterator[Act]:
    key = verb_key(verb.stem)
    if key not in _SAYING:
        start, end = min(name.start, verb.start), max(name.end, verb.end)
        yield Act(name.words[-1], key, does, start, end)


def _verb_after(text: str, words: Sequence[Word], name: Name) -> Word | None:
    """The word that follows a name, and "has" and the like, if it may be a verb."""
    end, helped = name.end, False
    for word in words:
        if word.start < name.end:
            continue
        if text[end : word.start] != " ":
            return None
        if word.folded in _BETWEEN or word.folded in _BE:
            end, helped = word.end, True
            continue
        return word if _is_verb(word) or (helped and word.content) else None
    return None


def _is_verb(word: Word) -> bool:
    """Whether a word in small letters looks like a verb in the past, or is a listed one."""
    form = word.folded
    return word.content and word.text[0].islower() and (form in VERB_FORMS or form.endswith("ed"))


def _is_passive(words: Sequence[Word], name: Name, verb: Word) -> bool:
    between = [w for w in words if name.end <= w.start and w.end <= verb.start]
    return any(word.folded in _BE for word in between) and not verb.text.endswith("ing")


def _verb_before(text: str, words: Sequence[Word], name: Name) -> Word | None:
    """The word that a name follows, also with "by", if it may be a verb in the past tense."""
    before = [word for word in words if word.end <= name.start][-3:]
    for word in reversed(before):
        between = text[word.end : name.start]
        if between not in (" ", " the ") and not _BY.fullmatch(between):
            return None
        if word.folded in ("by", "the"):
            continue
        return word if _is_verb(word) else None
    return None


def _of(sentence: str, act: Act, line: Line, other: Act) -> Finding:
    said = sentence[act.start : act.end]
    found = line.part(other.start, other.end)
    told = f"{said!r}: the evidence has {found.text!r} instead"
    return Finding(Check.ROLE, Verdict.CONTRADICTED, act.start, act.end, said, line.place, told)
