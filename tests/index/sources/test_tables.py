import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import RawArticle
from index.errors import InvalidRecord, UnreadableSource
from index.sources import Columns, read_payload, tables
from index.sources.detect import kind_of
from index.sources.payload import Payload
from index.sources.table_head import DELIMITERS

HEADER = ["id", "title", "content", "date", "author", "publication", "url"]
MILL = ["17", "Mill to close", 'The mill, "old", closed.\nMany wept.', "2025-03-12", "Ana Holm",
        "Meridian Wire", "https://meridianwire.example/mill"]  # fmt: skip


def table(*rows, delimiter=",", encoding="utf-8", end="\r\n"):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue().encode(encoding)


def read(data, spec=None):
    columns = Columns.parse(spec) if spec else None
    data = data if isinstance(data, bytes) else data.encode()
    return list(read_payload(Payload("f.csv", data), columns=columns))


def is_table(text):
    return kind_of(text if isinstance(text, bytes) else text.encode(), Columns()) == "table"


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_every_layout_gives_the_same_article(delimiter, encoding, end):
    text = MILL[2] + " The café’s owner said £5 was naïve."
    [raw] = read(table(HEADER, [*MILL[:2], text, *MILL[3:]], delimiter=delimiter,
                       encoding=encoding, end=end))  # fmt: skip
    assert raw == RawArticle(
        origin="f.csv#17",
        text=text,
        title="Mill to close",
        published="2025-03-12",
        authors=("Ana Holm",),
        source="Meridian Wire",
        url="https://meridianwire.example/mill",
    )


def test_line_ends_of_an_old_mac():
    found = read("title,text\rA,One.\rB,Two.\r")
    assert [raw.text for raw in found] == ["One.", "Two."]


def test_rows_are_counted_as_a_spreadsheet_does():
    found = read("title,text\n\nA,One.\n,\nB,Two.\n")
    assert [raw.origin for raw in found] == ["f.csv#/3", "f.csv#/5"]


def test_ragged_rows_are_refused_singly():
    found = read('title,text\nA,One.\nB,Two, three.\nC\nD,Four.,,\nE,"Fi,ve."\n')
    assert [type(item) for item in found] == [
        *(RawArticle, InvalidRecord, InvalidRecord, RawArticle, RawArticle)
    ]
    assert [item.origin for item in found] == [f"f.csv#/{n}" for n in range(2, 7)]
    assert "3 cells and the header has 2" in found[1].reason


def test_a_row_without_text_is_refused():
    assert [type(item) for item in read("title,text\nA,\nB,nan\nC,News.\n")] == [
        *(InvalidRecord, InvalidRecord, RawArticle)
    ]


def test_the_number_of_a_row_is_no_id_but_names_it():
    number, name, odd = read("id,title,text\n5,A,One.\nwire-5,B,Two.\na b,C,Three.\n")
    assert (number.id, number.origin) == (None, "f.csv#5")
    assert (name.id, name.origin) == ("wire-5", "f.csv#wire-5")
    assert (odd.id, odd.origin) == (None, "f.csv#/4")


def test_a_mapping_makes_a_number_an_id():
    assert read("nr,text\n5,One.\n", "id=nr")[0].id == "5"


def test_a_mapping_names_the_columns():
    [raw] = read("a;b;c\nMill;The mill closed.;1 May\n", "text=b,title=a,published=c")
    assert (raw.text, raw.title, raw.published) == ("The mill closed.", "Mill", "1 May")
    assert read("words\nNews.\n", "text=words")[0].text == "News."


def test_a_mapping_to_a_column_that_is_not_there_is_refused_once():
    [refused] = read("a,text\n1,One.\n2,Two.\n", "title=headline")
    assert isinstance(refused, UnreadableSource)
    assert "no column 'headline', to which title is mapped; its columns are 'a', 'text'" in str(
        refused
    )


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Ana Holm", ("Ana Holm",)),
        ("By Ana Holm and Bo Lund", ("Ana Holm", "Bo Lund")),
        ("Ana Holm, Bo Lund, and Cai Rask", ("Ana Holm", "Bo Lund", "Cai Rask")),
        ("Ana Holm; Bo Lund", ("Ana Holm", "Bo Lund")),
        ("['Ana Holm', \"Bo O'Lund\"]", ("Ana Holm", "Bo O'Lund")),
        ("['Ana Holm", ("['Ana Holm",)),
        ("None", ()),
        ("", ()),
    ],
)
def test_the_people_of_a_cell(cell, names):
    assert read(table(["text", "authors"], ["News.", cell]))[0].authors == names


