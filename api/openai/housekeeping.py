"""What chat pages ask of a model behind the user's back: titles, tags, next questions.

Such a prompt is recognised by its build, never by a word alone: a question about a title is a
question. It is answered from the conversation that it holds, without a search.

    a task     the JSON key that is wanted, a transcript between tags, and a heading or an end
               (Open WebUI: title, tags, follow_ups, queries, text, prompt)
    a title    an instruction that wants a title, and a transcript (LibreChat, LobeChat,
               Chatbox), or the conversation itself before it (NextChat)
    an emoji   an instruction that wants one, and a fenced message (Open WebUI)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from api.openai.conversation import Said
from api.openai.extracts import follow_ups, query, tags, title

# Longer than any such prompt: six messages, each as long as an answer can be.
_MAX_CHARS = 200_000
# Instructions are short; what comes before a transcript in an article is not.
_MAX_HEAD_CHARS = 4_000
_MAX_ORDER_CHARS = 800

_TASK = re.compile(r"#{1,6}\s*task\b", re.IGNORECASE)
_OPEN, _CLOSE = "<chat_history>", "</chat_history>"
_KEY = re.compile(r"\{\s*[\"“'](title|tags|follow_ups|queries|text|prompt)[\"”']\s*:")
_SPEAKER = re.compile(
    r"^(user|human|assistant|ai|system|tool):[ \t]*", re.IGNORECASE | re.MULTILINE
)
_WANTS_TITLE = re.compile(r"\b(?:title|name)\b|标题", re.IGNORECASE)
_CONVERSATION = re.compile(r"\b(?:conversation|chat|dialogue|discussion)\b", re.IGNORECASE)
_ORDER = re.compile(
    r"(?:please |now )?(?:generate|create|write|provide|give|suggest|summari[sz]e|come up with)\b",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"\bwords?\b|\bcharacters?\b|\bpunctuation\b|\bquot(?:es|ation)\b|\bonly\b|\bnothing else\b",
    re.IGNORECASE,
)
_RULE = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)
_EMOJI = re.compile(r"\byour task\b.*\bemojis?\b", re.IGNORECASE | re.DOTALL)
_FENCE = "```"
_NEWS = "📰"


def housekeeping_reply(said: Sequence[Said]) -> str | None:
    """The reply to a housekeeping prompt; None for everything else."""
    spoken = [one for one in said if one.role not in ("system", "developer")]
    orders = " ".join(one.text for one in said if one.role in ("system", "developer"))
    prompt = spoken[-1].text.strip()
    if len(prompt) > _MAX_CHARS:
        return None
    if len(spoken) > 1:
        return title(_as_turns(spoken[:-1])) if _is_order_for_title(prompt) else None
    return _task(prompt) or _titled(prompt, orders[:_MAX_ORDER_CHARS]) or _emoji(prompt)


def _task(prompt: str) -> str | None:
    """The JSON that a task wants: the key stands in its head, before the transcript."""
    head, opened, rest = prompt.rpartition(_OPEN)
    transcript, closed, tail = rest.partition(_CLOSE)
    keys = _KEY.findall(head)
    if not (opened and closed and keys and (_TASK.match(head) or not tail)):
        return None
    turns = _transcript(transcript)
    made: Mapping[str, object] = {
        "title": title(turns),
        "tags": tags(turns),
        "follow_ups": follow_ups(turns),
        "queries": [words] if (words := query(turns)) else [],
        "text": "",
        "prompt": query(turns),
    }
    return json.dumps({keys[-1]: made[keys[-1]]}, ensure_ascii=False)


def _titled(prompt: str, orders: str) -> str | None:
    """A title, where the prompt is an instruction for one and a transcript, or only that."""
    first = _SPEAKER.search(prompt)
    if first is None:
        return _titled_in_fence(prompt)
    head = prompt[: first.start()].strip()
    turns = _transcript(prompt[first.start() :])
    told = head or orders
    two_speakers = len({role for role, _ in turns}) > 1
    if two_speakers and _wants_title(told) and not head.endswith("?"):
        return title(turns)
    return None


def _titled_in_fence(prompt: str) -> str | None:
    head, _, rest = prompt.partition(_FENCE)
    body, fenced, tail = rest.rpartition(_FENCE)
    if fenced and not tail.strip() and _RULE.search(body) and _wants_title(head):
        parts = [part.strip() for part in _RULE.split(body)]
        return title([("user" if i % 2 == 0 else "assistant", p) for i, p in enumerate(parts)])
    return None


def _wants_title(head: str) -> bool:
    return (
        0 < len(head) <= _MAX_HEAD_CHARS
        and _WANTS_TITLE.search(head) is not None
        and (_FORM.search(head) is not None or not head.isascii())
    )


def _is_order_for_title(prompt: str) -> bool:
    """An order for a title of the conversation before it, with the form that it shall have."""
    return (
        len(prompt) <= _MAX_ORDER_CHARS
        and not prompt.endswith("?")
        and _ORDER.match(prompt) is not None
        and re.search(r"\btitle\b", prompt, re.IGNORECASE) is not None
        and _CONVERSATION.search(prompt) is not None
        and _FORM.search(prompt) is not None
    )


def _emoji(prompt: str) -> str | None:
    head, _, rest = prompt.partition(_FENCE)
    fenced = rest.endswith(_FENCE) and len(head) <= _MAX_HEAD_CHARS
    return _NEWS if fenced and _EMOJI.match(head) else None


def _as_turns(said: Sequence[Said]) -> list[tuple[str, str]]:
    return [(one.role, one.text) for one in said if one.role in ("user", "assistant")]


def _transcript(text: str) -> list[tuple[str, str]]:
    """Who said what: `USER: …`, `Assistant: …`, each at the start of a line."""
    pieces = _SPEAKER.split(text)
    speakers, words = pieces[1::2], pieces[2::2]
    return [
        ("user" if speaker.casefold() in ("user", "human") else "assistant", said.strip())
        for speaker, said in zip(speakers, words, strict=True)
        if speaker.casefold() not in ("system", "tool")
    ]
