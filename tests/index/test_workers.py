"""Tasks in other processes: one that hangs, crashes or swells costs only itself."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.errors import UnreadableSource
from index.workers import Workers, WorkLost

ROOT = Path(__file__).parent.parent.parent


def double(value):
    return 2 * value


def refuse(origin):
    raise UnreadableSource(origin, "it is empty")


def hang():
    time.sleep(600)


def crash():
    os.kill(os.getpid(), signal.SIGKILL)


def swell():
    return len([bytes(1 << 26) for _ in range(200)])


@pytest.fixture(scope="module")
def workers():
    with Workers(1, time_limit_s=2.0) as workers:
        workers.submit(double, 1)()  # started, so that the limit is for the work
        yield workers


def test_results_come_back(workers):
    waiting = [workers.submit(double, i) for i in range(5)]
    assert [result() for result in waiting] == [0, 2, 4, 6, 8]


def test_a_refusal_comes_back_whole(workers):
    with pytest.raises(UnreadableSource) as refused:
        workers.submit(refuse, "a.html")()
    assert (refused.value.origin, refused.value.reason) == ("a.html", "it is empty")


@pytest.mark.parametrize(
    ("work", "why"), [(hang, "longer than 2 s"), (crash, "ended with code"), (swell, "4 GiB")]
)
def test_a_task_that_never_ends_well_is_given_up(workers, work, why):
    lost, kept = workers.submit(work), workers.submit(double, 21)
    with pytest.raises(WorkLost, match=why):
        lost()
    assert kept() == 42


PARENT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from index.workers import Workers
from tests.index.test_workers import double
workers = Workers(2)
print(workers.submit(double, 4)(), flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are found in /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_its_parent(how):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdout.readline() == "8\n"
        children = [int(name) for name in children_of(parent.pid)]
        assert children
        parent.send_signal(how)
        parent.wait(timeout=10)
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in children):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.1)


def children_of(pid):
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [name for task in tasks for name in task.read_text().split()]


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
