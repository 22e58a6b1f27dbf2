import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import RawArticle
from index.errors import InvalidRecord
from index.sources import Columns, record_to_raw
from index.sources.records import looks_like_record, read_records

FULL = {
    "id": "wire:2025-1.a_B",
    "url": "https://example.com/a?b=c",
    "title": " Mill to close ",
    "published": "12 March 2025",
    "source": "Wire",
    "section": "Local",
    "authors": ["Ana Holm", " Bo Lund "],
    "modified": "2025-03-13",
    "language": "en-GB",
    "text": "The mill closed.\r\nIt was old.",
    "comments": 12,
}


def read(*lines):
    return list(
        read_records(enumerate((line.encode() for line in lines), 1), "wire.jsonl", Columns())
    )


def test_every_field_is_kept_and_other_keys_are_ignored():
    assert record_to_raw(FULL, "o") == RawArticle(
        origin="o",
        text="The mill closed.\nIt was old.",
        id="wire:2025-1.a_B",
        url="https://example.com/a?b=c",
        title="Mill to close",
        published="12 March 2025",
        source="Wire",
        section="Local",
        authors=("Ana Holm", "Bo Lund"),
        modified="2025-03-13",
        language="en-GB",
    )


def test_text_is_enough():
    assert record_to_raw({"text": "News."}, "o") == RawArticle("o", "News.")


@pytest.mark.parametrize("key", sorted(set(FULL) - {"text", "comments"}))
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_null_and_blank_mean_absent(key, blank):
    assert record_to_raw({"text": "News.", key: blank}, "o") == RawArticle("o", "News.")


@pytest.mark.parametrize("authors", ["Ana Holm", ["Ana Holm"], ["Ana Holm", ""]])
def test_authors_are_a_string_or_a_list(authors):
    assert record_to_raw({"text": "News.", "authors": authors}, "o").authors == ("Ana Holm",)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("text", None, "None"),
        ("text", " \n", "n'"),
        ("text", 5, "5"),
        ("text", ["a"], "['a']"),
        ("id", "two words", "'two words'"),
        ("id", "x" * 129, "xxx"),
        ("id", "a#b", "'a#b'"),
        ("id", "é", "'é'"),
        ("id", 17, "17"),
        ("url", "ftp://example.com", "'ftp://example.com'"),
        ("url", "/a/b", "'/a/b'"),
        ("url", "https://", "'https://'"),
        ("url", "https://[", "'https://['"),
        ("url", "https://a b.com", "'https://a b.com'"),
        ("url", "javascript:alert(1)", "javascript"),
        ("published", 20250312, "20250312"),
        ("title", {"a": 1}, "{'a': 1}"),
        ("source", True, "True"),
        ("section", 1.5, "1.5"),
        ("authors", 5, "5"),
        ("authors", ["Ana", 5], "5"),
        ("authors", {"name": "Ana"}, "name"),
        ("authors", False, "False"),
        ("authors", {}, "{}"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(key, value, shown):
    with pytest.raises(InvalidRecord) as caught:
        record_to_raw({**FULL, key: value}, "o")
    assert shown in caught.value.reason
    assert key in caught.value.reason
    assert "give" in caught.value.reason


def test_a_long_value_is_shown_shortened():
    with pytest.raises(InvalidRecord) as caught:
        record_to_raw({"text": "News.", "id": "y" * 100_000}, "o")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("length", [1, 128])
def test_ids_of_1_to_128_characters_are_allowed(length):
    assert record_to_raw({"text": "News.", "id": "a" * length}, "o").id == "a" * length


def test_halves_of_characters_are_mended():
    pair, half = json.loads('{"text": "\\ud83d\\ude00"}'), json.loads('{"text": "a\\ud800b"}')
    assert record_to_raw(pair, "o").text == "😀"
    assert record_to_raw(half, "o").text == "a\ufffdb"


def test_origins_are_the_id_or_the_line():
    found = read('{"text": "One."}', "", '{"text": "Two.", "id": "b"}', "  ", '{"text": "Three."}')
    assert [raw.origin for raw in found] == ["wire.jsonl#/1", "wire.jsonl#b", "wire.jsonl#/5"]


def test_a_bad_line_is_refused_and_the_run_goes_on():
    deep = "[" * 100_000
    found = read('{"text": "One."}', "{oops", "[1]", '{"text": 3}', deep, '{"text": "Two."}')
    assert [type(item) for item in found] == [RawArticle, *[InvalidRecord] * 4, RawArticle]
    assert [item.origin for item in found] == [f"wire.jsonl#/{line}" for line in range(1, 7)]
    assert "column 2" in found[1].reason
    assert "'{oops'" in found[1].reason


def test_a_bad_record_with_an_id_is_named_by_its_line():
    assert read('{"id": "a", "text": ""}')[0].origin == "wire.jsonl#/1"


def test_a_line_that_is_not_utf8_is_refused():
    found = list(read_records([(1, b'{"text": "caf\xe9"}')], "f", Columns()))
    assert "not UTF-8" in found[0].reason


def test_a_byte_order_mark_is_passed_over():
    assert read('\ufeff{"text": "One."}')[0].text == "One."


def test_a_line_number_is_no_id():
    assert [raw.origin for raw in read('{"text": "One."}', '{"text": "Two.", "id": "1"}')] == [
        "wire.jsonl#/1",
        "wire.jsonl#1",
    ]


def test_a_line_of_an_export_comes_back_whole():
    version = {
        **dict.fromkeys(("url", "published", "modified", "source", "section", "language")),
        **dict.fromkeys(("place", "agency", "fetched_at", "bytes_sha256")),
        "number": 1,
        "title": "Mill",
        "title_is_derived": False,
        "authors": [],
        "text": "The mill closed.",
        "raw": "The mill closed.",
        "removed": [],
        "notes": [],
        "ingested_at": "2025-03-12T00:00:00+00:00",
    }
    line = {"dateline_export": 1, "id": "a", "text": "x", "origins": [], "versions": [version]}
    good, bad = read(json.dumps(line), json.dumps({**line, "dateline_export": 99}))
    assert good.versions[0].article.text == "The mill closed."
    assert isinstance(bad, InvalidRecord)


def test_the_same_id_again_is_passed_on():
    found = read('{"id": "a", "text": "One."}', '{"id": "a", "text": "Two."}')
    assert [(raw.id, raw.text) for raw in found] == [("a", "One."), ("a", "Two.")]


@pytest.mark.parametrize(
    "line", [b'{"text": 1}', b' \xef\xbb\xbf{"a"', b"{}", b'\xef\xbb\xbf { "a"']
)
def test_a_first_line_with_an_object_tells_json_lines(line):
    assert looks_like_record(line.lstrip())


@pytest.mark.parametrize("line", [b"", b"News.", b"[1]", b"{", b"{sic} he said", b'"{'])
def test_other_first_lines_do_not(line):
    assert not looks_like_record(line)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*FULL, "other"]), JSON))
def test_any_record_is_an_article_or_an_invalid_record(record):
    try:
        raw = record_to_raw(record, "o")
    except InvalidRecord as error:
        assert error.origin == "o"  # noqa: PT017
    else:
        assert raw.text.strip()


@given(st.binary(max_size=400))
def test_any_line_is_read_or_refused(line):
    for item in read_records([(1, b'{"text":' + line), (2, line)], "f", Columns()):
        assert isinstance(item, RawArticle | InvalidRecord)
