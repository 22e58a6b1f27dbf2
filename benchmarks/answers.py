"""Extractive answers: do the cited sentences hold the answer, and is doubt well placed?

    python -m benchmarks.answers --home HOME --split report

answer@1 and answer@3: share of questions with a relevant passage in the corpus whose
first citation, or any of the first three, holds the normalised answer. Abstention:
AUROC of the confidence against "the first citation holds the answer" over all questions,
and against "the corpus holds the answer".
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.newsqa import asked_at, parser, questions, relevant_passages
from rag.abstain import estimate, features
from rag.answers import Question
from rag.assemble import assemble
from rag.evaluation.labels import holds_answer
from rag.read import ExtractiveReader
from rag.settings import Settings
from rag.understand import understand


def main() -> None:
    """Print the figures; `--features` writes a row a question for benchmarks/abstention.py."""
    options = parser("extractive answers")
    options.add_argument("--features", type=Path, default=None)
    chosen = options.parse_args()
    dateline = assemble(Settings(home=chosen.home))
    reader = ExtractiveReader(dateline.searcher.reranker)
    rows = []
    for question in questions(chosen.data, chosen.split, chosen.limit):
        query = understand(Question(question.text, asked_at(question)))
        result = dateline.searcher.search(query)
        draft = reader.read(query, result.candidates)
        if draft.best is None:
            continue
        seen = features(query, result, draft)
        said = [pick.sentence.text for pick in draft.picks]
        rows.append(
            {
                "id": question.id,
                "answerable": bool(relevant_passages(dateline.engine.store, question)),
                "first": holds_answer(draft.best.sentence.text, question.answers),
                "any": any(holds_answer(text, question.answers) for text in said),
                "sentences": len(said),
                "confidence": estimate(seen),
                **asdict(seen),
            }
        )
    report(rows)
    if chosen.features:
        chosen.features.write_text("\n".join(json.dumps(row) for row in rows))


def report(rows: list[dict[str, float]]) -> None:
    """Print shares and areas."""
    answerable = [row for row in rows if row["answerable"]]
    confidence = np.array([row["confidence"] for row in rows])
    print(f"{len(answerable)} answerable of {len(rows)} questions")
    print(
        f"answer@1 {share(answerable, 'first'):.1f}  any {share(answerable, 'any'):.1f}  "
        f"sentences {np.mean([row['sentences'] for row in rows]):.2f}"
    )
    for label in ("first", "answerable"):
        positive = np.array([bool(row[label]) for row in rows])
        print(f"AUROC of confidence against {label}: {auroc(confidence, positive):.3f}")


def share(rows: list[dict[str, float]], key: str) -> float:
    """The share of rows that have it, in percent."""
    return 100 * sum(bool(row[key]) for row in rows) / len(rows)


def auroc(scores: np.ndarray, positive: np.ndarray) -> float:
    """The chance that a positive scores above a negative; ties count half."""
    above = scores[positive][:, None] - scores[~positive][None, :]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


if __name__ == "__main__":
    main()
