"""`/docs`: Swagger UI, under a policy that lets nothing else load.

Its files come from a CDN; where that cannot be reached, the page shows where the
plain description is.
"""

from __future__ import annotations

import re

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse

from api.limits import docs_csp

CDN = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/"
SCRIPT_URL = CDN + "swagger-ui-bundle.js"
STYLE_URL = CDN + "swagger-ui.css"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_OFFLINE = (
    '<div id="swagger-ui"><p>This page is drawn by Swagger UI from a CDN. If it stays like '
    'this, the CDN cannot be reached: <a href="/openapi.json">/openapi.json</a> has the same '
    "description, and docs/http.md has examples.</p></div>"
)


def install(app: FastAPI) -> None:
    """Serve the page."""
    page = _page(app.title)
    policy = docs_csp(inline=_found(_INLINE, page), script=SCRIPT_URL, style=STYLE_URL)
    headers = {"Content-Security-Policy": policy}

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page, headers=headers)


def _page(title: str) -> str:
    drawn = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=f"{title}: HTTP API",
        swagger_js_url=SCRIPT_URL,
        swagger_css_url=STYLE_URL,
        swagger_favicon_url="data:,",
    )
    page = bytes(drawn.body).decode()
    return re.sub(r'<div id="swagger-ui">\s*</div>', _OFFLINE, page)


def _found(pattern: re.Pattern[str], page: str) -> str:
    match = pattern.search(page)
    return match[1] if match else ""
