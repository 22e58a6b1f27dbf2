"""Says when something was reported, and by whom, where that matters for an answer.

A quotation says "on Friday" and "now"; of an article that is a month old that misleads
unless its date comes first. Pure.
"""

from __future__ import annotations

from calendar import month_name
from datetime import date

from index.documents import ArticleRef, Query

# A report of this many days before the question, or less, is told without its date.
FRESH_DAYS = 30


def attribution(article: ArticleRef, query: Query, *, is_named: bool = False) -> str | None:
    """Words such as "On 14 June 2024, harrowledger.example reported:", or None.

    None where the date is not known, the report is fresh, or the answer does not age.
    `is_named` says that the outlet has been named just before.
    """
    if article.dated is None or query.about == "timeless":
        return None
    day = article.dated.at.date()
    if (query.asked_at.date() - day).days <= FRESH_DAYS:
        return None
    if article.source and not is_named:
        return f"On {_spoken(day)}, {article.source} reported:"
    return f"On {_spoken(day)}, it was reported:"


def _spoken(day: date) -> str:
    return f"{day.day} {month_name[day.month]} {day.year}"
