"""Placeholder until the real one is written by its owner: overwrite."""

from __future__ import annotations


def signature(text: str) -> bytes:
    """Nothing yet."""
    return text[:8].encode()
