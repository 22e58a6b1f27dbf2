"""What a backup, a restore and workers cost on a data directory, which stays as it is.

    python -m benchmarks.operations --home HOME

Works on a copy made by a backup of its own: how long it takes, packed and not, and the
restore; the longest commit of a writer beside it; the memory of each worker after some
questions (proportional: what is shared counts by its share; Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx

from index.backup import Maker, save_backup
from index.restore import restore_backup
from index.store.connections import STORE_FILE
from rag.assemble import now

QUESTIONS = ("What happened on Friday?", "Who won the election?", "How many people died?")
MAKER = Maker("benchmark", now())


def timed(work: Callable[[], object]) -> float:
    """Wall seconds of some work."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def restored(path: Path, home: Path) -> None:
    """Restore a backup from a file."""
    with path.open("rb") as file:
        restore_backup(file, home)


def longest_commit_s(home: Path, during: Callable[[], object]) -> tuple[float, int]:
    """The longest of the commits that a writer makes meanwhile, and how many there were."""
    taken: list[float] = []
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(home / STORE_FILE, isolation_level=None)) as store:
            store.execute("PRAGMA synchronous = FULL")
            while not stop.is_set():
                value = str(len(taken))
                taken.append(
                    timed(
                        lambda value=value: store.execute(  # type: ignore[misc]
                            "INSERT OR REPLACE INTO meta VALUES ('benchmark', ?)", (value,)
                        )
                    )
                )

    writer = threading.Thread(target=write)
    writer.start()
    during()
    stop.set()
    writer.join()
    return max(taken), len(taken)


def memory_mb(pid: int) -> dict[str, int]:
    """Proportional memory of a process: all of it, and what only it has."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) // 1000 for line in lines[1:]}
    return {"all": found["Pss"], "own": found["Pss_Anon"]}


def workers_mb(home: Path, count: int) -> list[dict[str, int]]:
    """The memory of each process that answers, after each had some questions."""
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--workers", str(count)]
    environment = {**os.environ, "DATELINE_HOME": str(home)}
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = next(line.split()[1] for line in process.stdout if line.lstrip().startswith("docs"))
        time.sleep(8.0 * (count - 1))  # the others come up
        for question in QUESTIONS * 4 * count:
            # A connection for each, so that each worker gets some.
            httpx.post(
                url.removesuffix("/docs") + "/v1/ask", json={"question": question}, timeout=60
            ).raise_for_status()
        forked = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        used = [memory_mb(int(pid)) for pid in forked or [process.pid]]
        process.send_signal(signal.SIGTERM)
    return used


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    home = parser.parse_args().home
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        plain, packed, copy = folder / "b.tar", folder / "b.tar.gz", folder / "home"
        figures: dict[str, object] = {
            "backup_s": timed(lambda: save_backup(home, plain, MAKER)),
            "backup_packed_s": timed(lambda: save_backup(home, packed, MAKER)),
            "bytes": plain.stat().st_size,
            "bytes_packed": packed.stat().st_size,
            "restore_s": timed(lambda: restored(plain, copy)),
        }
        figures["longest_commit_s"], figures["commits"] = longest_commit_s(
            copy, lambda: save_backup(copy, plain, MAKER)
        )
        for count in (1, 3):
            figures[f"workers_{count}_mb"] = workers_mb(copy, count)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
