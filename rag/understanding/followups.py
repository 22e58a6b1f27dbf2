"""A question that leans on what was asked before, made to stand alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answers import Turn

# A follow-up leans on what was asked before: it points back, or is hardly a question.
_POINTS_BACK = re.compile(
    r"\b(?:he|she|they|it|him|her|them|his|hers|their|theirs|its|this|that|those|these|there)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(r"^\s*(?:and|but|so|or|what about|how about|why|when|where)\b", re.IGNORECASE)
_FEW_WORDS = 4


def standing_alone(asked: str, history: Sequence[Turn]) -> str:
    """The question's words, led by the last one before it when it leans on that."""
    text = " ".join(asked.split())
    earlier = [turn.content for turn in history if turn.role == "user"]
    if not earlier:
        return text
    short = len(text.split()) <= _FEW_WORDS
    if short or _POINTS_BACK.search(text) or _LEANS.search(text):
        return " ".join(earlier[-1].split()) + " " + text
    return text
