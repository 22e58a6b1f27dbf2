"""Which passages of a ranking are the same words, so that they need only one place. Pure.

The same words means: the same but for case, punctuation and small words, and a few other
words in a long passage. Reports that differ in a figure, a name or a negation are never
the same words, nor is one that adds a sentence with one of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import compress

from index.documents import ArticleRef, Passage
from index.prepare.fingerprint import is_figure

# Of a passage's words, this share may be others in its copy: one in a sentence of twenty.
MAX_EDITED = 0.06
# Passages are compared when they share this share of the beginnings and ends of sentences.
MIN_EDGES = 0.5
_EDGE_CHARS = 20
# A longer text is looked at where it has the words of a passage, if they lie together.
_RUN_WORDS = 3
_MAX_SPREAD = 3

# A word, and what comes before the next one if it ends a sentence.
_WORD = re.compile(r"(\w+(?:[.,:'-]\w+)*)([^\w.!?\n]*[.!?\n])?")
# A dateline: "PARIS (AP) —". What comes after it is the report.
_DATELINE = re.compile(
    r"\s*(?:(?:[A-Z][\w .,'-]{1,60})?\([^()]{2,40}\)|[A-Z]{3}[A-Z .,'-]{0,40})\s*[—–-]+\s+"
)

# Words that change nothing when they come or go, and those that turn a statement round.
_SMALL = frozenset(
    re.findall(
        r"\w+",
        "a an the that which who of in on at by and as with is are was were be been being has have "
        "had its it his her their this these those said says told added also",
    )
)
_TURNING = frozenset(
    re.findall(
        r"\w+",
        "no not never none nor neither nobody nothing cannot without against denied denies refused "
        "refuses rejected rejects approved approves accepted failed fails alleged allegedly "
        "reportedly former up down rose fell rise fall rises falls won lost win lose wins loses "
        "more less fewer most least higher lower above below before after over under guilty "
        "innocent acquitted convicted killed injured wounded dead alive died survived increase "
        "increased decrease decreased opened closed confirmed only all both half twice",
    )
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, folded; which of them carry weight, and which end a sentence."""

    folded: tuple[str, ...]
    weighty: tuple[bool, ...]
    ends: tuple[bool, ...]

    @classmethod
    def of(cls, text: str) -> Words:
        """The words of a text, without the dateline that it may open with."""
        plain = text.replace("’", "'")
        dateline = _DATELINE.match(plain)
        found = _WORD.findall(plain, dateline.end() if dateline else 0)
        folded = tuple([word.casefold() for word, _ in found])
        return cls(
            folded,
            tuple([_is_weighty(word, f) for (word, _), f in zip(found, folded, strict=True)]),
            tuple([end != "" for _, end in found]),
        )

    @property
    def weights(self) -> frozenset[str]:
        """The words that carry weight."""
        return frozenset(compress(self.folded, self.weighty))

    def part(self, start: int, end: int) -> Words:
        """The words between two places, widened to whole sentences."""
        while start > 0 and not self.ends[start - 1]:
            start -= 1
        while end < len(self.ends) and not self.ends[end - 1]:
            end += 1
        return Words(self.folded[start:end], self.weighty[start:end], self.ends[start:end])


def _is_weighty(word: str, folded: str) -> bool:
    """Whether a word is a figure, a name, or turns a statement round."""
    if word == folded and folded.isalpha():
        return folded in _TURNING or is_figure(folded)
    named = word[0].isupper() and folded not in _SMALL
    return named or folded in _TURNING or folded.endswith("n't") or is_figure(folded)


def first_of_each(passages: Sequence[Passage]) -> list[int]:
    """For each passage, the place of the first one that has its words: often its own.

    Copies are cut at different places: what an article's passages before have together, if
    it is all of a passage, counts too.
    """
    first: list[int] = []
    by_words: dict[str, int] = {}
    by_edge: dict[str, list[int]] = {}
    for place, passage in enumerate(passages):
        same = by_words.setdefault(" ".join(passage.text.casefold().split()), place)
        if same == place:
            edges = _edges(passage)
            for kept in _near(passages, edges, by_edge):
                if adds_nothing(_together(passages, kept), Words.of(passage.text)):
                    same = kept[0]
                    break
            else:
                for edge in edges:
                    by_edge.setdefault(edge, []).append(place)
        first.append(first[same] if same < place else place)
    return first


