"""Which texts are copies of one another: how they are found, and how it is decided.

`signature` is what a store keeps of a text to find those that may be copies of it;
`is_copy` compares two texts and decides. A copy opens with the same words, holds most of
the same five-word runs and gives the same figures: two reports from one template on two
days are no copies, nor are two that share a gallery, a fact box or an item of a digest.
Pure, and the same on any machine; knows nothing of stores. The limits were chosen with
benchmarks/neardup.py.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

Run = tuple[str, ...]

# Words in a run. Of a text, its first this many words are looked at.
RUN_WORDS = 5
MAX_WORDS = 20_000
# How many of a text's runs its signature names: those whose hashes are smallest.
ANCHORS = 32
# A text with fewer words is a copy only of the same words.
SHORT_WORDS = 30

# Copies share this much of the shorter one's runs, which has this much of the longer's.
MIN_SHARED = 2 / 3
MIN_SIZE = 1 / 8
# The opening of one of them, a third of it and at most this long, stands in the other.
HEAD_SHARE, HEAD_RUNS = 1 / 3, 200
MIN_HEAD = 0.4
# A text this much shorter is a copy if the longer one begins with it: a stub, no digest's item.
STUB_SIZE = 1 / 2
# Where both tell figures in the same words, this share of them are the same figures; one
# figure, which stands in three runs of three words, may always be another.
MIN_FIGURES = 0.8
_FIGURE_RUN_WORDS = 3

_WORD = re.compile(r"\w+")
_NUMBER_WORDS = frozenset(
    _WORD.findall(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
        "hundred thousand million billion dozen first second third "
        "monday tuesday wednesday thursday friday saturday sunday january february march april "
        "june july august september october november december"
    )
)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def words_of(text: str) -> tuple[str, ...]:
    """The words that are compared: without case and punctuation, up to `MAX_WORDS`."""
    found = _WORD.finditer(text.casefold())
    return tuple(match.group() for match in islice(found, MAX_WORDS))


def is_figure(word: str) -> bool:
    """Whether a word, case-folded, is a number, a day of the week or a month."""
    return word in _NUMBER_WORDS or (not word.isalpha() and any(map(str.isdigit, word)))


# -- finding ------------------------------------------------------------------------


def signature(text: str) -> bytes:
    """The anchors of a text: up to `ANCHORS` little-endian 31-bit numbers, ascending.

    A short text has one, for all its words. Two texts have about that share of their anchors
    in common that the runs of both have among those of the longer one.
    """
    words = words_of(text)
    if not words:
        return b""
    hashes = _run_hashes(words, len(words) if len(words) < SHORT_WORDS else RUN_WORDS)
    smallest = np.unique(hashes)[:ANCHORS] & np.uint64(0x7FFFFFFF)
    return np.unique(smallest.astype("<u4")).tobytes()


def anchors(signature: bytes) -> list[int]:
    """The numbers that a signature names."""
    return [int(n) for n in np.frombuffer(signature, dtype="<u4")]


def _run_hashes(words: Sequence[str], length: int) -> NDArray[np.uint64]:
    """A hash of each run of `length` words, uint64 of shape (runs,)."""
    codes = np.fromiter(
        (zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words),
        dtype=np.uint64,
        count=len(words),
    )
    runs = len(words) - length + 1
    total = np.zeros(runs, dtype=np.uint64)
    for place in range(length):
        total = (total + codes[place : place + runs] + np.uint64(1)) * _MULTIPLIER
    # The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    total = (total ^ (total >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    total = (total ^ (total >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return total ^ (total >> np.uint64(31))


# -- deciding -----------------------------------------------------------------------


@dataclass(frozen=True)
class Wording:
    """A text as it is compared: its words, and what is derived from them once."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Wording:
        """The wording of a text."""
        return cls(words_of(text))

    @property
    def short(self) -> bool:
        """Whether there are too few words to compare runs of them."""
        return len(self.words) < SHORT_WORDS

    @cached_property
    def runs(self) -> frozenset[Run]:
        """Every run of `RUN_WORDS` words."""
        return frozenset(self.opening(len(self.words)))

    def opening(self, runs: int) -> Iterable[Run]:
        """The first runs, in order."""
        part = self.words[: runs + RUN_WORDS - 1]
        return zip(*(part[place:] for place in range(RUN_WORDS)), strict=False)

    @property
    def head(self) -> Iterable[Run]:
        """The runs that it opens with: a third of them, within bounds."""
        share = int(len(self.words) * HEAD_SHARE)
        return self.opening(max(SHORT_WORDS, min(HEAD_RUNS, share)))

    @cached_property
    def figure_runs(self) -> frozenset[Run]:
        """Every run of three words that holds a figure, and not only figures."""
        size = _FIGURE_RUN_WORDS
        found: set[Run] = set()
        for place, word in enumerate(self.words):
            if is_figure(word):
                for start in range(max(0, place - size + 1), place + 1):
                    found.add(self.words[start : start + size])
        return frozenset(r for r in found if len(r) == size and not all(map(is_figure, r)))


def is_copy(one: Wording, other: Wording) -> bool:
    """Whether two texts are one report: the same, cut short, or edited. Symmetric."""
    if one.words == other.words:
        return bool(one.words)
    if one.short or other.short:
        return False
    shorter, longer = sorted((one, other), key=lambda w: (len(w.runs), w.words))
    size = len(shorter.runs) / len(longer.runs)
    return (
        size >= MIN_SIZE
        and _share(shorter.runs, longer) >= MIN_SHARED
        and max(_share(shorter.head, longer), _share(longer.head, shorter)) >= MIN_HEAD
        and (size >= STUB_SIZE or _share(longer.opening(len(shorter.words)), shorter) >= MIN_HEAD)
        and _same_figures(shorter, longer)
    )


def _share(runs: Iterable[Run], other: Wording) -> float:
    distinct = frozenset(runs)
    return len(distinct & other.runs) / len(distinct)


def _same_figures(one: Wording, other: Wording) -> bool:
    """Whether the runs that both have but for the figure have, nearly all, the same figure."""
    told = {_masked(run) for run in one.figure_runs} & {_masked(run) for run in other.figure_runs}
    alike = {_masked(run) for run in one.figure_runs & other.figure_runs}
    changed = len(told) - len(alike)
    return changed <= _FIGURE_RUN_WORDS or len(alike) >= MIN_FIGURES * len(told)


def _masked(run: Run) -> Run:
    return tuple("#" if is_figure(word) else word for word in run)
