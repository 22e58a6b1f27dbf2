"""Work in the background that lets others go first: it waits while they are busy.

Knows nothing of who they are or of what the work is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.models.embed import Embedder

# Longest wait at one place: under constant load the work still gets on.
MAX_WAIT_S = 20.0
_LOOK_EVERY_S = 0.05
# Texts embedded between two looks: on two cores they take about a tenth of a second.
TEXTS_AT_ONCE = 4


class Stopped(Exception):
    """The work is to end; what it has not finished is done next time."""


class Courtesy:
    """Waits for others, where there are any, and ends the work when asked to."""

    def __init__(self) -> None:
        self._busy: Callable[[], bool] | None = None
        self._stop = threading.Event()

    @property
    def gives_way(self) -> bool:
        """Whether there are others at all."""
        return self._busy is not None

    def give_way_to(self, busy: Callable[[], bool]) -> None:
        """Wait from now on while `busy` says so."""
        self._busy = busy

    def stop(self) -> None:
        """End the work at the next wait."""
        self._stop.set()

    def wait(self) -> None:
        """Wait while others are busy, but not for ever.

        Raises:
            Stopped: the work is to end.
        """
        deadline = time.monotonic() + MAX_WAIT_S
        while not self._stop.is_set():
            if self._busy is None or not self._busy() or time.monotonic() > deadline:
                return
            self._stop.wait(_LOOK_EVERY_S)
        raise Stopped


class PatientEmbedder:
    """An embedder that takes few texts at a time, so that nobody waits long for the model."""

    def __init__(self, embedder: Embedder, courtesy: Courtesy) -> None:
        self._embedder = embedder
        self._courtesy = courtesy
        self.name = embedder.name
        self.fingerprint = embedder.fingerprint
        self.dim = embedder.dim
        self.max_tokens = embedder.max_tokens

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dim), float32, L2-normalised."""
        if not self._courtesy.gives_way:
            return self._embedder.embed(texts)
        parts = [np.zeros((0, self.dim), dtype=np.float32)]
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            self._courtesy.wait()
            parts.append(self._embedder.embed(texts[start : start + TEXTS_AT_ONCE]))
        return np.concatenate(parts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens the model sees in each text."""
        return self._embedder.count_tokens(texts)
