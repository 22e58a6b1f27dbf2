"""What a general sentence splitter gets wrong in news, as rules about one place.

The default splitter learned from law reports: to it `week.`, `reports.` and `Park.`
are abbreviations. Each rule here answers a class of errors seen in news and is
counted in docs/decisions/sentence-splitting.md. Knows one place of a line at a time.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

# A place where a sentence may end: white space after a mark and what it closes.
_PLACE = re.compile(r"(?<=[.!?…])([\"”’')\]]*)\s+(?=\S)")
# How much of the line a rule sees on each side, in characters.
_CONTEXT = 80

_LISTS: dict[str, list[str]] = tomllib.loads(
    files("index.prepare").joinpath("abbreviations.toml").read_text("utf-8")
)
_TITLES = frozenset(_LISTS["titles"])
_ABBREVIATIONS = frozenset(_LISTS["open"]) | _TITLES
_BEFORE_NAMES = frozenset(_LISTS["before_names"]) | _TITLES
_COMPANIES = frozenset(_LISTS["companies"])
_OFFICES = frozenset(_LISTS["offices"])
_COUNTRIES = frozenset(_LISTS["countries"])
_COUNTRY_OFFICES = frozenset(_LISTS["country_offices"])
_CALENDAR = frozenset(_LISTS["calendar"])
_DEGREES = frozenset(_LISTS["degrees"])

_WORD_BEFORE = re.compile(r"[^\s\"“”‘’'(\[—–/-]*\Z")
_WORD_AFTER = re.compile(r"[\"“‘'(\[]*(\w+)")
_SMALL_SECOND = re.compile(r"\w+\s+[a-z]")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_FIRST_PERSON_OR_WAR = re.compile(r"(?:\b[a-z]+|\bWar) I\.\Z")
_FRONTED_TIME = re.compile(
    r"(?:\A|[.!?][\"”’)]*\s+)[\"“‘(]?"
    r"(?:About|After|Around|At|Before|By|From|Just|Shortly|Since|Until)\b[^.!?]*[ap]\.m\.\Z"
)
_SPEAKER = re.compile(
    rf"(?!(?:{'|'.join(_LISTS['pronouns'])})\b)(?:[^\W\d_a-z][\w.’'-]*\s+){{1,4}}"
    rf"(?:{'|'.join(_LISTS['speech'])})\b"
)
_DASH = re.compile(r"[—–-]+\s")
_CLOSING = re.compile(r"[”)\]]+(?:\s+|\Z)")


def corrected(line: str, begins: list[int]) -> list[int]:
    """Where sentences after the first begin in `line`, given the splitter's answer."""
    found = {_after_closing(line, begin) for begin in begins if line[begin] not in ";,"}
    for place, verdict in _verdicts(line):
        if verdict:
            found.add(place)
        elif verdict is False:
            found.discard(place)
    return sorted(found - {len(line)})


def _after_closing(line: str, begin: int) -> int:
    """A closing mark that was left to the next sentence goes with the one it closes."""
    closing = _CLOSING.match(line, begin)
    return closing.end() if closing else begin


def _verdicts(line: str) -> Iterator[tuple[int, bool | None]]:
    """Each place with True (a boundary), False (none) or None (as the splitter says)."""
    for place in _PLACE.finditer(line):
        before = line[max(0, place.start() - _CONTEXT) : place.start()]
        after = line[place.end() : place.end() + _CONTEXT]
        yield place.end(), _judge(before, place[1], after)


def _judge(before: str, closed: str, after: str) -> bool | None:
    if after[0] in ";,":
        return False
    if before[-1] in "!?":
        return _judge_exclamation(closed, after)
    if before[-1] == "." and not closed:
        return _judge_stop(before, after)
    return None


def _judge_exclamation(closed: str, after: str) -> bool | None:
    """`Yahoo! shares`, `Is it safe? — he asked`, `“Enough!” Mayor Bass said`."""
    word = re.match(r"[^\W_]+(?=[\s,.])", after)
    if _DASH.match(after) or (word and word[0].islower()):
        return False
    return False if closed and _SPEAKER.match(after) else None


def _judge_stop(before: str, after: str) -> bool | None:
    match = _WORD_BEFORE.search(before[:-1])
    word = match[0] if match else ""
    following = _WORD_AFTER.match(after)
    following_word = following[1] if following else ""
    if not following_word[:1].isupper():
        return _judge_small(word, following_word)
    if _names_in_capitals(word, following_word):
        return False
    if word in _TITLES or (word in _COUNTRIES and following_word in _COUNTRY_OFFICES):
        return False
    if word == "no" or _FIRST_PERSON_OR_WAR.search(before):
        return True
    if word in ("a.m", "p.m"):
        return _judge_time(before, following_word)
    if word in _COMPANIES or word in _DEGREES:
        return True if _SMALL_SECOND.match(after) and following_word not in _OFFICES else None
    return True if len(word) > 1 and word.isalpha() and word not in _ABBREVIATIONS else None


def _names_in_capitals(word: str, following: str) -> bool:
    """A dateline or headline in capitals: `PORT ST. JOE`, `LT. GOV. DAHL`, not `the SEC. The`."""
    capitals = len(word) > 1 and word.isupper() and following[:2].isupper()
    return capitals and word.capitalize() in _BEFORE_NAMES


def _judge_small(word: str, following: str) -> bool | None:
    """Before a small letter or a figure: `the A.C.L.U. both`, `No. 3`."""
    if following[:1].islower() and _INITIALS.fullmatch(word):
        return False
    return None


def _judge_time(before: str, following: str) -> bool | None:
    """`at 9 p.m. Monday` and `At 7 p.m. Mr. Aldous` go on; `at 9 p.m. Mayor Ruiz` does not."""
    if following in _CALENDAR or _FRONTED_TIME.search(before):
        return False
    return None if len(following) > 1 and following.isupper() else True