def _near(
    passages: Sequence[Passage], edges: set[str], by_edge: Mapping[str, Sequence[int]]
) -> list[list[int]]:
    """The places before, an article at a time, whose sentences begin and end like these."""
    shared: dict[str, dict[int, set[str]]] = {}
    for edge in edges:
        for kept in by_edge.get(edge, ()):
            shared.setdefault(passages[kept].article_id, {}).setdefault(kept, set()).add(edge)
    enough = MIN_EDGES * len(edges)
    return sorted(
        sorted(places)
        for places in shared.values()
        if len(set[str]().union(*places.values())) >= enough
    )


def _together(passages: Sequence[Passage], places: Sequence[int]) -> Words:
    """The words of passages of one article, in its order."""
    ordered = sorted((passages[place] for place in places), key=lambda p: p.start)
    return Words.of("\n".join(passage.text for passage in ordered))


def _edges(passage: Passage) -> set[str]:
    """How each sentence begins and ends."""
    texts = [sentence.text.casefold() for sentence in passage.sentences]
    return {text[:_EDGE_CHARS] for text in texts} | {text[-_EDGE_CHARS:] for text in texts}


def adds_nothing(known: Words, other: Words) -> bool:
    """Whether a text has the words of a known one, or fewer, and nothing that weighs beside."""
    if not other.weights <= set(known.folded):
        return False
    start = _common(known.folded, other.folded)
    most = min(len(known.folded), len(other.folded)) - start
    end = _common(known.folded[::-1][:most], other.folded[::-1][:most])
    changes = SequenceMatcher(
        None,
        known.folded[start : len(known.folded) - end],
        other.folded[start : len(other.folded) - end],
        autojunk=False,
    ).get_opcodes()
    edited = 0
    for tag, i, j, k, m in changes:
        gone, new = range(start + i, start + j), range(start + k, start + m)
        if tag == "equal" or (tag == "delete" and _whole(known, gone)):
            continue
        if any(known.weighty[p] for p in gone) or any(other.weighty[p] for p in new):
            return False
        edited += max(_content(known, gone), _content(other, new))
    return edited <= MAX_EDITED * len(other.folded)


def _content(words: Words, places: range) -> int:
    return sum(words.folded[place] not in _SMALL for place in places)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))


def _whole(words: Words, places: range) -> bool:
    """Whether these places are whole sentences, or would be a few words further on or back.

    "One left. One stayed." without its first sentence may lack "left. One" as well.
    """
    size, folded = len(places), words.folded
    start = places.start
    while start > 0 and folded[start - 1] == folded[start - 1 + size]:
        start -= 1
    while True:
        if (start == 0 or words.ends[start - 1]) and words.ends[start + size - 1]:
            return True
        if start + size == len(folded) or folded[start] != folded[start + size]:
            return False
        start += 1


def carries(text: str, passage: str) -> bool:
    """Whether a text has the words of a passage somewhere, in one piece."""
    if " ".join(passage.split()) in " ".join(text.split()):
        return True
    known, other = Words.of(text), Words.of(passage)
    where: dict[tuple[str, ...], int] = {}
    for place, run in enumerate(_runs(known)):
        where.setdefault(run, place)
    runs = list(_runs(other))
    found = [where[run] for run in runs if run in where]
    if not found or 2 * len(found) < len(runs):
        return False
    if max(found) - min(found) > _MAX_SPREAD * len(other.folded):
        return False
    return adds_nothing(known.part(min(found), max(found) + _RUN_WORDS), other)


def _runs(words: Words) -> Iterator[tuple[str, ...]]:
    return zip(*(words.folded[place:] for place in range(_RUN_WORDS)), strict=False)


def by_date(ref: ArticleRef) -> tuple[bool, float, str]:
    """Sorts articles by publication, then id; those without a date last."""
    at = ref.dated.earliest.timestamp() if ref.dated else 0.0
    return ref.dated is None, at, ref.id
