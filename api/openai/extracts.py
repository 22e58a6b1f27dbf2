"""A title, tags and next questions out of a conversation's own words. Pure.

Nothing is invented: a title is cut from the first question, tags and questions name the names
that were said. Knows nothing of who asks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from api.openai.conversation import bare
from rag.understanding.leaning import names_in
from rag.understanding.outlet_names import listed

Turns = Sequence[tuple[str, str]]
"""Role (`user` or `assistant`) and words, oldest first."""

_MAX_READ_CHARS = 2_000
# What pages show in a side bar; LobeChat wants at most 50 characters, the others 3 to 5 words.
_MAX_TITLE_WORDS = 6
_MAX_TITLE_CHARS = 50
_MAX_TAGS = 3
_MAX_FOLLOW_UPS = 3
_MAX_QUERY_CHARS = 300
_UNTITLED = "News"
# Words that ask, and say nothing of what about: "What happened to", "Tell me about the".
_ASKING = re.compile(
    r"^(?:(?:and|but|so|please|can|could|would|you|tell|give|show|me|us|about|what|who|whom|whose"
    r"|which|when|where|why|how|many|much|long|old|is|are|was|were|did|do|does|has|have|had|will"
    r"|happened|there|of|to|the|a|an|in|on|at)\b[ ,]*)+",
    re.IGNORECASE,
)
_DANGLING = listed(
    "a an the of in on at to for from by with and or but as is are was were after before about"
    " during over that which who"
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


def title(turns: Turns) -> str:
    """A few words of the first question."""
    asked = next((words for role, words in turns if role == "user" and words.strip()), "")
    flat = " ".join(asked[:_MAX_READ_CHARS].split())
    sentence = _SENTENCE_END.split(flat, maxsplit=1)[0].strip(" ?!.,:;\"'“”‘’#*`")
    return _short(_ASKING.sub("", sentence) or sentence) or _UNTITLED


def _short(words: str) -> str:
    """As many of the words as a title has; it does not end on an article or the like."""
    kept: list[str] = []
    for word in words.split()[:_MAX_TITLE_WORDS]:
        if kept and len(" ".join([*kept, word])) > _MAX_TITLE_CHARS:
            break
        kept.append(word)
    while len(kept) > 1 and kept[-1].casefold() in _DANGLING:
        kept.pop()
    text = " ".join(kept)[:_MAX_TITLE_CHARS].rstrip(" ,;:-")
    return text[:1].upper() + text[1:]


def tags(turns: Turns) -> list[str]:
    """`News`, and the names that were said most often."""
    return [_UNTITLED, *_names(turns)][:_MAX_TAGS]


def follow_ups(turns: Turns) -> list[str]:
    """Questions about the names that were said; none if there were none."""
    return [f"What is the latest about {name}?" for name in _names(turns)[:_MAX_FOLLOW_UPS]]


def query(turns: Turns) -> str:
    """The last question, to be searched for."""
    asked = [words for role, words in turns if role == "user" and words.strip()]
    return " ".join(asked[-1].split())[:_MAX_QUERY_CHARS].rstrip() if asked else ""


def _names(turns: Turns) -> list[str]:
    """Names, the most frequent first, then the earliest."""
    counted: Counter[str] = Counter()
    for role, words in turns:
        said = words[:_MAX_READ_CHARS]
        counted.update(names_in(bare(said) if role == "assistant" else said))
    return sorted(counted, key=lambda name: -counted[name])
