"""What is left of a question without the outlets whose words it asks for.

    "How do the Harrow Ledger and the Tarn Examiner differ on the losses?"  ->  "The losses?"

Each outlet is then searched for that on its own, and what they say is kept apart. Words of
attribution would be looked for in articles that do not hold them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.understanding.outlets import OutletNamed, OutletsNamed

MAX_PARTS = 4

_COMPARES = re.compile(
    r"\b(?:differ\w*|compar\w+|disagree\w*|contradict\w*|contrast\w*|versus|vs|agree\w*|both|each"
    r"|respectively)\b",
    re.IGNORECASE,
)
# Stands for outlets that were named in one breath.
_X = "\ufffc"
_JOINED = re.compile(
    rf"(?:[Tt]he )?{_X}(?:['’]s?)?(?:(?:,? and|,? or|,|&|/| vs\.?| versus| with| to| than| from)?"
    rf"(?: ?(?:according )?(?:to|by|in))? ?(?:the )?{_X}(?:['’]s?)?)*"
)
_VERBS = r"(?:report|write|say|publish|print|cover|describe|claim|estimate|put|give|tell)(?:ed|s)?"
_REMOVED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # How do X differ on Y -> Y
        rf"^(?:how|where|in what way|on what)?,? ?(?:do|does|did|is|are)? ?(?:both )?{_X}"
        r" (?:differ|disagree|compare|agree|contradict each other|contrast)(?:ed|s)?"
        r"(?: (?:from each other|with each other))?(?: (?:on|about|over|regarding|in|as to|of))?",
        # Compare X's coverage of Y -> Y
        rf"^compare (?:how )?(?:the )?(?:\w+ (?:of|in|by) )?{_X}(?: (?:reports?|reporting|coverage"
        r"|accounts?|articles?|stories|versions?|figures?|cover(?:ed)?))?"
        r"(?: (?:on|about|of|for|in))?",
        # what do X say about Y -> what about Y
        rf" (?:do|does|did|has|have|had) (?:both )?{_X} (?:both )?{_VERBS}(?: that)?(?= |\?|$)",
        rf",? ?(?:according to|(?:as )?(?:reported|written|published|covered|said) by|per"
        rf"|(?:articles?|stories|reports?|coverage) (?:from|in|by|of)|in|by) (?:both )?{_X},?",
        rf" (?:differ|disagree)s? (?:from|with) {_X}",
        r"^compare (?:the )?(?:coverage|report(?:s|ing)|accounts|figures) (?:of|on|about|for)",
        rf"{_X} ",
    )
)
# "What did X report on Friday" asks what happened.
_WHAT_ONLY = re.compile(
    r"^(what) (?=(?:on|from|in|at|during|last|this|yesterday)\b)", re.IGNORECASE
)
_COMPARED_LEAD = re.compile(r"^\W*(?:how|where) (?:do|does|did) ", re.IGNORECASE)


def outlets_apart(text: str, named: OutletsNamed) -> tuple[tuple[str, ...], ...]:
    """The sources of each outlet, where the question wants to hear several; else nothing."""
    compares = bool(_COMPARES.search(text))
    wanted = named.named if compares else named.asked
    each = tuple(dict.fromkeys(one.sources for one in wanted))
    return each[:MAX_PARTS] if len(each) > 1 else ()


def without_outlets(text: str, named: Sequence[OutletNamed]) -> str:
    """The question without these outlets and the words that ask for what they say."""
    whole = text
    for one in reversed(named):
        text = text[: one.start] + _X + text[one.end :]
    text = _JOINED.sub(_X, text)
    if _COMPARES.search(text):
        text = _COMPARED_LEAD.sub("", text) if "differ from" in text else text
    for pattern in _REMOVED:
        text = pattern.sub("", text)
    text = _WHAT_ONLY.sub(r"\1 happened ", " ".join(text.replace(_X, " ").split()))
    text = re.sub(r"\s+([?,.])", r"\1", text).strip(" ,")
    if not re.search(r"\w{2}", text):
        return whole
    return text[0].upper() + text[1:]
