"""What kind of answer a question asks for, and whether a sentence offers one.

"How many troops" asks for a number, best one that counts troops; "who" for a name
that the question does not already hold. Surface forms only: pure, no model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import snowballstemmer

_stemmer = snowballstemmer.stemmer("english")
# The stemmer is pure Python: 0.2 ms a word, of which news repeats most.
_STEMS_KEPT = 65_536


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


class Kind(StrEnum):
    """The kind of answer that a question asks for."""

    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    NAME = "name"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Expectation:
    """A kind of answer, and the stems of what is counted or asked for ("troop")."""

    kind: Kind
    noun: frozenset[str] = frozenset()


WORD = re.compile(r"[$€£]?\d[\d,.]*\d|[$€£]?\d|[^\W\d_]+(?:[’'-][^\W_]+)*|%")
_NUMBER_WORDS = _words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred hundreds thousand thousands million billion trillion dozen dozens half third "
    "quarter first second once twice no none zero"
)
_DATE_WORDS = _words(
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow week "
    "month year decade century spring summer autumn fall winter morning evening night weekend "
    "noon midnight christmas easter"
)
_SMALL_WORDS = _words(
    "a an the of in on at to for from by with and or but as is are was were be been being do "
    "did does has have had will would can could may might must shall should it its he she they "
    "his her their this that these those there here what which who whom whose when where why "
    "how many much long often far old new i you we us our your my me him them if not no than "
    "then into about after before over under again also just more most other some such only own "
    "same so too very s t"
)
_HOW_MANY = re.compile(r"\bhow many\b(.*)", re.IGNORECASE)
_AMOUNT = re.compile(
    r"\bhow (?:much|large|big|high|long|old|far|tall|fast|effective|deep|wide|heavy)\b|"
    r"\b(?:what|which)\b(?: [\w’']+){0,4}? (price|cost|amount|sum|fine|salary|percentage|percent|"
    r"share|number|age|distance|speed|score|margin|value|temperature|rate|fee|budget|reward)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"^\W*(?:on |in |since |by |until )?(?:when\b|(?:what|which)(?: \w+)? "
    r"(?:date|day|month|year|week|time|century|decade)\b)",
    re.IGNORECASE,
)
_WHO = re.compile(r"\b(?:who|whom|whose)\b|^\W*where\b", re.IGNORECASE)
_WHICH = re.compile(r"\b(?:which|what)\b(.*)", re.IGNORECASE)
_NAMED_NOUNS = frozenset(
    map(
        _stemmer.stemWord,
        _words(
            "person man woman player team country nation city town state company firm actor "
            "actress singer artist author president minister leader politician candidate judge "
            "justice senator governor mayor king queen prince princess celebrity star film movie "
            "show series song album book novel band club university school airline brand ship "
            "island planet driver athlete director coach manager organization organisation agency "
            "party"
        ),
    )
)
_NOUN_WORDS = 3
# A number this many words or fewer before the noun counts it: "11,000 North Korean troops".
_COUNTS_WITHIN = 4


def stems(text: str) -> list[str]:
    """The stems of the words of a text, in order, case-folded."""
    return [stem(word) for word in WORD.findall(text)]


@lru_cache(maxsize=_STEMS_KEPT)
def stem(word: str) -> str:
    """The stem of a word, without possessive ending, case-folded."""
    folded = word.casefold().replace("’", "'").removesuffix("'s")
    return str(_stemmer.stemWord(folded))


def content_stems(question: str) -> list[str]:
    """The stems of a question's words that carry meaning, in order."""
    words = [word.casefold().replace("’", "'") for word in WORD.findall(question)]
    return [stem(word) for word in words if word.removesuffix("'s") not in _SMALL_WORDS]


def expectation(question: str) -> Expectation:
    """What kind of answer a question asks for."""
    if match := _HOW_MANY.search(question):
        return Expectation(Kind.NUMBER, _nouns(match[1]))
    if match := _AMOUNT.search(question):
        return Expectation(Kind.AMOUNT, frozenset({stem(match[1])} if match[1] else ()))
    if _WHEN.search(question):
        return Expectation(Kind.DATE)
    if _WHO.search(question):
        return Expectation(Kind.NAME)
    if (match := _WHICH.search(question)) and _nouns(match[1]) & _NAMED_NOUNS:
        return Expectation(Kind.NAME)
    return Expectation(Kind.OPEN)


def _nouns(rest: str) -> frozenset[str]:
    """The stems of the first words after "how many" or "which" that carry meaning."""
    nouns = []
    for word in WORD.findall(rest)[:_NOUN_WORDS]:
        if word.casefold() in _SMALL_WORDS:
            break
        nouns.append(stem(word))
    return frozenset(nouns)


def offers(sentence: str, question: str, expected: Expectation) -> float:
    """How well a sentence offers what is expected: 0 not, 1 yes; 0.5 a number of other things.

    For an open question it is 0.5: nothing can be said.
    """
    words = WORD.findall(sentence)
    asked = set(stems(question))
    if expected.kind is Kind.NUMBER:
        return _offers_number(words, asked, expected.noun)
    if expected.kind is Kind.AMOUNT:
        return float(any(_is_number(w) and stem(w) not in asked for w in words))
    if expected.kind is Kind.DATE:
        return float(any(_is_date(w) and stem(w) not in asked for w in words))
    if expected.kind is Kind.NAME:
        return float(
            any(
                w[0].isupper() and place > 0 and stem(w) not in asked and not _is_date(w)
                for place, w in enumerate(words)
            )
        )
    return 0.5


def _offers_number(words: list[str], asked: set[str], noun: frozenset[str]) -> float:
    best = 0.0
    for place, word in enumerate(words):
        if _is_number(word) and stem(word) not in asked:
            after = {stem(w) for w in words[place + 1 : place + 1 + _COUNTS_WITHIN]}
            best = max(best, 1.0 if after & noun else 0.5)
    return best


def _is_number(word: str) -> bool:
    return any(c.isdigit() for c in word) or word.casefold() in _NUMBER_WORDS


def _is_date(word: str) -> bool:
    folded = word.casefold()
    if folded == "may":
        return word[0].isupper()
    year = folded.isdigit() and len(folded) == 4 and folded[:2] in {"18", "19", "20"}
    return year or folded in _DATE_WORDS or folded.rstrip("s") in _DATE_WORDS
