"""Whether words lean on what was said before, and the names that they may lean on.

Knows no dates and no outlets. Made for short questions; where it is not sure, the question
stands alone, so that a new topic is never dragged.
"""

from __future__ import annotations

import re
from calendar import day_name, month_name

from rag.understanding.outlet_names import listed

_LEADS = re.compile(
    r"^\W*(?:and|but|so|or|also|then|ok(?:ay)?|what about|how about)\b,?", re.IGNORECASE
)
_ELLIPSIS = re.compile(r"^\W*(?:and |but |so |or )?(?:what|how) about\b", re.IGNORECASE)
_OPENS_QUESTION = re.compile(
    r"^\W*(?:who|whom|whose|what|which|when|where|why|how|did|do|does|is|are|was|were|has|have|had"
    r"|can|could|will|would|should|tell|compare|name|list|true or false)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:he|she|him|her|hers|his)\b", re.IGNORECASE)
_THING = re.compile(r"\b(?:it|its|they|them|their|theirs)\b", re.IGNORECASE)
# "It" that stands for nothing.
_EMPTY_IT = re.compile(
    r"\bit (?:rain|snow|take[sn]?|took|cost to|mean|true that|possible|likely|legal|illegal"
    r"|safe to)"
    r"|\b(?:is|was|will|does|did|would) it (?:true|possible|likely|legal|illegal|take|mean to|safe"
    r"|rain|snow)\b|\bwhat time is it\b",
    re.IGNORECASE,
)
# "This week" points at the calendar.
_THAT_ONE = (
    r"(?:this|that|these|those) (?!(?:week|month|year|season|summer|winter|spring|autumn|fall|time"
    r"|morning|afternoon|evening|weekend)\b)\w+"
)
_POINTS = re.compile(
    r"\b(?:this|that|these|those)(?=\W*$)"
    rf"|^\W*(?:who|when|where|why|how)(?: \w+)? \w+ {_THAT_ONE}"
    rf"|\b(?:is|was|did|does|will|about|of|for|from|to|in|on|by|with|after|before) {_THAT_ONE}"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )\bthere(?=\W*$| (?!is|are|was|were)\w+\W*$)"
    r"|\b(?:the (?:other|second|third|former|latter|same|others)|another|which|that|this) one\b"
    r"|\b(?:the|any) others?\b|\b(?:who|what|where|anyone|anything|nobody) else\b|\bthe same\b",
    re.IGNORECASE,
)
# A question with its own subject for the pronoun: "Which company said it would sell?"
_OWN_SUBJECT = re.compile(
    r"\b(?:which|what) (?:[\w’'-]+ ){1,5}?(?:(?:has|have|had|is|are|was|were) )?(?:say|says|said"
    r"|announced?|claim(?:s|ed)?|hopes?|plans?|believes?|thinks?|confirmed|admitted|revealed|lost"
    r"|sold|cut|closed|raised|changed|wants?|saw|gave|\w+ed)\b.*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_CAPITAL = r"[A-ZÀ-ÖØ-ÞĆČĐŁŘŚŞŠŹŻŽ][\w’'-]+"
_NAME = re.compile(rf"{_CAPITAL}(?: (?:(?:de|van|von|der|la|al|bin) )*{_CAPITAL})*")
_NO_NAMES = frozenset([*month_name, *day_name, "I"])
_SMALL = listed(
    "a an the of in on at to for from by with and or but so as is are was were be been do did does"
    " has have had will would can could may might much many more most what which who whom whose"
    " when where why how about exactly then now there here not no yes please tell me us you it he"
    " she they him her them his its their this that these those one"
)
_TITLES = listed("the a an in on at mr mrs ms dr president governor mayor judge minister senator")
# As few words of content as that ask nothing by themselves: "Who won?", "How much?".
_FEW = 1
# A longer question without a name is taken as it is.
_SHORT_WORDS = 9


def leans(text: str, before: str) -> bool:
    """Whether a question needs what was said before it."""
    if _ELLIPSIS.search(text) or is_a_fragment(text):
        return True
    if _points_back(text):
        return True
    content = _content(_LEADS.sub("", text))
    if has_names(text):
        return False
    if len(content) <= _FEW or _LEADS.search(text):
        return True
    # "How much will the dam cost?" after a question about a dam.
    named = re.findall(r"\bthe (\w{3,})", text.casefold())
    shared = set(named).intersection(_WORD.findall(before.casefold()))
    return bool(shared) and len(text.split()) <= _SHORT_WORDS


def _points_back(text: str) -> bool:
    if _POINTS.search(text):
        return True
    pronoun = _PERSON.search(text) or _THING.search(_EMPTY_IT.sub(" ", text))
    if pronoun is None:
        return False
    before = text[: pronoun.start()]
    return not _OWN_SUBJECT.search(before) and not has_names(before)


def is_a_fragment(text: str) -> bool:
    """Whether it is no question of its own: "And in May?", "The other one?"."""
    rest = _LEADS.sub("", text).strip()
    return (
        not _OPENS_QUESTION.search(rest)
        and len(rest.split()) <= _SHORT_WORDS
        and (rest != text or text.endswith("?"))
    )


def bare(text: str) -> str:
    """A fragment without the words that lead it: "in May?" of "And what about in May?"."""
    return _LEADS.sub("", _ELLIPSIS.sub("", text)).strip()


def _content(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.casefold() not in _SMALL]


def has_names(text: str) -> bool:
    """Whether a name stands in a question, past its first word."""
    words = _WORD.findall(text)
    return any(word[0].isupper() and word not in _NO_NAMES for word in words[1:])


def person_asked(text: str) -> bool:
    """Whether a question asks for a person, or for one of some kind, by name."""
    return bool(re.search(r"\b(?:who|whom|whose|which|what)\b", text, re.IGNORECASE))


def names_in(text: str) -> list[str]:
    """The names in the first sentence of an answer: of two words or more, if there are any."""
    first = re.split(r"(?<=[.!?]) (?=[A-Z\[“])", re.sub(r"\s*\[\d+\]", "", text), maxsplit=1)[0]
    found = []
    for match in _NAME.finditer(first):
        words = match[0].split()
        while words and words[0].casefold() in _TITLES:
            words = words[1:]
        name = re.sub(r"['’]s?$", "", " ".join(words))
        if name and name not in _NO_NAMES and not (match.start() == 0 and len(words) == 1):
            found.append(name)
    long = [name for name in found if " " in name]
    return list(dict.fromkeys(long or found))


def with_name(text: str, name: str, person: bool) -> str | None:
    """The question with a name for its first pronoun."""
    pronoun = (_PERSON.search(text) if person else None) or _THING.search(
        _EMPTY_IT.sub(lambda found: "_" * len(found[0]), text)
    )
    if pronoun is None:
        return None
    word, after = pronoun[0].casefold(), text[pronoun.end() :]
    owns = word in ("his", "its", "their") or (word == "her" and re.match(r" [a-z]", after))
    return text[: pronoun.start()] + name + ("’s" if owns else "") + after
