"""The layers in front of the routes, from the inside out.

    Access   keys and rates                     401, 403, 421, 429
    Guard    sizes, times, other sites, headers  403, 408, 413, 500, 504
    Cors     what browsers are told, on every reply of the two

Knows nothing of what the routes do.
"""

from __future__ import annotations

from fastapi import FastAPI

from api.guards.access import Access
from api.guards.guard import Guard
from api.guards.hosts import Hosts
from api.guards.origins import Cors, Origins
from api.key_book import KeyBook
from rag.settings import Settings


def install(app: FastAPI, settings: Settings, *, bound_to: str | None = None) -> None:
    """Guard an application; `bound_to` is the address it listens on, None for no network."""
    app.add_middleware(
        Access,
        keys=KeyBook(settings.home),
        hosts=Hosts(settings.allowed_hosts),
        rate_per_minute=settings.rate_per_minute,
        bound_to=bound_to,
    )
    app.add_middleware(
        Guard,
        max_body_bytes=settings.max_body_bytes,
        timeout_s=settings.timeout_s,
        origins=Origins(settings.cors_origins),
    )
    if settings.cors_origins:
        app.add_middleware(Cors, origins=settings.cors_origins)
