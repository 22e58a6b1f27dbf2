"""Datelines: what they name, where they end, and what only looks like one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.prepare.datelines import HEAD_LINES, find_dateline, read_line

BODY = "The council met on Monday and voted for the new bridge, which will replace the ferry."


@pytest.mark.parametrize(
    ("dateline", "place", "agency"),
    [
        ("PARIS (AP) — ", "Paris", "AP"),
        ("WASHINGTON, May 3 (Reuters) - ", "Washington", "Reuters"),
        ("NEW YORK, May 3, 2023 (Reuters) - ", "New York", "Reuters"),
        ("LOS ANGELES — ", "Los Angeles", None),
        ("NEW YORK -- ", "New York", None),
        ("NEW YORK (AP) _ ", "New York", "AP"),
        (
            "SAN FRANCISCO & OAKLAND, Calif. (KTVU) — ",
            "San Francisco & Oakland, Calif.",
            "KTVU",
        ),
        ("(CNN) — ", None, "CNN"),
        ("(CNN)", None, "CNN"),
        ("GENEVA/BERLIN (Reuters) - ", "Geneva/Berlin", "Reuters"),
        ("Halverston (CNN) — ", "Halverston", "CNN"),
        ("ST. ALBION – ", "St. Albion", None),
        ("RIO DE JANEIRO (AP) — ", "Rio de Janeiro", "AP"),
        ("PORT-AU-PRINCE, Haiti (AP) — ", "Port-au-Prince, Haiti", "AP"),
        ("McALLEN, Texas (AP) — ", "McAllen, Texas", "AP"),
        ("MARTHA'S VINEYARD — ", "Martha's Vineyard", None),
        ("WASHINGTON, D.C. — ", "Washington, D.C.", None),
        ("DUBAI, United Arab Emirates (AP) — ", "Dubai, United Arab Emirates", "AP"),
        ("SÃO PAULO (AP) — ", "São Paulo", "AP"),
        ("CALUMET CITY, Ill.—", "Calumet City, Ill.", None),
    ],
)
@pytest.mark.parametrize("before", ["", "A headline of the day\n"])
def test_a_dateline_names_place_and_agency(dateline, place, agency, before):
    text = f"{before}{dateline}{BODY}\nThe mayor spoke."
    found = find_dateline(text)
    assert (found.place, found.agency) == (place, agency)
    assert text[found.start : found.end] == dateline


@pytest.mark.parametrize(
    "text",
    [
        f"BREAKING — {BODY}",
        f"NATO — {BODY}",
        f"EDITOR'S NOTE — {BODY}",
        "PARIS (AP) — the council met on Monday and voted for the new bridge.",
        f"The mayor (AP) — {BODY}",
        "PCR – or polymerase chain reaction – tests can find small amounts of it.",
        "U.S. District Judge Ana Kovač — the first on the coast — ruled on Monday.",
        "PARIS — Three stars",
        "A line.\n" * HEAD_LINES + f"PARIS — {BODY}",
        "",
    ],
)
def test_what_only_looks_like_a_dateline(text):
    assert find_dateline(text) is None


@pytest.mark.parametrize(
    ("line", "place", "agency"),
    [
        ("New York CNN —", "New York", "CNN"),
        ("CNN —", None, "CNN"),
        ("Hong Kong CNN Business —", "Hong Kong", "CNN Business"),
        ("Harbour Stadium, Keld, Lisk CNN —", "Harbour Stadium, Keld, Lisk", "CNN"),
        ("PARIS (AP) —", "Paris", "AP"),
        ("HALVERSTON, June 3 —", "Halverston", None),
        ("London Harbour Herald —", "London", "Harbour Herald"),
    ],
)
def test_a_dateline_on_its_own_line(line, place, agency):
    found = read_line(line, "Harbour Herald")
    assert (found.place, found.agency) == (place, agency)


def test_an_unknown_outlet_is_not_read_as_a_place():
    assert read_line("London Harbour Herald —") is None


@given(st.text(alphabet="PARIS, (AP)—-& St.\n", max_size=300))
def test_a_dateline_lies_in_the_text(text):
    found = find_dateline(text)
    assert found is None or (0 <= found.start < found.end < len(text))


@pytest.mark.parametrize("piece", ["A", "A ", "PARIS, ", "PARIS & ", "St. ", "(AP) — "])
def test_hostile_lines_take_no_time(piece):
    started = time.process_time()
    find_dateline(piece * 100_000)
    read_line(piece * 1_000)
    assert time.process_time() - started < 0.5
