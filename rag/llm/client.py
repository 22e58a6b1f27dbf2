"""A chat model behind any OpenAI-compatible server. Read `OpenAIChatModel.stream` first.

    stream ─ tries (retries, what the server was found not to take)
               └ once (the circuit breaker)
                   └ exchange (one request, its pieces)

Retries come only before the first word. Knows nothing of prompts.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import httpx

from rag.errors import SettingsError
from rag.llm.address import address_of
from rag.llm.breaker import Breaker, Breaking
from rag.llm.chat import MESSAGE_TOKENS, ChatModel, FinishReason, Message
from rag.llm.dialect import Ask, Dialect
from rag.llm.errors import LLMError, LLMMalformed, LLMRateLimited, LLMRefused
from rag.llm.exchange import exchange
from rag.llm.facts import DEFAULT_CONTEXT_TOKENS, Facts
from rag.llm.limits import Limits, Patience, Timing
from rag.llm.pieces import Piece
from rag.llm.retrying import pause_s
from rag.llm.server import Server
from rag.llm.waiting import Waiting
from rag.settings import Settings

__all__ = [
    "MESSAGE_TOKENS",
    "ChatModel",
    "FinishReason",
    "Message",
    "OpenAIChatModel",
    "llm_http_client",
]

logger = logging.getLogger("dateline.llm")

_NOT_FOUND = 404
_SHOWN = 200


class OpenAIChatModel:
    """A `ChatModel` over HTTP, for one event loop. The client stays the caller's to close."""

    def __init__(
        self,
        settings: Settings,
        client: httpx.AsyncClient,
        *,
        limits: Limits | None = None,
        breaking: Breaking | None = None,
        timing: Timing | None = None,
    ) -> None:
        """Set up; nothing is asked yet.

        Args:
            settings: those named `llm_…`.
            client: what sends, such as `llm_http_client` makes.
            limits: of size, tries and pauses.
            breaking: when the server is left alone.
            timing: the clocks.

        Raises:
            SettingsError: no server is set.
        """
        if settings.llm_url is None:
            raise SettingsError("DATELINE_LLM_URL is not set: no language model to ask")
        self._limits = limits or Limits()
        self._timing = timing or Timing()
        self._patience = _patience(settings)
        address = address_of(settings.llm_url)
        self._server = Server(
            address, settings.llm_key, client, limits=self._limits, timing=self._timing
        )
        self._facts = Facts(self._server, settings.llm_model)
        self._dialect = Dialect()
        self._breaker = Breaker(breaking or Breaking(), self._timing.clock)
        self._context_tokens = settings.llm_context_tokens
        if settings.llm_key is not None and address.readable_on_the_way:
            logger.warning(
                "the key of the language model goes to %s unencrypted: give DATELINE_LLM_URL "
                "as https, or trust the network",
                address.host,
            )

    @property
    def name(self) -> str:
        """The model that is asked for; "unknown" until the server has told its only one."""
        model = self._facts.model or "unknown"
        # llama.cpp calls a model by its file; where that lies is nobody's business.
        return model.replace("\\", "/").rpartition("/")[2] if model.endswith(".gguf") else model

    @property
    def context_tokens(self) -> int:
        """As set, else as the server says, else 8192."""
        return self._context_tokens or self._facts.context_tokens or DEFAULT_CONTEXT_TOKENS

    def count_tokens(self, text: str) -> int:
        """As the model counts a text that `prepare` had, where it could; else an estimate."""
        return self._facts.count(text)

    async def prepare(self, texts: Sequence[str] = ()) -> None:
        """Ask the server what it tells of its model, and to count these texts."""
        if self._breaker.resting:
            return
        probe_s = self._limits.probe_s
        short = Patience(
            connect_s=min(probe_s, self._patience.connect_s),
            first_token_s=probe_s,
            next_token_s=probe_s,
            whole_s=probe_s,
        )
        waiting = Waiting(short, self._timing)
        try:
            await self._facts.learn(waiting)
            await self._facts.count_all(texts, waiting)
        except* LLMError as errors:
            logger.info("the language model tells nothing of itself: %s", errors.exceptions[0])

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        on_finish: Callable[[FinishReason], None] | None = None,
    ) -> AsyncGenerator[str, None]:
        """The reply in pieces; see `ChatModel.stream`."""
        ask = Ask(tuple(messages), max_tokens, schema)
        finish: FinishReason = "unknown"
        refusal, chars = "", 0
        async with aclosing(self._tries(ask)) as pieces:
            async for piece in pieces:
                finish = piece.finish or finish
                refusal += piece.refusal[: self._limits.max_line_bytes]
                chars += len(piece.text)
                if chars > self._limits.max_chars:
                    raise LLMMalformed(
                        f"the reply has over {self._limits.max_chars} characters: refused"
                    )
                if piece.text:
                    yield piece.text
        if not chars:
            raise _silent(refusal, finish)
        if on_finish is not None:
            on_finish(finish)

    async def _tries(self, ask: Ask) -> AsyncGenerator[Piece, None]:
        waiting = Waiting(self._patience, self._timing)
        failures = 0
        while True:
            self._breaker.enter()
            begun = False
            body: dict[str, Any] = {}
            try:
                async with aclosing(self._once(ask, waiting, body)) as pieces:
                    async for piece in pieces:
                        begun = begun or piece.alive
                        yield piece
            except LLMRefused as error:
                self._adapt(body, error)
            except LLMError as error:
                failures += 1
                pause = None if begun else self._pause(error, failures)
                if pause is None or pause >= waiting.left_s():
                    raise
                logger.info("asked again in %.1f s: %s", pause, error)
                await self._timing.sleep(pause)
            else:
                return

    async def _once(
        self, ask: Ask, waiting: Waiting, body: dict[str, Any]
    ) -> AsyncGenerator[Piece, None]:
        """One request; `body` is filled with what is sent."""
        try:
            body |= self._dialect.body(ask, await self._facts.name(waiting))
            async with aclosing(exchange(self._server, body, waiting, self._limits)) as pieces:
                async for piece in pieces:
                    self._breaker.began()
                    yield piece
        except (LLMRefused, LLMRateLimited):
            self._breaker.worked()
            raise
        except LLMError:
            self._breaker.failed()
            raise
        except BaseException:
            self._breaker.left()
            raise
        self._breaker.worked()

    def _adapt(self, body: Mapping[str, Any], error: LLMRefused) -> None:
        """Leave out from now on what was refused by name; raise what else was refused."""
        if (left_out := self._dialect.learn(body, error.status, str(error))) is None:
            if error.status == _NOT_FOUND:
                self._facts.forget()
            raise error
        logger.info("%s does not take %s", self._server.address.host, left_out)

    def _pause(self, error: LLMError, failures: int) -> float | None:
        return pause_s(error, failures, self._limits, self._timing.chance)


def llm_http_client(settings: Settings) -> httpx.AsyncClient:
    """A client for `OpenAIChatModel`; whoever makes it closes it.

    Proxies and certificates of the environment are used, except for a server on this
    machine, which no proxy would find.
    """
    loopback = settings.llm_url is not None and address_of(settings.llm_url).loopback
    return httpx.AsyncClient(trust_env=not loopback, follow_redirects=False)


def _patience(settings: Settings) -> Patience:
    return Patience(
        connect_s=settings.llm_connect_s,
        first_token_s=settings.llm_first_token_s,
        next_token_s=settings.llm_next_token_s,
        whole_s=settings.llm_timeout_s,
    )


def _silent(refusal: str, finish: FinishReason) -> LLMError:
    """The error of a reply without text."""
    if refusal:
        return LLMRefused(f"the language model will not answer: {refusal[:_SHOWN]!r}")
    if finish == "length":
        return LLMMalformed("the reply was cut off before it said anything: it was all thoughts")
    return LLMMalformed(f"the reply holds no text (it ended with {finish!r})")
