"""How many articles there are of each day and outlet, and when the last one came.

Reads the columns that stand before the texts, so that texts stay on the disk.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """Current articles of one day and one outlet; None where that is not known."""

    day: date | None
    source: str | None
    articles: int


def tallies(connection: sqlite3.Connection) -> list[Tally]:
    """A tally for each day (in UTC) and outlet, those of no known day first, then by day."""
    rows = connection.execute(
        "SELECT date(v.published_first, 'unixepoch'), v.source, count(*) FROM articles a "
        "JOIN versions v ON v.article_id = a.id AND v.number = a.current_version "
        "GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return [
        Tally(date.fromisoformat(day) if day else None, source, int(articles))
        for day, source, articles in rows
    ]


def last_ingest(connection: sqlite3.Connection) -> datetime | None:
    """When the newest version came in; None in an empty store."""
    (found,) = connection.execute("SELECT max(ingested_at) FROM versions").fetchone()
    return datetime.fromisoformat(found) if found else None
