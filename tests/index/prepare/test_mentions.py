"""Days that sentences name, resolved against the day of publication, or not at all."""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import PublicationDate, Sentence
from index.prepare.mentions import LONGEST_SENTENCE, date_mentions

WEDNESDAY = date(2025, 3, 12)
YEAR = ("2025-01-01", "2025-12-31")


def mentions(text, published=WEDNESDAY):
    if isinstance(published, date) and not isinstance(published, datetime):
        published = PublicationDate.of_day(published)
    else:
        published = PublicationDate(published)
    return date_mentions(Sentence(0, len(text), text), published)


def days(text, published=WEDNESDAY):
    return [
        (m.text, *dict.fromkeys((m.first.isoformat(), m.last.isoformat())))
        for m in mentions(text, published)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a weekday, by the tense of its clause
        ("The mayor resigned on Friday.", ("on Friday", "2025-03-07")),
        ("The mayor said Friday she will resign.", ("Friday", "2025-03-07")),
        ("The council will meet on Friday.", ("on Friday", "2025-03-14")),
        ("On Friday, the council will hear the owner.", ("On Friday", "2025-03-14")),
        ("On Friday, the council heard the owner.", ("On Friday", "2025-03-07")),
        ("The vote is Friday.", ("Friday", "2025-03-14")),
        ("The council is holding a hearing Friday.", ("Friday", "2025-03-14")),
        ("Tickets are due Friday.", ("Friday", "2025-03-14")),
        ("A hearing scheduled for Friday has been called off.", ("Friday", "2025-03-14")),
        ("The report could be released Friday.", ("Friday", "2025-03-14")),
        ("The owner could not be reached Friday.", ("Friday", "2025-03-07")),
        ("The owner failed to appear Friday.", ("Friday", "2025-03-07")),
        ("They agreed to meet Friday.", ("Friday", "2025-03-14")),
        ("The ferry has been shut since Monday.", ("Monday", "2025-03-10")),
        ("“I will win,” Ms. Kovač said Friday.", ("Friday", "2025-03-07")),
        ("She deplored the “heinous attack” on Monday.", ("on Monday", "2025-03-10")),
        ("May said Friday that it was over.", ("Friday", "2025-03-07")),
        ("The mill burned Friday night.", ("Friday night", "2025-03-07")),
        ("The council met on Wednesday.", ("on Wednesday", "2025-03-12")),
        ("The council will meet on Wednesday.", ("on Wednesday", "2025-03-12")),
        ("It fell last Thursday.", ("last Thursday", "2025-03-06")),
        ("It fell this past Monday.", ("this past Monday", "2025-03-10")),
        ("It opens this Saturday.", ("this Saturday", "2025-03-15")),
        ("It opens next Tuesday.", ("next Tuesday", "2025-03-18")),
        ("It fell on Friday of last week.", ("on Friday of last week", "2025-03-07")),
        # a day of a month
        ("The pier opened on March 3, 2021.", ("on March 3, 2021", "2021-03-03")),
        ("The pier opened 3 March 2021.", ("3 March 2021", "2021-03-03")),
        ("The pier opened on the 3rd of March, 2021.", ("on the 3rd of March, 2021", "2021-03-03")),
        ("The pier closed on Feb. 3.", ("on Feb. 3", "2025-02-03")),
        ("The pier closed on Dec. 20.", ("on Dec. 20", "2024-12-20")),
        ("The pier will close on May 9.", ("on May 9", "2025-05-09")),
        ("It runs Friday, March 21.", ("Friday, March 21", "2025-03-21")),
        ("The fair will run April 3-5.", ("April 3-5", "2025-04-03", "2025-04-05")),
        (
            "It ran March 30-April 2, 2021.",
            ("March 30-April 2, 2021", "2021-03-30", "2021-04-02"),
        ),
        ("The file is dated 2021-03-03.", ("2021-03-03", "2021-03-03")),
        # months
        ("The mill closed in January.", ("in January", "2025-01-01", "2025-01-31")),
        ("The mill closed in November.", ("in November", "2024-11-01", "2024-11-30")),
        ("The mill will close in June.", ("in June", "2025-06-01", "2025-06-30")),
        ("The mill closed last November.", ("last November", "2024-11-01", "2024-11-30")),
        ("It has been shut since early January.", ("January", "2025-01-01", "2025-01-31")),
        ("The mill closed in June 2023.", ("in June 2023", "2023-06-01", "2023-06-30")),
        (
            "The mill closed in June of last year.",
            ("in June of last year", "2024-06-01", "2024-06-30"),
        ),
        # spans
        ("The mill closed last week.", ("last week", "2025-03-03", "2025-03-09")),
        ("It closed earlier this week.", ("earlier this week", "2025-03-10", "2025-03-12")),
        ("It will open next month.", ("next month", "2025-04-01", "2025-04-30")),
        ("It rose earlier this year.", ("earlier this year", "2025-01-01", "2025-03-12")),
        ("It will open later this year.", ("later this year", "2025-03-12", "2025-12-31")),
        ("It rose this year.", ("this year", *YEAR)),
        ("They met over the weekend.", ("over the weekend", "2025-03-08", "2025-03-09")),
        ("They will meet this weekend.", ("this weekend", "2025-03-15", "2025-03-16")),
        ("It closed in 2021.", ("in 2021", "2021-01-01", "2021-12-31")),
        ("It will be done by 2030.", ("2030", "2030-01-01", "2030-12-31")),
        ("It closed in the summer of 2022.", ("2022", "2022-01-01", "2022-12-31")),
        # days counted from today
        ("The mill closed yesterday.", ("yesterday", "2025-03-11")),
        ("Yesterday the mill closed.", ("Yesterday", "2025-03-11")),
        ("The fair opens Saturday (March 22).", ("March 22", "2025-03-22")),
        ("The mill closes tomorrow.", ("tomorrow", "2025-03-13")),
        ("The mill burned last night.", ("last night", "2025-03-11")),
        ("The mill burned this morning.", ("this morning", "2025-03-12")),
        ("The mill closed 10 days ago.", ("10 days ago", "2025-03-02")),
        ("Two weeks ago, the mill closed.", ("Two weeks ago", "2025-02-23", "2025-03-01")),
        ("The mill closed three months ago.", ("three months ago", "2024-11-27", "2024-12-27")),
        ("The mill closed two years ago.", ("two years ago", "2022-09-12", "2023-09-12")),
    ],
)
def test_names_these_days(text, expected):
    assert days(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        # it may be either
        "Friday’s game matters to the harbour.",
        "A hearing was scheduled for Monday.",
        "The mill fell silent last Monday.",
        "It opens next Friday.",
        "The mill closed last January.",
        "Posters name the 3/4 and the 5th.",
        "The mill opened in October of that year.",
        # names, amounts, habits
        "Crowds came on Black Friday and on Ash Wednesday.",
        "“Friday Night Lights” is back.",
        "He told the Sunday Times that it was over.",
        "The March on Washington drew thousands, and so did March Madness.",
        "The June Harbour Group bought the mill.",
        "May said that April Kovač’s house was sold.",
        "He ran in 2000 meters and 1900 people came.",
        "Prices rose to $2021 and 20,210.",
        "The 2020-21 season was long.",
        "The shop opens every Monday and on Fridays.",
        "The shop opens Monday through Friday.",
        "The attack of Sept. 11 and the riot of Jan. 6 changed it.",
        "The mill fell silent the day before and the following Monday.",
        "He was 21 and she was 30, and they won 3-2.",
        "It is over for the last year of his term.",
        "Over the last week of the fair it rained.",
        "More than two weeks ago it rained.",
        "The youth of today want a better tomorrow.",
        "Thirty years ago this month it rained.",
        "She sang “Pier, Harbour, Yesterday” to the crowd.",
        "February 30, 2021",
        "The mill closed on Friday, March 3.",  # in none of these years a Friday
    ],
)
def test_names_no_day(text):
    assert days(text) == []


