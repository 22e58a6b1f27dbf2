"""What a reply that is no 2xx is called: by its status, and what its body says."""

from __future__ import annotations

import email.utils
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from rag.llm.errors import LLMError, LLMMalformed, LLMRateLimited, LLMRefused, LLMUnavailable
from rag.llm.pieces import ServerError, error_in

_TOO_MANY = 429
_SAID_CHARS = 300
_HINTS = {
    401: ": is DATELINE_LLM_KEY right?",
    403: ": may this key use this model?",
    404: ": are DATELINE_LLM_URL and DATELINE_LLM_MODEL right?",
}
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE)


def refusal(
    response: httpx.Response, body: bytes, now: datetime, hide: Callable[[str], str]
) -> LLMError:
    """The error that a reply means; what it says is shortened, and `hide` takes the key out."""
    status = response.status_code
    if response.has_redirect_location:
        # Only the host: what else is in an address may be a secret.
        target = hide(_host(response.headers["location"]))
        return LLMRefused(
            f"{response.url.host} sends requests on to {target!r}, which is not followed: "
            "set DATELINE_LLM_URL to where the server is",
            status=status,
        )
    return named(
        ServerError(_said(body), status),
        response.url.netloc.decode("ascii"),
        hide,
        retry_after_s=retry_after(response.headers.get("retry-after"), now),
    )


def named(
    error: ServerError,
    host: str,
    hide: Callable[[str], str],
    *,
    retry_after_s: float | None = None,
) -> LLMError:
    """What a server reports, be it in a status or amid a stream, by its name."""
    said = _plain(hide(error.message))
    told = f"{host} says {error.status or 'error'}" + (f" ({said})" if said else "")
    if error.status == _TOO_MANY:
        return LLMRateLimited(told, retry_after_s=retry_after_s)
    if error.status is None or error.status >= 500:
        return LLMUnavailable(told, retry_after_s=retry_after_s)
    if error.status < 400:
        return LLMMalformed(told)
    return LLMRefused(told + _HINTS.get(error.status, ""), status=error.status)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for, in either of its forms; None where it is neither."""
    if value is None:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value.strip()):
        return float(value)
    try:
        then = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max((then - now).total_seconds(), 0.0)


def _said(body: bytes) -> str:
    """What a body says, out of the JSON that it may be."""
    if _MARKUP.match(body):
        return "a web page"
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    error = error_in(value) if isinstance(value, dict) else None
    return error.message if error else text


def _plain(text: str) -> str:
    """One line of printable characters, not too long."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return words if len(words) <= _SAID_CHARS else words[: _SAID_CHARS - 1] + "…"


def _host(location: str) -> str:
    try:
        return httpx.URL(location).netloc.decode("ascii") or "another path"
    except httpx.InvalidURL:
        return "an address that is none"
