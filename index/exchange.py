"""The corpus as JSON Lines, and back: one article a line, with every version of it.

    {"dateline_export": 1, "id", "origin", "origins", "url", "title", "published", "source",
     "section", "authors", "text", "versions": [...], "passages": [...]}

The keys that a plain record has are those of the current version, so other programs can
read a line as a record. What restores the article is `versions` and `origins`; passages
are for the reader, since cutting the same text gives the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from index.documents import Article, ArticleRef, PublicationDate, Removed
from index.errors import InvalidRecord
from index.sources.records import EXPORT_KEY, record_to_raw
from index.store.sqlite import Store
from index.store.values import Origin, StoredVersion

EXPORT_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Exported:
    """An article with its whole history, oldest first, and where it was seen."""

    origin: str
    versions: tuple[StoredVersion, ...]
    origins: Mapping[str, Origin]

    @property
    def id(self) -> str:
        """The id of the article."""
        return self.versions[-1].article.ref.id


def export_articles(store: Store) -> Iterator[dict[str, Any]]:
    """Every article of the store as one JSON value, in the order of ids."""
    for article_id in store.article_ids():
        versions = store.stored_versions(article_id)
        if not versions:  # removed while the export runs
            continue
        origins = {origin: store.origin(origin) for origin in store.origins(article_id)}
        current = versions[-1]
        ref = current.article.ref
        yield {
            EXPORT_KEY: EXPORT_FORMAT,
            "id": ref.id,
            "origin": next(iter(origins), None),
            "origins": [
                {"origin": name, "raw_sha256": o.raw_sha256, "bytes_sha256": o.bytes_sha256}
                for name, o in origins.items()
                if o is not None
            ],
            **_record(ref),
            "text": current.article.text,
            "versions": [_version(version) for version in versions],
            "passages": [
                {
                    "id": p.id,
                    "start": p.start,
                    "end": p.end,
                    "sentences": [[s.start, s.end] for s in p.sentences],
                }
                for p in store.passages_of(article_id)
            ],
        }


def _record(ref: ArticleRef) -> dict[str, Any]:
    return {
        "url": ref.url,
        "title": ref.title,
        "published": ref.published.isoformat() if ref.published else None,
        "modified": ref.modified.isoformat() if ref.modified else None,
        "source": ref.source,
        "section": ref.section,
        "authors": list(ref.authors),
        "language": ref.language,
    }


def _version(version: StoredVersion) -> dict[str, Any]:
    ref = version.article.ref
    return {
        **_record(ref),
        "number": ref.version,
        "title_is_derived": ref.title_is_derived,
        "place": ref.place,
        "agency": ref.agency,
        "published": _date(ref.published),
        "modified": _date(ref.modified),
        "text": version.article.text,
        "raw": version.raw,
        "removed": [[r.start, r.end, r.rule] for r in version.removed],
        "notes": list(version.notes),
        "ingested_at": version.ingested_at.isoformat(),
        "fetched_at": version.fetched_at.isoformat() if version.fetched_at else None,
        "bytes_sha256": version.bytes_sha256,
    }


def _date(date: PublicationDate | None) -> list[str] | None:
    return None if date is None else [date.at.isoformat(), date.precision]


def read_exported(record: Mapping[str, Any], origin: str) -> Exported:
    """The article of an exported line.

    Raises:
        InvalidRecord: it is of another format, or was changed so that it contradicts itself.
    """
    if record.get(EXPORT_KEY) != EXPORT_FORMAT:
        raise InvalidRecord(
            origin,
            f"its {EXPORT_KEY} is {record.get(EXPORT_KEY)!r}, this release reads "
            f"{EXPORT_FORMAT}: export it again",
        )
    article_id = record_to_raw(record, origin).id
    if article_id is None:
        raise InvalidRecord(origin, "it has no id: export it again")
    try:
        versions = tuple(_read_version(article_id, v) for v in record["versions"])
        origins = {
            str(o["origin"]): Origin(article_id, str(o["raw_sha256"]), _text(o["bytes_sha256"]))
            for o in record["origins"]
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidRecord(
            origin, f"it is no whole export ({type(error).__name__}: {error}): export it again"
        ) from error
    numbers = [version.article.ref.version for version in versions]
    if not numbers or numbers != sorted(set(numbers)) or numbers[0] < 1:
        raise InvalidRecord(
            origin, f"its versions are numbered {numbers}: they must rise, from 1 or more"
        )
    return Exported(origin, versions, origins)


def _read_version(article_id: str, version: Mapping[str, Any]) -> StoredVersion:
    text, raw = version["text"], version["raw"]
    if not isinstance(text, str) or not isinstance(raw, str) or not text:
        raise ValueError("text and raw must be strings, text not empty")
    ref = ArticleRef(
        id=article_id,
        version=int(version["number"]),
        title=str(version["title"]),
        title_is_derived=bool(version["title_is_derived"]),
        url=_text(version["url"]),
        source=_text(version["source"]),
        section=_text(version["section"]),
        authors=tuple(str(name) for name in version["authors"]),
        published=_read_date(version["published"]),
        modified=_read_date(version["modified"]),
        language=_text(version["language"]),
        place=_text(version["place"]),
        agency=_text(version["agency"]),
    )
    return StoredVersion(
        article=Article(ref, text),
        raw=raw,
        removed=tuple(Removed(int(s), int(e), str(rule)) for s, e, rule in version["removed"]),
        notes=tuple(str(note) for note in version["notes"]),
        ingested_at=_instant(version["ingested_at"]),
        fetched_at=None if version["fetched_at"] is None else _instant(version["fetched_at"]),
        bytes_sha256=_text(version["bytes_sha256"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _instant(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return moment


def _read_date(value: list[str] | None) -> PublicationDate | None:
    if value is None:
        return None
    at, precision = value
    if precision not in ("day", "second"):
        raise ValueError(f"{precision!r} is no precision: day or second")
    return PublicationDate(_instant(at), "day" if precision == "day" else "second")
