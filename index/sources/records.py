"""JSON Lines to articles: one record a line, each bad one refused on its own.

    {"text": "…", "id"?, "url"?, "title"?, "published"?, "source"?, "section"?, "authors"?}

Other keys are ignored and null means absent. Knows nothing of files or of dates:
`published` stays the string that was given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from index.documents import RawArticle
from index.errors import InvalidRecord
from index.sources.streams import MAX_BYTES

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
    )


def looks_like_record(line: bytes) -> bool:
    """Whether the first line of a file says that the file is JSON Lines."""
    return _OPENING.match(line) is not None


def read_records(
    lines: Iterable[tuple[int, bytes]], origin: str
) -> Iterator[RawArticle | InvalidRecord]:
    """Articles and refusals of numbered JSON Lines, in order; blank lines are passed over."""
    for number, line in lines:
        if line.strip():
            yield _read_record(line, origin, number)


def _read_record(line: bytes, origin: str, number: int) -> RawArticle | InvalidRecord:
    """The article at `origin#id`, or at `origin#number` where it has no id."""
    numbered = f"{origin}#{number}"
    try:
        record = _parse(line, numbered)
        raw_id = _id(record, numbered)
        return record_to_raw(record, f"{origin}#{raw_id}" if raw_id else numbered)
    except InvalidRecord as error:
        return InvalidRecord(numbered, error.reason)


def _parse(line: bytes, origin: str) -> dict[str, object]:
    if len(line) > MAX_BYTES:
        raise InvalidRecord(
            origin, f"it is longer than {MAX_BYTES:,} bytes, the limit for a record; split it"
        )
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidRecord(origin, f"it is not UTF-8 ({error.reason} at {error.start})") from error
    except json.JSONDecodeError as error:
        reason = f"it is not JSON ({error.msg} at column {error.colno})"
        raise InvalidRecord(origin, f"{reason}: {_shown(error.doc)}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRecord(origin, f"it is not JSON that can be read ({error})") from error
    if not isinstance(record, dict):
        raise InvalidRecord(origin, f'it is {_shown(record)}; a record is {{"text": ...}}')
    return record


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
    if value is not None and not _ID.fullmatch(value):
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
    names = [value] if isinstance(value, str) else value or []
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
