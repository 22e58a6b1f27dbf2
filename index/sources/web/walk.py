"""From an address through its redirects to an answer, with robots.txt asked at each step.

Each step is checked as the first was. Knows nothing of articles or of what is stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from index.errors import FetchFailed, FetchRefused
from index.sources.web.addresses import shown_url
from index.sources.web.allowance import Allowance
from index.sources.web.answers import (
    NOT_MODIFIED,
    PERMANENT,
    REDIRECTS,
    Answer,
    error_status,
    is_page,
)
from index.sources.web.bodies import BodyLimits
from index.sources.web.client import PoliteClient, Request
from index.sources.web.limits import FetchSettings, Timing
from index.sources.web.robots import MAX_ROBOTS_BYTES, Robots

# Headers, interim answers and the wrapping of chunks come on top of a body.
_EXTRA_WIRE_BYTES = 1_000_000

# ETag and Last-Modified of an address, as far as they are known.
Known = tuple[str | None, str | None]
Knows = Callable[[str], Known | None]


@dataclass(frozen=True, slots=True)
class Landing:
    """The answer at the end of the redirects; `permanent_url` is how far they are for good."""

    url: httpx.URL
    answer: Answer
    permanent_url: str | None


@dataclass(frozen=True, slots=True)
class _Errand:
    """What is wanted of an address: its page, or the robots.txt that is asked before."""

    origin: str
    known: Knows
    limits: BodyLimits
    allowance: Allowance
    is_robots: bool


class Walker:
    """Walks on any thread."""

    def __init__(self, client: PoliteClient, settings: FetchSettings, timing: Timing) -> None:
        self._client = client
        self._settings = settings
        self._timing = timing
        agent = re.match(r"[A-Za-z_-]+", settings.user_agent)
        self._robots = Robots(self._robots_file, agent[0] if agent else "*", timing.clock)

    def page(self, url: str, known: Knows) -> Landing:
        """A page, or status 304 where `known` says enough of it.

        Raises:
            FetchFailed: there is no page.
            FetchRefused: it may not be fetched, or is over a limit.
        """
        return self._follow(url, self._errand(shown_url(url), known, self._settings.max_bytes))

    def _robots_file(self, url: str) -> tuple[int, bytes]:
        errand = self._errand(url, lambda _: None, MAX_ROBOTS_BYTES, is_robots=True)
        answer = self._follow(url, errand).answer
        return answer.status, answer.body

    def _errand(
        self, origin: str, known: Knows, max_bytes: int, *, is_robots: bool = False
    ) -> _Errand:
        limits = BodyLimits(
            max_bytes=max_bytes,
            max_unpacked_ratio=self._settings.max_unpacked_ratio,
            cut=is_robots,
        )
        allowance = Allowance(
            self._settings.total_s, max_bytes + _EXTRA_WIRE_BYTES, self._timing.clock
        )
        return _Errand(origin, known, limits, allowance, is_robots)

    def _follow(self, url: str, errand: _Errand) -> Landing:
        here = _web_address(url, errand.origin)
        visited = [here]
        permanent_url, is_permanent = None, True
        while True:
            with _told_of(errand.origin, here if len(visited) > 1 else None):
                answer = self._visit(here, errand)
            if answer.status not in REDIRECTS:
                return Landing(here, answer, permanent_url)
            here = self._next(visited, answer, errand.origin)
            visited.append(here)
            is_permanent = is_permanent and answer.status in PERMANENT
            permanent_url = str(here) if is_permanent else permanent_url

    def _visit(self, here: httpx.URL, errand: _Errand) -> Answer:
        """A page, a redirect or "as it was"; for a robots.txt, whatever comes."""
        pause_s = self._settings.per_host_delay_s
        if self._settings.obey_robots and not errand.is_robots:
            site = f"{here.scheme}://{here.netloc.decode('ascii')}"
            pause_s = max(pause_s, self._robots.admit(site, str(here)))
        conditions = _conditions(errand.known(shown_url(str(here))))
        answer = self._client.get(
            Request(
                url=here,
                origin=errand.origin,
                headers=conditions,
                allowance=errand.allowance,
                limits=errand.limits,
                pause_s=pause_s,
            )
        )
        as_it_was = bool(conditions) and answer.status == NOT_MODIFIED
        if is_page(answer.status) or answer.status in REDIRECTS or as_it_was or errand.is_robots:
            return answer
        raise error_status(answer, errand.origin, self._timing.now)

    def _next(self, visited: list[httpx.URL], answer: Answer, origin: str) -> httpx.URL:
        """Where a redirect leads, if one may go there."""
        location = answer.header("location")
        if location is None:
            raise FetchFailed(origin, f"HTTP {answer.status}: it redirects and does not say where")
        here = visited[-1]
        try:
            target = here.join(location)
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchFailed(origin, "it redirects to what is no address of the web") from error
        with _told_of(origin, target):
            there = _web_address(str(target), origin)
            if (here.scheme, there.scheme) == ("https", "http"):
                raise FetchRefused(origin, "that is http, where anyone may change a page")
            if there in visited:
                raise FetchFailed(origin, "it was there before; it may want cookies")
            if len(visited) > self._settings.max_redirects:
                raise FetchFailed(origin, f"that is over {self._settings.max_redirects} redirects")
        return there


def _conditions(known: Known | None) -> dict[str, str]:
    etag, last_modified = known or (None, None)
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def _web_address(url: str, origin: str) -> httpx.URL:
    """The address without its fragment; raises what there is against fetching it."""
    try:
        address = httpx.URL(url.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchFailed(origin, "it is no address of the web; check it") from error
    if address.scheme not in ("http", "https"):
        raise FetchRefused(origin, f"{address.scheme[:40]!r} is not fetched, only http and https")
    if not address.host:
        raise FetchFailed(origin, "it names no host; check the address")
    if address.userinfo:
        raise FetchRefused(origin, "it carries a user name; give the address without")
    return address


@contextmanager
def _told_of(origin: str, redirected: httpx.URL | None) -> Iterator[None]:
    """Failures name the address that was asked for, and where it has led to."""
    try:
        yield
    except FetchFailed as error:
        reason = error.reason
        if redirected is not None:
            reason = f"it redirects to {shown_url(str(redirected))}: {reason}"
        raise type(error)(
            origin, reason, status=error.status, retry_after_s=error.retry_after_s
        ) from error
