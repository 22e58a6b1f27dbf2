"""A client over a script, by a transport or a real socket, that must leave nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from rag.llm.client import Message, OpenAIChatModel, llm_http_client
from rag.llm.errors import LLMError
from rag.llm.limits import Timing
from rag.settings import Settings
from tests.scripted_http import Script, ScriptedTransport, scripted_server

PROMPT = [Message("system", "Answer."), Message("user", "What happened?")]
# Far more than anything takes here: what meets it hangs.
HANGS_S = 30
KINDS = ["transport", "socket"]


@dataclass
class Clock:
    """Time that passes only in pauses, which are noted; pauses are as long as they can be."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list)
    chance: float = 1.0
    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    @property
    def timing(self) -> Timing:
        return Timing(
            clock=lambda: self.at,
            sleep=self.sleep,
            now=lambda: self.now,
            chance=lambda: self.chance,
        )

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)


@asynccontextmanager
async def model_over(
    script: Script, kind: str = "transport", *, arguments: dict[str, Any] | None = None, **llm: Any
) -> AsyncIterator[OpenAIChatModel]:
    """A client of a scripted server; when it is left, no request, task or connection is."""
    if kind == "transport":
        transport = ScriptedTransport(script)
        set_ = {f"llm_{name}": value for name, value in {"model": "scripted", **llm}.items()}
        settings = Settings(llm_url="http://127.0.0.1:1", **set_)
        async with httpx.AsyncClient(transport=transport) as client:
            yield OpenAIChatModel(settings, client, **(arguments or {}))
            assert transport.open == 0, "a reply was left open"
        return
    async with scripted_server(script) as server:
        async with model_at(server.url, arguments=arguments, **llm) as model:
            yield model
        await server.all_closed()


@asynccontextmanager
async def model_at(
    url: str, *, arguments: dict[str, Any] | None = None, **llm: Any
) -> AsyncIterator[OpenAIChatModel]:
    """A client of a server that somebody else runs."""
    set_ = {f"llm_{name}": value for name, value in {"model": "scripted", **llm}.items()}
    settings = Settings(llm_url=url, **set_)
    async with llm_http_client(settings) as client:
        yield OpenAIChatModel(settings, client, **(arguments or {}))


def run(test: Callable[[], Awaitable[Any]]) -> Any:
    """What a coroutine gives, within time and with no task left."""

    async def whole() -> Any:
        async with asyncio.timeout(HANGS_S):
            result = await test()
        # A generator that is dropped is closed by the loop a moment later.
        async with asyncio.timeout(HANGS_S):
            while asyncio.all_tasks() != {asyncio.current_task()}:
                await asyncio.sleep(0.001)
        return result

    return asyncio.run(whole())


async def said(model: OpenAIChatModel, max_tokens: int = 100, **more: Any) -> list[str]:
    """The pieces of a reply."""
    async with aclosing(model.stream(PROMPT, max_tokens=max_tokens, **more)) as pieces:
        return [piece async for piece in pieces]


async def outcome(model: OpenAIChatModel) -> tuple[str, LLMError | None]:
    """The text that came, and the error that ended it."""
    text = ""
    try:
        async with aclosing(model.stream(PROMPT, max_tokens=100)) as pieces:
            async for piece in pieces:
                text += piece
    except LLMError as error:
        return text, error
    return text, None


def ask(script: Script, kind: str = "transport", **more: Any) -> tuple[str, LLMError | None]:
    """One request, from nothing to nothing."""

    async def test() -> tuple[str, LLMError | None]:
        async with model_over(script, kind, **more) as model:
            return await outcome(model)

    result: tuple[str, LLMError | None] = run(test)
    return result
