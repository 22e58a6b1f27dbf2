import io

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.documents import RawArticle
from index.errors import EmptySource, SourceError, UnreadableSource
from index.sources import pdf
from index.sources.parse import parse
from index.sources.payload import Payload
from tests.index.sources.makers import pdf as make_pdf

LINES = [
    "The mill on the river, which had ground flour for two hundred",
    "years, closed on Friday after its owners found no buyer. The gov-",
    "ernment of the town (pop. 400) was sorry.",
    "The mayor said that she would look for another use of the mill.",
]
TEXT = (
    "The mill on the river, which had ground flour for two hundred years, closed on Friday after "
    "its owners found no buyer. The government of the town (pop. 400) was sorry.\n\n"
    "The mayor said that she would look for another use of the mill."
)


def read(data):
    [found] = parse(Payload("f.pdf", data))
    return found


def test_lines_become_paragraphs_and_information_metadata():
    info = {
        "Title": "Mill to close",
        "Author": "Ana Holm; Bo Lund",
        "CreationDate": "D:20250312101500+01'00'",
    }
    payload = Payload("f.pdf", make_pdf([LINES], info), "https://a.example/f.pdf")
    assert parse(payload) == [
        RawArticle(
            origin="f.pdf",
            text=TEXT,
            url="https://a.example/f.pdf",
            title="Mill to close",
            authors=("Ana Holm", "Bo Lund"),
            published="2025-03-12T10:15:00+01:00",
            bytes_sha256=payload.sha256(),
        )
    ]


@pytest.mark.parametrize("title", ["Microsoft Word - mill.docx", "mill_v3.indd", "untitled", " "])
def test_names_of_files_are_no_titles(title):
    assert read(make_pdf([LINES], {"Title": title})).title is None


@pytest.mark.parametrize("date", ["yesterday", "D:20259999", ""])
def test_a_date_that_is_none_is_not_known(date):
    raw = read(make_pdf([LINES], {"CreationDate": date}))
    assert (raw.published, raw.text) == (None, TEXT)


def test_paragraphs_go_on_over_pages_without_what_stands_on_each():
    body = [f"{LINES[0]} and so on", "the port closed, too, as the port had no ships at all."]
    pages = [["Meridian Wire, 12 March", *body, f"Page {n} of 4"] for n in range(1, 5)]
    text = read(make_pdf(pages)).text
    assert "Meridian Wire" not in text
    assert "Page" not in text
    assert text.count("the port closed") == 4


def test_a_line_that_opens_two_pages_stays():
    pages = [["The same words.", *LINES], ["The same words.", *LINES]]
    assert read(make_pdf(pages)).text.count("The same words.") == 2


def test_the_number_of_a_page_goes():
    assert read(make_pdf([[*LINES, "- 17 -"]])).text == TEXT
    assert "17" in read(make_pdf([["The dead were", "17", "in all."]])).text


def test_a_scan_is_refused_by_name():
    refused = read(make_pdf([[], []]))
    assert isinstance(refused, EmptySource)
    assert "2 pages, as a scan is; run OCR" in refused.reason


def encrypted(user):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf([LINES])))
    writer.encrypt(user, "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the old cipher is all that is there
def test_a_password_is_asked_of_nobody():
    refused = read(encrypted("secret"))
    assert isinstance(refused, UnreadableSource)
    assert refused.reason == "it is encrypted; save it without a password"
    assert read(encrypted("")).text == TEXT


def test_too_many_pages_are_refused(monkeypatch):
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    assert "3 pages, the limit is 2" in read(make_pdf([LINES] * 3)).reason
    assert read(make_pdf([LINES] * 2)).text


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4\n", b"%PDF-1.7 " + bytes(500), make_pdf([LINES])[:300]]
)
def test_a_damaged_file_is_refused(data, capfd):
    refused = read(data)
    assert isinstance(refused, SourceError)
    assert refused.origin == "f.pdf"
    assert capfd.readouterr() == ("", "")


WHOLE = make_pdf([LINES, LINES], {"Title": "Mill"})


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_mutated_files_never_raise(drawn):
    broken = bytearray(WHOLE[: drawn.draw(st.integers(9, len(WHOLE)))])
    for at in drawn.draw(st.lists(st.integers(5, len(broken) - 1), max_size=8)):
        broken[at] = drawn.draw(st.integers(0, 255))
    for item in parse(Payload("f", bytes(broken))):
        assert isinstance(item, RawArticle | SourceError)
