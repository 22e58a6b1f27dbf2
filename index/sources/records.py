"""Records of JSON to articles: each bad one is refused on its own.

    {"text": "…", "id"?, "url"?, "title"?, "published"?, "modified"?, "source"?, "section"?,
     "authors"?, "language"?}

Null means absent; where one of ours is absent, names that other collections of news use
stand for it (`columns.py`). Knows nothing of files or of dates, which stay the strings
that were given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.documents import RawArticle
from index.errors import InvalidRecord
from index.sources.columns import Columns
from index.sources.streams import MAX_BYTES

if TYPE_CHECKING:
    from index.exchange import Exported

# A record with this key was exported by Dateline, and holds all there is of its article.
EXPORT_KEY = "dateline_export"
_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_OPENING = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*["}]')
# Code points of a value that a message shows.
MAX_SHOWN = 80


def record_to_raw(record: Mapping[str, object], origin: str) -> RawArticle:
    """The article of one record, at `origin`; raises `InvalidRecord`, naming the value."""
    text = _string(record, "text", origin)
    if text is None:
        raise InvalidRecord(
            origin, f"its text is {_shown(record.get('text'))}; give the words of the article"
        )
    return RawArticle(
        origin=origin,
        text=text.replace("\r\n", "\n").replace("\r", "\n"),
        id=_id(record, origin),
        url=_url(record, origin),
        title=_string(record, "title", origin),
        published=_string(record, "published", origin),
        source=_string(record, "source", origin),
        section=_string(record, "section", origin),
        authors=_authors(record, origin),
        modified=_string(record, "modified", origin),
        language=_string(record, "language", origin),
    )


def looks_like_record(line: bytes) -> bool:
    """Whether a line begins as a record of JSON Lines does."""
    return _OPENING.match(line) is not None


def read_records(
    lines: Iterable[tuple[int, bytes]], origin: str, columns: Columns
) -> Iterator[RawArticle | Exported | InvalidRecord]:
    """Articles and refusals of numbered JSON Lines, in order; blank lines are passed over."""
    for number, line in lines:
        if line.strip():
            place = numbered(origin, number)
            try:
                record = _parse(line, place)
            except InvalidRecord as error:
                yield error
            else:
                yield read_record(record, origin, place, columns)


def read_record(
    record: object, origin: str, place: str, columns: Columns
) -> RawArticle | Exported | InvalidRecord:
    """The article at `origin#id`, or at `place` where it has no id; a refusal is at `place`.

    A line of an export is what `index.exchange` makes of it.
    """
    if not isinstance(record, dict):
        return InvalidRecord(place, f'it is {_shown(record)}; a record is {{"text": ...}}')
    try:
        if EXPORT_KEY in record:
            from index.exchange import read_exported  # which reads records itself

            return read_exported(record, place)
        named = columns.named(record, usable)
        raw_id = _id(named, place)
        return record_to_raw(named, f"{origin}#{raw_id}" if raw_id else place)
    except InvalidRecord as error:
        return InvalidRecord(place, error.reason)


def numbered(origin: str, number: int) -> str:
    """The origin of a record without an id: no id holds the `/` that sets it apart."""
    return f"{origin}#/{number}"


def usable(field: str, value: object) -> bool:
    """Whether a value is one that the field may have."""
    if field == "authors" and isinstance(value, list):
        return bool(value) and all(isinstance(name, str) for name in value)
    if not isinstance(value, str) or not value.strip():
        return False
    return field != "url" or _is_web_address(value.strip())


def is_id(value: str) -> bool:
    """Whether a value may be the id of an article."""
    return _ID.fullmatch(value) is not None


def _parse(line: bytes, origin: str) -> object:
    if len(line) > MAX_BYTES:
        raise InvalidRecord(
            origin, f"it is longer than {MAX_BYTES:,} bytes, the limit for a record; split it"
        )
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidRecord(origin, f"it is not UTF-8 ({error.reason} at {error.start})") from error
    except json.JSONDecodeError as error:
        reason = f"it is not JSON ({error.msg} at column {error.colno})"
        raise InvalidRecord(origin, f"{reason}: {_shown(error.doc)}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRecord(origin, f"it is not JSON that can be read ({error})") from error


def _string(record: Mapping[str, object], key: str, origin: str) -> str | None:
    """The stripped value of `key`; None when absent, null or blank."""
    value = record.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidRecord(origin, f"its {key} is {_shown(value)}; give a string")
    return _sound(value).strip() or None


def _id(record: Mapping[str, object], origin: str) -> str | None:
    value = _string(record, "id", origin)
    if value is not None and not is_id(value):
        raise InvalidRecord(
            origin,
            f"its id is {_shown(value)}; give 1 to 128 of the characters A-Z a-z 0-9 . _ : - "
            "or leave the id out",
        )
    return value


def _url(record: Mapping[str, object], origin: str) -> str | None:
    value = _string(record, "url", origin)
    if value is not None and not _is_web_address(value):
        raise InvalidRecord(
            origin, f"its url is {_shown(value)}; give one that begins with http:// or https://"
        )
    return value


def _is_web_address(value: str) -> bool:
    if re.search(r"[\s\x00-\x1f\x7f]", value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _authors(record: Mapping[str, object], origin: str) -> tuple[str, ...]:
    value = record.get("authors")
    names = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise InvalidRecord(
            origin, f"its authors are {_shown(value)}; give a string or a list of strings"
        )
    sound = (_sound(name).strip() for name in names)
    return tuple(name for name in sound if name)


def _sound(value: str) -> str:
    """`value` without halves of characters, which JSON can spell and UTF-8 cannot."""
    if not _SURROGATE.search(value):
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}…"
