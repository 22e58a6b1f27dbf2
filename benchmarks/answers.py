"""Extractive answers: do the cited sentences hold the answer, and is doubt well placed?

    python -m benchmarks.answers --home HOME --split report
    python -m benchmarks.answers --home HOME --split tune --features news.jsonl
    python -m benchmarks.answers --home OTHER --features encyclopedia.jsonl
        --unanswerable ../shared/data/unanswerable-dev

answer@1: share of the answerable questions whose best cited sentence holds the
normalised answer; answer@3: any of its one to three. A question is answerable if the
corpus has a relevant passage. AUROC: of the confidence against "a cited sentence holds
the answer". `--features` writes what benchmarks/abstention.py fits.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.newsqa import asked_at, parser, questions, relevant_passages
from index.documents import RawArticle
from rag.abstain import estimate, features
from rag.answers import Question
from rag.assemble import Dateline, assemble
from rag.evaluation.calibration import area
from rag.evaluation.labels import holds_answer
from rag.read import ExtractiveReader
from rag.settings import Settings
from rag.understand import understand

SAMPLE = 1600
SEED = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is put, and what would be right."""

    id: str
    question: Question
    answers: tuple[str, ...]
    answerable: bool


def main() -> None:
    """Print the figures."""
    options = parser("extractive answers")
    options.add_argument("--features", type=Path, default=None)
    options.add_argument("--unanswerable", type=Path, default=None)
    chosen = options.parse_args()
    dateline = assemble(Settings(home=chosen.home))
    if chosen.unanswerable:
        asked = encyclopedia(dateline, chosen.unanswerable)
    else:
        asked = [
            Asked(
                q.id,
                Question(q.text, asked_at(q)),
                q.answers,
                bool(relevant_passages(dateline.engine.store, q)),
            )
            for q in questions(chosen.data, chosen.split)
        ]
    rows = list(measured(dateline, asked[: chosen.limit]))
    report(rows)
    if chosen.features:
        chosen.features.write_text("\n".join(json.dumps(row) for row in rows))


def encyclopedia(dateline: Dateline, folder: Path) -> list[Asked]:
    """SQuAD 2.0: its paragraphs are ingested, a sample of its questions is asked."""
    with gzip.open(folder / "squad2_half.json.gz", "rt", encoding="utf-8") as file:
        pages = json.load(file)["data"]
    paragraphs = [
        (f"sq{page}-{place}", entry["title"].replace("_", " "), paragraph)
        for page, entry in enumerate(pages)
        for place, paragraph in enumerate(entry["paragraphs"])
    ]
    dateline.ingestor.ingest(
        RawArticle(key, paragraph["context"], id=key, title=title)
        for key, title, paragraph in paragraphs
    )
    day = datetime(2020, 1, 1, tzinfo=UTC)
    asked = [
        Asked(
            qa["id"],
            Question(qa["question"], day),
            tuple(answer["text"] for answer in qa["answers"]),
            not qa["is_impossible"],
        )
        for _, _, paragraph in paragraphs
        for qa in paragraph["qas"]
    ]
    random.Random(SEED).shuffle(asked)
    return asked[:SAMPLE]


def measured(dateline: Dateline, asked: list[Asked]) -> Iterator[dict[str, float]]:
    """One row a question that the reader drafts an answer to."""
    reader = ExtractiveReader(dateline.searcher.reranker)
    for one in asked:
        query = understand(one.question)
        result = dateline.searcher.search(query)
        draft = reader.read(query, result.candidates)
        if draft.best is None:
            continue
        seen = features(query, result, draft)
        said = [pick.sentence.text for pick in draft.picks]
        yield {
            "answerable": one.answerable,
            "first": holds_answer(draft.best.sentence.text, one.answers),
            "any": any(holds_answer(text, one.answers) for text in said),
            "sentences": len(said),
            "confidence": estimate(seen),
            **asdict(seen),
        }


def report(rows: list[dict[str, float]]) -> None:
    """Print shares and the area."""
    answerable = [row for row in rows if row["answerable"]]
    held = np.array([bool(row["any"]) for row in rows])
    confidence = np.array([row["confidence"] for row in rows])
    print(f"{len(answerable)} answerable of {len(rows)} questions")
    print(
        f"answer@1 {share(answerable, 'first'):.1f}  answer@3 {share(answerable, 'any'):.1f}  "
        f"sentences {np.mean([row['sentences'] for row in rows]):.2f}"
    )
    print(f"AUROC of the confidence: {area(confidence[held], confidence[~held]):.3f}")


def share(rows: list[dict[str, float]], key: str) -> float:
    """The share of rows that have it, in percent."""
    return 100 * sum(bool(row[key]) for row in rows) / len(rows)


if __name__ == "__main__":
    main()
