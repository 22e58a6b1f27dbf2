"""What goes into the store and comes out of it, and how rows become values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents import (
    Article,
    ArticleRef,
    Filters,
    Passage,
    PublicationDate,
    Removed,
    Sentence,
)

Vectors = NDArray[np.float16]

# What `ref_of` reads, in its order.
REF_COLUMNS = (
    "v.article_id, v.number, v.title, v.title_is_derived, v.url, v.source, v.section, "
    "v.authors, v.published_at, v.published_precision"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One article version ready to be stored, with its passages and their vectors.

    `vectors` is float16, shape (len(passages), dim), L2-normalised.
    """

    article: Article
    origin: str
    raw: str
    raw_sha256: str
    text_sha256: str
    removed: tuple[Removed, ...]
    notes: tuple[str, ...]
    passages: tuple[Passage, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Addition:
    """What the derived indexes need of one new passage."""

    row: int
    passage_id: str
    title: str
    text: str
    source: str | None
    section: str | None
    published_first: float | None
    published_last: float | None


@dataclass(frozen=True, slots=True)
class Origin:
    """What was last seen at an origin."""

    article_id: str
    raw_sha256: str


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
    )


def passage_of(row: Sequence[Any]) -> Passage:
    """A passage from `REF_COLUMNS`, text, row, id, ordinal, start, end, sentences."""
    text, _, passage_id, ordinal, start, end, sentences = row[10:17]
    return Passage(
        id=passage_id,
        article_id=row[0],
        version=row[1],
        ordinal=ordinal,
        start=start,
        end=end,
        text=text[start:end],
        sentences=tuple(Sentence(s, e, text[s:e]) for s, e in json.loads(sentences)),
    )


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
    return ("WHERE " + " AND ".join(clauses) if clauses else ""), values
