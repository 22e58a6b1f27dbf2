"""Title, authors, dates, place and outlet: given, found in the text, or unknown."""

from datetime import UTC, datetime

import pytest

from index.documents import RawArticle
from index.errors import BoilerplateOnly, EmptySource
from index.prepare import prepare

BODY = (
    "The council met on Monday and voted for the new bridge, which will replace the ferry that has"
    " crossed the harbour since 1902, in time for the spring.\n"
    "Work begins in May, the mayor said, and it will take three years if the weather allows."
)


FETCHED = datetime(2025, 3, 12, 12, tzinfo=UTC)


def article(text, received=None, **known):
    return prepare(RawArticle(origin="test", text=text, **known), received=received)


def test_what_the_source_knows_wins():
    prepared = article(
        f"A bridge for the harbour\nBy Tom Whitlock\nMay 5, 2020\n{BODY}\nSource: City - b.example",
        title="Bridge approved",
        published="2025-03-12",
        source="Harbour Herald",
        section="News",
        authors=("Ana Kovač",),
        url="https://www.c.example/2023/01/05/bridge",
    )
    assert prepared.title == "Bridge approved"
    assert not prepared.title_is_derived
    assert prepared.published.isoformat() == "2025-03-12"
    assert (prepared.source, prepared.section) == ("Harbour Herald", "News")
    assert prepared.authors == ("Ana Kovač",)


def test_the_text_fills_the_gaps():
    text = (
        "Harbour bridge approved after ten years\n"
        "By Ana Kovač, Tom Whitlock and B. J. Smith | The Harbour Herald\n"
        f"Published March 12, 2025, 5:14 p.m. ET\n{BODY}\nSource: City Life - www.b.example"
    )
    prepared = article(text)
    assert prepared.text == BODY
    assert prepared.title == "Harbour bridge approved after ten years"
    assert not prepared.title_is_derived
    assert prepared.authors == ("Ana Kovač", "Tom Whitlock", "B. J. Smith")
    assert prepared.published.isoformat() == "2025-03-12T21:14:00Z"
    assert (prepared.source, prepared.section) == ("b.example", "City Life")
    assert [(text[s.start : s.end], s.rule) for s in prepared.removed] == [
        (text.split("\n")[0], "metadata:title"),
        (text.split("\n")[1], "metadata:byline"),
        (text.split("\n")[2], "metadata:date"),
        (text.split("\n")[-1], "metadata:source"),
    ]


def test_nothing_known_stays_unknown():
    prepared = article(BODY)
    assert prepared.published is None
    assert prepared.source is None
    assert prepared.section is None
    assert prepared.authors == ()
    assert prepared.title_is_derived
    assert prepared.title == (
        "The council met on Monday and voted for the new bridge, which will replace the ferry that…"
    )
    assert len(prepared.title) <= 91
    assert prepared.text == BODY


def test_url_gives_outlet_and_day():
    prepared = article(BODY, url="https://www.herald.example/news/2023/01/05/bridge")
    assert prepared.source == "herald.example"
    assert prepared.published.isoformat() == "2023-01-05"


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/world/2023/jan/05/bridge", "2023-01-05"),
        ("https://a.example/2023-01-05-bridge", "2023-01-05"),
        ("https://a.example/2023/13/45/bridge", None),
        ("https://a.example/2023/bridge", None),
        ("https://a.example/12023/01/05/bridge", None),
        ("https://[bad", None),
    ],
)
def test_day_in_the_path(url, day):
    published = article(BODY, url=url).published
    assert (published and published.isoformat()) == day


def test_unreadable_date_falls_back():
    known = {"published": "3/4/2023", "url": "https://a.example/2023/04/03/x"}
    assert article(BODY, **known).published.isoformat() == "2023-04-03"
    assert article(BODY, published="13/25/2023").published is None


def test_source_without_section():
    prepared = article(f"{BODY}\nSource: nytimes.com")
    assert (prepared.source, prepared.section) == ("nytimes.com", None)
    assert prepared.text == BODY


@pytest.mark.parametrize("line", ["Source: Harbour Authority", "Source: a letter of the mayor."])
def test_a_source_that_is_no_site_is_text(line):
    assert article(f"{BODY}\n{line}").text == f"{BODY}\n{line}"


@pytest.mark.parametrize("place", ["PARIS (AP) — ", "HALVERSTON, June 3 — ", "LONDON — "])
def test_dateline_in_the_paragraph_stays(place):
    prepared = article(place + BODY)
    assert prepared.text == place + BODY
    assert prepared.published is None


