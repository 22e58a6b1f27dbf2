"""How many tokens a text has, where no tokenizer can be asked: rather too many.

Each character costs a rate of its script, and never more than its bytes in UTF-8, which no
byte-level tokenizer exceeds. Knows no model.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache

# Set with `python -m benchmarks.llm_tokens` so that no text there is underestimated by over 5%
# for Mistral (2023 and 2024), Qwen, Gemma 3 and OpenAI's last two tokenizers.
_ASCII_LOWER = 0.32
_ASCII_UPPER = 0.5
_SPACE = 0.2
_DIGIT = 1.0
_ASCII_MARK = 1.0
# Accented Latin letters cut the words that they stand in.
_LATIN = 2.0
# Greek, Cyrillic, Hebrew, Arabic.
_BELOW_0800 = 1.25
_HANGUL = 1.5
# South Asian and Thai, kana, Han, and punctuation beyond ASCII.
_BMP = 1.3
# Emoji and rare Han.
_BEYOND = 3.8


def estimate_tokens(text: str) -> int:
    """Tokens of a text in whatever model, rather too many: see docs/decisions/llm-client.md."""
    return math.ceil(sum(_rate(char) * times for char, times in Counter(text).items()))


@lru_cache(maxsize=8_192)
def _rate(char: str) -> float:
    """The tokens of one character, on average."""
    if char.isascii():
        return _ascii_rate(char)
    code = ord(char)
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return _LATIN
    if code < 0x800:
        return _BELOW_0800
    if 0xAC00 <= code < 0xD7B0:
        return _HANGUL
    return _BMP if code < 0x10000 else _BEYOND


def _ascii_rate(char: str) -> float:
    if char.islower():
        return _ASCII_LOWER
    if char.isupper():
        return _ASCII_UPPER
    if char.isdigit():
        return _DIGIT
    return _SPACE if char.isspace() else _ASCII_MARK
