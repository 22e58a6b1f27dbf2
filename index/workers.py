"""Processes that parse, so that a page which hangs, crashes or swells costs only itself.

Started at the first use and kept. Knows nothing of what is done in them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from concurrent.futures import TimeoutError as OutOfTime
from types import TracebackType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from index.errors import WorkersFailed

_T = TypeVar("_T")

# A page takes 0.1 s; the longest that any development set holds takes 3 s.
TIME_LIMIT_S = 60.0
# Address space of one process: what it imports takes half a gigabyte of it.
MEMORY_LIMIT_BYTES = 4 << 30
# A process is replaced after so many tasks, for parsers leak.
MAX_TASKS = 5_000


class WorkLost(Exception):
    """A task ended without a result: it took too long, too much memory, or crashed."""


class Workers:
    """A few processes. Safe to share between threads; close it at the end."""

    def __init__(self, count: int, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        self.count = count
        self._time_limit_s = time_limit_s
        self._pool: ProcessPool | None = None
        self._guard = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the processes, also in the middle of their work."""
        with self._guard:
            if self._pool is not None:
                self._pool.stop()  # type: ignore[no-untyped-call]
                self._pool.join()
                self._pool = None

    def submit(self, work: Callable[..., _T], *args: Any) -> Callable[[], _T]:
        """Begin a task; what comes back waits for its result.

        `work` and its arguments are pickled. Waiting raises `WorkLost`, or what the task
        raised.
        """
        with self._guard:
            if self._pool is None:
                self._pool = self._started()
            future = self._pool.schedule(work, args=args, timeout=self._time_limit_s)
        return lambda: self._result(future)

    def _started(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self.count,
            max_tasks=MAX_TASKS,
            initializer=_limit,
            context=multiprocessing.get_context("spawn"),
        )

    def _result(self, future: Future[_T]) -> _T:
        try:
            return future.result()
        except OutOfTime:
            raise WorkLost(f"it took longer than {self._time_limit_s:g} s") from None
        except MemoryError:
            raise WorkLost(f"it needed more than {MEMORY_LIMIT_BYTES >> 30} GiB") from None
        except BrokenExecutor as broken:
            raise WorkersFailed(
                f"the processes that parse cannot be started ({broken}): a script that ingests "
                'runs under `if __name__ == "__main__":`; or set DATELINE_PARSERS to 0'
            ) from broken
        except ProcessExpired as expired:
            raise WorkLost(f"its process ended with code {expired.exitcode}") from None


def _limit() -> None:
    """Leave Ctrl-C to the parent, and bound memory where the platform can."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
