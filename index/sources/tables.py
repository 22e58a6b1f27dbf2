"""CSV and its kin to articles, row by row: comma, semicolon, tab or bar between columns.

Rows are counted as spreadsheets do: the header is row 1. What is a table, `table_head.py`
finds out. Knows nothing of files.
"""

from __future__ import annotations

import ast
import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping

from index.documents import RawArticle
from index.errors import InvalidRecord, UnreadableSource
from index.sources.columns import FIELDS, Columns
from index.sources.records import is_id, numbered, record_to_raw, usable
from index.sources.streams import MAX_BYTES, Source
from index.sources.table_head import delimiter_of
from index.sources.text import encoding_of

# Names of people that a program wrote into one cell.
_LISTED = re.compile(r"\s*[\[(]['\"]")
_MAX_LIST = 4_000
_BETWEEN_NAMES = re.compile(r"\s*[;|]\s*|\s*,\s+(?:and\s+)?|\s+(?:and|&)\s+")
_BY = re.compile(r"by\s+", re.IGNORECASE)
_NOTHING = frozenset(("nan", "none", "null", "n/a", "nil", "<na>"))


def read_table(source: Source, columns: Columns) -> Iterator[RawArticle | InvalidRecord]:
    """The articles of a table, at `origin#id` or `origin#/row`; a bad row is refused alone.

    Raises:
        UnreadableSource: no column is that of the text.
    """
    head = source.head()
    csv.field_size_limit(MAX_BYTES)
    lines = _Held(_decoded(source, encoding_of(head, cut=True)))
    reader = csv.reader(lines, delimiter=delimiter_of(head, columns) or ",")
    header = _header(reader, source.origin)
    _check(header, columns, source.origin)
    number = 1
    while True:
        number += 1
        place = numbered(source.origin, number)
        try:
            row = next(reader)
            lines.release()
            if any(cell.strip() for cell in row):
                yield _article(_record(header, row, place), source.origin, place, columns)
        except StopIteration:
            return
        except csv.Error as error:
            yield InvalidRecord(place, f"it is no row of a table ({error}); mend its quotes")
        except InvalidRecord as error:
            yield InvalidRecord(place, error.reason)


# -- rows ---------------------------------------------------------------------------


def _header(reader: Iterator[list[str]], origin: str) -> list[str]:
    try:
        return [name.strip() for name in next((row for row in reader if any(row)), [])]
    except csv.Error as error:
        raise UnreadableSource(
            origin, f"its first row is none of a table ({error}); mend its quotes"
        ) from error


def _check(header: list[str], columns: Columns, origin: str) -> None:
    shown = ", ".join(map(repr, header[:12])) + (", …" if len(header) > 12 else "")
    missing = [(field, name) for field, name in columns.pairs if name not in header]
    if missing:
        field, name = missing[0]
        raise UnreadableSource(
            origin,
            f"it has no column {name!r}, to which {field} is mapped; its columns are {shown}",
        )
    if not columns.names_text(header):
        raise UnreadableSource(
            origin,
            "it is a table of which no column is known to hold the text: its first row is "
            f"{shown}; give it a header row, or say which column it is: text=COLUMN",
        )


def _record(header: list[str], row: list[str], place: str) -> dict[str, object]:
    if len(row) != len(header) and (len(row) < len(header) or any(row[len(header) :])):
        raise InvalidRecord(
            place,
            f"it has {len(row)} cells and the header has {len(header)}; put cells that hold the "
            "delimiter or a line end into quotes",
        )
    cells = zip(header, row, strict=False)
    return {name: cell for name, cell in cells if cell.strip().lower() not in _NOTHING}


def _article(record: Mapping[str, object], origin: str, place: str, columns: Columns) -> RawArticle:
    named = columns.named(record, usable)
    for field in FIELDS:
        if columns.column(field) is None and not usable(field, named[field]):
            named[field] = None  # a column that happens to be called so
    named["authors"] = _names(named["authors"])
    raw_id = named["id"]
    if isinstance(raw_id, str) and columns.column("id") is None:
        raw_id = raw_id.strip()
        # The number of a row is none of an article: other files have the same.
        named["id"] = raw_id if is_id(raw_id) and not raw_id.isdecimal() else None
    known = isinstance(raw_id, str) and is_id(raw_id)
    return record_to_raw(named, f"{origin}#{raw_id}" if known else place)


def _names(value: object) -> object:
    """The people in a cell: "Ana Holm and Bo Lund", "['Ana Holm', 'Bo Lund']"."""
    if not isinstance(value, str):
        return value
    if _LISTED.match(value) and len(value) <= _MAX_LIST:
        try:
            listed = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            listed = None
        if isinstance(listed, list | tuple) and all(isinstance(name, str) for name in listed):
            return list(listed)
    return _BETWEEN_NAMES.split(_BY.sub("", value.strip(), count=1))


# -- lines ------------------------------------------------------------------------------


class _Held:
    """Lines on their way into a row, which may hold no more than `MAX_BYTES` of them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._held = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._held += len(line)
        if self._held > MAX_BYTES:
            self.release()
            raise csv.Error(f"it is longer than {MAX_BYTES:,} characters, the limit for a row")
        return line

    def release(self) -> None:
        """A row is complete."""
        self._held = 0


def _decoded(source: Source, encoding: str) -> Iterator[str]:
    """Lines as text: UTF-8, else in the encoding of the head, else each as it seems to be."""
    if encoding in ("utf-16", "utf-32"):
        text = io.TextIOWrapper(source.stream, encoding, "replace", newline="")
        yield from iter(lambda: text.readline(MAX_BYTES), "")
        return
    for number, line in enumerate(source.lines()):
        text_line = _line(line.removeprefix(codecs.BOM_UTF8) if number == 0 else line, encoding)
        if "\r" in text_line[:-2]:  # the old line end of a Mac
            yield from io.StringIO(text_line, newline="")
        else:
            yield text_line


def _line(line: bytes, encoding: str) -> str:
    for known in ("utf-8", encoding):
        try:
            return line.decode(known)
        except ValueError:
            pass
    return line.decode(encoding_of(line), "replace")
