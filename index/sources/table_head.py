"""Whether a file is a table, and what stands between its columns.

A table is told by its header, which names a column that holds the text; prose with commas
has none. Rows that agree in number of cells are a table, too, though one without a header.
"""

from __future__ import annotations

import csv
import io

from index.sources.columns import Columns, folded, known_names
from index.sources.streams import HEAD_BYTES
from index.sources.text import encoding_of

DELIMITERS = ",;\t|"
# Characters of a column's name; what is longer is a sentence.
MAX_NAME = 64
_MIN_ROWS = 3
_MIN_COLUMNS = 3


def delimiter_of(head: bytes, columns: Columns) -> str | None:
    """What stands between the columns of the table that begins with `head`; None if none does."""
    whole = len(head) < HEAD_BYTES
    text = head.decode(encoding_of(head, cut=not whole), "replace").lstrip("\ufeff\r\n")
    first = text.splitlines()[0].strip() if text else ""
    if first and first == columns.column("text"):
        return DELIMITERS[0]  # the only column
    tried = [delimiter for delimiter in DELIMITERS if delimiter in first]
    tables = [(d, rows) for d in tried if (rows := _rows(text, d, whole=whole))]
    named = [(len(rows[0]), d) for d, rows in tables if _is_header(rows, columns)]
    if named:
        return max(named, key=lambda found: found[0])[1]
    return next((d for d, rows in tables if _agree(rows) and not _is_prose(text, d)), None)


def _rows(text: str, delimiter: str, *, whole: bool) -> list[list[str]]:
    """The rows of the beginning of a file, without the last where it may be cut."""
    rows: list[list[str]] = []
    try:
        rows.extend(
            row
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            if any(row)
        )
    except csv.Error:
        pass
    else:
        if not whole and len(rows) > 1:
            rows.pop()
    return rows


def _is_header(rows: list[list[str]], columns: Columns) -> bool:
    """Whether the first row names a column of text, and the others do not contradict it."""
    header = [name.strip() for name in rows[0]]
    if not columns.names_text(header):
        return False
    if columns.column("text") is not None:
        return True
    names = [name for name in header if name]
    if len(header) < 2 or len(set(names)) < len(names) or max(map(len, names)) > MAX_NAME:
        return False
    known = sum(folded(name) in known_names() for name in names)
    if any(name.startswith(" ") for name in rows[0]):
        if known < len(names):
            return False  # "Body, mind and soul" is prose
    elif known > 1:
        return True
    others = rows[1:]
    return bool(others) and 2 * sum(len(row) == len(header) for row in others) >= len(others)


def _agree(rows: list[list[str]]) -> bool:
    return (
        len(rows) >= _MIN_ROWS
        and len(rows[0]) >= _MIN_COLUMNS
        and all(len(row) == len(rows[0]) for row in rows)
    )


def _is_prose(text: str, delimiter: str) -> bool:
    """Whether a space follows most of the delimiters, as in a sentence."""
    return 2 * text.count(f"{delimiter} ") > text.count(delimiter)
