from datetime import date

import pytest

from index.documents import PublicationDate
from rag.abstain import (
    Features,
    all_before_the_event,
    estimate,
    names_and_numbers,
    share_named,
)


def on(day):
    return PublicationDate.of_day(date.fromisoformat(day))


def test_better_evidence_is_never_doubted_more():
    weak = Features(sentence=-3.0, passage=-2.0, named=0.5, offered=0.0)
    for name in Features.__slots__:
        better = {**{n: getattr(weak, n) for n in Features.__slots__}, name: 1.0}
        assert estimate(Features(**better)) > estimate(weak)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who is the mayor of St. Orrin?", ["St", "Orrin"]),
        ("How many of the 143 aboard the Lady Corrigan lived?", ["143", "Lady", "Corrigan"]),
        ("What happened on April 8, 2025?", []),
        ("What happened on 16 March in Halverston?", ["Halverston"]),
        ("Why did it fail?", []),
        ("How do I log in?", []),
    ],
)
def test_names_and_numbers_but_no_dates(question, words):
    assert names_and_numbers(question) == words


@pytest.mark.parametrize(
    ("question", "evidence", "share"),
    [
        ("Did Rosalind Pell resign?", "Mayor Pell’s office denied it.", 0.5),
        ("Did the PELL case end?", "Pell's case ended.", 1.0),
        ("Why?", "Anything.", 1.0),
    ],
)
def test_the_share_of_names_in_the_evidence(question, evidence, share):
    assert share_named(question, evidence) == share


@pytest.mark.parametrize(
    ("question", "published", "day"),
    [
        ("What was the result of the vote on July 15?", ["2025-04-16", "2025-05-22"], "2025-07-15"),
        ("What was said on 15 July 2024?", ["2024-06-01"], "2024-07-15"),
        ("What was the result of the vote on July 15?", ["2025-04-16", "2025-07-16"], None),
        ("What was the result of the vote on July 15?", ["2025-04-16", None], None),
        ("What was said on December 30?", ["2025-01-05"], None),
        ("What was said on May 22?", ["2025-05-22"], None),
        ("When will the vote on July 15 begin?", ["2025-04-16"], None),
        ("What was said on February 31?", ["2025-01-01"], None),
        ("What was the result of the vote?", ["2025-04-16"], None),
        ("What was the result on July 15?", [], None),
    ],
)
def test_an_article_cannot_report_what_comes_after_it(question, published, day):
    found = all_before_the_event(question, [day and on(day) for day in published])
    assert found == (day and date.fromisoformat(day))
