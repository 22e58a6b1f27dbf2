"""Several processes that serve one port: the first one first, each replaced when it dies.

They are forked before anything heavy is loaded: each has models of its own, and all read
the same files of the data directory. This process only watches. Knows nothing of HTTP.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from api.commands.running import DEFECT, INTERRUPTED
from api.terminal import note

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A worker that died is replaced after this long; one that was never ready, later each time.
RESTART_S = 1.0
MAX_RESTART_S = 60.0
_LOOK_EVERY_S = 0.5

# Serves as the worker of a number and returns an exit code; calls back once it is ready, with
# whether it is the first time that this number is.
Work = Callable[[int, bool, Callable[[], None]], int]


@dataclass(slots=True)
class _Worker:
    """A process; `told` can be read once it is ready. `failures` came before it in a row."""

    process: BaseProcess
    told: Connection
    failures: int
    is_ready: bool = False


class Supervisor:
    """Keeps workers running until a signal, which they get too; a second one kills them."""

    def __init__(self, count: int, work: Work, listening: socket.socket) -> None:
        self._count, self._work, self._listening = count, work, listening
        self._workers: dict[int, _Worker] = {}
        self._begun: set[int] = set()
        # When a worker is to be replaced, and how often in a row its like was never ready.
        self._due: dict[int, tuple[float, int]] = {}
        self._stopping = False
        # Its other end closes with this process, however that ends.
        self._lifeline = os.pipe()

    def run(self) -> int:
        """Run until a signal, or until the first worker cannot start; returns the exit code."""
        for each in _SIGNALS:
            signal.signal(each, self._stop)
        self._start(0, 0)
        while self._workers or not self._stopping:
            sentinels = [worker.process.sentinel for worker in self._workers.values()]
            unready = [w.told for w in self._workers.values() if not w.is_ready]
            wait([*sentinels, *unready], _LOOK_EVERY_S)
            self._notice_ready()
            code = self._notice_dead()
            if not self._begun and code is not None and not self._stopping:
                return code if code > 0 else DEFECT  # it has said why
            for number in [n for n, (at, _) in self._due.items() if at <= time.monotonic()]:
                self._start(number, self._due.pop(number)[1])
        return 0

    def _notice_ready(self) -> None:
        for number, worker in list(self._workers.items()):
            if not worker.is_ready and worker.told.poll():
                # What ends without a word is readable too.
                worker.is_ready = worker.process.is_alive()
                if worker.is_ready and not self._begun:
                    self._due = dict.fromkeys(range(1, self._count), (0.0, 0))
                self._begun |= {number} if worker.is_ready else set()

    def _notice_dead(self) -> int | None:
        """Plan to replace those that have died; returns the exit code of one of them."""
        code = None
        for number, worker in list(self._workers.items()):
            if worker.process.is_alive():
                continue
            code = worker.process.exitcode
            del self._workers[number]
            worker.told.close()
            if not self._stopping and self._begun:
                failures = 0 if worker.is_ready else worker.failures + 1
                wait_s = min(RESTART_S * 2**failures, MAX_RESTART_S)
                self._due[number] = (time.monotonic() + wait_s, failures)
                note(f"worker {number} ended with code {code}; replaced in {wait_s:g} s")
        return code

    def _start(self, number: int, failures: int) -> None:
        if self._stopping:
            return
        context = multiprocessing.get_context("fork")
        told, tell = context.Pipe(duplex=False)
        process = context.Process(
            target=self._serve,
            args=(number, number not in self._begun, tell),
            name=f"dateline-{number}",
        )
        # Until the child has handlers of its own it must not obey those of its parent.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        tell.close()
        self._workers[number] = _Worker(process, told, failures)

    def _serve(self, number: int, is_first: bool, tell: Connection) -> None:
        """The life of a worker."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the parent hears it too
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(self._lifeline[1])
        threading.Thread(target=self._end_with_parent, daemon=True).start()
        sys.exit(self._work(number, is_first, lambda: tell.send_bytes(b"ready")))

    def _end_with_parent(self) -> None:
        os.read(self._lifeline[0], 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _stop(self, *_: object) -> None:
        if self._stopping:
            for worker in self._workers.values():
                worker.process.kill()
            os._exit(INTERRUPTED)
        self._stopping = True
        self._listening.close()
        for worker in self._workers.values():
            worker.process.terminate()
