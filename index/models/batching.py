"""Shares the cores between the model calls of all who ask: embedding, reading, ingest.

Whoever needs a model hands over a batch of texts and waits. A few threads, one a core, take
the next text of whichever batch is to go first; the texts of one batch are spread over them.
A model is called for one text at a time, so that what it says of a text depends on nothing
that others ask meanwhile; docs/decisions/throughput.md has why that is the fastest, too.

Nothing waits for a batch to fill. Knows nothing of models.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

from index.errors import Abandoned, ModelsClosed
from index.models.waiting import Waiter, waiter

_R = TypeVar("_R")

# Every so many calls the batch that has waited longest goes first, whatever it is: ingest
# goes on under any number of questions, and takes less than a tenth of the cores from them.
OLDEST_EVERY = 8


class Lane(IntEnum):
    """What goes before what; within a lane the oldest batch goes first."""

    QUESTION = 0  # one short text, of which a whole search waits
    READING = 1
    PATIENT = 2  # ingest


@dataclass(slots=True, eq=False)
class _Batch:
    """Calls of one model for one waiter: `order` are places of texts, `taken` the calls begun."""

    work: Callable[[str], Any]
    texts: Sequence[str]
    who: Waiter
    order: list[int]
    taken: int = 0
    results: dict[int, Any] = field(default_factory=dict)
    done: Future[list[Any]] = field(default_factory=Future)

    @property
    def lane(self) -> Lane:
        if self.who.patient:
            return Lane.PATIENT
        return Lane.QUESTION if len(self.texts) == 1 else Lane.READING

    @property
    def left(self) -> int:
        return len(self.order) - self.taken

    def take(self) -> int:
        """The place of the next text."""
        self.taken += 1
        return self.order[self.taken - 1]

    def keep(self, place: int, result: Any) -> None:
        """Note a result; the last one ends the batch."""
        self.results[place] = result
        if len(self.results) == len(self.texts) and not self.done.done():
            self.done.set_result([self.results[place] for place in range(len(self.texts))])


class Batcher:
    """Runs model calls on `threads` threads. Safe to share; close it at the end."""

    def __init__(self, threads: int) -> None:
        self._count = threads
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dateline-model")
        self._guard = threading.Lock()  # of all that follows, and of every batch
        self._batches: list[_Batch] = []  # with calls that no thread has taken, oldest first
        self._serving = 0
        self._turns = 0
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many calls wait for a thread."""
        with self._guard:
            return sum(batch.left for batch in self._batches)

    def run(self, work: Callable[[str], _R], texts: Sequence[str]) -> list[_R]:
        """What `work` says of each text, in the order of the texts.

        The waiter of this context (`index/models/waiting.py`) decides when it is its turn.

        Raises:
            Abandoned: nobody waits for it any more.
            ModelsClosed: the models are closed, or were meanwhile.
            Exception: what `work` raised first; the texts left are dropped.
        """
        if not texts:
            return []
        batch = _Batch(work, texts, waiter(), _longest_first(texts))
        with self._guard:
            if self._closed:
                raise ModelsClosed("the models are closed: nothing can be asked any more")
            self._batches.append(batch)
            for _ in range(min(self._count - self._serving, len(texts))):
                self._serving += 1
                self._threads.submit(self._serve)
        try:
            return batch.done.result()
        except BaseException:  # Ctrl-C, too
            with self._guard:
                self._forget(batch)
            raise

    def close(self) -> None:
        """End the calls that wait with an error, and wait for those that run."""
        with self._guard:
            self._closed = True
            for batch in list(self._batches):
                self._fail(batch, ModelsClosed("the models were closed before it was answered"))
        self._threads.shutdown()

    def _serve(self) -> None:
        """Run calls until none waits."""
        while (taken := self._next()) is not None:
            batch, place = taken
            try:
                result = batch.work(batch.texts[place])
            except BaseException as error:  # raised again by whoever waits for it
                with self._guard:
                    self._fail(batch, error)
            else:
                with self._guard:
                    batch.keep(place, result)

    def _next(self) -> tuple[_Batch, int] | None:
        """The batch whose turn it is and the place of its next text."""
        with self._guard:
            for batch in [batch for batch in self._batches if batch.who.gone()]:
                self._fail(batch, Abandoned("nobody waits for it any more"))
            if not self._batches:
                self._serving -= 1
                return None
            self._turns += 1
            first = self._batches[0]
            if self._turns % OLDEST_EVERY:
                first = min(self._batches, key=lambda batch: batch.lane)  # of equals the oldest
            place = first.take()
            if not first.left:
                self._batches.remove(first)
            return first, place

    def _fail(self, batch: _Batch, error: BaseException) -> None:
        """End a batch with its first error, and drop what is left of it."""
        self._forget(batch)
        if not batch.done.done():
            batch.done.set_exception(error)

    def _forget(self, batch: _Batch) -> None:
        if batch in self._batches:
            self._batches.remove(batch)


def _longest_first(texts: Sequence[str]) -> list[int]:
    """Places of texts; the longest take longest, and should not be what is waited for last."""
    return sorted(range(len(texts)), key=lambda place: (-len(texts[place]), place))
