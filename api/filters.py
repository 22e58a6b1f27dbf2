"""Dates and filters as people write them, for HTTP and the command line alike.

A bound is an ISO day or an ISO instant. A bare day means its first instant where a
range begins and its last where one ends; an instant without a zone is UTC. Knows no
web framework.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from index.documents import Filters

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
EXPECTED = "a day such as 2025-03-12 or an instant such as 2025-03-12T17:14:00Z"
_SHOWN_CHARS = 40


def start_of(value: str) -> datetime:
    """The first instant that a day or an instant can mean.

    Raises:
        ValueError: it is neither; the message says what is expected.
    """
    return _instant(value, time.min)


def end_of(value: str) -> datetime:
    """The last instant that a day or an instant can mean; raises as `start_of` does."""
    return _instant(value, time.max)


def _instant(value: str, time_of_day: time) -> datetime:
    value = value.strip()
    try:
        if _DAY.fullmatch(value):
            return datetime.combine(date.fromisoformat(value), time_of_day, UTC)
        if _INSTANT.fullmatch(value):
            found = datetime.fromisoformat(value)
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    shown = value if len(value) <= _SHOWN_CHARS else value[:_SHOWN_CHARS] + "…"
    raise ValueError(f"{shown!r} is not a date: give {EXPECTED}")


def make_filters(
    *,
    published_from: datetime | None = None,
    published_to: datetime | None = None,
    as_of: datetime | None = None,
    sources: Sequence[str] = (),
    sections: Sequence[str] = (),
    articles: Sequence[str] = (),
    excluded: Sequence[str] = (),
) -> Filters:
    """Filters of bounds that were read with `start_of` and `end_of`.

    Raises:
        ValueError: the range ends before it begins.
    """
    if published_from and published_to and published_from > published_to:
        raise ValueError(
            f"`from` ({_shown(published_from)}) is later than `to` ({_shown(published_to)}): "
            "nothing lies between them; exchange the two"
        )
    return Filters(
        published_from=published_from,
        published_to=published_to,
        as_of=as_of,
        sources=tuple(sources),
        sections=tuple(sections),
        articles=tuple(articles),
        excluded=tuple(excluded),
    )


def asked_at_or_default(asked_at: datetime | None, filters: Filters, now: datetime) -> datetime:
    """The day that "recent" refers to: as given, else `as_of` when that is past, else now."""
    if asked_at is not None:
        return asked_at
    return min(filters.as_of, now) if filters.as_of else now


def _shown(bound: datetime) -> str:
    return bound.isoformat(timespec="seconds").replace("+00:00", "Z")
