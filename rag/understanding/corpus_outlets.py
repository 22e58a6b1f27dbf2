"""The outlets that a corpus has now, for questions that name some.

Counted once a generation: most questions find what the one before has counted.
"""

from __future__ import annotations

from index.local.engine import LocalEngine
from rag.understanding.outlet_names import Outlets


class CorpusOutlets:
    """The outlets of one engine. Safe to share between threads."""

    def __init__(self, engine: LocalEngine) -> None:
        self._engine = engine
        self._known: tuple[tuple[int, int], Outlets] = ((0, -1), Outlets())

    def __call__(self) -> Outlets:
        """The outlets of the newest generation."""
        self._engine.refresh()
        snapshot = self._engine.snapshot
        known, outlets = self._known
        state = (snapshot.era, snapshot.generation)
        if known != state:
            outlets = Outlets.of(snapshot.columns.sources())
            self._known = (state, outlets)
        return outlets
