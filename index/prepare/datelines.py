"""Reads the dateline of a news text: where it was written, and for which agency.

"PARIS (AP) —", "WASHINGTON, May 3 (Reuters) -", "(CNN) —" at the head of a paragraph, and
"New York CNN —" on a line of its own. A day in it is not read: without a year it is no date.
Sees a text or a line; knows neither the article nor how it was cleaned.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files

# A dateline opens one of the first lines: a headline, a summary or a caption may precede it.
HEAD_LINES = 4

_LISTS: dict[str, list[str]] = tomllib.loads(
    files("index.prepare").joinpath("datelines.toml").read_text("utf-8")
)
_LABELS, _SMALL, _CAPITALS = (frozenset(_LISTS[name]) for name in ("labels", "small", "capitals"))
_KNOWN = "|".join(re.escape(name) for name in sorted(_LISTS["agencies"], key=len, reverse=True))

DASHES = ("—", "–", "-")
# How far into a line a dateline may reach, and the shortest paragraph that may follow one.
_REACH = 120
_PARAGRAPH = 40

_UP = "A-ZÀ-ÖØ-ÞĀĆČĐĞİŁŃŌŚŞŠŹŻŽ"
_CAPS = rf"(?:Mc)?[{_UP}][{_UP}.'’-]+"
_NAME = rf"[{_UP}][\w.'’-]{{0,20}}"
_JOIN = r"(?:,? & |,? and | |/|, )"
_REGION = rf"(?P<region>(?:, {_NAME}(?: (?:of |and )?{_NAME}){{0,3}}){{0,2}})"
_CITY = rf"(?P<place>{_CAPS}(?:{_JOIN}{_CAPS}){{0,5}}{_REGION})"
_TOWN = rf"(?P<place>{_NAME}(?:{_JOIN}{_NAME}){{0,5}})"
_DAY = (
    r"(?:,? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? \d{1,2}(?:, \d{4})?)?"
)
_AGENCY = rf"(?P<agency>{_KNOWN}|[KW][A-Z]{{2,3}})"
_DASH = r" ?(?:—|–|--|- |_ ) ?(?=[\"“‘'’(\[$£€]{0,2}[^\Wa-z_])"
# Capitals stand alone; a place in small letters needs an agency, an agency its brackets.
_OPENINGS = (
    re.compile(rf"{_CITY}{_DAY}(?:,? ?\((?P<agency>[{_UP}d][\w .,&/'’-]{{1,40}})\))?{_DASH}"),
    re.compile(rf"{_TOWN}{_DAY} ?\({_AGENCY}\){_DASH}"),
    re.compile(rf"\({_AGENCY}\)(?:{_DASH}| ?(?=[\"“]?[{_UP}]))"),
)
_LINES = (
    re.compile(rf"(?:{_TOWN} )?\(?(?P<agency>{_KNOWN})\)? ?[—–-]{{1,2}}"),
    re.compile(rf"{_CITY}{_DAY}(?: ?\((?P<agency>[^()]{{2,40}})\))? ?[—–-]{{1,2}}"),
)
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’](?=[^\W\d_]))*\.?")


@dataclass(frozen=True, slots=True)
class Dateline:
    """What a dateline names, and its span in the text, dash and space included."""

    place: str | None
    agency: str | None
    start: int = 0
    end: int = 0


def find_dateline(text: str) -> Dateline | None:
    """The dateline at the head of one of the first paragraphs of `text`."""
    start = 0
    for line in text.split("\n", HEAD_LINES)[:HEAD_LINES]:
        for form in _OPENINGS if len(line) >= _PARAGRAPH else ():
            found = form.match(line, 0, _REACH)
            if found and (read := _read(found)):
                return replace(read, start=start, end=start + found.end())
        start += len(line) + 1
    return None


def read_line(line: str, outlet: str | None = None) -> Dateline | None:
    """The dateline that stands alone on `line`; `outlet` is a name that may end it."""
    bare = line.rstrip("—–- ")
    if outlet and bare.endswith(outlet):
        place = bare.removesuffix(outlet).strip(" (,")
        return Dateline(place or None, outlet)
    for form in _LINES:
        if (found := form.fullmatch(line)) and (read := _read(found)):
            return read
    return None


def _read(found: re.Match[str]) -> Dateline | None:
    """Place and agency of a match; None where the capitals are a label or an initialism."""
    parts = found.groupdict()
    place, agency = parts.get("place"), parts["agency"]
    if place and not agency and not parts.get("region") and place in _LABELS:
        return None
    return Dateline(place and _in_readable_case(place), agency)


def _in_readable_case(place: str) -> str:
    """`SAN FRANCISCO & OAKLAND, Calif.` as `San Francisco & Oakland, Calif.`."""
    return _WORD.sub(lambda word: _word_in_readable_case(word[0], first=not word.start()), place)


def _word_in_readable_case(word: str, *, first: bool) -> str:
    if word[:2] == "Mc" and word[2:].isupper():
        return "Mc" + word[2:].capitalize()
    if not word.isupper() or word in _CAPITALS or "." in word[:-1]:
        return word
    if word.casefold() in _SMALL and not first:
        return word.lower()
    word = re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word)
    return re.sub(r"(?<=['’])S\Z", "s", word)  # `Martha's`, yet `Cortina d'Ampezzo`
