"""What filters are decided on: one array per property, one place per passage row.

Both first stages filter by the same mask, so a passage that dense search may see
is one that lexical search may see. Immutable: a change makes new columns.
"""

from __future__ import annotations

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
    of `names`, which are case-folded; 0 means unknown.
    """

    alive: Mask
    published_first: NDArray[np.float64]
    published_last: NDArray[np.float64]
    source: NDArray[np.int32]
    section: NDArray[np.int32]
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

    def _code(self, name: str | None) -> int:
        return 0 if name is None else self.names.setdefault(name.casefold(), len(self.names) + 1)

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
        return mask


def _known(timestamp: float | None) -> float:
    return np.nan if timestamp is None else timestamp


def _grown(array: NDArray[Any], size: int, *, fill: float) -> NDArray[Any]:
    grown = np.full(size, fill, dtype=array.dtype)
    grown[: array.size] = array
    return grown
