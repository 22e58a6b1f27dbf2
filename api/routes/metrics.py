"""`GET /metrics`: what is counted and timed, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.metrics import CONTENT_TYPE, Metrics
from api.routes.deps import Running

router = APIRouter()

_EXAMPLE = 'dateline_answers_total{reason="",status="answered"} 12.0\n'


class MetricsResponse(Response):
    """Prometheus's text format."""

    media_type = CONTENT_TYPE


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    tags=["health"],
    response_class=MetricsResponse,
    responses={200: {"content": {CONTENT_TYPE: {"example": _EXAMPLE}}}},
)
async def metrics(request: Request, running: Running) -> MetricsResponse:
    """Tell counts, latencies and the size of the corpus; docs/observability.md has the table."""
    told: Metrics = request.app.state.metrics
    return MetricsResponse(await running.in_thread(told.text))
