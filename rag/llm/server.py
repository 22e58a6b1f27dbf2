"""Requests to one OpenAI-compatible server: its address, the key, and what goes wrong.

No redirect is followed, since it would carry the key elsewhere. Bodies come as they are on
the wire, uncompressed, so that a limit in bytes is one in memory. Knows no chat.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Generator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from json import loads as parsed
from typing import Any

import httpx

from rag.llm.address import Address
from rag.llm.errors import LLMMalformed, LLMUnavailable
from rag.llm.limits import Limits, Timing
from rag.llm.refusals import refusal
from rag.llm.secret import Secret
from rag.llm.waiting import Waiting, timed_out

_POOL_S = 5.0


class KeyAuth(httpx.Auth):
    """Puts the key into a request as it leaves, and nowhere else."""

    def __init__(self, key: Secret | None) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request with the key."""
        if self._key is not None:
            request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        yield request


class Server:
    """Asks; whatever is no 2xx is raised by its name."""

    def __init__(
        self,
        address: Address,
        key: Secret | None,
        client: httpx.AsyncClient,
        *,
        limits: Limits,
        timing: Timing,
    ) -> None:
        self.address = address
        self._key = key or Secret("")
        self._auth = KeyAuth(key)
        self._client = client
        self._limits = limits
        self._timing = timing

    @asynccontextmanager
    async def asked(
        self, url: str, waiting: Waiting, *, json: Mapping[str, Any] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """A 2xx reply whose body is not read yet; leaving the block ends the request.

        Raises:
            LLMError: anything else.
        """
        request = self._request(url, waiting, json)
        with self._named(waiting):
            response = await waiting.until_due(lambda: self._sent(request))
        try:
            await self._accept(response, waiting)
            yield response
        finally:
            await response.aclose()

    async def body(self, response: httpx.Response, waiting: Waiting, limit: int) -> bytes:
        """The whole body.

        Raises:
            LLMError: it is over the limit, late, or breaks off.
        """
        data = bytearray()
        async with aclosing(self.chunks(response, waiting)) as chunks:
            async for chunk in chunks:
                data += chunk
                if len(data) > limit:
                    raise LLMMalformed(f"the reply has over {limit} bytes: refused")
        return bytes(data)

    async def chunks(
        self, response: httpx.Response, waiting: Waiting
    ) -> AsyncGenerator[bytes, None]:
        """The body, as it comes.

        Raises:
            LLMMalformed: it breaks off, or is compressed, which was not asked for.
            LLMTimeout: the phase that `waiting` is in ended.
        """
        coding = self.hide(response.headers.get("content-encoding", "identity"))
        if coding.lower() not in ("identity", ""):
            raise LLMMalformed(f"the reply is compressed ({coding[:20]!r}), which nobody asked for")
        async with aclosing(_raw(response)) as raw:
            while True:
                with self._named(waiting, begun=True):
                    chunk = await waiting.until_due(lambda: anext(raw, None))
                if chunk is None:
                    return
                yield chunk

    async def json(
        self, url: str, waiting: Waiting, *, json: Mapping[str, Any] | None = None
    ) -> Any:
        """The JSON that a route answers with.

        Raises:
            LLMError: there is none.
        """
        async with self.asked(url, waiting, json=json) as response:
            data = await self.body(response, waiting, self._limits.max_reply_bytes)
        text = self.hide(data.decode("utf-8", "replace"))
        try:
            return parsed(text)
        except (ValueError, RecursionError):
            raise LLMMalformed(f"the reply is not JSON: {text[:80]!r}") from None

    def hide(self, text: str) -> str:
        """Text of the server, without the key."""
        return self._key.hide(text)

    def _sent(self, request: httpx.Request) -> Awaitable[httpx.Response]:
        return self._client.send(request, auth=self._auth, stream=True, follow_redirects=False)

    def _request(self, url: str, waiting: Waiting, body: Mapping[str, Any] | None) -> httpx.Request:
        connect_s = waiting.patience.connect_s
        return self._client.build_request(
            "GET" if body is None else "POST",
            url,
            json=body,
            headers={"Accept-Encoding": "identity"},
            # Reading and writing end with the phases of `waiting`.
            timeout=httpx.Timeout(None, connect=connect_s, pool=_POOL_S),
        )

    async def _accept(self, response: httpx.Response, waiting: Waiting) -> None:
        if response.is_success:
            return
        body = b""
        with suppress(LLMMalformed):  # the status says enough
            body = await self.body(response, waiting, self._limits.max_error_bytes)
        raise refusal(response, body, self._timing.now(), self.hide)

    @contextmanager
    def _named(self, waiting: Waiting, *, begun: bool = False) -> Generator[None, None, None]:
        """Errors of httpx, under our names and without their requests."""
        host = self.address.host
        try:
            yield
        except httpx.ConnectTimeout:
            raise timed_out("connecting", waiting.patience) from None
        except httpx.PoolTimeout:
            raise LLMUnavailable(f"too many requests to {host} wait for a connection") from None
        except httpx.ConnectError as error:
            raise LLMUnavailable(
                f"{host} cannot be reached ({self.hide(str(error)) or 'no reason given'}): "
                "is the server of the language model running, and DATELINE_LLM_URL right?"
            ) from None
        except httpx.HTTPError as error:
            what = self.hide(str(error)) or type(error).__name__
            if begun:
                raise LLMMalformed(f"the reply of {host} broke off ({what})") from None
            raise LLMUnavailable(f"{host} closed the connection unasked ({what})") from None


async def _raw(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    async for chunk in response.aiter_raw():
        yield chunk
