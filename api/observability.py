"""Who watches an application: metrics, the log and, where it is set, traces.

The extra `tracing` is imported only where `DATELINE_OTLP_ENDPOINT` is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.logs import AccessLog
from api.metrics import Metrics
from api.observing import Observation, Observer
from rag.assemble import Dateline
from rag.errors import SettingsError
from rag.settings import Settings

if TYPE_CHECKING:
    from api.tracing import Tracing


@dataclass(frozen=True, slots=True)
class Observability:
    """The observers of one application."""

    observation: Observation
    metrics: Metrics
    tracing: Tracing | None

    def close(self) -> None:
        """Send what has not been sent."""
        if self.tracing is not None:
            self.tracing.close()


def observability(
    dateline: Dateline, *, release: str, also: Sequence[Observer] = ()
) -> Observability:
    """The observers that the settings name, and others.

    Raises:
        SettingsError: traces are asked for, and what sends them is not installed.
    """
    settings = dateline.settings
    metrics = Metrics(dateline, release=release)
    tracing = _tracing(settings, release) if settings.otlp_endpoint else None
    # Traces first, as a line of the log names the trace of its request.
    traced = [] if tracing is None else [tracing]
    log = AccessLog(questions=settings.log_questions)
    return Observability(Observation([*traced, *also, metrics, log]), metrics, tracing)


def _tracing(settings: Settings, release: str) -> Tracing:
    try:
        from api.tracing import exporting
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"DATELINE_OTLP_ENDPOINT is set, and {error.name} is missing: "
            "pip install 'dateline[tracing]'"
        ) from None
    return exporting(settings, release=release)
