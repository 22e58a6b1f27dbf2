"""Everything that can go wrong between a prompt and a model's words.

    LLMError
    ├── LLMUnavailable    no connection, a 5xx, or not tried: the last tries all failed
    ├── LLMTimeout        a phase took too long
    ├── LLMRefused        the server will not do it as asked; trying again is of no use
    ├── LLMRateLimited    the server wants fewer requests
    └── LLMMalformed      what came is no reply, broke off, or is over a limit

Messages name the server's host and what it said, never the key.
"""

from __future__ import annotations

from typing import Literal

from rag.errors import AnsweringError

Phase = Literal["connecting", "first token", "next token", "whole reply"]


class LLMError(AnsweringError):
    """Base of every error raised by `rag.llm`."""


class LLMUnavailable(LLMError):
    """The server cannot be reached, reports a fault of its own, or is left alone for a while.

    `retry_after_s` is when that may be over, where it is known.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class LLMTimeout(LLMError):
    """A phase took longer than its setting allows."""

    def __init__(self, message: str, *, phase: Phase) -> None:
        super().__init__(message)
        self.phase: Phase = phase


class LLMRefused(LLMError):
    """The server answered 3xx or 4xx, or the model would not answer (`status` is None)."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class LLMRateLimited(LLMError):
    """The server answered 429; `retry_after_s` is None where it did not say how long."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class LLMMalformed(LLMError):
    """The reply is not what a chat model sends, broke off before its end, or is too large."""
