"""What a server tells of its model: its name, its context and how it counts tokens.

    GET  {base}/models     its models; vLLM and others say how long a context may be
    GET  {root}/props      llama.cpp: the context of one conversation
    POST {root}/tokenize   llama.cpp, vLLM: the model's own tokenizer

None of it is needed: a server that has only the first, or none, is asked no more, and what
is not known is a default or an estimate.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from rag.llm.errors import LLMMalformed, LLMRefused, LLMUnavailable
from rag.llm.server import Server
from rag.llm.tokens import estimate_tokens
from rag.llm.waiting import Waiting

DEFAULT_CONTEXT_TOKENS = 8192
# Texts whose count is kept: some hundred questions' passages.
_KEPT = 4_096
# Longer texts are no passages; asking for them would cost more than it tells.
_LONGEST_CHARS = 50_000
_AT_ONCE = 4
_SHOWN_MODELS = 10
# In the entry of a model: vLLM; OpenRouter; Groq; Mistral.
_CONTEXTS = ("max_model_len", "context_length", "context_window", "max_context_length")


class Facts:
    """What is known so far of one server and the model that is asked for."""

    def __init__(self, server: Server, model: str | None) -> None:
        self._server = server
        self._wanted = model
        self.model = model
        self.context_tokens: int | None = None
        self._tokenizer: bool | None = None
        self._learned = False
        self._counts: OrderedDict[str, int] = OrderedDict()

    def count(self, text: str) -> int:
        """The tokens of a text: as the model counts where that is known, else estimated."""
        if (known := self._counts.get(text)) is not None:
            return known
        return estimate_tokens(text)

    def forget(self) -> None:
        """The server has another model by now; what was learned is asked anew."""
        self.model, self._learned, self._tokenizer = self._wanted, False, None
        self.context_tokens = None
        self._counts.clear()

    async def name(self, waiting: Waiting) -> str:
        """The model to ask for: the one that was set, or the only one that there is.

        Raises:
            LLMError: the server does not say, or has several.
        """
        if self.model is None:
            self._take(await self._models(waiting))
        if self.model is None:
            raise LLMMalformed(
                f"{self._server.address.host} tells no models: set DATELINE_LLM_MODEL"
            )
        return self.model

    async def learn(self, waiting: Waiting) -> None:
        """Ask for what is not known yet.

        Raises:
            LLMError: the server cannot be asked now.
        """
        if self._learned:
            return
        with suppress(LLMRefused, LLMMalformed):
            self._take(await self._models(waiting))
        with suppress(LLMRefused, LLMMalformed, LLMUnavailable):
            props = await self._server.json(f"{self._server.address.root}/props", waiting)
            settings = props.get("default_generation_settings") if isinstance(props, dict) else None
            # What one conversation may have; the list of models tells only what it learned with.
            self.context_tokens = _context(settings, ("n_ctx",)) or self.context_tokens
        self._learned = True

    async def count_all(self, texts: Sequence[str], waiting: Waiting) -> None:
        """Have texts counted by the model's own tokenizer, where there is one.

        Raises:
            LLMError: the server cannot be asked now.
        """
        unknown = [t for t in dict.fromkeys(texts) if t not in self._counts]
        unknown = [t for t in unknown if 0 < len(t) <= _LONGEST_CHARS]
        if self._tokenizer is None and unknown:
            self._tokenizer = await self._counted(unknown.pop(), waiting)
        if self._tokenizer:
            lines = iter(unknown)
            async with asyncio.TaskGroup() as group:
                for _ in range(_AT_ONCE):
                    group.create_task(self._count_each(lines, waiting))

    async def _count_each(self, texts: Iterator[str], waiting: Waiting) -> None:
        for text in texts:
            if not await self._counted(text, waiting):
                return

    async def _counted(self, text: str, waiting: Waiting) -> bool:
        """Whether the server counted a text."""
        # "content" is llama.cpp's word, "prompt" vLLM's; each lets the other's pass.
        body = {"content": text, "prompt": text, "model": self.model or "", "add_special": False}
        try:
            said = await self._server.json(
                f"{self._server.address.root}/tokenize", waiting, json=body
            )
        except (LLMRefused, LLMMalformed):
            return False
        tokens = said.get("tokens") if isinstance(said, dict) else None
        if not isinstance(tokens, list) or not tokens:
            return False
        self._counts[text] = len(tokens)
        if len(self._counts) > _KEPT:
            self._counts.popitem(last=False)
        return True

    async def _models(self, waiting: Waiting) -> list[Mapping[str, Any]]:
        said = await self._server.json(f"{self._server.address.base}/models", waiting)
        listed = said.get("data") if isinstance(said, dict) else None
        entries = listed if isinstance(listed, list) else []
        return [e for e in entries if isinstance(e, dict) and isinstance(e.get("id"), str)]

    def _take(self, models: list[Mapping[str, Any]]) -> None:
        if self.model is None and len(models) > 1:
            names = ", ".join(model["id"] for model in models[:_SHOWN_MODELS])
            raise LLMRefused(
                f"{self._server.address.host} has {len(models)} models: set DATELINE_LLM_MODEL "
                f"to one of {names}"
            )
        if self.model is None and models:
            self.model = models[0]["id"]
        for model in models:
            if model["id"] == self.model:
                meta = _context(model.get("meta"), ("n_ctx",))
                self.context_tokens = meta or _context(model, _CONTEXTS)


def _context(value: object, names: Sequence[str]) -> int | None:
    """The first of these fields that is a number of tokens."""
    if not isinstance(value, dict):
        return None
    found = (value.get(name) for name in names)
    return next(
        (n for n in found if isinstance(n, int) and not isinstance(n, bool) and n > 0), None
    )
