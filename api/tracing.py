"""Traces for OpenTelemetry: a span for each request, its question, the wait and each stage.

Used only where `DATELINE_OTLP_ENDPOINT` is set, and imported only then. The caller's
`traceparent` is honoured. Stages are told by their timings once an answer has ended, so
that nothing below `api` knows of traces. Spans hold no question unless that is asked for.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from api.observing import Asking, Exchange, Observer
from rag.settings import Settings

# The stages of a search, told under one span.
SEARCH_STAGES = frozenset({"first_stages", "fuse", "collapse", "rerank", "copies"})
# A stop of the server waits as long where the collector cannot be reached.
SEND_TIMEOUT_S = 5.0
_TRACES_PATH = "/v1/traces"
_SERVER_ERROR = 500
_PER_MS = 1_000_000
_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of time, in nanoseconds from the turn of its question; parts lie within."""

    name: str
    start_ns: int
    end_ns: int
    parts: tuple[Stage, ...] = ()


class Tracing(Observer):
    """Makes spans of what happens."""

    def __init__(self, provider: TracerProvider, *, questions: bool) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("dateline")
        self._questions = questions
        self._propagator = TraceContextTextMapPropagator()

    def close(self) -> None:
        """Send what has not been sent; waits for it a few seconds."""
        self._provider.shutdown()

    # -- requests ---------------------------------------------------------------

    def began(self, exchange: Exchange, headers: Mapping[str, str]) -> None:
        """Begin the span of a request, below the caller's."""
        carrier = {name: headers[name] for name in self._propagator.fields if name in headers}
        span = self._tracer.start_span(
            exchange.method,
            context=self._propagator.extract(carrier),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": exchange.method,
                "dateline.request_id": exchange.request_id,
            },
        )
        exchange.span = span
        exchange.trace_id = trace.format_trace_id(span.get_span_context().trace_id)

    def ended(self, exchange: Exchange) -> None:
        """End the span of a request."""
        if not isinstance(span := exchange.span, Span):
            return
        span.update_name(f"{exchange.method} {exchange.route}")
        span.set_attribute("http.route", exchange.route)
        if exchange.status:
            span.set_attribute("http.response.status_code", exchange.status)
        if exchange.problem is not None:
            span.set_attribute("error.type", exchange.problem)
        if exchange.status >= _SERVER_ERROR:
            span.set_status(StatusCode.ERROR)
        span.end()

    # -- questions --------------------------------------------------------------

    def finished(self, asking: Asking) -> None:
        """Make the spans of a question: itself, its wait and its stages."""
        ended_s = asking.ended_s or asking.began_s
        offset_ns = time.time_ns() - int(ended_s * _PER_S)
        started_ns, ended_ns = (int(s * _PER_S) + offset_ns for s in (asking.began_s, ended_s))
        parent = asking.exchange.span if asking.exchange is not None else None
        question = self._tracer.start_span(
            "question",
            context=trace.set_span_in_context(parent) if isinstance(parent, Span) else None,
            start_time=started_ns,
            attributes=self._attributes(asking),
        )
        entered_ns = ended_ns
        if asking.entered_s is not None:
            entered_ns = int(asking.entered_s * _PER_S) + offset_ns
        self._add([Stage("queue", started_ns, entered_ns), *stages(asking, entered_ns)], question)
        question.end(ended_ns)

    def _add(self, made: Sequence[Stage], parent: Span) -> None:
        context = trace.set_span_in_context(parent)
        for stage in made:
            span = self._tracer.start_span(stage.name, context, start_time=stage.start_ns)
            self._add(stage.parts, span)
            span.end(stage.end_ns)

    def _attributes(self, asking: Asking) -> dict[str, AttributeValue]:
        attributes: dict[str, AttributeValue] = {}
        if self._questions and asking.question is not None:
            attributes["dateline.question"] = asking.question
        if asking.left:
            attributes["dateline.client_left"] = True
        if (answer := asking.answer) is not None:
            attributes |= {
                "dateline.status": answer.status,
                "dateline.confidence": answer.confidence,
                "dateline.citations": len(answer.citations),
                "dateline.generation": answer.generation,
            }
            if answer.reason is not None:
                attributes["dateline.reason"] = answer.reason.code.value
        return attributes


def stages(asking: Asking, entered_ns: int) -> list[Stage]:
    """The stages of an answer, one after the other from the turn of its question.

    Where several outlets are heard, a stage is told once, with what it took for all.
    """
    found: list[Stage] = []
    searched: list[Stage] = []
    at = entered_ns
    for name, took_ms in asking.stages_ms():
        stage = Stage(name, at, at := at + int(took_ms * _PER_MS))
        (searched if name in SEARCH_STAGES else found).append(stage)
    if searched:
        whole = Stage("search", searched[0].start_ns, searched[-1].end_ns, tuple(searched))
        found.append(whole)
    return sorted(found, key=lambda stage: stage.start_ns)


def exporting(settings: Settings, *, release: str) -> Tracing:
    """Traces that go to the collector of the settings.

    Headers, such as a key of the collector, come from `OTEL_EXPORTER_OTLP_HEADERS`, which
    the exporter reads itself.
    """
    resource = Resource.create({SERVICE_NAME: "dateline", SERVICE_VERSION: release})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    endpoint = f"{settings.otlp_endpoint}".rstrip("/") + _TRACES_PATH
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=SEND_TIMEOUT_S)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracing(provider, questions=settings.log_questions)
