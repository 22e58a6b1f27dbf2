"""Reads an iterator ahead of its consumer, in a thread, without growing memory."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

from index.errors import SourceError

_T = TypeVar("_T")


def read_ahead(items: Iterator[_T], size: int) -> Iterator[_T]:
    """Yield what `items` yields, read in a thread of its own, at most `size` items ahead.

    An exception of the iterator is raised here; errors that are yielded as values are
    passed on. Closing the generator stops the thread.
    """
    ahead: queue.Queue[_T | BaseException | None] = queue.Queue(size)
    stop = threading.Event()

    def put(item: _T | BaseException | None) -> None:
        while not stop.is_set():
            try:
                ahead.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def produce() -> None:
        try:
            for item in items:
                put(item)
                if stop.is_set():
                    return
            put(None)
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=produce, name="dateline-reader", daemon=True)
    thread.start()
    try:
        while (item := ahead.get()) is not None:
            if isinstance(item, BaseException) and not isinstance(item, SourceError):
                raise item
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        thread.join(timeout=5)
