"""A chat model behind any OpenAI-compatible server."""

from __future__ import annotations

from rag.llm.chat import MESSAGE_TOKENS, ChatModel, FinishReason, Message

__all__ = ["MESSAGE_TOKENS", "ChatModel", "FinishReason", "Message"]
