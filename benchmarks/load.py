"""A server under load: what it answers, how fast, and what it does when that is too much.

    python -m benchmarks.load --home HOME                     # 1, 8, 32, 128 clients, a minute each
    python -m benchmarks.load --home HOME --ingest ARTICLES   # answers while articles come in

Starts `dateline serve` on a copy of HOME and drives `POST /v1/ask` with locust, from a process
of its own; clients do not think between questions and heed no `Retry-After`. Answered are
replies with 200, shed those with 429, which are counted and not timed; anything else is an
error. The line of the models is what their calls alone allow: those of the same questions, in
this process, with no search, no HTTP and no clients beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import numpy as np
import psutil

from benchmarks.newsqa import asked_at, parser, questions
from index.models.rerank import Reading, Reranker
from index.search import Searcher
from rag.answers import Question
from rag.assemble import Dateline, assemble
from rag.settings import Settings

CLIENTS = (1, 8, 32, 128)
# Questions whose model calls are run for the line of the models.
MODEL_QUESTIONS = 100
# Enough that a thread of the models never waits for the next question.
_ASKING = 4
# The clients of the measurement beside an ingest.
INGEST_CLIENTS = 4
_READY_S = 120.0
_AWAY = subprocess.DEVNULL
_COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]
_CLIENT = str(Path(__file__).with_name("load_user.py"))
_LOCUST = [sys.executable, "-m", "locust", "--headless", "--locustfile", _CLIENT]
# One address asks for all clients here; the limit of one is not what is measured.
_ENVIRONMENT = {**os.environ, "DATELINE_RATE_PER_MINUTE": "0", "DATELINE_LOG_LEVEL": "error"}


@dataclass(frozen=True, slots=True)
class Server:
    """A running `dateline serve`."""

    url: str
    process: subprocess.Popen[bytes]

    def memory_mb(self) -> float:
        """Resident memory now."""
        return float(psutil.Process(self.process.pid).memory_info().rss / 1e6)

    def cpu_s(self) -> float:
        """Processor time so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)


@dataclass(frozen=True, slots=True)
class Load:
    """What clients saw: milliseconds of each answer, and counts of other replies.

    `cpu_s` is what the server took for all of it.
    """

    seconds: float
    cpu_s: float
    answered_ms: Sequence[float]
    shed: int
    errors: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.answered_ms) / self.seconds

    def percentile(self, share: int) -> float:
        """Milliseconds that this share of answers, in percent, did not exceed."""
        return float(np.percentile(self.answered_ms, share)) if self.answered_ms else float("nan")


