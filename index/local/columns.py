"""What filters are decided on: one array per property, one place per passage row.

Both first stages filter by the same mask, so a passage that dense search may see
is one that lexical search may see. Immutable: a change makes new columns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents import Filters
from index.store.values import Addition

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """Arrays of shape (highest row + 1,): place `i` describes passage row `i`.

    Dates are POSIX seconds, NaN where unknown. `source` and `section` are codes
    of `names`, which are case-folded; 0 means unknown. `article` is a digest of its id.
    """

    alive: Mask
    published_first: NDArray[np.float64]
    published_last: NDArray[np.float64]
    source: NDArray[np.int32]
    section: NDArray[np.int32]
    article: NDArray[np.int64]
    names: dict[str, int]

    @classmethod
    def empty(cls) -> Columns:
        """Columns of no passages."""
        return cls(
            np.zeros(0, dtype=np.bool_),
            np.zeros(0),
            np.zeros(0),
            np.zeros(0, dtype=np.int32),
            np.zeros(0, dtype=np.int32),
            np.zeros(0, dtype=np.int64),
            {},
        )

    def changed(self, additions: Iterable[Sequence[Addition]], removals: Sequence[int]) -> Columns:
        """These columns after passages were added and rows removed."""
        batches = list(additions)
        size = max(
            [
                self.alive.size,
                *(batch[-1].row + 1 for batch in batches),
                *(row + 1 for row in removals),
            ]
        )
        columns = Columns(
            _grown(self.alive, size, fill=False),
            _grown(self.published_first, size, fill=np.nan),
            _grown(self.published_last, size, fill=np.nan),
            _grown(self.source, size, fill=0),
            _grown(self.section, size, fill=0),
            _grown(self.article, size, fill=0),
            dict(self.names),
        )
        for batch in batches:
            columns._fill(batch)
        columns.alive[list(removals)] = False
        return columns

    def _fill(self, batch: Sequence[Addition]) -> None:
        rows = [a.row for a in batch]
        self.alive[rows] = True
        self.published_first[rows] = [_known(a.published_first) for a in batch]
        self.published_last[rows] = [_known(a.published_last) for a in batch]
        self.source[rows] = [self._code(a.source) for a in batch]
        self.section[rows] = [self._code(a.section) for a in batch]
        self.article[rows] = _digests([a.article_id for a in batch])

    def _code(self, name: str | None) -> int:
        return 0 if name is None else self.names.setdefault(name.casefold(), len(self.names) + 1)

    def sources(self) -> tuple[str, ...]:
        """The outlets of what is alive, case-folded, sorted."""
        present = set(np.unique(self.source[self.alive]).tolist())
        return tuple(sorted(name for name, code in self.names.items() if code in present))

    def allowed(self, filters: Filters) -> Mask:
        """The rows that are alive and pass the filters, bool of shape (rows,)."""
        mask = self.alive
        if filters.published_from is not None:
            mask = mask & (self.published_first >= filters.published_from.timestamp())
        if filters.latest is not None:
            mask = mask & (self.published_last <= filters.latest.timestamp())
        for codes, names in ((self.source, filters.sources), (self.section, filters.sections)):
            if names:
                wanted = [self.names.get(name.casefold(), -1) for name in names]
                mask = mask & np.isin(codes, wanted)
        if (named := self.named(filters)) is not None:
            mask = mask & named
        return mask

    def named(self, filters: Filters) -> Mask | None:
        """The rows of `articles` that are not `excluded`, bool of shape (rows,); None for all."""
        if not filters.articles and not filters.excluded:
            return None
        mask = np.ones(self.alive.size, dtype=np.bool_)
        if filters.articles:
            mask &= np.isin(self.article, _digests(filters.articles))
        if filters.excluded:
            mask &= ~np.isin(self.article, _digests(filters.excluded))
        return mask


def _digests(article_ids: Sequence[str]) -> NDArray[np.int64]:
    """64 bits of each id's hash: no two of a million articles share one but by a 1 in 10^7."""
    known = {i: _digest(i) for i in set(article_ids)}
    return np.frombuffer(b"".join(known[i] for i in article_ids), dtype="<i8").astype(np.int64)


def _digest(article_id: str) -> bytes:
    return hashlib.blake2b(article_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _known(timestamp: float | None) -> float:
    return np.nan if timestamp is None else timestamp


def _grown(array: NDArray[Any], size: int, *, fill: float) -> NDArray[Any]:
    grown = np.full(size, fill, dtype=array.dtype)
    grown[: array.size] = array
    return grown
