"""What may be searched in an evaluation: a data directory, files to ingest, or a BEIR folder.

Says what a path is, what it holds, and by which words its contents are known again. Ingests
nothing itself.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from index.documents import RawArticle
from index.errors import InvalidRecord, SourceError
from index.sources import read_sources
from index.store.connections import STORE_FILE
from rag.evaluation.errors import EvaluationError
from rag.evaluation.lines import json_lines, read_text

Form = Literal["data directory", "BEIR folder", "files"]
_CORPUS = ("corpus.jsonl", "corpus.jsonl.gz")
_QUERIES = ("queries.jsonl", "queries.jsonl.gz")
_READ_BYTES = 1 << 20
# Marks a data directory that holds the whole of a corpus.
KEPT = "whole-corpus"


def form_of(path: Path) -> Form:
    """What a path is.

    Raises:
        EvaluationError: there is nothing.
    """
    if (path / STORE_FILE).is_file():
        return "data directory"
    if _first(path, _CORPUS):
        return "BEIR folder"
    if not path.exists():
        raise EvaluationError(
            f"{str(path)!r} does not exist: name a data directory, a BEIR folder, or what can "
            "be ingested"
        )
    return "files"


@dataclass(frozen=True, slots=True)
class Beir:
    """The files of a BEIR folder; `qrels` of its test split, or of the only one."""

    corpus: Path | None
    queries: Path
    qrels: Path


def beir_files(folder: Path) -> Beir | None:
    """The questions of a BEIR folder; None where it has none."""
    queries = _first(folder, _QUERIES)
    splits = sorted((folder / "qrels").glob("*.tsv"))
    if queries is None or not splits:
        return None
    test = [split for split in splits if split.stem == "test"]
    return Beir(_first(folder, _CORPUS), queries, (test or splits)[0])


def _first(folder: Path, names: Iterable[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def articles_of(path: Path) -> Iterator[Any]:
    """What the ingest takes of a corpus that is no data directory."""
    corpus = _first(path, _CORPUS) if path.is_dir() else None
    return _beir_articles(corpus) if corpus else read_sources([path])


def _beir_articles(corpus: Path) -> Iterator[RawArticle | SourceError]:
    """The documents of BEIR under their own ids; of `metadata` the date, address and outlet."""
    for line, record in json_lines(read_text(corpus)):
        origin = f"{corpus}#/{line}"
        if isinstance(record, str):
            yield InvalidRecord(origin, record)
        elif not isinstance(record.get("_id"), str) or not isinstance(record.get("text"), str):
            yield InvalidRecord(origin, "it has no `_id` or no `text`, which BEIR's corpora have")
        else:
            yield _beir_article(record, f"{corpus}#{record['_id']}")


def _beir_article(record: Mapping[str, Any], origin: str) -> RawArticle:
    metadata = record.get("metadata")
    more = {**(metadata if isinstance(metadata, dict) else {}), **record}
    known = {
        key: more[key] for key in ("published", "url", "source") if isinstance(more.get(key), str)
    }
    title = record.get("title")
    return RawArticle(
        origin=origin,
        text=record["text"],
        id=record["_id"],
        title=title if isinstance(title, str) and title.strip() else None,
        **known,
    )


def fingerprint(path: Path) -> str:
    """What a corpus is known by again: a hash of the names and contents of its files."""
    digest = hashlib.sha256()
    for file in _files(path):
        digest.update(file.relative_to(path).as_posix().encode("utf-8", "surrogateescape") + b"\0")
        with file.open("rb") as stream:
            while block := stream.read(_READ_BYTES):
                digest.update(block)
        digest.update(b"\0")
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    corpus = _first(path, _CORPUS)
    if corpus:
        return [corpus]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder) / name for name in names if not name.startswith(".")]
    return sorted(found)


def kept_at(folder: Path, corpus: Path, manifest: Mapping[str, str | int]) -> Path:
    """Where a corpus is kept that was ingested with models of this manifest."""
    made = json.dumps([fingerprint(corpus), dict(manifest)], sort_keys=True)
    return folder / hashlib.sha256(made.encode()).hexdigest()[:16]
