import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import EmptySource, SourceError, UnreadableSource
from index.sources import decode, read_text
from index.sources import text as text_module

ENGLISH = "“We are not done,” she said — the café’s owner is next.\nThe naïve plan cost £5."


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_decides_and_is_removed(bom, encoding):
    assert decode(bom + ENGLISH.encode(encoding)) == ENGLISH


@given(st.text(alphabet=st.characters(min_codepoint=0x20, exclude_categories=["Cc", "Cs"])))
def test_utf8_comes_back_as_it_was(text):
    if text.startswith(("%PDF-", "GIF8", "{\\rtf", "\ufeff", "SQLite format 3", "PK")):
        return
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "cp1252"),
        ("Le président de la République a annoncé mardi une réforme très contestée.", "cp1252"),
        ("Der Bürgermeister erklärte, die Straße bleibe gesperrt.", "iso8859_1"),
        ("Президент объявил во вторник о новой реформе пенсий.", "cp1251"),
        ("Президент объявил во вторник о новой реформе пенсий.", "koi8_r"),
        ("首相は火曜日、新しい年金改革を発表した。労働組合は強く反対している。", "shift_jis"),
        ("总理周二宣布了新的养老金改革，工会对此表示强烈反对。", "gb18030"),
        ("총리는 화요일 새로운 연금 개혁을 발표했다. 노조는 강하게 반대했다.", "euc_kr"),
        ("Ο πρωθυπουργός ανακοίνωσε την Τρίτη νέα μεταρρύθμιση.", "cp1253"),
    ],
)
def test_older_encodings_are_recognised(text, encoding):
    assert decode(text.encode(encoding)) == text


def test_one_broken_byte_does_not_change_the_encoding():
    broken = ENGLISH.replace("Th", "\x00h", 1).encode().replace(b"\x00", b"\xff")
    assert decode(broken) == ENGLISH.replace("Th", "\ufffdh", 1)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_become_newlines(end):
    assert decode(f"One.{end}{end}Two.".encode()) == "One.\n\nTwo."


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0....", "JPEG"),
        (bytes(range(256)) * 8, "binary data"),
        (b"\x00" * 100, "binary data"),
    ],
)
def test_binary_data_is_refused(data, kind):
    with pytest.raises(UnreadableSource, match=kind):
        decode(data, "photo.txt")


@given(st.binary(max_size=3000))
def test_bytes_become_text_or_a_refusal(data):
    try:
        text = decode(data, "origin")
    except SourceError as error:
        assert error.origin == "origin"  # noqa: PT017
    else:
        assert "\r" not in text
        text.encode()


def test_a_file_is_one_article(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"The mill closed.\r\nIt was old.")
    raw = read_text(path)
    assert (raw.origin, raw.text) == (str(path), "The mill closed.\nIt was old.")
    assert raw.id is raw.url is raw.title is raw.published is None


def test_the_origin_is_absolute(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("News.")
    monkeypatch.chdir(tmp_path)
    assert read_text("./sub/../a.txt").origin == str(tmp_path / "a.txt")


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", codecs.BOM_UTF8])
def test_a_file_without_text_is_empty(tmp_path, data):
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(EmptySource):
        read_text(tmp_path / "a.txt")


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><p>News</p>",
        b"\n <html lang=en>",
        b"<?xml version='1.0'?>",
        b"<!-- saved page --><html>",
        b'{\n "text": "News"}',
        b'[\n {"text": "News"}]',
        codecs.BOM_UTF16_LE + '{"text": "News"}'.encode("utf-16-le"),
    ],
)
def test_markup_and_json_documents_are_refused(tmp_path, data):
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(UnreadableSource, match="not plain text"):
        read_text(tmp_path / "a.txt")


def test_a_text_that_begins_with_a_bracket_is_text(tmp_path):
    (tmp_path / "a.txt").write_text("[Updated at 5 p.m.] The mill closed. {sic}")
    assert read_text(tmp_path / "a.txt").text.startswith("[Updated")


def test_a_text_over_the_limit_is_refused_and_the_limit_named(tmp_path, monkeypatch):
    monkeypatch.setattr(text_module, "MAX_BYTES", 1000)
    (tmp_path / "a.txt").write_text("x" * 1000)
    assert len(read_text(tmp_path / "a.txt").text) == 1000
    (tmp_path / "a.txt").write_text("x" * 1001)
    with pytest.raises(UnreadableSource, match="1,000 bytes"):
        read_text(tmp_path / "a.txt")
