"""When an answer says the date of what it quotes."""

from datetime import UTC, date, datetime

import pytest

from index.documents import ArticleRef, PublicationDate, Query
from rag.attribution import FRESH_DAYS, attribution

ASKED = datetime(2025, 6, 2, 12, tzinfo=UTC)


def article(day=None, source="harrowledger.example", modified=None):
    known = PublicationDate.of_day(date.fromisoformat(day)) if day else None
    changed = PublicationDate.of_day(date.fromisoformat(modified)) if modified else None
    return ArticleRef("a", 1, "Title", source=source, published=known, modified=changed)


def test_an_old_report_is_told_with_its_day_and_outlet():
    told = attribution(article("2025-03-04"), Query("q", ASKED))
    assert told == "On 4 March 2025, harrowledger.example reported:"


def test_an_outlet_that_is_not_known_is_not_named():
    told = attribution(article("2025-03-04", source=None), Query("q", ASKED))
    assert told == "On 4 March 2025, it was reported:"


def test_an_outlet_that_was_named_just_before_is_not_named_again():
    told = attribution(article("2025-03-04"), Query("q", ASKED), is_named=True)
    assert told == "On 4 March 2025, it was reported:"


def test_the_last_change_stands_for_a_publication_that_is_not_known():
    told = attribution(article(modified="2025-03-05"), Query("q", ASKED))
    assert told is not None
    assert told.startswith("On 5 March 2025")


@pytest.mark.parametrize(
    ("day", "about"),
    [("2025-06-01", "now"), ("2025-05-03", "now"), (None, "now"), ("2020-01-01", "timeless")],
)
def test_what_is_fresh_undated_or_timeless_is_told_plainly(day, about):
    assert attribution(article(day), Query("q", ASKED, about=about)) is None


def test_the_border_is_a_month():
    assert (ASKED.date() - date(2025, 5, 3)).days == FRESH_DAYS
    assert attribution(article("2025-05-02"), Query("q", ASKED)) is not None