@pytest.mark.parametrize("when", ["In 2020", "Last year", "Six years ago", "That year"])
def test_a_month_beside_another_year_is_not_sure(when):
    assert not [m for m in mentions(f"{when} she moved, and in June she left.") if "June" in m.text]


def test_a_weekday_tells_the_year():
    assert days("It fell on Friday, March 3.", date(2023, 5, 1)) == [
        ("on Friday, March 3", "2023-03-03")
    ]
    assert days("It falls on Friday, March 3.", date(2022, 12, 1)) == [
        ("on Friday, March 3", "2023-03-03")
    ]


def test_each_weekday_has_its_own_verb():
    text = (
        "The president said Tuesday that he will sign the bill on Friday, after it passed Monday."
    )
    assert [m.first.day for m in mentions(text)] == [11, 14, 10]


@pytest.mark.parametrize("text", ["It closed last week.", "It will close next week."])
def test_on_a_sunday_the_week_is_not_sure(text):
    assert days(text, date(2025, 3, 16)) == []


def test_somebody_quoted_speaks_from_their_own_day():
    assert days("“It burned last night,” he said.") == [("last night", "2025-03-11")]
    assert days("“It burned last night,” he said on Monday.") == [("on Monday", "2025-03-10")]
    assert len(days("It burned last night, he said on Monday.")) == 2


