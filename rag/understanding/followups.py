"""A question that leans on what was said before, made to stand alone.

    "What happened to the rocket in April?" … "And in May?"
        ->  "What happened to the rocket in May?"
    "Who approved the dam?" … "Why did she resign?", when the answer named Marit Oyelund
        ->  "Why did Marit Oyelund resign?"

Else it is led by the question before: "Who approved the dam? Why was it stopped?". A question
that stands alone is not dragged. Surface forms only; the day of asking is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from rag.answers import Turn
from rag.understanding.dates import dates_named
from rag.understanding.leaning import (
    bare,
    has_names,
    is_a_fragment,
    leans,
    names_in,
    person_asked,
    with_name,
)
from rag.understanding.outlet_names import Outlets
from rag.understanding.outlets import outlets_named

# Of an earlier message, no more is read than a question may have.
_MAX_TURN_CHARS = 2_000
_PREPOSITIONS = frozenset(("in", "on", "since", "of", "the", "from", "after", "during"))
# Words of time that need no preposition.
_BARE = frozenset(("last", "this", "yesterday"))


def standing_alone(
    asked: str, history: Sequence[Turn], day: date, outlets: Outlets | None = None
) -> str:
    """The question's words, completed by what was said before where they lean on it."""
    known = outlets or Outlets()
    text, said = "", ""
    for turn in history:
        content = " ".join(turn.content[:_MAX_TURN_CHARS].split())
        if turn.role == "assistant":
            said = content
        elif content:
            text, said = _completed(content, text, said, day, known), ""
    return _completed(" ".join(asked.split()), text, said, day, known)


def _completed(asked: str, before: str, said: str, day: date, outlets: Outlets) -> str:
    """One question after another, `said` being the answer to the one before."""
    if not before or not leans(asked, f"{before} {said}"):
        return asked
    if is_a_fragment(asked):
        return _exchanged(asked, before, day, outlets) or f"{before} {asked}"
    if named := _named(asked, before, said):
        return named
    if dates_named(asked, day):
        before = _without_days(before, day)
    return f"{before} {asked}"


def _named(asked: str, before: str, said: str) -> str | None:
    """The question with the one name that the answer gave for its "she" or "it"."""
    if has_names(before) and not person_asked(before):
        return None
    names = [name for name in names_in(said) if name not in before]
    return with_name(asked, names[0], person_asked(before)) if len(names) == 1 else None


def _exchanged(asked: str, before: str, day: date, outlets: Outlets) -> str | None:
    """The question before, with the days or the outlet of a fragment in place of its own."""
    words = bare(asked)
    new = [(m.start, m.end) for m in dates_named(words, day)]
    old = [(m.start, m.end) for m in dates_named(before, day)]
    if not new:
        new = [(o.start, o.end) for o in outlets_named(words, outlets).named]
        old = [(o.start, o.end) for o in outlets_named(before, outlets).named]
        if len(old) != 1:
            return None
    if len(new) != 1 or len(old) > 1 or not _is_all(words, new[0]):
        return None
    start, end = old[0] if old else (len(before.rstrip(" ?.!")),) * 2
    return _put(before, start, end, words.strip(" ?.!"))


def _is_all(words: str, span: tuple[int, int]) -> bool:
    """Whether a fragment says nothing beside the words of a span."""
    rest = (words[: span[0]] + words[span[1] :]).strip(" ?.!,").casefold()
    return rest in ("", "in", "on", "since", "the", "for", "from", "after", "according to", "of")


def _put(text: str, start: int, end: int, words: str) -> str:
    """`words` in place of `text[start:end]`, without its preposition where they bring one."""
    left, right = text[:start], text[end:]
    if words.casefold().startswith("according to"):
        left = re.sub(r"according to (?:the )?$", "", left, flags=re.IGNORECASE)
    first = words.split(" ", 1)[0].casefold()
    if left and first in _PREPOSITIONS:
        words = first + words[len(first) :]
    last = left.rstrip().rsplit(" ", 1)[-1].casefold()
    if last in _PREPOSITIONS and first in _PREPOSITIONS | _BARE:
        left = left.rstrip()[: -len(last)]
    gap = " " if left and not left.endswith(" ") else ""
    return left + gap + words + right


def _without_days(text: str, day: date) -> str:
    """The earlier question without its days: the new one names its own."""
    for mention in reversed(dates_named(text, day)):
        left = text[: mention.start].rstrip()
        head, _, last = left.rpartition(" ")
        left = head if last.casefold() in _PREPOSITIONS else left
        text = left + text[mention.end :]
    return text