@pytest.mark.parametrize(
    "text",
    [
        "title,text\nA,One.\n",
        "\n\ntitle,text\nA,One.\n",
        ",title,text\n0,A,One.\n",
        "Headline;Story\nA;One, two.\n",
        "date\tbody\n1 May\tOne.\n",
        "title, text\nA, One.\n",
        "title,text\n",
    ],
)
def test_a_header_with_a_text_column_makes_a_table(text):
    assert is_table(text)


@pytest.mark.parametrize(
    "text",
    [
        "Body, mind and soul\n\nThe mayor, who is 60, said so.\n",
        "Content, not form\nThe rest, he said, is silence.\n",
        "Text\nThe mill closed, and many wept.\n",
        "Article|Video|Photos\nThe mill closed.\nMany wept.\n",
        "The mill, which is old, closed.\nIn May, it opened, again.\nNobody, he said, came.\n",
        "Home | World | Sport\nThe mill closed.\nNews | More | Less\n",
        "Story, body\nOne. Two.\nThree.\n",
        "",
    ],
)
def test_prose_is_no_table(text):
    assert not is_table(text)


@pytest.mark.parametrize("rows", ["a,b,c\n1,2,3\n4,5,6\n", "1\t2\t3\n" * 4])
def test_a_table_without_a_text_column_is_refused_with_a_remedy(rows):
    [refused] = read(rows)
    assert isinstance(refused, UnreadableSource)
    assert "text=COLUMN" in refused.reason
    assert "header row" in refused.reason


def test_a_character_cut_by_the_end_of_the_head_does_not_change_the_encoding():
    rows = [["A", "x" * 65_500 + "é" * 40], ["B", "Zoë"]]
    for shift in range(3):
        found = read(table(["title", "text"], ["s" * shift, "y"], *rows))
        assert [raw.text for raw in found[1:]] == [row[1] for row in rows]


def test_a_line_in_another_encoding_is_read_by_itself():
    data = "title,text\nA,Zoë came.\n".encode() + "B,Le café fermé.\n".encode("cp1252")
    assert [raw.text for raw in read(data)] == ["Zoë came.", "Le café fermé."]


def test_a_large_article_fits_into_a_cell():
    text = "The mill closed. " * 50_000
    assert read(table(["title", "text"], ["A", text]))[0].text == text.strip()


def test_a_quote_that_never_ends_costs_a_bounded_piece(monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 5_000)
    found = read('title,text\nA,"One\n' + "b,x\n" * 3_000)
    refused = [item for item in found if isinstance(item, InvalidRecord)]
    assert 1 <= len(refused) <= 3
    assert "5,000" in refused[0].reason
    assert isinstance(found[-1], RawArticle)


def test_rows_are_read_one_at_a_time():
    class Endless(io.RawIOBase):
        rows = b"title,text\n"

        def readable(self):
            return True

        def readinto(self, buffer):
            while len(self.rows) < len(buffer):
                self.rows += b"A,News.\n" * 1000
            buffer[:], self.rows = self.rows[: len(buffer)], self.rows[len(buffer) :]
            return len(buffer)

    from index.sources import read_sources

    found = read_sources(["-"], stdin=Endless())
    assert {next(found).text for _ in range(30_000)} == {"News."}


CELLS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), st.sampled_from(DELIMITERS))
def test_what_a_spreadsheet_writes_comes_back(rows, delimiter):
    found = read(table(["headline", "body"], *rows, delimiter=delimiter))
    told = {"nan", "none", "null", "n/a", "nil", "<na>", ""}
    wanted = [row[1].strip() for row in rows if row[1].strip().lower() not in told]
    assert [raw.text for raw in found if isinstance(raw, RawArticle)] == wanted
