"""Where an OpenAI-compatible server answers, from what an operator writes down.

`http://127.0.0.1:8080`, `…/v1`, `…/v1/` and `…/v1/chat/completions` all mean the same.
The address is the operator's own, so a private one is as good as any. Asks nothing.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

import httpx

# "v1", but also Gemini's "v1beta/openai" and Azure's "openai/v1": what is there is kept.
_VERSIONED = re.compile(r"/v\d+\w*(?=/|$)")
_CHAT = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Address:
    """`base` has the routes of OpenAI, `root` those that a server adds; no slash at the end."""

    base: str
    root: str

    @property
    def chat(self) -> str:
        """Where replies are asked for."""
        return self.base + _CHAT

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return httpx.URL(self.base).netloc.decode("ascii")

    @property
    def loopback(self) -> bool:
        """Whether what is sent stays on this machine."""
        return _loopback(httpx.URL(self.base).host)

    @property
    def readable_on_the_way(self) -> bool:
        """Whether what is sent crosses a network as plain text."""
        return self.base.startswith("http://") and not self.loopback


def llm_url(value: str) -> str:
    """The address to keep in settings, without slashes at the end.

    Raises:
        ValueError: it is none, or holds what is not sent; either may be a secret.
    """
    value = value.strip()
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL:
        raise ValueError from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError
    if url.userinfo or "?" in value or "#" in value:
        raise ValueError
    return str(url).rstrip("/").removesuffix(_CHAT).rstrip("/")


llm_url.__doc__ = "an http or https URL without a user, a password or a query"


def address_of(url: str) -> Address:
    """The address that a URL of `llm_url` means."""
    path = httpx.URL(url).path.rstrip("/")
    origin = url.removesuffix(path)
    if found := _VERSIONED.search(path):
        return Address(url, origin + path[: found.start()])
    return Address(f"{url}/v1", url)


def _loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
