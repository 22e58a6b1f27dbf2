import pickle

import pytest

from index.errors import InvalidRecord
from index.sources.columns import FIELDS, SYNONYMS, Columns, folded
from index.sources.records import read_record


def read(record, spec=None):
    columns = Columns.parse(spec) if spec else Columns()
    return read_record(record, "f", "f#/1", columns)


def test_a_mapping_is_read_and_crosses_processes():
    columns = Columns.parse(" text=body , published=meta.date,title=Head line")
    assert columns.pairs == (("text", "body"), ("published", "meta.date"), ("title", "Head line"))
    assert pickle.loads(pickle.dumps(columns)) == columns  # noqa: S301
    assert columns == Columns.parse("text=body,published=meta.date,title=Head line")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("texts=body", "'texts' is no field of an article: the fields are text, title"),
        ("body", "'body' maps nothing: write field=column"),
        ("text=", "maps nothing"),
        ("", "'' maps nothing"),
        ("text=a,text=b", "text is mapped twice: to 'a' and 'b'"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_named(spec, said):
    with pytest.raises(ValueError, match=said):
        Columns.parse(spec)


def test_a_mapped_column_wins_and_may_lie_inside_others():
    record = {"content": {"body": "The mill closed."}, "text": "x", "a.b": "Mill", "date": "1 May"}
    raw = read(record, "text=content.body,title=a.b")
    assert (raw.text, raw.title, raw.published) == ("The mill closed.", "Mill", "1 May")


@pytest.mark.parametrize("column", ["words", "content.body.more", "list.0"])
def test_a_mapped_text_that_is_not_there_is_refused(column):
    found = read({"content": {"body": "x"}, "list": ["x"], "text": "y"}, f"text={column}")
    assert isinstance(found, InvalidRecord)
    assert "its text is None" in found.reason


@pytest.mark.parametrize(
    "record",
    [
        {"headline": "Mill", "body": "It closed.", "publish_date": "1 May", "byline": "Ana Holm"},
        {"webTitle": "Mill", "bodyText": "It closed.", "webPublicationDate": "1 May",
         "author": ["Ana Holm"]},
        {"heading": "Mill", "Article Text": "It closed.", "Published-At": "1 May",
         "creator": "Ana Holm"},
    ],
)  # fmt: skip
def test_other_names_are_understood(record):
    raw = read(record)
    assert (raw.title, raw.text) == ("Mill", "It closed.")
    assert (raw.published, raw.authors) == ("1 May", ("Ana Holm",))


def test_our_own_names_win_and_stay_strict():
    assert read({"text": "Ours.", "body": "Theirs.", "title": "", "headline": "H"}).text == "Ours."
    assert read({"text": "Ours.", "title": "", "headline": "H"}).title == "H"
    assert isinstance(read({"text": 5, "body": "Theirs."}), InvalidRecord)
    assert isinstance(read({"text": "Ours.", "published": 5, "date": "1 May"}), InvalidRecord)


def test_values_of_others_that_cannot_be_used_are_passed_over():
    raw = read({"text": "News.", "date": 20250312, "link": "/a", "author": {"n": 1}, "site": ""})
    assert raw.published is raw.url is raw.source is None
    assert raw.authors == ()
    assert read({"text": "News.", "link": "/a", "weburl": "https://a.example/"}).url


def test_the_first_synonym_of_the_list_wins():
    assert read({"content": "short…", "body": "The whole."}).text == "The whole."


def test_synonyms_are_folded_and_belong_to_one_field():
    names = [name for synonyms in SYNONYMS.values() for name in synonyms]
    assert all(folded(name) == name for name in names)
    assert len(set(names)) == len(names)
    assert not set(names) & set(FIELDS)
