"""How the server in front of the application is set: whom it believes, how long it waits."""

from __future__ import annotations

from typing import Any

from api.guards.patience import PatientProtocol
from rag.settings import Settings


def server_options(settings: Settings) -> dict[str, Any]:
    """Options of `uvicorn.Config` that guard the server.

    Without `DATELINE_TRUSTED_PROXIES` nobody's `X-Forwarded-For` is believed; uvicorn alone
    would believe that of every process of the machine.
    """
    return {
        "http": PatientProtocol,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": list(settings.trusted_proxies),
        "server_header": False,
    }
