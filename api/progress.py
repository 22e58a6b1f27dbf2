"""How a long run shows where it is: a bar on a terminal, a line now and then otherwise.

Knows nothing of what is counted; goes to standard error, so that output stays clean.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Protocol, Self

from api.terminal import duration, note

LINE_EVERY_S = 10.0
# On a narrower terminal the figures need the room of the bar.
MIN_BAR_WIDTH = 72


class Meter(Protocol):
    """Shows progress while it is entered."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End, leaving what was shown."""

    def show(self, done: int, passages: int | None, rate: float) -> None:
        """So much is done, of which so many passages (None: it has none), at so many a second."""


def meter(noun: str, total: int | None) -> Meter:
    """What suits standard error; without a total no time left is shown."""
    return Bar(noun, total) if sys.stderr.isatty() else Lines(noun, total)


class Lines:
    """A line every few seconds."""

    def __init__(self, noun: str, total: int | None, *, every_s: float = LINE_EVERY_S) -> None:
        self._noun = noun
        self._total = total
        self._every_s = every_s
        self._started = self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, done: int, passages: int | None, rate: float) -> None:
        """Print a line if the last one is long enough ago."""
        now = time.monotonic()
        if now - self._last < self._every_s:
            return
        self._last = now
        of = "" if self._total is None else f" of {self._total:,}"
        speed = f"{passages:,} passages, {rate:.0f}" if passages is not None else f"{rate:.1f}"
        line = f"{done:,}{of} {self._noun}, {speed} a second"
        if self._total and 0 < done <= self._total:
            left = (self._total - done) * (now - self._started) / done
            line += f", {duration(left)} left"
        note(line)


class Bar:
    """A bar with counts, speed and the time left."""

    def __init__(self, noun: str, total: int | None) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        console = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            *([BarColumn()] if console.width >= MIN_BAR_WIDTH else []),
            MofNCompleteColumn(),
            TextColumn(noun),
            TextColumn("{task.fields[speed]}/s"),
            TimeElapsedColumn(),
            *([] if total is None else [TextColumn("left"), TimeRemainingColumn(compact=True)]),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task(noun, total=total, speed="0")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, done: int, passages: int | None, rate: float) -> None:
        """Move the bar."""
        speed = f"{passages:,} passages, {rate:.0f}" if passages is not None else f"{rate:.1f}"
        self._bar.update(self._task, completed=done, speed=speed)
