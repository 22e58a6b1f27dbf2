"""Events come out the same however their bytes are cut; the oracle reads all at once."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.errors import LLMMalformed
from rag.llm.limits import Limits
from rag.llm.sse import EventReader

LINES = st.sampled_from(
    [
        "data: a",
        "data:b",
        "data:  c ",
        "data",
        "data: ä市🚋",
        ": comment",
        "id: 1",
        "event: x",
        "",
        "",
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def oracle(text):
    """WHATWG's algorithm over the whole text."""
    events, data = [], []
    for line in re.split("\r\n|\n|\r", text):
        name, _, value = line.partition(":")
        if line == "":
            if data:
                events.append("\n".join(data))
            data = []
        elif name == "data":
            data.append(value.removeprefix(" "))
    return events


def read(chunks):
    reader = EventReader(Limits())
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    return [*events, *reader.end()]


@given(st.lists(st.tuples(LINES, ENDS), max_size=12), st.lists(st.integers(0, 200), max_size=8))
def test_cuts_do_not_matter(lines, cuts):
    data = ("".join(line + end for line, end in lines) + "\n\n").encode()
    events = oracle(data.decode())
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    assert read(data[start:end] for start, end in itertools.pairwise(places)) == events
    for size in (1, 2, 3):
        assert read(data[i : i + size] for i in range(0, len(data), size)) == events


def test_a_long_line_costs_no_more_than_its_length(monkeypatch):
    """What was searched for the end of a line is not searched again with each chunk."""
    searched = []

    class Noting:
        def finditer(self, text, start):
            searched.append(len(text) - start)
            return re.finditer(b"\n", text[start:])

    monkeypatch.setattr("rag.llm.sse._LINE_END", Noting())
    reader = EventReader(Limits())
    for _ in range(200):
        assert list(reader.feed(b"x" * 100)) == []
    assert sum(searched) <= 2 * 200 * 101


def test_a_line_without_end_is_refused():
    reader = EventReader(Limits(max_line_bytes=1_000))
    for _ in range(10):
        assert list(reader.feed(b"x" * 100)) == []
    with pytest.raises(LLMMalformed, match="a line of the reply has over 1000 bytes"):
        list(reader.feed(b"x"))
