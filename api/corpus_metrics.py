"""What is told of the corpus and the program when metrics are asked for, not before.

Knows nothing of requests.
"""

from __future__ import annotations

import platform
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from api.observing import logger
from index.errors import IndexingError
from rag.assemble import Dateline

# Counting the passages of a large corpus takes a while, and several may ask.
MAX_AGE_S = 5.0
_METRICS = {
    "dateline_corpus_generation": "The state of the corpus that searches see.",
    "dateline_corpus_articles": "Articles.",
    "dateline_corpus_versions": "Versions of articles.",
    "dateline_corpus_passages": "Searchable passages.",
    "dateline_corpus_bytes": "What the data directory takes on disk.",
    "dateline_corpus_published_timestamp_seconds": "When the corpus last changed for searches.",
}


class CorpusCollector(Collector):
    """Sizes of the corpus, as they were `MAX_AGE_S` ago at most; none where it cannot be read."""

    def __init__(self, dateline: Dateline, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = dateline.engine
        self._clock = clock
        self._guard = threading.Lock()
        self._read_at: float | None = None
        self._values: dict[str, float] = {}

    def describe(self) -> Iterator[Metric]:
        """Every metric, without a value."""
        for name, help_ in _METRICS.items():
            yield GaugeMetricFamily(name, help_)

    def collect(self) -> Iterator[Metric]:
        """Every metric that there is a value for."""
        values = self._current()
        for name, help_ in _METRICS.items():
            if name in values:
                yield GaugeMetricFamily(name, help_, values[name])

    def _current(self) -> dict[str, float]:
        with self._guard:
            now = self._clock()
            if self._read_at is None or now - self._read_at > MAX_AGE_S:
                self._values, self._read_at = self._read(), now
            return self._values

    def _read(self) -> dict[str, float]:
        try:
            values: dict[str, float | None] = {
                "generation": self._engine.refresh(),
                **self._engine.store.counts(),
                "bytes": self._engine.disk_bytes(),
                "published_timestamp_seconds": self._engine.published_at(),
            }
        except (sqlite3.Error, OSError, IndexingError) as error:
            logger.warning("the corpus cannot be measured: %s", error)
            return {}
        return {f"dateline_corpus_{k}": float(v) for k, v in values.items() if v is not None}


class BuildInfo(Collector):
    """Which release runs, on what."""

    def __init__(self, dateline: Dateline, release: str) -> None:
        self._labels = {
            "version": release,
            "python": platform.python_version(),
            **{k: v for k, v in dateline.models.items() if k in ("embedder", "reranker")},
        }

    def collect(self) -> Iterator[Metric]:
        """One metric, whose labels say it."""
        yield InfoMetricFamily("dateline_build", "The release, and its models.", self._labels)
