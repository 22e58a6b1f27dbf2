import codecs
import json

import pytest

from index.documents import RawArticle
from index.errors import EmptySource, InvalidRecord, UnreadableSource
from index.sources import json_files, read_payload
from index.sources.payload import Payload

ONE, TWO = {"text": "One."}, {"text": "Two.", "id": "b"}


def read(data):
    return list(read_payload(Payload("f", data if isinstance(data, bytes) else data.encode())))


def found(data):
    return [(raw.origin, raw.text) for raw in read(data)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("wrap", [lambda r: r, lambda r: {"status": "ok", "articles": r}])
def test_a_document_of_records(indent, wrap):
    data = json.dumps(wrap([ONE, TWO]), indent=indent)
    assert found(data) == [("f#/1", "One."), ("f#b", "Two.")]


@pytest.mark.parametrize(
    "layout", ['{\n  "text": "One."\n}', '\n\n{"text": "One.",\n"title": "A"}']
)
def test_an_object_over_several_lines_is_one_document(layout):
    assert found(layout) == [("f", "One.")]


def test_an_object_on_one_line_is_a_line():
    assert found('{"text": "One."}') == [("f#/1", "One.")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_document_may_have_a_byte_order_mark(encoding):
    assert found(json.dumps([ONE], indent=1).encode(encoding)) == [("f#/1", "One.")]


def test_lines_in_utf16_are_refused_with_a_remedy():
    [refused] = read(codecs.BOM_UTF16_LE + '{"text": "A"}\n{"text": "B"}'.encode("utf-16-le"))
    assert "JSON Lines in UTF-8" in refused.reason


def test_bad_records_of_a_document_are_refused_singly():
    items = read(json.dumps([ONE, 5, {"title": "No text"}, TWO]))
    assert [type(item) for item in items] == [RawArticle, InvalidRecord, InvalidRecord, RawArticle]
    assert [item.origin for item in items[1:3]] == ["f#/2", "f#/3"]


def test_a_broken_first_line_does_not_make_a_document():
    items = read('{"text": "cut\n{"text": "Two."}')
    assert [type(item) for item in items] == [InvalidRecord, RawArticle]


def test_a_document_that_is_not_json_is_refused():
    [refused] = read('[\n{"text": "One."},\n{"text": oops}]')
    assert isinstance(refused, UnreadableSource)
    assert "line 3" in refused.reason


@pytest.mark.parametrize("data", ['{"articles": []}', '{\n"articles": []}'])
def test_a_document_without_records_is_empty(data):
    assert [type(item) for item in read(data)] == [EmptySource]


def test_an_object_that_is_no_record_is_refused():
    [refused] = read('{\n"version": 2,\n"data": {}}')
    assert isinstance(refused, InvalidRecord)
    assert refused.origin == "f"


@pytest.mark.parametrize("deep", ["[{" * 50_000, '{\n"a":' + "[" * 100_000, '[{"a": ' + "9" * 9000])
def test_hostile_documents_are_refused(deep):
    assert [type(item) for item in read(deep)] == [UnreadableSource]


def test_a_document_over_the_limit_is_told_of_json_lines(monkeypatch):
    monkeypatch.setattr(json_files, "MAX_BYTES", 200)
    [refused] = read(json.dumps([ONE] * 100))
    assert "200 bytes" in refused.reason
    assert "JSON Lines" in refused.reason
