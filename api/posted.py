"""Articles that come in by HTTP: a request body becomes what the ingest takes.

A record is refused on its own, so one bad record never costs the others. Posting the
same record again is `same`; posting a changed one under the same id or URL is
`changed`. That rests on the origin, which comes from the id, else the URL, else the
text. Knows nothing of routes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from urllib.parse import urldefrag

from api.errors import ProblemError
from index.documents import RawArticle
from index.errors import InvalidRecord, SourceError
from index.sources import record_to_raw
from index.sources.text import text_to_raw

ORIGIN = "http:post"
MAX_RECORDS = 1_000

Items = list[RawArticle | SourceError]


def from_text(body: bytes) -> Items:
    """The one scraped text that a `text/plain` body is."""
    origin = _hashed(body)
    try:
        return [text_to_raw(body, origin)]
    except SourceError as error:
        return [error]


def from_json(body: bytes) -> Items:
    """The record, or the records under `articles`, of a JSON body."""
    return [_item(record, number) for number, record in enumerate(_records(body), start=1)]


def _records(body: bytes) -> Sequence[object]:
    try:
        content = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ProblemError("invalid-request", "body: it is not JSON in UTF-8") from error
    if not isinstance(content, dict):
        raise ProblemError(
            "invalid-request", 'body: give a record {"text": …} or {"articles": [records]}'
        )
    if "articles" not in content:
        return [content]
    records = content["articles"]
    if not isinstance(records, list) or not records:
        raise ProblemError("invalid-request", "body.articles: give a list of 1 or more records")
    if set(content) != {"articles"}:
        raise ProblemError("invalid-request", "body: beside `articles` there may be nothing else")
    if len(records) > MAX_RECORDS:
        raise ProblemError(
            "invalid-request",
            f"body.articles: {len(records):,} records, the limit is {MAX_RECORDS:,}: send several "
            "requests",
        )
    return records


def _item(record: object, number: int) -> RawArticle | SourceError:
    """The article of a record; one that is refused is named by its place, from 1."""
    numbered = f"{ORIGIN}#{number}"
    try:
        if not isinstance(record, dict):
            raise InvalidRecord(numbered, 'it is not a record: give {"text": "…"}')
        return record_to_raw(record, _origin(record))
    except SourceError as error:
        return type(error)(numbered, error.reason)


def _origin(record: Mapping[str, object]) -> str:
    """`http:post#` and the id, or a hash that the `/` keeps apart from every id."""
    for key in ("id", "url", "text"):
        value = record.get(key)
        if isinstance(value, str) and (value := value.strip()):
            if key == "id":
                return f"{ORIGIN}#{value}"
            known = urldefrag(value).url if key == "url" else value
            return _hashed(f"{key}:{known}".encode("utf-8", "surrogatepass"))
    return ORIGIN


def _hashed(value: bytes) -> str:
    return f"{ORIGIN}#sha256/{hashlib.sha256(value).hexdigest()[:32]}"
