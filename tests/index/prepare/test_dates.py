"""Dates as outlets write them; what isn't stated stays unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.prepare.dates import parse_date, parse_given


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-03-12", "2025-03-12"),
        ("20250312", "2025-03-12"),
        ("2025-03-12T17:14:00Z", "2025-03-12T17:14:00Z"),
        ("2025-03-12 17:14:00+02:00", "2025-03-12T15:14:00Z"),
        ("2025-03-12T17:14:00.123Z", "2025-03-12T17:14:00Z"),
        ("Wed, 12 Mar 2025 17:14:00 GMT", "2025-03-12T17:14:00Z"),
        ("Wed, 12 Mar 2025 17:14:00 -0500", "2025-03-12T22:14:00Z"),
        ("March 12, 2025", "2025-03-12"),
        ("12 March 2025", "2025-03-12"),
        ("Sept. 3rd, 2021", "2021-09-03"),
        ("Tue April 8, 2025", "2025-04-08"),
        ("Published March 12, 2025, 5:14 p.m. ET", "2025-03-12T21:14:00Z"),
        ("Mar. 12, 2025, 5:14 p.m. ET", "2025-03-12T21:14:00Z"),
        ("Jan. 12, 2025, 5:14 p.m. ET", "2025-01-12T22:14:00Z"),
        ("Updated 9:02 PM EDT, Tue April 8, 2025", "2025-04-09T01:02:00Z"),
        ("Thursday 12 March 2025 12.30 GMT", "2025-03-12T12:30:00Z"),
        ("March 12, 2025 at 12:05 a.m. PT", "2025-03-12T07:05:00Z"),
        ("3/14/2023", "2023-03-14"),
        ("14/3/2023", "2023-03-14"),
        ("5/5/2023", "2023-05-05"),
        ("2025-03-12T17:14:00.1234567Z", "2025-03-12T17:14:00Z"),
        ("2025-03-12T17:14:00−05:00", "2025-03-12T22:14:00Z"),
        ("2025-03-12 17:14:00 UTC", "2025-03-12T17:14:00Z"),
        ("2025-03-12T17:14:00 EST", "2025-03-12T21:14:00Z"),
        ("20250312T171400Z", "2025-03-12T17:14:00Z"),
        ("20250312171400", "2025-03-12"),
        ("2025/3/12", "2025-03-12"),
        ("2025年3月12日", "2025-03-12"),
        ("14.3.2023", "2023-03-14"),
        ("12-Mar-2025", "2025-03-12"),
        ("Wed, 12 Mar 25 17:14:00 -0500", "2025-03-12T22:14:00Z"),
        ("Wednesday, 12-Mar-25 17:14:00 GMT", "2025-03-12T17:14:00Z"),
        ("Wed, 12 Mar 2025 17:14 EST", "2025-03-12T22:14:00Z"),
        ("Wed, 12 Mar 2025 17:14:00 CET", "2025-03-12T16:14:00Z"),
        ("Wed Mar 12 17:14:00 EST 2025", "2025-03-12T21:14:00Z"),
        ("Wed Mar 12 2025 17:14:00 GMT+0100 (CET)", "2025-03-12T16:14:00Z"),
        ("March 12, 2025, 5:14 p.m. GMT+1", "2025-03-12T16:14:00Z"),
        ("Qua, 12 Mar 2025 17:14:00 -0300", "2025-03-12T20:14:00Z"),
        ("12 de marzo de 2025", "2025-03-12"),
        ("12. Dezember 2025", "2025-12-12"),
        ("1er août 2025", "2025-08-01"),
    ],
)
def test_reads(value, expected):
    assert parse_date(value).isoformat() == expected


@pytest.mark.parametrize(
    "value", ["2025-03-12T17:14:00", "March 12, 2025, 5:14 p.m.", "5:14 p.m. WXT, 12 March 2025"]
)
def test_a_time_without_a_known_zone_gives_the_day(value):
    date = parse_date(value)
    assert (date.isoformat(), date.precision) == ("2025-03-12", "day")


def test_of_two_days_the_earlier_was_publication():
    value = "Updated 11:00 GMT, 4 January 2023 | Published: 10:15 GMT, 3 January 2023"
    assert parse_date(value).isoformat() == "2023-01-03"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "June 3",
        "March 2025",
        "2025",
        "HALVERSTON, June 3 —",
        "13/25/2023",
        "3/4/2023",
        "February 30, 2023",
        "2023-13-45",
        "2025-03-12T25:14:00Z",
        "0000-01-01",
        "Jan 5, 1823",
        "12 March 20255",
        "March 12, 2025 " * 20,
        "9999-12-31T23:59:59-12:00",
        "1970-01-01T00:00:00Z",
        "1741799640",
        "3.4.2023",
        "PT0H3M42S",
    ],
)
def test_what_is_not_a_date_stays_unknown(value):
    assert parse_date(value) is None


@given(st.dates(min_value=parse_date("1900-01-01").at.date()))
def test_every_day_reads_back(day):
    for form in ("%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%a, %d %b %Y"):
        written = day.strftime(form)
        if len(str(day.year)) == 4:
            assert parse_date(written).isoformat() == day.isoformat()


@given(st.text(alphabet="0123456789 -/:.,TZapmET+MarchJun", max_size=60))
def test_never_raises(value):
    parse_date(value)


@pytest.mark.parametrize("value", ["1741799640", "1741799640123", " 1741799640 "])
def test_a_source_may_count_seconds(value):
    assert parse_given(value).isoformat() == "2025-03-12T17:14:00Z"


@pytest.mark.parametrize("value", ["0000000000", "9999999999", "174179964", "١٧٤١٧٩٩٦٤٠"])
def test_other_numbers_are_no_stamps(value):
    assert parse_given(value) is None
