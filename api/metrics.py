"""What is counted and timed, for Prometheus; docs/observability.md has the table.

Each application has a registry of its own, and everything in it is made here. No label
holds what a client wrote. Several processes that share `PROMETHEUS_MULTIPROC_DIR` are
told as one, whichever of them is asked: what they count is added up.
"""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from api.corpus_metrics import BuildInfo, CorpusCollector
from api.errors import PROBLEMS
from api.observing import WORK, Asking, Exchange, Observer
from rag.assemble import Dateline

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED_DIR = "PROMETHEUS_MULTIPROC_DIR"
# Beside the problems of PROBLEMS: the client went away before its answer came.
CLIENT_LEFT = "client-left"
# From a page in memory to a question that waits for its turn and then takes its time.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"

# A second series for each, with the time at which it was first counted: nobody asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics(Observer):
    """The metrics of one application."""

    def __init__(self, dateline: Dateline, *, release: str) -> None:
        self.registry = CollectorRegistry()
        self._shared = _shared_folder()
        self._alone: list[Collector] = [CorpusCollector(dateline), BuildInfo(dateline, release)]
        if self._shared is None:
            self._alone.append(ProcessCollector(registry=None))
        for collector in self._alone:
            self.registry.register(collector)
        self._count_requests()
        self._count_questions()
        for work in WORK:
            self.load(work, 0, 0)

    def _count_requests(self) -> None:
        self._requests = Counter(
            "dateline_http_requests",
            "Replies, by route, method and class of status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._request_s = self._histogram(
            "dateline_http_request_seconds",
            "From the first byte of a request to the last of its reply.",
            "route",
            "method",
        )
        self._refused = Counter(
            "dateline_refused",
            "Requests told a problem, by its name, and questions whose client left.",
            ("reason",),
            registry=self.registry,
        )
        self._inside = self._gauge(
            "dateline_work_in_progress", "Questions, fetches and writes that are worked on."
        )
        self._waiting = self._gauge(
            "dateline_work_waiting", "Questions, fetches and writes that wait for their turn."
        )

    def _count_questions(self) -> None:
        self._answers = Counter(
            "dateline_answers",
            "Answers, by status and by the reason for abstaining.",
            ("status", "reason"),
            registry=self.registry,
        )
        self._cautions = Counter(
            "dateline_cautions", "Answers given with caution.", registry=self.registry
        )
        self._citations = Counter(
            "dateline_citations", "Citations, by verdict.", ("verdict",), registry=self.registry
        )
        self._answer_s = self._histogram(
            "dateline_answer_seconds", "From the turn of a question to its whole answer."
        )
        self._stage_s = self._histogram(
            "dateline_stage_seconds", "Each stage of a search or an answer.", "stage"
        )
        self._queue_s = self._histogram(
            "dateline_queue_seconds", "What questions and searches waited for their turn."
        )
        self._first_s = self._histogram(
            "dateline_first_event_seconds", "From a question to the first event of its answer."
        )

    def _histogram(self, name: str, help_: str, *labels: str) -> Histogram:
        return Histogram(name, help_, labels, buckets=_SECONDS, registry=self.registry)

    def _gauge(self, name: str, help_: str) -> Gauge:
        return Gauge(name, help_, ("work",), registry=self.registry, multiprocess_mode="livesum")

    # -- what is observed -------------------------------------------------------

    def ended(self, exchange: Exchange) -> None:
        """Count and time a request."""
        method = exchange.method if exchange.method in _METHODS else _OTHER
        status = f"{exchange.status // 100}xx" if exchange.status else CLIENT_LEFT
        self._requests.labels(exchange.route, method, status).inc()
        self._request_s.labels(exchange.route, method).observe(exchange.took_s)

    def refused(self, problem: str) -> None:
        """Count a problem."""
        self._refused.labels(problem if problem in PROBLEMS else _OTHER).inc()

    def load(self, work: str, inside: int, waiting: int) -> None:
        """Set what is going on."""
        self._inside.labels(work).set(inside)
        self._waiting.labels(work).set(waiting)

    def finished(self, asking: Asking) -> None:
        """Count and time a question and its answer."""
        if asking.left:
            self._refused.labels(CLIENT_LEFT).inc()
        if asking.entered_s is not None:
            self._queue_s.observe(asking.entered_s - asking.began_s)
        if asking.first_event_s is not None:
            self._first_s.observe(asking.first_event_s - asking.began_s)
        for stage, took_ms in asking.stages_ms():
            self._stage_s.labels(stage).observe(took_ms / 1000)
        self._count_answer(asking)

    def _count_answer(self, asking: Asking) -> None:
        if (answer := asking.answer) is None:
            return
        reason = answer.reason.code.value if answer.reason else ""
        self._answers.labels(answer.status, reason).inc()
        if asking.entered_s is not None and asking.ended_s is not None:
            self._answer_s.observe(asking.ended_s - asking.entered_s)
        if answer.caution:
            self._cautions.inc()
        for citation in answer.citations:
            self._citations.labels(citation.verdict.value).inc()

    # -- telling ----------------------------------------------------------------

    def text(self) -> bytes:
        """Everything, in Prometheus's text format."""
        if self._shared is None:
            return generate_latest(self.registry)
        _forget_the_dead(self._shared)
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._shared))  # type: ignore[no-untyped-call]
        for collector in self._alone:
            together.register(collector)
        return generate_latest(together)


def _shared_folder() -> Path | None:
    folder = os.environ.get(SHARED_DIR)
    return Path(folder) if folder else None


def _forget_the_dead(folder: Path) -> None:
    """What processes that have ended were working on is no longer in progress."""
    for file in folder.glob("gauge_live*_*.db"):
        process = int(file.stem.rpartition("_")[2])
        if not _lives(process):
            mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, and is somebody else's
        return True
    return True
