"""Holds the days that a sentence names against those that the evidence names.

"On Friday" of an article is compared with "March 14" by way of the article's date
(`index.prepare.mentions`). Where that is not known, or leaves two days open, what is
written is compared: month, day, weekday, year. A year or month may be coarser than the
evidence, never finer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from index.documents import DateMention, PublicationDate, Sentence
from index.prepare.mentions import date_mentions
from index.prepare.mentions.place import MONTHS, WEEKDAYS
from rag.answers import Verdict
from rag.expect import content_stems
from rag.grounding.evidence import Line, by_cover, covered
from rag.grounding.findings import MOST_FINDINGS, Check, Finding, Place
from rag.grounding.quantities import quantities

# A line that holds so much of the sentence's words and names another day contradicts it.
SAME_THING = 0.35
# A longer span of days, such as a year, is coarse: it holds nearly every day.
_LONGEST_SPAN = timedelta(days=31)

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:1[6-9]|20)\d\d"
_DAY = r"[0-3]?\d(?:st|nd|rd|th)?\b(?![.,:]?\d)"
_WRITTEN = re.compile(
    rf"""(?<![\w$£€]) (?:(?P<weekday>{"|".join(WEEKDAYS)})\b(?:,?\ (?:morning|night))?,?\ ?)?
    (?:(?P<iso>\d{{4}}-[01]\d-[0-3]\d)\b
      |(?P<month>{_MONTH})\ (?P<day>{_DAY})(?:,?\ (?P<year>{_YEAR})\b)?
      |(?P<day2>{_DAY})\ (?:of\ )?(?P<month2>{_MONTH})(?:,?\ (?P<year2>{_YEAR})\b)?
      |(?P<month3>{_MONTH}),?\ (?:of\ )?(?P<year3>{_YEAR})\b
      |(?<=in\ )(?P<month4>{_MONTH})(?![’'\w])
      |(?<=since\ )(?P<month5>{_MONTH})(?![’'\w])
      |(?<=(?:..by|from|till|late|arly)\ )(?P<month6>{_MONTH})(?![’'\w]))?""",
    re.VERBOSE,
)
_REPORTED = re.compile(
    r"\b(?:reported|published|wrote|written|updated|article|according)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it is written, any part of which may be missing."""

    start: int
    end: int
    text: str
    weekday: int | None = None
    month: int | None = None
    day: int | None = None
    year: int | None = None

    def fits(self, day: date) -> bool:
        """Whether it may name this day."""
        parts = (
            (self.weekday, day.weekday()),
            (self.month, day.month),
            (self.day, day.day),
            (self.year, day.year),
        )
        return all(said is None or said == there for said, there in parts)

    def agrees(self, other: Written) -> bool:
        """Whether both say the same in every part that this one has and the other could."""
        both = [
            (getattr(self, part), getattr(other, part))
            for part in ("weekday", "month", "day", "year")
        ]
        shared = [(a, b) for a, b in both if a is not None and b is not None]
        finer = self.day is not None and other.day is None and other.month is not None
        return bool(shared) and not finer and all(a == b for a, b in shared)


def check_dates(
    sentence: str, lines: Sequence[Line], said_at: PublicationDate | None = None
) -> list[Finding]:
    """A finding for each date that `sentence` names.

    `said_at` is the day that "on Friday" of the sentence goes by; by default that of the evidence.
    """
    stems = frozenset(content_stems(sentence))
    ordered = by_cover(stems, lines)
    at = said_at or next((line.published for line in ordered if line.published), None)
    mentions = date_mentions(Sentence(0, len(sentence), sentence), at) if at else ()
    written = written_dates(sentence)[:MOST_FINDINGS]
    relative = [m for m in mentions if not any(_touch(m, said) for said in written)]
    return [
        *(_finding(w, _resolved(w, mentions), sentence, ordered, stems) for w in written),
        *(_relative(mention, ordered, stems) for mention in relative[:MOST_FINDINGS]),
    ]


def written_dates(text: str) -> tuple[Written, ...]:
    """The dates that a text writes out, in order; a year alone is one, too."""
    found = [_read(match) for match in _WRITTEN.finditer(text) if match[0].strip(" ,")]
    years = [
        Written(q.start, q.end, q.text, year=int(q.value))
        for q in quantities(text)
        if q.kind == "year"
        and q.step == 1
        and not any(d.start < q.end and q.start < d.end for d in found)
    ]
    return tuple(sorted(chain(found, years), key=lambda one: one.start))


def _read(match: re.Match[str]) -> Written:
    parts = match.groupdict()

    def either(name: str) -> str | None:
        return next((v for k, v in parts.items() if k.rstrip("23456") == name and v), None)

    text = match[0].rstrip(" ,")
    start, end = match.start(), match.start() + len(text)
    weekday = WEEKDAYS.index(parts["weekday"]) if parts["weekday"] else None
    if parts["iso"]:
        year, month, day = map(int, parts["iso"].split("-"))
        return Written(start, end, text, weekday, month, day, year)
    month_name, day_text, year_text = either("month"), either("day"), either("year")
    return Written(
        start,
        end,
        text,
        weekday,
        MONTHS.index(month_name[:3]) + 1 if month_name else None,
        int(re.sub(r"\D", "", day_text)) if day_text else None,
        int(year_text) if year_text else None,
    )


def _touch(mention: DateMention, said: Written) -> bool:
    return mention.start < said.end and said.start < mention.end


def _resolved(said: Written, mentions: Sequence[DateMention]) -> DateMention | None:
    return next((mention for mention in mentions if _touch(mention, said)), None)


def _finding(
    said: Written,
    resolved: DateMention | None,
    sentence: str,
    lines: Sequence[Line],
    stems: frozenset[str],
) -> Finding:
    for line in lines:
        if found := _same(said, resolved, line):
            return _of(said, Verdict.SUPPORTED, found, f"the evidence has {found.text!r}")
    if _of_the_article(said, sentence, lines):
        return _of(said, Verdict.SUPPORTED, None, "the article is of that day")
    if other := _another_day(said, resolved, lines, stems):
        return _of(said, Verdict.CONTRADICTED, other, f"the evidence has {other.text!r} instead")
    return _of(said, Verdict.UNSUPPORTED, None, "the evidence does not name it")


def _of(said: Written, verdict: Verdict, found: Place | None, told: str) -> Finding:
    return Finding(
        Check.DATE, verdict, said.start, said.end, said.text, found, f"{said.text!r}: {told}"
    )


def _same(said: Written, resolved: DateMention | None, line: Line) -> Place | None:
    for mention in line.dates:
        if _holds(said, resolved, mention):
            start = mention.start - line.place.start
            return line.part(start, start + len(mention.text))
    known = [(m.start - line.place.start, m.end - line.place.start) for m in line.dates]
    for other in written_dates(line.text):
        settled = resolved and any(a < other.end and other.start < b for a, b in known)
        if not settled and (said.agrees(other) or _near_weekday(said, resolved, other, line)):
            return line.part(other.start, other.end)
    return None


def _near_weekday(said: Written, resolved: DateMention | None, other: Written, line: Line) -> bool:
    """Whether a weekday that leaves two days open may be the day that is said."""
    if other.weekday is None or other.day is not None or not line.published or not resolved:
        return False
    away = abs((resolved.first - line.published.at.date()).days)
    return (
        _is_day(resolved)
        and said.day is not None
        and away <= 7
        and (resolved.first.weekday() == other.weekday)
    )


def _holds(said: Written, resolved: DateMention | None, mention: DateMention) -> bool:
    """Whether days that the evidence names are those that are said, or lie within them."""
    if resolved is not None:
        return resolved.first <= mention.first and mention.last <= resolved.last
    return said.fits(mention.first) and said.fits(mention.last)


def _of_the_article(said: Written, sentence: str, lines: Sequence[Line]) -> bool:
    """Whether it is the day, month or year of publication, where that may be meant."""
    days = {line.published.at.date() for line in lines if line.published}
    if not any(said.fits(day) for day in days):
        return False
    if said.day is None and said.weekday is None:
        return True
    days_named = any(_is_day(mention) for line in lines for mention in line.dates)
    return not days_named or bool(_REPORTED.search(sentence))


def _is_day(mention: DateMention) -> bool:
    return mention.first == mention.last


def _another_day(
    said: Written, resolved: DateMention | None, lines: Sequence[Line], stems: frozenset[str]
) -> Place | None:
    """Where a line about the same thing names a date of the same kind."""
    for line in lines:
        if covered(stems, line) < SAME_THING:
            return None
        for other in written_dates(line.text):
            alike = (said.weekday is not None and other.weekday is not None) or (
                (said.month is None) == (other.month is None)
                and (said.day is None) == (other.day is None)
                and (said.weekday is None) == (other.weekday is None)
            )
            if alike:
                return line.part(other.start, other.end)
        for mention in line.dates if said.day or said.weekday is not None else ():
            if resolved and _is_day(mention):
                start = mention.start - line.place.start
                return line.part(start, start + len(mention.text))
    return None


def _relative(mention: DateMention, lines: Sequence[Line], stems: frozenset[str]) -> Finding:
    """Of "last week" or "yesterday": unchecked where the evidence names no such days."""
    said = Written(mention.start, mention.end, mention.text)
    for line in lines:
        for other in line.dates:
            if mention.first <= other.first and other.last <= mention.last:
                start = other.start - line.place.start
                found = line.part(start, start + len(other.text))
                return _of(said, Verdict.SUPPORTED, found, f"the evidence has {found.text!r}")
    if _is_day(mention):
        for line in lines:
            if covered(stems, line) >= SAME_THING and (other_day := _single_day(line)):
                told = f"the evidence has {other_day.text!r} instead"
                return _of(said, Verdict.CONTRADICTED, other_day, told)
    return _of(said, Verdict.UNCHECKED, None, "the evidence names no such days")


def _single_day(line: Line) -> Place | None:
    days: Iterator[DateMention] = (mention for mention in line.dates if _is_day(mention))
    mention = next(days, None)
    if mention is None:
        return None
    start = mention.start - line.place.start
    return line.part(start, start + len(mention.text))
