"""The news questions that benchmarks run on: articles, dated questions, labels.

Reads `articles.jsonl.gz` and `questions.jsonl.gz` (RealTime QA, 2023). Tune on the
questions asked from January to August, report on those from September to December.
"""

from __future__ import annotations

import argparse
import gzip
import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from index.documents import Passage
from index.store.sqlite import Store
from rag.evaluation.labels import LabelledQuestion, is_relevant

DEFAULT_DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "news-qa-dev"
SPLITS = {"tune": range(1, 9), "report": range(9, 13)}


def parser(description: str) -> argparse.ArgumentParser:
    """Options that every benchmark over this data has."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--data", type=Path, default=DEFAULT_DATA)
    options.add_argument("--home", type=Path, required=True, help="data directory to search")
    options.add_argument("--split", choices=SPLITS, default="report")
    options.add_argument("--limit", type=int, default=None, help="only the first N questions")
    return options


def records(path: Path) -> list[dict[str, Any]]:
    """The records of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def questions(data: Path, split: str, limit: int | None = None) -> list[LabelledQuestion]:
    """The questions of a split, in the order of the file."""
    return [
        LabelledQuestion(
            id=record["id"],
            text=record["question"],
            asked=date.fromisoformat(record["asked"]),
            answers=tuple(record["answers"]),
            relevant=frozenset(record["relevant"]),
        )
        for record in records(data / "questions.jsonl.gz")
        if date.fromisoformat(record["asked"]).month in SPLITS[split]
    ][:limit]


def asked_at(question: LabelledQuestion) -> datetime:
    """The end of the day it was asked on."""
    return datetime.combine(question.asked, time(23, 59, 59), UTC)


def relevant_passages(store: Store, question: LabelledQuestion) -> frozenset[str]:
    """The ids of every stored passage that is relevant to a question."""
    passages: list[Passage] = [p for a in question.relevant for p in store.passages_of(a)]
    return frozenset(p.id for p in passages if is_relevant(p, question))
