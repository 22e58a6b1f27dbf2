"""Whether a question is about now, about a dated past, or about what does not age.

It decides how much the age of an article counts. Surface forms only: a question without a
sign of another kind is about now, as nearly all questions over news are.
"""

from __future__ import annotations

import re
from datetime import date

from index.documents import About
from index.prepare.mentions.days import Span
from rag.understanding.dates import is_recent, names_an_old_year

# How much the prior for recent articles acts, by kind. It never acts against a date that is
# named; benchmarks/understanding.py has how old the articles are that answer each kind.
RECENCY: dict[About, float] = {"now": 1.0, "past": 0.0, "timeless": 0.5}

_BEFORE_A_DAY = re.compile(
    r"\b(?:before|until|till|by|prior to)\s+(?:[a-z-]+ )?(?:[A-Z][a-z]+ )?(?:\d{1,2},? )?"
    r"(?:19|20)\d\d\b"
)
# Words of news: whatever else is asked, it is of these days.
_NOW = re.compile(
    r"\b(?:now|currently|recent(?:ly)?|latest|newest?|upcoming|today|tonight|just|yet|still"
    r"|this (?:week|month|year|season|weekend|morning|summer|fall|autumn|winter|spring)"
    r"|announced?|reported(?:ly)?|according to|set to|will|has|have|had|been|being|is [a-z]+ing"
    r"|are [a-z]+ing|was [a-z]+ing)\b",
    re.IGNORECASE,
)
# What is defined, or was made once.
_TIMELESS = re.compile(
    r"^\W*(?:"
    r"what(?:['’]s| is| are) (?:an? |the (?:capital|currency|population|definition|meaning|origin"
    r"|official language|chemical symbol|boiling point|freezing point|difference between"
    r"|(?:tallest|largest|longest|highest|biggest|smallest|deepest|oldest)) )"
    r"|what does .+ (?:mean|stand for)\b"
    r"|who (?:wrote|invented|discovered|painted|composed|sculpted|designed|founded|directed)\b"
    r"|(?:who|what|which [\w ]{1,40}?) (?:was|were) the (?:first|last)\b"
    r"|how (?:many|much) .+ (?:are|is) (?:there )?in (?:an?|the|one)\b"
    r"|(?:how (?:far|tall|high|deep|old|long) (?:is|are)|where (?:is|are)) (?:the )?[A-Z]"
    r"|(?:in )?(?:what|which) (?:year|century|decade) (?:did|was|were)\b"
    r"|when (?:was|were) .+ (?:born|founded|built|invented|discovered|established|abolished)\b"
    r"|where was .+ (?:built|invented|born|founded|discovered)\b"
    r"|(?:which|what|who) .*\b(?:is|are) (?:considered|known as|nicknamed|called the)\b"
    r"|how (?:many|much) .+ (?:on|in|of) the first\b"
    r")",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?…]) +(?=\S)")
# History: what its names stand for ended long before any news of it.
_HISTORY = re.compile(
    r"\b(?:World War|Civil War|Cold War|Vietnam War|Korean War|Great Depression|Civil Rights Act"
    r"|Voting Rights Act|Declaration of Independence|Industrial Revolution|French Revolution"
    r"|Roman Empire|Ottoman Empire|Soviet Union|Berlin Wall|Middle Ages|Renaissance|Magna Carta"
    r"|Constitutional Amendment|slavery|George Washington|Thomas Jefferson|Abraham Lincoln"
    r"|(?:1[0-9]|[5-9])th[ -]century|ancient)\b"
)


def kind_of(text: str, period: Span | None, asked: date) -> About:
    """The kind of a question, by the days it is about and its words."""
    if period is not None:
        return "now" if is_recent(period, asked) else "past"
    if _BEFORE_A_DAY.search(text) and names_an_old_year(text, asked):
        return "past"
    if _NOW.search(text):
        return "now"
    if names_an_old_year(text, asked):
        return "past"
    asked_for = _SENTENCE_END.split(text)[-1]
    return "timeless" if _TIMELESS.search(asked_for) or _HISTORY.search(asked_for) else "now"