@pytest.mark.parametrize(
    ("hour", "text", "expected"),
    [
        (17, "It burned yesterday.", [("yesterday", "2025-03-11")]),
        (4, "It burned yesterday.", []),  # still Tuesday in the west
        (4, "It burned on Sunday.", [("on Sunday", "2025-03-09")]),
        (23, "It burned yesterday.", []),  # Thursday already in the east
    ],
)
def test_an_instant_may_be_two_days_at_the_outlet(hour, text, expected):
    assert days(text, datetime(2025, 3, 12, hour, tzinfo=UTC)) == expected


def test_offsets_are_those_of_the_article():
    sentence = Sentence(100, 130, "It burned on Friday, not today")
    mention = date_mentions(sentence, PublicationDate.of_day(WEDNESDAY))[0]
    assert (mention.start, mention.end, mention.text) == (110, 119, "on Friday")


TOKENS = (
    "on in last next this the March 3 Friday , 2021 2025 said will meet year week ago two a June"
    " since “ ” . until scheduled for yesterday weekend over 12 31 May Jan."
)
WORDS = st.lists(st.sampled_from(TOKENS.split()), max_size=30).map(" ".join)


@given(st.one_of(WORDS, st.text(max_size=200)), st.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_mentions_are_exact_ordered_and_apart(text, day):
    sentence = Sentence(7, 7 + len(text), text)
    found = date_mentions(sentence, PublicationDate.of_day(day))
    for mention in found:
        assert text[mention.start - 7 : mention.end - 7] == mention.text != ""
        assert mention.first <= mention.last
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_a_past_weekday_lies_in_the_week_before(day):
    for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        (past,) = mentions(f"It closed on {name}.", day)
        (coming,) = mentions(f"It will close on {name}.", day)
        assert past.first.strftime("%A") == coming.first.strftime("%A") == name
        assert day - timedelta(days=6) <= past.first <= day <= coming.first
        assert coming.first - past.first in (timedelta(0), timedelta(days=7))


def test_takes_less_than_a_millisecond_a_sentence():
    text = "The president said Tuesday that in June 2023 he had met her on March 3, last Friday. "
    text = (text * 11)[:LONGEST_SENTENCE]
    mentions(text)
    started = time.process_time()
    for _ in range(5):
        mentions(text)
    assert time.process_time() - started < 0.2


def test_a_text_without_sentences_is_left_alone():
    assert mentions("Friday " * 100_000) == ()


def test_at_the_end_of_the_calendar_nothing_is_counted():
    assert days("It will close next year and on Friday.", date(9999, 12, 31)) == []