def main() -> None:
    """Print the figures."""
    options = parser("answers under load")
    options.add_argument("--seconds", type=int, default=60, help="of each number of clients")
    options.add_argument("--clients", type=int, nargs="+", default=CLIENTS)
    options.add_argument("--ingest", type=Path, help="other articles: measure beside their ingest")
    chosen = options.parse_args()
    asked = [Question(q.text, asked_at(q)) for q in questions(chosen.data, chosen.split)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(chosen.home, home)
        bodies = Path(folder) / "questions.json"
        bodies.write_text(json.dumps([_body(question) for question in asked]), "utf-8")
        if chosen.ingest is None:
            under_load(home, bodies, asked, chosen)
        else:
            beside_ingest(home, bodies, chosen)


def _body(question: Question) -> dict[str, str]:
    assert question.asked_at is not None
    return {"question": question.text, "asked_at": question.asked_at.isoformat()}


def under_load(
    home: Path, bodies: Path, asked: Sequence[Question], chosen: argparse.Namespace
) -> None:
    """Throughput, times and shedding for each number of clients, and what models allow."""
    rates: dict[int, float] = {}
    with serving(home) as server:
        idle = run_clients(server, bodies, 1, 5)
        print(f"memory after a first few questions: {server.memory_mb():.0f} MB")
        for clients in chosen.clients:
            load = run_clients(server, bodies, clients, chosen.seconds)
            back = recovery(server, bodies, 2 * idle.percentile(50) / 1000)
            rates[clients] = load.rate
            say(f"{clients} clients", load)
            print(f"  memory {server.memory_mb():.0f} MB, answers again after {back:.1f} s")
    models, cpu_s = model_rate(home, asked[:MODEL_QUESTIONS])
    print(f"models alone: {models:.2f} questions/s, {cpu_s:.3f} s CPU a question")
    for clients, rate in rates.items():
        line = f"{clients} clients: {rate / models:.2f} of the models alone"
        print(line + f", {rate / rates[1]:.2f} of one client" if 1 in rates else line)


def say(name: str, load: Load) -> None:
    """Print one line of figures."""
    times = ", ".join(f"p{share} {load.percentile(share):.0f}" for share in (50, 95, 99))
    print(
        f"{name}: {load.rate:.2f} answers/s, {times} ms; {len(load.answered_ms)} answered, "
        f"{load.shed} shed, {load.errors} errors; "
        f"{load.cpu_s / max(len(load.answered_ms), 1):.3f} s CPU an answer"
    )


# -- the server ------------------------------------------------------------------------------


@contextmanager
def serving(home: Path, cpus: set[int] | None = None) -> Iterator[Server]:
    """A server over a data directory, on these CPUs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*_COMMAND, "serve", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603
        command, env=_ENVIRONMENT, stdout=_AWAY, preexec_fn=_pinned(cpus)
    )
    try:
        server = Server(f"http://127.0.0.1:{port}", process)
        _wait_until_ready(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _pinned(cpus: set[int] | None) -> Callable[[], None] | None:
    return None if cpus is None else lambda: os.sched_setaffinity(0, cpus)


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(server.url + "/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit("the server did not get ready: see what it says above")


def recovery(server: Server, bodies: Path, usual_s: float) -> float:
    """Seconds from now until a question is answered as fast as when nobody else asks."""
    body = json.loads(bodies.read_text("utf-8"))[0]
    began = time.monotonic()
    while True:
        asked = time.monotonic()
        reply = httpx.post(server.url + "/v1/ask", json=body, timeout=60)
        if reply.status_code == httpx.codes.OK and time.monotonic() - asked < usual_s:
            return time.monotonic() - began
        time.sleep(0.05)


# -- the clients -----------------------------------------------------------------------------


def run_clients(server: Server, bodies: Path, clients: int, seconds: int) -> Load:
    """Let so many clients ask for so long; all begin at once."""
    replies = bodies.with_name(f"replies-{time.monotonic_ns()}.jsonl")
    paths = {"LOAD_QUESTIONS": str(bodies), "LOAD_REPLIES": str(replies)}
    cpu_s = server.cpu_s()
    options = {"host": server.url, "run-time": f"{seconds}s", "users": clients}
    options["spawn-rate"] = clients
    subprocess.run(  # noqa: S603
        [*_LOCUST, *(f"--{name}={value}" for name, value in options.items())],
        env={**os.environ, **paths},
        stdout=_AWAY,
        stderr=_AWAY,
    )  # locust's exit status is 1 where any reply was not 200, which 429 is
    seen = [json.loads(line) for line in replies.read_text("utf-8").splitlines()]
    answered = [one["ms"] for one in seen if one["status"] == httpx.codes.OK]
    shed = sum(one["status"] == httpx.codes.TOO_MANY_REQUESTS for one in seen)
    return Load(seconds, server.cpu_s() - cpu_s, answered, shed, len(seen) - len(answered) - shed)


# -- the models ------------------------------------------------------------------------------


class Recording:
    """A reranker that notes what it is to read, and reads but the first of it."""

    def __init__(self, reranker: Reranker) -> None:
        self.name = reranker.name
        self.calls: list[tuple[str, Sequence[str]]] = []
        self._reranker = reranker

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """The reading of the first text, for each."""
        self.calls.append((question, texts))
        return self._reranker.read(question, texts[:1]) * len(texts)


def recorded(dateline: Dateline, asked: Sequence[Question]) -> list[tuple[str, Sequence[str]]]:
    """What the cross-encoder is to read: a question and its texts, for each search."""
    searcher, recording = dateline.searcher, Recording(dateline.searcher.reranker)
    with closing(Searcher(searcher.engine, searcher.embedder, recording)) as noting:
        for question in asked:
            for part in dateline.answerer.understand(question).parts:
                noting.search(part)
    return recording.calls


def model_rate(home: Path, asked: Sequence[Question]) -> tuple[float, float]:
    """Questions a second whose model calls alone the threads can do, and CPU seconds of one."""
    with closing(assemble(replace(Settings.from_env({}), home=home))) as dateline:
        searcher, read = dateline.searcher, recorded(dateline, asked)

        def call(texts: tuple[str, Sequence[str]]) -> None:
            searcher.embedder.embed([texts[0]])
            searcher.reranker.read(*texts)

        with ThreadPoolExecutor(_ASKING) as pool:
            list(pool.map(call, read[:_ASKING]))
            began, cpu_s = time.perf_counter(), time.process_time()
            list(pool.map(call, read))
            took, cpu_s = time.perf_counter() - began, time.process_time() - cpu_s
    return len(asked) / took, cpu_s / len(asked)


# -- beside an ingest ------------------------------------------------------------------------


def beside_ingest(home: Path, bodies: Path, chosen: argparse.Namespace) -> None:
    """The same server on one core, alone and while the other core takes articles in."""
    first, second = sorted(os.sched_getaffinity(0))[:2]
    command = [*_COMMAND, "ingest", str(chosen.ingest), "--home", str(home)]
    # The clients run on the core that the server does not have.
    os.sched_setaffinity(0, {second})
    with serving(home, {first}) as server:
        run_clients(server, bodies, 1, 5)
        alone = run_clients(server, bodies, INGEST_CLIENTS, chosen.seconds)
        say("alone", alone)
        with subprocess.Popen(command, stdout=_AWAY, stderr=_AWAY) as ingest:  # noqa: S603
            beside = run_clients(server, bodies, INGEST_CLIENTS, chosen.seconds)
            if ingest.poll() is not None:
                print("the ingest ended before the clients did: give it more articles")
            ingest.send_signal(signal.SIGINT)
        say("beside an ingest", beside)
    print(f"p95 beside an ingest: {beside.percentile(95) / alone.percentile(95):.2f} of it alone")


if __name__ == "__main__":
    main()
