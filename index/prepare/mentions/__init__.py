"""Days that the words of a sentence name: "on Friday", "last November", "two weeks ago".

Relative words are resolved against the day of publication. What could mean two days is
no mention: a date that is missing says nothing, a wrong one misleads. The ways to name
days are in mention_forms.py, what they mean in resolving_dates.py and
resolving_relative.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from index.documents import DateMention, PublicationDate, Sentence
from index.prepare.mentions.days import Span
from index.prepare.mentions.mention_forms import CUE, FORMS, Form
from index.prepare.mentions.place import Place
from index.prepare.mentions.tense import Words

# An instant is known in UTC, the outlet's day is not: its clock is taken to stand between
# Pacific and Central European time. Where that leaves two days, both must agree.
_WEST, _EAST = timedelta(hours=-8), timedelta(hours=2)
# A longer sentence is a list or a table, and is not quoted; this bounds the work, too.
LONGEST_SENTENCE = 1_000
# Nothing is counted from a day so late: the calendar of the language ends with 9999.
_LAST_YEAR = 9_000


@dataclass(frozen=True, slots=True)
class _Found:
    """A mention in its sentence; `spoken`: by somebody whose day may be another one."""

    start: int
    end: int
    days: Span
    spoken: bool


def date_mentions(sentence: Sentence, published: PublicationDate) -> tuple[DateMention, ...]:
    """The mentions in `sentence`, in order, with offsets in the article's text."""
    text = sentence.text
    if len(text) > LONGEST_SENTENCE or not CUE.search(text) or published.at.year > _LAST_YEAR:
        return ()
    days = _possible_days(published)
    found = sorted(_resolved(text, days), key=lambda mention: mention.start)
    another_day = any(not m.spoken and m.days[0] == m.days[1] not in days for m in found)
    return tuple(
        DateMention(
            sentence.start + m.start, sentence.start + m.end, text[m.start : m.end], *m.days
        )
        for m in found
        if not (m.spoken and another_day)
    )


def _possible_days(published: PublicationDate) -> tuple[date, ...]:
    """The outlet's day when it published: two where it may have been either."""
    if published.precision == "day":
        return (published.at.date(),)
    return tuple(sorted({(published.at + _WEST).date(), (published.at + _EAST).date()}))


def _resolved(text: str, days: tuple[date, ...]) -> Iterator[_Found]:
    words = Words(text)
    for form, place in _claimed(text, words):
        spans = {form.resolve(place, day) for day in days}
        if len(spans) == 1 and (span := spans.pop()):
            start, end = place.match.span("said" if "said" in place.groups else 0)
            yield _Found(start, end, span, form.spoken and _is_quoted(text, start))


def _claimed(text: str, words: Words) -> Iterator[tuple[Form, Place]]:
    """Each form with what it found, none of it twice."""
    taken: list[tuple[int, int]] = []
    for form in FORMS:
        for match in form.pattern.finditer(text):
            start, end = match.span()
            if all(end <= first or last <= start for first, last in taken):
                taken.append((start, end))
                yield form, Place(match, words)


def _is_quoted(text: str, at: int) -> bool:
    """Whether a place lies in double quotes, or a quotation ends or goes on after it."""
    before, after = text[:at], text[at:]
    if "“" in text or "”" in text:
        opened = before.rfind("“") > before.rfind("”")
        closes = "”" in after.partition("“")[0]
        return opened or closes
    return before.count('"') % 2 == 1
