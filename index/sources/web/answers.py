"""What a server's answer means before its body is read: which are pages, and why others aren't.

Knows nothing of connections or of retries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from index.errors import FetchFailed, FetchRefused

REDIRECTS = frozenset((301, 302, 303, 307, 308))
PERMANENT = frozenset((301, 308))
# A moment later the answer may be another one.
RETRIED = frozenset((429, 502, 503, 504))
NOT_MODIFIED = 304

_PAGES = frozenset((200, 203))
_SAVE = "save the page from a browser and ingest the file"
_REASONS = {
    400: "the server does not understand the request; check the address",
    401: f"the server wants a login; {_SAVE}",
    402: f"the server wants a subscription; {_SAVE}",
    403: f"the server refuses it, for a subscription, a region or a dislike of robots; {_SAVE}",
    404: "there is no such page; check the address",
    405: "the server gives no page there; check the address",
    406: "the server has no page of a kind that can be read here",
    410: "the page is gone for good; remove the address",
    429: "the server wants fewer requests; try again later",
    451: f"the server may not show it for legal reasons; {_SAVE}",
}
_MEDIA = ("video/", "audio/", "image/", "font/")
_MAX_VALIDATOR = 1_024
# The longest that a server is believed: a month.
_MAX_SECONDS = 30 * 86_400
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and, where it is asked for, the body."""

    status: int
    headers: httpx.Headers
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """A header's value; None where there is none to speak of."""
        return self.headers.get(name, "").strip() or None

    def validator(self, name: str) -> str | None:
        """A header that can be sent back as it is."""
        value = self.header(name)
        sound = value and len(value) <= _MAX_VALIDATOR and value.isascii() and value.isprintable()
        return value if sound else None

    def max_age_s(self) -> float | None:
        """How long the server says that the page stays as it is."""
        found = _MAX_AGE.search(self.header("cache-control") or "")
        return None if found is None else min(float(found[1]), _MAX_SECONDS)

    def retry_after_s(self, now: Callable[[], datetime]) -> float | None:
        """How long the server asks to be left alone."""
        value = self.header("retry-after")
        if value is None:
            return None
        if value.isascii() and value.isdigit() and len(value) <= 10:
            return min(float(value), _MAX_SECONDS)
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max((at - now()).total_seconds(), 0.0), _MAX_SECONDS)


def is_page(status: int) -> bool:
    """Whether the body of an answer is what was asked for."""
    return status in _PAGES


def check_head(headers: httpx.Headers, max_bytes: int, origin: str) -> None:
    """Refuse a body by what its server says of it, before it is read; raises `FetchRefused`."""
    kind = headers.get("content-type", "").strip().lower()
    if kind.startswith(_MEDIA):
        raise FetchRefused(origin, f"it is {kind.partition(';')[0][:60]!r}, not a text")
    length = headers.get("content-length", "").strip()
    if length.isascii() and length.isdigit() and int(length[:20]) > max_bytes:
        raise FetchRefused(
            origin, f"it is {int(length[:20]):,} bytes long, over {max_bytes:,}, the limit"
        )


def error_status(answer: Answer, origin: str, now: Callable[[], datetime]) -> FetchFailed:
    """Why an answer gives no page, and what to do."""
    status = answer.status
    if status in _REASONS:
        reason = _REASONS[status]
    elif 200 <= status < 300:
        reason = "the server sends no page, perhaps a test for robots; " + _SAVE
    elif status >= 500:
        reason = "the server fails; try again later"
    else:
        reason = "the server gives no page"
    return FetchFailed(
        origin,
        f"HTTP {status}: {reason}",
        status=status,
        retry_after_s=answer.retry_after_s(now),
    )