@pytest.mark.parametrize("place", ["New York CNN —", "PARIS (AP) —", "London Harbour Herald —"])
def test_dateline_on_its_own_line_goes(place):
    assert article(f"{place}\n{BODY}").text == BODY


def test_known_title_is_not_repeated_in_the_text():
    assert article(f"HARBOUR BRIDGE\n{BODY}", title="Harbour bridge").text == BODY
    assert article(f"Harbour bridge wins\n{BODY}", title="Bridge").text.startswith("Harbour bridge")
    prepared = article(
        f"Harbour bridge approved at last\n{BODY}", title="Harbour bridge approved at ..."
    )
    assert prepared.title == "Harbour bridge approved at ..."
    assert prepared.text == BODY


def test_a_first_sentence_taken_for_the_title_stays_in_the_text():
    for title in (BODY.split("\n")[0], f"{BODY[:60]} ..."):
        assert article(BODY, title=title).text == BODY


@pytest.mark.parametrize(
    "first",
    [
        "It was a short day.",
        "Updated figures:",
        "Bridges",
        "“We waited,” he said.",
    ],
)
def test_a_short_sentence_is_no_title(first):
    prepared = article(f"{first}\n{BODY}")
    assert prepared.title_is_derived
    assert prepared.text.startswith(first)


def test_a_short_text_without_prose_has_no_title():
    text = "First the bread\nThen the fish\nThen the wine"
    assert article(text).text == text


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By Ana Kovač", ("Ana Kovač",)),
        ("BY ANA KOVAČ AND TOM WHITLOCK", ("Ana Kovač", "Tom Whitlock")),
        ("By Ana Kovač, and Tom Whitlock, Harbour Herald", ("Ana Kovač", "Tom Whitlock")),
        ("Ana Kovač, Harbour News", ("Ana Kovač",)),
        ("Ana Kovač\nAssociated Press", ("Ana Kovač",)),
        ("Ana Kovač\nThe Harbour Herald", ("Ana Kovač",)),
        ("Ana Kovač and Tom Whitlock\nUSA TODAY", ("Ana Kovač", "Tom Whitlock")),
    ],
)
def test_bylines(byline, authors):
    prepared = article(f"{byline}\n{BODY}", title="Bridge approved")
    assert prepared.authors == authors
    assert prepared.text == BODY


@pytest.mark.parametrize("line", ["By the harbour wall he waited.", "Ana Kovač", "By noon"])
def test_what_is_no_byline_stays(line):
    prepared = article(f"{line}\n{BODY}", title="Bridge approved")
    assert prepared.authors == ()
    assert prepared.text == f"{line}\n{BODY}"


def test_the_earlier_of_two_date_lines_is_publication():
    prepared = article(f"Updated March 14, 2025\nPublished March 12, 2025\n{BODY}", title="x")
    assert prepared.published.isoformat() == "2025-03-12"
    assert prepared.text == BODY


def test_a_date_in_a_sentence_is_no_date_line():
    text = f"On March 12, 2025, the old bridge fell.\n{BODY}"
    assert article(text, title="x").published is None


@pytest.mark.parametrize("text", ["", "  \n\t\r\n", "\u200b\x00\ufeff"])
def test_blank_text_is_empty(text):
    with pytest.raises(EmptySource):
        article(text)


def test_a_wall_is_boilerplate_only():
    with pytest.raises(BoilerplateOnly, match="all 2 lines") as error:
        article("Please enable JavaScript in your browser settings.\nAlready a subscriber? Log in.")
    assert error.value.origin == "test"


def test_notes_are_kept():
    prepared = article(f"{BODY}\nThis story has been updated with additional details.")
    assert prepared.text == BODY
    assert prepared.notes == ("This story has been updated with additional details.",)


@pytest.mark.parametrize(
    "line",
    [
        "Kestrel Business | Deals | 6 March 2025 | 3 min read",
        "Published: 6 March 2025 | Harbour desk",
        "Harbour Herald English edition, 6 March 2025",
    ],
)
def test_a_date_among_other_things_above_the_text(line):
    prepared = article(f"{line}\n{BODY}", title="Bridge approved")
    assert prepared.published is not None
    assert prepared.published.isoformat() == "2025-03-06"
    assert prepared.text == BODY


@pytest.mark.parametrize("line", ["Published 6 March 2025", "March 6, 2025", "6 March 2025."])
def test_a_date_alone_below_the_text(line):
    prepared = article(f"{BODY}\n{line}", title="Bridge approved")
    assert prepared.published is not None
    assert prepared.published.isoformat() == "2025-03-06"
    assert prepared.text == BODY


