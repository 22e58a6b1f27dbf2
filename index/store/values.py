"""What goes into the store and comes out of it, and how rows become values."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents import (
    Article,
    ArticleRef,
    DateMention,
    Filters,
    Passage,
    PublicationDate,
    Removed,
    Sentence,
)

# One passage, and several: float16, shapes (dim,) and (n, dim).
Vector = NDArray[np.float16]
Vectors = NDArray[np.float16]

# What `ref_of` reads, in its order.
REF_COLUMNS = (
    "v.article_id, v.number, v.title, v.title_is_derived, v.url, v.source, v.section, "
    "v.authors, v.published_at, v.published_precision, v.modified_at, v.modified_precision, "
    "v.language, v.place, v.agency"
)
# The first column after them.
AFTER_REF = REF_COLUMNS.count(",") + 1


@dataclass(frozen=True, slots=True)
class Origin:
    """What was last seen at an origin; `bytes_sha256` where bytes held one article alone."""

    article_id: str
    raw_sha256: str
    bytes_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One article version ready to be stored, with its passages and their vectors.

    `vectors` is float16, shape (len(passages), dim), L2-normalised. `fetched_at` is when
    the bytes came over the network, `bytes_sha256` their hash where they held this article
    and nothing else; `origins` tell what was seen where. `ingested_at` is given where the
    version was ingested elsewhere before; `signature` is what finds copies of the text,
    None for a version that is not searched.
    """

    article: Article
    origins: Mapping[str, Origin]
    raw: str
    text_sha256: str
    removed: tuple[Removed, ...]
    notes: tuple[str, ...]
    passages: tuple[Passage, ...]
    vectors: Vectors
    fetched_at: datetime | None = None
    bytes_sha256: str | None = None
    ingested_at: datetime | None = None
    signature: bytes | None = None


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """All that the store holds of one article version, besides its passages."""

    article: Article
    raw: str
    removed: tuple[Removed, ...]
    notes: tuple[str, ...]
    ingested_at: datetime
    fetched_at: datetime | None
    bytes_sha256: str | None


@dataclass(frozen=True, slots=True)
class Addition:
    """What the derived indexes need of one new passage."""

    row: int
    passage_id: str
    article_id: str
    title: str
    text: str
    source: str | None
    section: str | None
    published_first: float | None
    published_last: float | None


def published_of(at: str | None, precision: Any) -> PublicationDate | None:
    """A stored date; None where none is known."""
    return None if at is None else PublicationDate(datetime.fromisoformat(at), precision)


def ref_of(row: Sequence[Any]) -> ArticleRef:
    """An article's reference from a row that begins with `REF_COLUMNS`."""
    return ArticleRef(
        id=row[0],
        version=row[1],
        title=row[2],
        title_is_derived=bool(row[3]),
        url=row[4],
        source=row[5],
        section=row[6],
        authors=tuple(json.loads(row[7])),
        published=published_of(row[8], row[9]),
        modified=published_of(row[10], row[11]),
        language=row[12],
        place=row[13],
        agency=row[14],
    )


def stored_version(row: Sequence[Any]) -> StoredVersion:
    """A version from `REF_COLUMNS`, text, raw, removed, notes, ingested, fetched, bytes hash."""
    text, raw, removed, notes, ingested_at, fetched_at, bytes_sha256 = row[AFTER_REF:]
    return StoredVersion(
        article=Article(ref_of(row), text),
        raw=zlib.decompress(raw).decode(),
        removed=tuple(Removed(*span) for span in json.loads(removed)),
        notes=tuple(json.loads(notes)),
        ingested_at=datetime.fromisoformat(ingested_at),
        fetched_at=datetime.fromisoformat(fetched_at) if fetched_at else None,
        bytes_sha256=bytes_sha256,
    )


def passage_of(row: Sequence[Any]) -> Passage:
    """A passage from `REF_COLUMNS`, text, row, id, ordinal, start, end, sentences."""
    text, _, passage_id, ordinal, start, end, sentences = row[AFTER_REF : AFTER_REF + 7]
    return Passage(
        id=passage_id,
        article_id=row[0],
        version=row[1],
        ordinal=ordinal,
        start=start,
        end=end,
        text=text[start:end],
        sentences=tuple(_sentence(text, *spans) for spans in json.loads(sentences)),
    )


def sentence_spans(sentence: Sentence) -> list[Any]:
    """What is stored of a sentence: its span, and those of the days it names, with the days."""
    dates = [(d.start, d.end, d.first.isoformat(), d.last.isoformat()) for d in sentence.dates]
    return [sentence.start, sentence.end, *([dates] if dates else [])]


def _sentence(text: str, start: int, end: int, dates: Sequence[Any] = ()) -> Sentence:
    mentions = tuple(
        DateMention(s, e, text[s:e], date.fromisoformat(first), date.fromisoformat(last))
        for s, e, first, last in dates
    )
    return Sentence(start, end, text[start:end], mentions)


def where(filters: Filters) -> tuple[str, list[Any]]:
    """A WHERE clause over versions `v`, and its values; SQL knows `casefold`."""
    clauses: list[str] = []
    values: list[Any] = []
    if filters.published_from is not None:
        clauses.append("v.published_first >= ?")
        values.append(filters.published_from.astimezone(UTC).timestamp())
    if filters.latest is not None:
        clauses.append("v.published_last <= ?")
        values.append(filters.latest.astimezone(UTC).timestamp())
    for column, names in (("v.source", filters.sources), ("v.section", filters.sections)):
        if names:
            clauses.append(f"casefold({column}) IN ({','.join('?' * len(names))})")
            values += [name.casefold() for name in names]
    if filters.articles:
        clauses.append("v.article_id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(filters.articles))
    if filters.excluded:
        clauses.append("v.article_id NOT IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(filters.excluded))
    return ("WHERE " + " AND ".join(clauses) if clauses else ""), values
