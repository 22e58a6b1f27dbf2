"""The reviewed boilerplate rules: read from TOML, checked, compiled.

A rule is data: what it removes, why, and sentences that look alike and must stay.
Patterns see a *folded* line, of the same length as the text: straight quotes for
curly ones and `-` for every dash, so a rule is written once. Each repetition in a
pattern is bounded, which the loader insists on: a pattern can't run away.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, cast, get_args

from index.errors import IndexingError

Scope = Literal["line", "inline", "span", "block"]
Where = Literal["anywhere", "head", "tail"]

_FOLD = str.maketrans("‘’‚‛′`´“”„‟″«»‐‑‒–—―−", "'" * 7 + '"' * 7 + "-" * 7)
_FRAGMENT = re.compile(r"<([a-z_]+)>")
_ESCAPES_AND_CLASSES = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_UNBOUNDED = re.compile(r"[*+]|\{\d*,\}")
# What a scraper may leave before and after a line of boilerplate.
_BEFORE, _AFTER = r"[-•●·►▶➤→▢☐□*|>+(\[~ ]{0,4}", r"[-|>*)\]~→ ]{0,4}"
# A sentence starts with the line, or after the end of another and not in lower case
# ("the No. 8 seed"); it ends with the line, or with its mark before a space.
_STARTS = r"""(?:^|(?:(?<=[.!?…] )|(?<=[.!?…]["')\]] ))(?!(?-i:[a-z])))"""
_ENDS = r"""(?:$|(?:(?<=[.!?…])|(?<=[.!?…]["')\]>]))(?= ))"""


class RuleError(IndexingError):
    """The boilerplate rules can't be used: a rule is misspelt or incomplete."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of boilerplate.

    `scope` says what a match takes: the whole `line` it matches in full, the
    `inline` sentences it matches, a `span` that begins after a sentence, or the
    `block` from a matching line to the end if only headlines follow. `cues` are
    lower-case substrings, one of which every match holds: they decide fast that a
    rule is not concerned. `note` keeps what was removed as a fact about the article.
    """

    id: str
    family: str
    why: str
    scope: Scope
    where: Where
    cues: tuple[str, ...]
    note: bool
    removes: tuple[str, ...]
    keeps: tuple[str, ...]
    regex: re.Pattern[str]

    def concerns(self, lowered: str) -> bool:
        """Whether the folded lower-case line holds a cue."""
        for cue in self.cues:  # a loop: any() makes cleaning an eighth slower
            if cue in lowered:
                return True
        return not self.cues


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, in the order in which they are tried, and the same by where they act."""

    rules: tuple[Rule, ...]
    lines: tuple[Rule, ...]
    sentences: tuple[Rule, ...]
    head: tuple[Rule, ...]
    tail: tuple[Rule, ...]
    blocks: tuple[Rule, ...]

    @classmethod
    def parse(cls, toml: str) -> Rules:
        """Rules from TOML text; `RuleError` says which rule is wrong and how."""
        try:
            document = tomllib.loads(toml)
        except tomllib.TOMLDecodeError as error:
            raise RuleError(f"the boilerplate rules are not TOML: {error}") from error
        fragments = document.get("fragments", {})
        rules = tuple(_rule(entry, fragments) for entry in document.get("rule", []))
        ids = [rule.id for rule in rules]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise RuleError(f"rule ids must be unique, {twice!r} appear twice")
        return cls(
            rules=rules,
            lines=tuple(r for r in rules if r.scope == "line" and r.where == "anywhere"),
            sentences=tuple(r for r in rules if r.scope in ("inline", "span")),
            head=tuple(r for r in rules if r.scope == "line" and r.where == "head"),
            tail=tuple(r for r in rules if r.scope == "line" and r.where == "tail"),
            blocks=tuple(r for r in rules if r.scope == "block"),
        )


@cache
def default_rules() -> Rules:
    """The rules that ship with this package, read once."""
    source = resources.files("index.prepare").joinpath("boilerplate.toml")
    return Rules.parse(source.read_text(encoding="utf-8"))


def fold(text: str) -> str:
    """`text` as patterns see it: same length, plain quotes and dashes."""
    return text.translate(_FOLD)


_TEXTS = ("id", "family", "why", "scope", "pattern")
_OPTIONAL = {"where", "cues", "note", "removes", "keeps"}


def _rule(entry: dict[str, Any], fragments: dict[str, str]) -> Rule:
    name = entry.get("id", "(without id)")
    if missing := [key for key in _TEXTS if not isinstance(entry.get(key), str)]:
        raise RuleError(f"rule {name!r} lacks the text {missing!r}")
    if unknown := sorted(set(entry) - set(_TEXTS) - _OPTIONAL):
        raise RuleError(f"rule {name!r} has unknown keys {unknown!r}")
    if not entry.get("removes") or not entry.get("keeps"):
        raise RuleError(f"rule {name!r} needs examples: both 'removes' and 'keeps'")
    scope = _one_of(name, "scope", entry["scope"], get_args(Scope))
    if scope != "line" and "where" in entry:
        raise RuleError(f"rule {name!r}: only a line rule can say where it acts")
    where = _one_of(name, "where", entry.get("where", "anywhere"), get_args(Where))
    return Rule(
        id=name,
        family=entry["family"],
        why=entry["why"],
        scope=cast(Scope, scope),
        where=cast(Where, where),
        cues=tuple(entry.get("cues", ())),
        note=bool(entry.get("note", False)),
        removes=tuple(entry["removes"]),
        keeps=tuple(entry["keeps"]),
        regex=_compile(name, scope, _expand(name, entry["pattern"], fragments)),
    )


def _one_of(name: str, key: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise RuleError(f"rule {name!r} has {key} {value!r}; use one of {', '.join(allowed)}")
    return value


def _expand(name: str, pattern: str, fragments: dict[str, str]) -> str:
    """`pattern` with each `<fragment>` replaced by its text; `(?<` is left alone."""

    def fragment(match: re.Match[str]) -> str:
        if match.group(1) not in fragments:
            raise RuleError(f"rule {name!r} uses the unknown fragment {match.group()!r}")
        return f"(?:{fragments[match.group(1)]})"

    for _ in range(2):  # a fragment may use another
        pattern = _FRAGMENT.sub(fragment, pattern)
    return pattern


def _compile(name: str, scope: str, pattern: str) -> re.Pattern[str]:
    if pattern != fold(pattern):
        raise RuleError(f"rule {name!r} must use straight quotes and '-': lines are folded")
    if _UNBOUNDED.search(_ESCAPES_AND_CLASSES.sub("x", pattern)):
        raise RuleError(f"rule {name!r} repeats without bound: write {{0,80}} for '*'")
    if scope == "inline":
        pattern = f"{_STARTS}{_BEFORE}(?:{pattern}){_AFTER}{_ENDS}"
    elif scope == "span":
        pattern = f"{_STARTS}{_BEFORE}(?:{pattern}){_AFTER}(?=$| )"
    else:
        pattern = f"{_BEFORE}(?:{pattern}){_AFTER}"
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise RuleError(f"rule {name!r} has a pattern that isn't a regex: {error}") from error