def test_a_date_in_a_sentence_is_none_of_the_article():
    text = f"{BODY}\nThe bridge opened on 6 March 1925."
    prepared = article(text, title="Bridge approved")
    assert prepared.published is None
    assert prepared.text == text


@pytest.mark.parametrize(
    ("line", "published", "modified"),
    [
        ("Updated March 14, 2025", None, "2025-03-14"),
        ("Updated 9:02 PM EDT, Tue April 8, 2025", None, "2025-04-09T01:02:00Z"),
        ("Published March 12, 2025, updated March 14, 2025", "2025-03-12", "2025-03-14"),
        (
            "First published on 12 Mar 2025 | Last modified on 14 Mar 2025",
            "2025-03-12",
            "2025-03-14",
        ),
        ("12 March 2025 | Updated 14 March 2025", "2025-03-12", "2025-03-14"),
        ("March 12, 2025", "2025-03-12", None),
    ],
)
def test_published_and_updated_are_kept_apart(line, published, modified):
    prepared = article(f"{line}\n{BODY}", title="Bridge approved")
    assert (prepared.published and prepared.published.isoformat()) == published
    assert (prepared.modified and prepared.modified.isoformat()) == modified
    assert prepared.text == BODY


def test_a_note_may_say_when():
    text = f"{BODY}\nThis article was last updated on March 14, 2025."
    prepared = article(text, published="2025-03-12")
    assert prepared.modified.isoformat() == "2025-03-14"
    assert prepared.notes == ("This article was last updated on March 14, 2025.",)


def test_the_source_knows_when_it_changed():
    prepared = article(BODY, published="2025-03-12", modified="2025-03-12T17:14:00Z")
    assert prepared.published.isoformat() == "2025-03-12"
    assert prepared.modified.isoformat() == "2025-03-12T17:14:00Z"


@pytest.mark.parametrize(
    ("published", "modified"),
    [
        ("2025-03-12", "2025-04-09T01:02:00Z"),  # a Tuesday
        ("2025-04-08", "2025-04-09T01:02:00Z"),
        ("2024-03-12", None),  # in 2024 it was a Monday
        (None, None),
    ],
)
def test_an_update_without_its_year_follows_publication(published, modified):
    line = "Updated 9:02 PM EDT, Tue April 8"
    prepared = article(f"{line}\n{BODY}", title="Bridge approved", published=published)
    assert (prepared.modified and prepared.modified.isoformat()) == modified
    assert (line in prepared.text) == (modified is None)


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("2025-03-12T12:59:00Z", True),  # a clock that is fast
        ("2025-03-12T13:01:00Z", False),
        ("2025-03-13", True),  # it is tomorrow in the east
        ("2025-03-14", False),
        ("2031-01-01", False),
    ],
)
def test_a_date_after_the_fetch_is_refused(value, accepted):
    for known in ({"received": FETCHED}, {"fetched_at": FETCHED}):
        prepared = article(BODY, published=value, modified=value, **known)
        assert (prepared.published is not None) == accepted
        assert (prepared.modified is not None) == accepted
        assert bool(prepared.refused_dates) != accepted
    assert article(BODY, published=value).published is not None


def test_what_was_fetched_counts_from_its_fetch():
    later = datetime(2031, 1, 1, tzinfo=UTC)
    prepared = article(BODY, published="2030-01-01", fetched_at=FETCHED, received=later)
    assert prepared.refused_dates == ("published 2030-01-01 lies after the fetch on 2025-03-12",)


def test_after_a_refused_date_the_next_source_is_asked():
    known = {"published": "2031-01-01", "received": FETCHED, "title": "Bridge"}
    assert article(f"March 6, 2025\n{BODY}", **known).published.isoformat() == "2025-03-06"
    url = "https://a.example/2025/03/05/x"
    prepared = article(f"March 6, 2032\n{BODY}", url=url, **known)
    assert prepared.published.isoformat() == "2025-03-05"
    assert len(prepared.refused_dates) == 2


@pytest.mark.parametrize(
    ("line", "place", "agency"),
    [
        ("PARIS (AP) — ", "Paris", "AP"),
        ("LONDON — ", "London", None),
        ("(CNN) — ", None, "CNN"),
        ("New York CNN —\n", "New York", "CNN"),
        ("CNN —\n", None, "CNN"),
        ("HALVERSTON —\n", "Halverston", None),
        ("London Harbour Herald —\n", "London", "Harbour Herald"),
        ("", None, None),
    ],
)
def test_the_dateline_is_known_wherever_it_stood(line, place, agency):
    prepared = article(line + BODY, source="Harbour Herald", title="Bridge approved")
    assert (prepared.place, prepared.agency) == (place, agency)
    assert prepared.text.endswith(BODY)
