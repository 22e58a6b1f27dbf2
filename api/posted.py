"""Articles that come in by HTTP: a request becomes what the ingest takes.

JSON holds records; each is refused on its own, so one bad record never costs the others.
Any other body is a document, or a container of some, and what it is its content decides.
Posting the same again is `same`; posting a changed one under the same id or URL is
`changed`. That rests on the origin, which comes from the id, else the URL, else the
content. Knows nothing of routes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from api.errors import ProblemError
from index.errors import InvalidRecord, SourceError
from index.intake import Input
from index.sources import read_payload, record_to_raw
from index.sources.columns import Columns
from index.sources.payload import NotModified, Payload
from index.sources.web.addresses import canonical_url

ORIGIN = "http:post"
MAX_RECORDS = 1_000
# Addresses that one request may have fetched.
MAX_ADDRESSES = 20

Fetch = Callable[[str], Payload | NotModified]


@dataclass(frozen=True, slots=True)
class Document:
    """A body or a file of a form; `name` is what the sender calls it."""

    data: bytes
    name: str | None
    content_type: str | None


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a JSON body."""

    records: Sequence[object]

    def items(self, fetch: Fetch) -> Iterator[Input]:
        """What the records stand for; those that are nothing but an address are fetched."""
        for number, record in enumerate(self.records, start=1):
            yield from _items(record, number, fetch)


def from_json(body: bytes) -> Records:
    """The record, or the records under `articles`, of a JSON body.

    Raises:
        ProblemError: the body is no record and no list of records.
    """
    records = _records(body)
    addresses = sum(_address(record) is not None for record in records)
    if addresses > MAX_ADDRESSES:
        raise ProblemError(
            "invalid-request",
            f"body.articles: {addresses:,} addresses to fetch, the limit is {MAX_ADDRESSES}: send "
            "several requests, or subscribe to a feed",
        )
    return Records(records)


def from_documents(
    documents: Sequence[Document], *, url: str | None, columns: Columns
) -> Iterator[Input]:
    """What documents hold: pages, feeds, tables, archives, texts.

    Args:
        documents: the bytes.
        url: where a single one was published; identifies it on the next visit.
        columns: what the columns of tables mean.

    Raises:
        ProblemError: there is an address for several documents.
    """
    if url is not None and len(documents) > 1:
        raise ProblemError(
            "invalid-request", f"query.url: it names {len(documents)} files; send them one by one"
        )
    return (
        item
        for document in documents
        for item in read_payload(_payload(document, url), columns=columns)
    )


def _payload(document: Document, url: str | None) -> Payload:
    key = document.data if url is None else f"url:{canonical_url(url)}".encode()
    name = "" if document.name is None else "/" + document.name
    return Payload(
        origin=_hashed(key) + name,
        data=document.data,
        url=url,
        content_type=document.content_type,
    )


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


def _address(record: object) -> str | None:
    """The address of a record that is nothing else."""
    if isinstance(record, dict) and set(record) == {"url"} and isinstance(record["url"], str):
        return record["url"].strip()
    return None


def _items(record: object, number: int, fetch: Fetch) -> Iterator[Input]:
    """What a record stands for; one that is refused is named by its place, from 1."""
    numbered = f"{ORIGIN}#{number}"
    try:
        if not isinstance(record, dict):
            raise InvalidRecord(numbered, 'it is not a record: give {"text": "…"}')
        address = _address(record)
        if address is None:
            yield record_to_raw(record, _origin(record))
            return
        fetched = fetch(address)
        yield from [fetched] if isinstance(fetched, NotModified) else read_payload(fetched)
    except SourceError as error:
        yield type(error)(numbered, error.reason)


def _origin(record: Mapping[str, object]) -> str:
    """`http:post#` and the id, or a hash that the `/` keeps apart from every id."""
    for key in ("id", "url", "text"):
        value = record.get(key)
        if isinstance(value, str) and (value := value.strip()):
            if key == "id":
                return f"{ORIGIN}#{value}"
            known = canonical_url(value) if key == "url" else value
            return _hashed(f"{key}:{known}".encode("utf-8", "surrogatepass"))
    return ORIGIN


def _hashed(value: bytes) -> str:
    return f"{ORIGIN}#sha256/{hashlib.sha256(value).hexdigest()[:32]}"
