"""docs/sources.md says what there is: the names of columns and the limits."""

import re
from pathlib import Path

import pytest

from index.sources import archives, mail, opening, pdf, streams, warc, zips
from index.sources.columns import SYNONYMS, Columns

DOCS = (Path(__file__).parents[3] / "docs" / "sources.md").read_text("utf-8")
LIMITS = DOCS.partition("## Limits")[2]


@pytest.mark.parametrize("field", SYNONYMS)
def test_every_other_name_is_documented_in_its_order(field):
    row = re.search(rf"^\| `{field}` \| (.*) \|$", DOCS, re.MULTILINE)
    assert row is not None
    assert row[1] == (", ".join(SYNONYMS[field]) or "none")


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        (r"a document, .*\| ([\d,]+) bytes", streams.MAX_BYTES),
        (r"unpack to.*\| ([\d,]+) times", streams.MAX_UNPACKED_RATIO),
        (r"unpack to.*at least ([\d,]+) bytes", streams.MIN_SUSPECT_BYTES),
        (r"inside each other \| (\d+) deep", opening.MAX_DEPTH),
        (r"members of a ZIP \| ([\d,]+) bytes", zips.MAX_DIRECTORY_BYTES),
        (r"held in memory \| ([\d,]+) bytes", zips.MAX_HELD_BYTES),
        (r"member of a tar \| ([\d,]+) bytes", archives.MAX_TAR_HEADER_BYTES),
        (r"in a WARC \| ([\d,]+) bytes", warc.MAX_HEADER_BYTES),
        (r"headers of a message \| ([\d,]+) bytes", mail.MAX_HEADERS),
        (r"begin a part \| ([\d,]+) \|", mail.MAX_PARTS),
        (r"pages of a PDF \| ([\d,]+) \|", pdf.MAX_PAGES),
        (r"empty lines in a row \| ([\d,]+) \|", streams.MAX_EMPTY_LINES),
    ],
)
def test_every_limit_is_documented(said, limit):
    found = re.search(said, LIMITS)
    assert found is not None
    assert found[1] == f"{limit:,}"


def test_the_mappings_of_the_page_are_understood():
    shown = re.findall(r"^    (text=\S+)$", DOCS, re.MULTILINE)
    assert [Columns.parse(spec).column("text") for spec in shown] == ["body", "content.body"]
