"""Which column of somebody's data is which field of ours.

    Columns.parse("text=content.body,published=date")

A field that is not mapped is read from the column of its own name, else from the first
of the names that other collections of news give it (`SYNONYMS`). Knows nothing of files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

# Names that public news data sets and the APIs of outlets use, as `folded` writes them;
# the first that a record has is taken. An id has none: those of others are row numbers.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "text": (
        *("body", "content", "article", "articletext", "articlebody", "bodytext", "fulltext"),
        *("maintext", "contenttext", "newstext", "plaintext", "story", "document"),
    ),
    "title": ("headline", "heading", "articletitle", "webtitle", "newstitle"),
    "published": (
        *("date", "publisheddate", "publishdate", "publicationdate", "publishedat"),
        *("datepublished", "datepublish", "pubdate", "webpublicationdate", "publishedon"),
        *("articledate", "datetime"),
    ),
    "modified": (
        *("modifieddate", "datemodified", "datemodify", "modifiedat", "updated", "updatedat"),
        *("dateupdated", "lastmodified", "lastupdated"),
    ),
    "source": (
        *("publication", "publisher", "outlet", "sourcename", "newspaper", "sitename"),
        *("site", "website", "sourcedomain", "domain"),
    ),
    "section": ("sectionname", "category", "desk"),
    "authors": ("author", "byline", "writer", "creator"),
    "url": ("link", "articleurl", "weburl", "canonicalurl", "permalink", "href"),
    "language": ("lang", "languagecode"),
    "id": (),
}
FIELDS = tuple(SYNONYMS)
# Characters of a column's name that may be a synonym.
MAX_NAME = 40


@dataclass(frozen=True, slots=True)
class Columns:
    """A column for each field that is mapped, as pairs."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, spec: str) -> Self:
        """The mapping that `field=column,field=column` writes; raises ValueError."""
        pairs: dict[str, str] = {}
        for part in spec.split(","):
            field, equals, column = (piece.strip() for piece in part.partition("="))
            if not (equals and column):
                raise ValueError(f"{part.strip()!r} maps nothing: write field=column, as text=body")
            if field not in FIELDS:
                raise ValueError(
                    f"{field!r} is no field of an article: the fields are {', '.join(FIELDS)}"
                )
            if field in pairs:
                raise ValueError(f"{field} is mapped twice: to {pairs[field]!r} and {column!r}")
            pairs[field] = column
        return cls(tuple(pairs.items()))

    def column(self, field: str) -> str | None:
        """The column that the field is mapped to; None where it is not."""
        return next((column for known, column in self.pairs if known == field), None)

    def named(
        self, record: Mapping[str, object], usable: Callable[[str, object], bool]
    ) -> dict[str, object]:
        """The record under our names: of its columns, only those that are our fields.

        A column that is found by a synonym counts only where its value is `usable` for
        the field: it was not made for us.
        """
        mapped = dict(self.pairs)
        names = [key for key in record if len(key) <= MAX_NAME]
        others = {folded(key): key for key in reversed(names)}
        found: dict[str, object] = {}
        for field, synonyms in SYNONYMS.items():
            if field in mapped:
                found[field] = _lookup(record, mapped[field])
            elif not _is_blank(record.get(field)):
                found[field] = record[field]
            else:
                values = (record[others[name]] for name in synonyms if name in others)
                found[field] = next((value for value in values if usable(field, value)), None)
        return found

    def names_text(self, header: list[str]) -> bool:
        """Whether one of these columns is that of the text."""
        mapped = self.column("text")
        if mapped is not None:
            return mapped in header
        return any(folded(name) in ("text", *SYNONYMS["text"]) for name in header)


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without case and punctuation: `publishedAt` and `published_at` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """Every name of a column that is a field without being mapped, folded."""
    return frozenset(FIELDS).union(*SYNONYMS.values())


def _lookup(record: Mapping[str, object], column: str) -> object:
    """The value of a column, or of a path of keys with dots between them."""
    if column in record:
        return record[column]
    value: object = record
    for key in column.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
