"""Removes boilerplate from a text, and says what it removed and where.

1. the raw text becomes lines (`lines.py`)
2. whole lines that a `line` rule matches go
3. other lines lose the sentences that `inline` rules match; what is left on both
   sides of a removed sentence becomes two lines, which start again at 2
4. `head` and `tail` rules look at the first and last lines, `block` rules at a
   list of links at the end, until none of them finds anything more

Every stage decides by what it keeps, so cleaning cleaned text changes nothing.
Knows rules as data and nothing of titles, dates or outlets.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.documents import Removed
from index.prepare.lines import Line, cut, split_lines
from index.prepare.rules import Rule, Rules, default_rules, fold

HEAD_LINES = 4  # how many kept lines from the start a `head` rule may look at
TAIL_LINES = 6  # the same from the end
BLOCK_LINES = 14  # the longest list of links a `block` rule takes from the end
PASSES = 10  # how often a line is looked at again after it lost a sentence
LINE_LIMIT = 900  # a longer line is prose, whatever it starts with
HEADLINE_LIMIT = 140
_SIGNATURE = re.compile(r"source: \S.{2,120}\Z", re.IGNORECASE)  # metadata, read later


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The text that may be cited, what was removed, and facts found on the way."""

    text: str
    removed: tuple[Removed, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class Scrubbed:
    """Lines, each with the rule that takes it, if any, and a record of those that went."""

    tagged: deque[tuple[Line, Rule | None]] = field(default_factory=deque)
    removed: list[Removed] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """The lines that stay."""
        return [line for line, rule in self.tagged if rule is None]

    def drop(self, line: Line, rule: Rule) -> None:
        """Notes that `rule` took `line`."""
        self.removed.append(Removed(line.start, line.end, rule.id))
        if rule.note:
            self.notes.append((line.start, line.text))


def clean(raw: str, rules: Rules | None = None) -> Cleaned:
    """The text of `raw` without boilerplate, its paragraphs joined by a line feed."""
    scrubbed = scrub(raw, rules or default_rules())
    return Cleaned(
        text="\n".join(line.text for line in scrubbed.lines),
        removed=tuple(sorted(scrubbed.removed, key=lambda r: (r.start, r.end, r.rule))),
        notes=notes_of(scrubbed),
    )


def notes_of(scrubbed: Scrubbed) -> tuple[str, ...]:
    """The facts that were removed from the text, in the order of the text, once each."""
    return tuple(dict.fromkeys(text for _, text in sorted(scrubbed.notes)))


def scrub(raw: str, rules: Rules) -> Scrubbed:
    """The lines of `raw` that stay, with their place in it."""
    state = Scrubbed()
    for line in split_lines(raw):
        state.tagged.extend(_pieces(raw, line, rules, state))
    _settle(state, rules)
    return state


def _pieces(
    raw: str, line: Line, rules: Rules, state: Scrubbed, passes: int = PASSES
) -> Iterator[tuple[Line, Rule | None]]:
    """`line`, tagged with the rule that takes it whole, or what sentence rules leave of it."""
    rule = _first(rules.lines, line)
    spans = [] if rule or not passes else _spans(line.text, rules.sentences)
    if not spans:
        yield line, rule
        return
    kept, gone = cut(raw, line, [(start, end) for start, end, _ in spans])
    for piece, (_, _, taker) in zip(gone, spans, strict=True):
        state.drop(piece, taker)
    for piece in kept:
        yield from _pieces(raw, piece, rules, state, passes - 1)


def _spans(text: str, rules: tuple[Rule, ...]) -> list[tuple[int, int, Rule]]:
    """Where inline rules match, sorted, overlaps merged under the first rule."""
    folded = fold(text)
    lowered = folded.lower()
    found = [
        (match.start(), match.end(), order)
        for order, rule in enumerate(rules)
        if rule.concerns(lowered)
        for match in rule.regex.finditer(folded)
        if match.group().strip()
    ]
    merged: list[tuple[int, int, Rule]] = []
    for start, end, order in sorted(found):
        if merged and start < merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end), before[2])
        else:
            merged.append((start, end, rules[order]))
    return merged


def _first(rules: tuple[Rule, ...], line: Line) -> Rule | None:
    """The first rule that matches the whole line."""
    if len(line.text) > LINE_LIMIT:
        return None
    folded = fold(line.text)
    lowered = folded.lower()
    for rule in rules:
        if rule.concerns(lowered) and rule.regex.fullmatch(folded):
            return rule
    return None


def _settle(state: Scrubbed, rules: Rules) -> None:
    """Applies the rules that depend on the place, until none finds anything."""
    _drop_block(state, rules.blocks)
    for line, rule in state.tagged:
        if rule:
            state.drop(line, rule)
    state.tagged = deque((line, None) for line, rule in state.tagged if not rule)
    while (
        _drop_near(state, rules.head, range(HEAD_LINES))
        or _drop_near(state, rules.tail, range(-1, -TAIL_LINES - 1, -1))
        or _drop_block(state, rules.blocks)
    ):
        pass


def _drop_near(state: Scrubbed, rules: tuple[Rule, ...], places: range) -> bool:
    """Drops the first line at one of `places` that a rule matches."""
    for place in places:
        if not -len(state.tagged) <= place < len(state.tagged):
            return False
        line, _ = state.tagged[place]
        if rule := _first(rules, line):
            state.drop(line, rule)
            del state.tagged[place]
            return True
    return False


def _drop_block(state: Scrubbed, rules: tuple[Rule, ...]) -> bool:
    """Drops from a heading of links to the end, if only headlines follow it.

    Lines that a rule has tagged go anyway, and the line that names the source stays:
    they count neither for nor against it.
    """
    headlines = 0
    for place, (line, tag) in enumerate(reversed(state.tagged), 1):
        rule = _first(rules, line)
        if rule and headlines:
            block = [state.tagged.pop() for _ in range(place)][::-1]
            for gone, other in block:
                if other or not _SIGNATURE.match(gone.text):
                    state.drop(gone, other or rule)
                else:
                    state.tagged.append((gone, None))
            return True
        if tag or _SIGNATURE.match(line.text):
            continue
        headlines += 1
        if headlines > BLOCK_LINES or not _is_headline(line.text):
            return False
    return False


def _is_headline(text: str) -> bool:
    """Whether a line reads like a link: short and without the end of a sentence."""
    return len(text) <= HEADLINE_LIMIT and not text.endswith((".", '."', ".”", "!”", "?”", ":"))
