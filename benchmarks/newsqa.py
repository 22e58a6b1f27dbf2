"""The news questions that benchmarks run on: articles, dated questions, labels.

Reads `articles.jsonl.gz` and `questions.jsonl.gz` (RealTime QA, 2023). Tune on the
questions asked from January to August, report on those from September to December.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from index.store.sqlite import Store
from rag.evaluation.binding import Binding
from rag.evaluation.labels import LabelledQuestion
from rag.evaluation.questions import read_questions

DEFAULT_DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "news-qa-dev"
SPLITS = {"tune": range(1, 9), "fit": range(6, 9), "report": range(9, 13)}


def parser(description: str) -> argparse.ArgumentParser:
    """Options that every benchmark over this data has."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--data", type=Path, default=DEFAULT_DATA)
    options.add_argument("--home", type=Path, required=True, help="data directory to search")
    options.add_argument("--split", choices=SPLITS, default="report")
    options.add_argument("--limit", type=int, default=None, help="only the first N questions")
    return options


def questions(data: Path, split: str, limit: int | None = None) -> list[LabelledQuestion]:
    """The questions of a split, in the order of the file."""
    found = read_questions(data / "questions.jsonl.gz").questions
    return [q for q in found if asked_at(q).month in SPLITS[split]][:limit]


def asked_at(question: LabelledQuestion) -> datetime:
    """The end of the day it was asked on."""
    assert question.asked_at is not None
    return question.asked_at


def relevant_passages(store: Store, question: LabelledQuestion) -> dict[str, int]:
    """The ids of every stored passage that is relevant to a question, with their grades."""
    return Binding(store, "passage").relevant(question)
