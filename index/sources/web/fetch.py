"""Pages and feeds over HTTP, fetched politely and only from the public internet.

    robots.txt? ─ ask (client.py, guarded by connect.py) ─┬─ page ────▶ Payload
        ▲                                                 ├─ as it was ▶ NotModified
        └────────────── redirect (walk.py) ◀──────────────┘

Every limit is one of `FetchSettings` and refused by name. Sends no cookies and no
credentials, uses no proxy of the environment. Remembers nothing of pages: what to ask a
server with is handed in, and handed out with the page.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from index.sources.payload import NotModified, Payload
from index.sources.web.addresses import shown_url
from index.sources.web.answers import NOT_MODIFIED
from index.sources.web.client import PoliteClient
from index.sources.web.connect import Guard
from index.sources.web.limits import FetchSettings, Timing
from index.sources.web.walk import Known, Knows, Walker

__all__ = ["FetchSettings", "Fetched", "Fetcher", "Timing", "Validators"]


class Validators(Protocol):
    """What servers said of addresses whose articles are stored."""

    def get(self, url: str) -> Known | None:
        """ETag and Last-Modified; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document; where it has moved to for good, and how long it is said to stay as it is."""

    payload: Payload
    permanent_url: str | None = None
    max_age_s: float | None = None

    @property
    def etag(self) -> str | None:
        """The name of this state of it."""
        return self.payload.etag

    @property
    def last_modified(self) -> str | None:
        """When it was changed, as the server said it."""
        return self.payload.last_modified


class Fetcher:
    """Fetches from any thread; one request at a time to each host."""

    def __init__(
        self,
        settings: FetchSettings | None = None,
        *,
        validators: Validators | None = None,
        guard: Guard | None = None,
        tls: ssl.SSLContext | None = None,
        timing: Timing | None = None,
    ) -> None:
        """Set up; nothing is asked yet.

        Args:
            settings: the limits.
            validators: what lets `fetch` ask only for what has changed.
            guard: which addresses may be connected to, by default as `settings` says.
            tls: which certificates are believed, by default those that certifi lists.
            timing: the clocks.
        """
        settings = settings or FetchSettings()
        guard = guard or Guard(allow_private=settings.allow_private)
        self._timing = timing or Timing()
        self._validators = validators
        self._client = PoliteClient(settings, guard, tls, self._timing)
        self._walker = Walker(self._client, settings, self._timing)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def fetch(self, url: str) -> Payload | NotModified:
        """The page at an address, or that it is as it was when it was stored.

        `origin` and `url` tell no secrets that stand in the address.

        Raises:
            FetchFailed: there is no page.
            FetchRefused: it may not be fetched, or is over a limit.
        """
        fetched = self._fetch(url, self._known)
        return NotModified(shown_url(url)) if fetched is None else fetched.payload

    def fetch_if_changed(
        self, url: str, *, etag: str | None, last_modified: str | None
    ) -> Fetched | None:
        """The document at an address, None where it is as it was; raises as `fetch` does."""
        return self._fetch(url, lambda _: (etag, last_modified))

    def _known(self, url: str) -> Known | None:
        return None if self._validators is None else self._validators.get(url)

    def _fetch(self, url: str, known: Knows) -> Fetched | None:
        landing = self._walker.page(url, known)
        answer = landing.answer
        if answer.status == NOT_MODIFIED:
            return None
        payload = Payload(
            origin=shown_url(url),
            data=answer.body,
            url=shown_url(str(landing.url)),
            content_type=answer.header("content-type"),
            fetched_at=self._timing.now(),
            etag=answer.validator("etag"),
            last_modified=answer.validator("last-modified"),
        )
        return Fetched(payload, landing.permanent_url, answer.max_age_s())
