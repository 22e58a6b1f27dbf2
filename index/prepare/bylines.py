"""Recognises the lines above an article that say who wrote it.

Sees one line at a time and the one that follows. Knows neither the article nor what
its source said of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.documents import PublicationDate
from index.prepare.dates import parse_date
from index.prepare.rules import fold

LONGEST_BYLINE = 240  # ten names
LONGEST_AFFILIATION = 60

_WORD = r"(?!and\b)(?-i:[^\W\d_a-z])[\w'.-]{0,25}"
_NAME = rf"{_WORD}(?: (?:{_WORD}|de|da|van|von|der|la|al|bin|el)){{1,4}}"
_NAMES = rf"(?P<names>{_NAME}(?:(?:, and |, | and | & ){_NAME}){{0,9}})"
_BYLINE = re.compile(
    rf"by:? {_NAMES}(?:,? ?(?P<bar>[|•·/]|, | - | for | of | in | at ) ?(?P<rest>.{{1,60}}))?",
    re.IGNORECASE,
)
_BARE_NAMES = re.compile(
    rf"{_NAMES}(?P<outlet>, (?:the )?(?:associated press|reuters|afp|usa today"
    r"|[\w .'&()-]{0,30}\b(?:sports|news|times|post|today|network|journal|press|herald"
    r"|tribune|republic|register|star)))?",
    re.IGNORECASE,
)
# An outlet or a role that stands alone under the names of the authors.
_AFFILIATION = re.compile(
    r"(?:[\w&|' -]{0,30}?\b)?(?:(?:guest |staff |senior )?(?:columnist|writer|reporter"
    r"|correspondent|contributor|editor)|sports|news|times|post|journal|press|herald|tribune|republic|register"
    r"|star|sun|gazette|sentinel|enquirer|dispatch|chronicle|observer|courier|free press|network"
    r"|[\w-]{2,40}\.(?:com|org|net))(?: ?[|] ?[\w-]{2,40}\.(?:com|org|net))?",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r", and |, | and | & ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Byline:
    """Who wrote an article, and what the line said besides."""

    authors: tuple[str, ...]
    source: str | None = None
    published: PublicationDate | None = None
    affiliated: bool = False  # the next line names their outlet or role


def read_byline(text: str, following: str, *, titled: bool, above_wire: bool) -> Byline | None:
    """Authors of `By Ana Kovač and Tom Whitlock | The Outlet`, or of names above an outlet.

    Names without "By" count only with an outlet: on their line, on the `following`
    one, or, where cleaning removed it, `above_wire`. The first line of an article
    without a title (not `titled`) may be its headline, so there it must be on the line.
    """
    if len(text) > LONGEST_BYLINE:
        return None
    folded = fold(text)
    if match := _BYLINE.fullmatch(folded):
        rest = match.group("rest") or ""
        published = parse_date(rest)
        outlet = None if published or match.group("bar") != "|" else rest.strip() or None
        return Byline(_names(text, match)[0], outlet, published)
    match = _BARE_NAMES.fullmatch(folded)
    if not match:
        return None
    authors, outlet_on_line = _names(text, match)
    if outlet_on_line or match.group("outlet") or (titled and above_wire):
        return Byline(authors)
    if titled and _is_affiliation(following):
        return Byline(authors, affiliated=True)
    return None


def _is_affiliation(text: str) -> bool:
    return len(text) <= LONGEST_AFFILIATION and bool(_AFFILIATION.fullmatch(fold(text)))


def _names(text: str, match: re.Match[str]) -> tuple[tuple[str, ...], bool]:
    """The authors, and whether an outlet stood last among their names."""
    start, end = match.span("names")
    names = tuple(
        name.title() if name.isupper() else name for name in _BETWEEN_NAMES.split(text[start:end])
    )
    if len(names) > 1 and _is_affiliation(names[-1]):
        return names[:-1], True
    return names, False
