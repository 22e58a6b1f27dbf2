"""Files of JSON to articles: JSON Lines of any size, or one document.

    {"text": …}      {"articles": [{"text": …}, …]}      [{"text": …}, …]

A document may be spread over lines as its writer liked. Knows nothing of fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from index.documents import RawArticle
from index.errors import EmptySource, InvalidRecord, UnreadableSource
from index.sources.columns import Columns
from index.sources.records import looks_like_record, numbered, read_record, read_records
from index.sources.streams import MAX_BYTES, Source
from index.sources.text import decode

if TYPE_CHECKING:
    from index.exchange import Exported

_ARTICLES = "articles"


def read_json(source: Source, columns: Columns) -> Iterator[RawArticle | Exported | InvalidRecord]:
    """The articles of JSON Lines or of a JSON document, and what is refused of them.

    Raises:
        UnreadableSource: the document is too large or not JSON.
        EmptySource: the document has a list of articles and nothing in it.
    """
    lines = source.lines()
    head: list[bytes] = []
    for line in lines:
        head.append(line)
        if line.strip() or sum(map(len, head)) > MAX_BYTES:
            break
    if head and _is_line(head[-1]):
        return read_records(enumerate(chain(head, lines), start=1), source.origin, columns)
    start = b"".join(head)
    data = start + source.read(max(0, MAX_BYTES + 1 - len(start)))
    if len(data) > MAX_BYTES:
        raise UnreadableSource(
            source.origin,
            f"it is JSON in one piece of more than {MAX_BYTES:,} bytes, the limit; give JSON "
            "Lines, one record a line, which may be of any size",
        )
    return read_document(data, source.origin, columns)


def _is_line(line: bytes) -> bool:
    """Whether the first line holds a record, whole or broken, and not the start of one."""
    if not looks_like_record(line):
        return False
    if len(line) > MAX_BYTES:
        return True
    text = line.decode("utf-8-sig", "replace").rstrip()
    try:
        return not _is_list(json.loads(text))
    except json.JSONDecodeError as error:
        return error.pos < len(text)
    except (ValueError, RecursionError):
        return True


def read_document(
    data: bytes, origin: str, columns: Columns
) -> Iterator[RawArticle | Exported | InvalidRecord]:
    """The articles of one JSON document; raises as `read_json` does."""
    text = decode(data, origin)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableSource(
            origin,
            f"it begins as JSON does and is not ({error.msg} at line {error.lineno}, column "
            f'{error.colno}); mend it, or give JSON Lines in UTF-8: {{"text": ...}}, one a line',
        ) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(origin, f"it is not JSON that can be read ({error})") from error
    if not isinstance(content, list) and not _is_list(content):
        return iter([read_record(content, origin, origin, columns)])
    records = content if isinstance(content, list) else content[_ARTICLES]
    if not records:
        raise EmptySource(origin, "it is JSON without a record")
    return _each(records, origin, columns)


def _is_list(content: object) -> bool:
    """Whether it is an object that is not a record and holds a list of them."""
    return (
        isinstance(content, dict)
        and isinstance(content.get(_ARTICLES), list)
        and "text" not in content
    )


def _each(
    records: Iterable[object], origin: str, columns: Columns
) -> Iterator[RawArticle | Exported | InvalidRecord]:
    for number, record in enumerate(records, start=1):
        yield read_record(record, origin, numbered(origin, number), columns)
