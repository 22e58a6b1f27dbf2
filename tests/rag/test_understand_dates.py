"""Days that questions name, against the day of asking: a Friday, 18 August 2023."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import Filters, PublicationDate
from rag.answers import Question
from rag.understand import understand
from rag.understanding.dates import all_before, dates_named, is_recent, period_of

ASKED = date(2023, 8, 18)


def spans(text, asked=ASKED):
    return [
        f"{m.first} {m.last}" if m.first != m.last else str(m.first)
        for m in dates_named(text, asked)
    ]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("What happened yesterday?", "2023-08-17"),
        ("Who was hurt the day before yesterday?", "2023-08-16"),
        ("What burned last night?", "2023-08-17 2023-08-18"),
        ("Who resigned last week?", "2023-08-07 2023-08-13"),
        ("Who resigned this week?", "2023-08-12 2023-08-18"),
        ("what was announced this month?", "2023-08-01 2023-08-18"),
        ("What was banned last month?", "2023-07-01 2023-07-31"),
        ("Who won earlier this year?", "2023-01-01 2023-08-18"),
        ("How many fell last year?", "2022-01-01 2022-12-31"),
        ("Which film won in June 2023?", "2023-06-01 2023-06-30"),
        ("which film won in june 2023?", "2023-06-01 2023-06-30"),
        ("Which film won in June of last year?", "2022-06-01 2022-06-30"),
        ("What was decided on 14 June?", "2023-06-14"),
        ("What was decided on June 14th?", "2023-06-14"),
        ("What was decided on the 14th of June 2021?", "2021-06-14"),
        ("What was decided on Wednesday, June 14?", "2023-06-14"),
        ("What was decided on 2023-06-14?", "2023-06-14"),
        ("How many were hurt on 24 December?", "2022-12-24"),
        ("How many floods between May and July 2023?", "2023-05-01 2023-07-31"),
        ("How many floods from November to January 2023?", "2022-11-01 2023-01-31"),
        ("How many floods between 3 May and 14 June?", "2023-05-03 2023-06-14"),
        ("Who was on trial between 2019 and 2021?", "2019-01-01 2021-12-31"),
        ("Who toured on 3-5 June 2022?", "2022-06-03 2022-06-05"),
        ("Who toured on June 3-5?", "2023-06-03 2023-06-05"),
        ("How many have died since March?", "2023-03-01 2023-08-18"),
        ("What changed after 14 June?", "2023-06-14 2023-08-18"),
        ("How many were jailed since a crackdown began in March last year?",
         "2022-03-01 2023-08-18"),
        ("Who won in 2022?", "2022-01-01 2022-12-31"),
        ("Who won in 2023?", "2023-01-01 2023-08-18"),
        ("When did it sink in the 1910s?", "1910-01-01 1919-12-31"),
        ("What changed over the last three days?", "2023-08-15 2023-08-18"),
        ("How many ships were lost in the past year?", "2022-08-18 2023-08-18"),
        ("What did Apple earn in Q2 2023?", "2023-04-01 2023-06-30"),
        ("What did it earn in the first quarter of 2023?", "2023-01-01 2023-03-31"),
        ("Who won last November?", "2022-11-01 2022-11-30"),
        ("Who was shot two weeks ago?", "2023-08-01 2023-08-07"),
        ("What happened over the weekend?", "2023-08-12 2023-08-13"),
        ("What was said on Thursday?", "2023-08-17"),
        ("Who resigned on Friday last week?", "2023-08-11"),
        ("What did June Carter sing in April?", "2023-04-01 2023-04-30"),
    ],
)  # fmt: skip
def test_days_that_are_named(text, days):
    assert spans(text) == [days]


@pytest.mark.parametrize(
    "text",
    [
        "Who led before the election?",
        "What changed since the election?",
        "What may the court decide?",
        "Who will march in September?",
        "What is planned for the 2032 Games?",
        "Who won the 2020 election?",
        "What was said on Friday?",  # today, or a week ago
        "What did he say last Wednesday?",  # two days ago, or nine
        "Which store was looted on Black Friday?",
        "Which 1980s film has a sequel?",
        "Who died on 31 April?",
        "How old is Bobi, born on May 11, 1992?",
        "How many were killed by 1998?",
        "What is USA TODAY?",
        "What was found 46,000 years ago?",
        'Who said "we lost in 1912"?',
        "Which meal was announced, on sale from 9 September?",
        "Who cost $2,019 in the end?",
        "What happened in the Women's 4 x 400 m?",
    ],
)
def test_what_names_no_day_or_two_or_one_to_come(text):
    assert spans(text) == []


def test_in_its_first_days_a_month_may_be_the_one_before():
    assert spans("What happened in August?", date(2023, 8, 2)) == []
    assert spans("What happened in August?", date(2023, 8, 20)) == ["2023-08-01 2023-08-20"]


def test_on_a_sunday_last_week_may_be_the_one_that_ends():
    assert spans("Who resigned last week?", date(2023, 8, 20)) == []


def test_a_period_is_that_of_the_news_not_of_the_past_it_tells_of():
    text = "Which footage of the ship that sank in 1912 was released this week?"
    assert period_of(dates_named(text, ASKED), ASKED) == (date(2023, 8, 12), ASKED)
    text = "What was said on 3 May about the vote of 2 March?"
    assert period_of(dates_named(text, ASKED), ASKED) == (date(2023, 3, 2), date(2023, 5, 3))
    assert period_of((), ASKED) is None


def test_what_is_older_than_the_days_asked_about_cannot_report_them():
    period = (date(2023, 6, 14), date(2023, 6, 16))
    old, same = (PublicationDate.of_day(date(2023, 6, day)) for day in (13, 14))
    assert all_before(period, [old, old]) == date(2023, 6, 14)
    assert all_before(period, [old, same]) is None
    assert all_before(period, [old, None]) is None
    assert all_before(period, []) is None
    assert all_before(None, [old]) is None


words = st.sampled_from(
    [
        "on",
        "in",
        "since",
        "last",
        "this",
        "past",
        "between",
        "and",
        "14",
        "31",
        "June",
        "may",
        "March",
        "2023",
        "1912",
        "Monday",
        "week",
        "year",
        "the",
        "ago",
        "two",
        "days",
        "Q2",
        "of",
        "early",
        "weekend",
        ",",
        "?",
        "“",
        "”",
        '"',
        "'",
        "-",
        "1980s",
        "yesterday",
        "before",
        "a",
    ]
)


@given(
    st.one_of(st.text(max_size=80), st.lists(words, max_size=14).map(" ".join)),
    st.dates(),
)
def test_spans_lie_in_the_text_and_never_after_the_day_of_asking(text, asked):
    found = dates_named(text, asked)
    assert found == dates_named(text, asked)
    for mention in found:
        assert text[mention.start : mention.end] == mention.text != ""
        assert mention.first <= mention.last <= asked
    assert all(a.end <= b.start for a, b in pairwise(found))
    period = period_of(found, asked)
    if period:
        assert period[0] <= period[1] <= asked
        assert is_recent(period, asked) == (
            period[1] == asked or asked - period[0] <= timedelta(days=14)
        )


def read(text, filters=None, asked=ASKED):
    moment = datetime(asked.year, asked.month, asked.day, 12, tzinfo=UTC)
    return understand(Question(text, moment, filters or Filters()))


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Who resigned last week?", "now"),
        ("Who won in June?", "past"),
        ("How many have died since March?", "now"),
        ("Who won the 2020 election?", "past"),
        ("Which network settled after the 2020 election?", "now"),
        ("How many were killed by 1998?", "past"),
        ("Which film won the Golden Ibex?", "now"),
        ("Who is the mayor of Kellbridge?", "now"),
        ("What is the capital of Orsania?", "timeless"),
        ("Who wrote the anthem of Verrane?", "timeless"),
        ("Which US president signed the Civil Rights Act?", "timeless"),
        ("What does NATO stand for?", "timeless"),
        ("Who was the first woman to reach the pole?", "timeless"),
        ("What is the capital of Orsania doing this week?", "now"),
        ("Who wrote the report that was announced recently?", "now"),
    ],
)
def test_kinds_of_questions(text, about):
    query = read(text)
    assert query.about == about
    assert query.recency == {"now": 1.0, "past": 0.0, "timeless": 0.5}[about]


@pytest.mark.parametrize(
    ("text", "as_of"),
    [
        ("As of 1 May, how many were missing?", date(2023, 5, 1)),
        ("What was known on 3 April about the ferry?", date(2023, 4, 3)),
        ("What was the toll as it stood on 16 March 2023?", date(2023, 3, 16)),
        ("How many had died as of last month?", date(2023, 7, 31)),
    ],
)
def test_as_of_bounds_what_is_seen_and_is_the_day_that_recent_refers_to(text, as_of):
    query = read(text)
    assert query.filters.as_of.date() == as_of
    assert query.asked_at == query.filters.as_of
    assert query.period is None
    assert query.about == "now"


def test_as_of_today_is_nothing_to_tell():
    assert not read("How many are missing as of today?").filters


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("What do articles from June 2023 say of the dam?", date(2023, 6, 1), date(2023, 6, 30)),
        ("Which stories published last week name the mayor?", date(2023, 8, 7), date(2023, 8, 13)),
        ("What was reported on Monday?", date(2023, 8, 14), date(2023, 8, 14)),
    ],
)
def test_words_of_publication_bound_it(text, first, last):
    filters = read(text).filters
    assert (filters.published_from.date(), filters.published_to.date()) == (first, last)


def test_days_of_an_event_bound_nothing():
    assert not read("How many deaths were there on Monday?").filters
    assert not read("What did the minister report on Monday?").filters


def test_bounds_of_the_caller_stay():
    given_ = Filters(published_from=datetime(2023, 1, 1, tzinfo=UTC))
    assert read("What do articles from June 2023 say?", given_).filters == given_
    capped = Filters(as_of=datetime(2023, 2, 1, tzinfo=UTC))
    assert read("As of 1 May, how many were missing?", capped).filters == capped


def test_a_study_that_was_published_is_no_article():
    assert not read("According to a study published this week, how much sleep is enough?").filters


@given(st.lists(words, max_size=10).map(" ".join), st.dates(min_value=date(1900, 1, 1)))
def test_the_cue_passes_over_no_day(text, asked):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.understanding.dates.CUE", re.compile(""))
        slow = dates_named(text, asked)
    assert dates_named(text, asked) == slow
