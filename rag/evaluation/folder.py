"""The folder of an evaluation: what lies in it, and whether a run may go on from it.

A run is known by what its answers depend on (corpus, questions, settings, code). Where the
same run is started again, the outcomes that are there are kept; another run begins anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import index
import rag
from index.store.sqlite import Store
from rag.evaluation.errors import EvaluationError
from rag.evaluation.labels import LabelledQuestion
from rag.evaluation.outcomes import FORMAT

OUTCOMES = "questions.jsonl"
METRICS = "metrics.json"
RUN = "run.trec"
QRELS = "qrels.trec"
REPORT = "report.html"
IDENTITY = "evaluation.json"
NAME_CHARS = 10


def identity_of(
    *, corpus: str, questions: Sequence[LabelledQuestion], settings: Mapping[str, Any]
) -> str:
    """What a run is known by: a hash of all that its outcomes depend on."""
    lines = [json.dumps(asdict(q), default=str, sort_keys=True) for q in questions]
    parts = [FORMAT, corpus, lines, dict(settings), code_digest()]
    text = json.dumps(parts, default=str, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def corpus_digest(store: Store) -> str:
    """What a corpus is known by: its generation, what it was made with, and its articles."""
    made = json.dumps([store.generation, store.manifest, store.counts()], sort_keys=True)
    digest = hashlib.sha256(made.encode())
    for article_id in store.article_ids():
        digest.update(b"\0" + article_id.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def code_digest() -> str:
    """A hash of the code and rules that search and answer, evaluation itself left out."""
    digest = hashlib.sha256()
    for package in (index, rag):
        root = Path(str(package.__file__)).parent
        for path in sorted([*root.rglob("*.py"), *root.rglob("*.toml")]):
            if "evaluation" not in path.relative_to(root).parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def opened(folder: Path, identity: str) -> bool:
    """Make the folder ready for a run; whether it holds outcomes of the same run.

    Raises:
        EvaluationError: it holds something that no evaluation wrote.
    """
    mark = folder / IDENTITY
    if folder.exists() and not folder.is_dir():
        raise EvaluationError(f"{str(folder)!r} is a file: name a folder for the results")
    if folder.is_dir() and any(folder.iterdir()) and not mark.is_file():
        raise EvaluationError(
            f"{str(folder)!r} holds files that are no results: name an empty folder with --out"
        )
    folder.mkdir(parents=True, exist_ok=True)
    if _known(mark) == identity:
        return True
    (folder / OUTCOMES).unlink(missing_ok=True)
    mark.write_text(json.dumps({"format": FORMAT, "run": identity}) + "\n", "utf-8")
    return False


def _known(mark: Path) -> str | None:
    try:
        found = json.loads(mark.read_text("utf-8"))
        return str(found["run"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
