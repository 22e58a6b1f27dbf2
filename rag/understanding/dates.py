"""The days that a question names, against the day of asking.

    "since March", asked on 2 June 2025  ->  2025-03-01 to 2025-06-02

A wrong day misleads, a missing one is harmless: what could mean two things names none, and
neither does an event ("since the election") or a day to come, of which news was published
before. The ways to name days are in date_forms.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from index.documents import DateMention, PublicationDate
from index.prepare.mentions.days import Span
from index.prepare.mentions.tense import Words as Sentence
from rag.understanding.date_forms import CUE, FORMS
from rag.understanding.phrases import quoted
from rag.understanding.resolving import Words

# A span that begins so near to the day of asking is still news.
RECENT_DAYS = timedelta(days=14)

_SINCE = re.compile(r"\b(?:(?:ever )?since|after|following)\s+(?:the )?$", re.IGNORECASE)
# "since a crackdown began in March": the clause tells where the span begins.
_SINCE_CLAUSE = re.compile(r"\bsince\b[^,;.?!]*$", re.IGNORECASE)
# What came before a day has no first day; the day of a birth is not asked about.
_UNTIL = re.compile(
    r"\b(?:before|until|till|by|prior to|up to|ahead of|born(?: on| in)?)\s+(?:the )?$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\w$£€#.,-])(?:1[6-9]|20)\d\d(?!\w|[.,–/-]\d)")
# A year in the name of what went before the event: "after the 2019 vote".
_OF_ANOTHER = re.compile(r"\b(?:after|since|following|from|despite)\s+(?:the )?$", re.IGNORECASE)
_YEAR_NAMED = re.compile(
    r"\b(?:last|previous|prior|that|same) year\b|\byears? (?:ago|earlier|before)\b", re.IGNORECASE
)


def dates_named(text: str, asked: date) -> tuple[DateMention, ...]:
    """The spans of days that words of `text` name, in order, none of them after `asked`."""
    if not CUE.search(text):
        return ()
    found = [
        DateMention(start, end, text[start:end], *days)
        for start, end, span in _resolved(text, asked)
        if span and (days := _open_end(text, start, span, asked))
    ]
    return tuple(sorted(found, key=lambda mention: mention.start))


def _resolved(text: str, asked: date) -> Iterator[tuple[int, int, Span | None]]:
    """Each place that a form claims, and its days; what is quoted was said on another day."""
    sentence, taken = Sentence(text), [phrase.span for phrase in quoted(text)]
    for form in FORMS:
        for match in form.pattern.finditer(text):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken):
                continue
            taken.append((start, end))
            words = Words(
                match.groupdict(), asked, sentence.tense(start, end), _another_year(text, asked)
            )
            try:
                span = form.resolve(words)
            except (ValueError, OverflowError):  # before the year 1, or after 9999
                span = None
            yield *match.span("said" if "said" in match.re.groupindex else 0), span


def _another_year(text: str, asked: date) -> bool:
    years = {int(year) for year in _YEAR.findall(text)}
    return bool(years - {asked.year}) or bool(_YEAR_NAMED.search(text))


def _open_end(text: str, start: int, days: Span, asked: date) -> Span | None:
    """The days, up to that of asking after "since"; None for what is to come or was before."""
    first, last = days
    before = text[:start]
    if first > asked or _UNTIL.search(before):
        return None
    if _SINCE.search(before) or _SINCE_CLAUSE.search(before):
        last = asked
    return first, min(last, asked)


def period_of(dates: Sequence[DateMention], asked: date) -> Span | None:
    """The days that a question is about: the recent ones it names, else all of them.

    "Footage of the ship that sank in 1912 was released this week" is about this week.
    """
    news = [mention for mention in dates if is_recent((mention.first, mention.last), asked)]
    chosen = news or dates
    if not chosen:
        return None
    return min(mention.first for mention in chosen), max(mention.last for mention in chosen)


def is_recent(period: Span, asked: date) -> bool:
    """Whether a period reaches the day of asking, or began within `RECENT_DAYS` of it."""
    return period[1] >= asked or asked - period[0] <= RECENT_DAYS


def names_an_old_year(text: str, asked: date) -> bool:
    """Whether a year before that of asking is named, if only in a name: "the 2019 vote"."""
    return any(
        int(year[0]) < asked.year and not _OF_ANOTHER.search(text[: year.start()])
        for year in _YEAR.finditer(text)
    )


def all_before(period: Span | None, published: Sequence[PublicationDate | None]) -> date | None:
    """The first day asked about, if every article is older: none of them can report it."""
    if period is None or not published:
        return None
    days = [one.latest.date() if one else None for one in published]
    return period[0] if all(day is not None and day < period[0] for day in days) else None
