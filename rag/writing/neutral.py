"""Retrieved words made harmless to a prompt: one line, nothing invisible, no marks of ours.

What is replaced can only be mistaken for the frame of a prompt: role tokens, tags, citation
markers, fences. Knows nothing of what the words say: orders.py does.
"""

from __future__ import annotations

import re
import unicodedata

# Controls, formats (bidi, zero width, tags), surrogates, private and unassigned characters.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
# Variation selectors are marks; a run of them can carry a hidden text.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_ROLE_TOKEN = re.compile(r"<\|[^|>]{0,40}\|>|\[/?(?:INST|SYS)\]|<</?SYS>>", re.IGNORECASE)
# Whatever the model's own markers may look like.
_MARKER = re.compile(r"[\[【]\s*(\^?\s*\d[\d\s,;^–-]*)(?:†[^\]】]*)?[\]】]")
_NO_ANSWER = re.compile(r"\[\s*(no answer)\s*\]", re.IGNORECASE)
_FENCE = re.compile(r"={3,}|`{3,}|~{3,}|#{2,}|-{4,}")
_ANGLES = str.maketrans("<>", "‹›")


def neutral(text: str) -> str:
    """The words on one line, for a prompt. Idempotent."""
    text = visible(text)
    text = _ROLE_TOKEN.sub(" ", text)
    text = _FENCE.sub(" ", text)
    text = _NO_ANSWER.sub(r"(\1)", _MARKER.sub(r"(\1)", text))
    return " ".join(text.translate(_ANGLES).split())


def visible(text: str) -> str:
    """The text without characters that nobody sees; white space becomes blanks."""
    kept = (
        " " if c.isspace() else c
        for c in _SELECTORS.sub("", text)
        if c.isspace() or unicodedata.category(c) not in _UNSEEN
    )
    return "".join(kept)
