"""Fits the confidence of rag/abstain.py and writes rag/confidence.json.

    python -m benchmarks.confidence --home HOME --write

Each question asked from June to August is asked as it is and, if the corpus answers it, once
more without its own articles. Two logistic fits in one: is the question answerable here,
and is a cited sentence right; each counts half. A second one, of one number, brings the
result to the share of right answers among the questions as they were asked. The reader was
trained on questions until May.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import rag.abstain
from benchmarks.newsqa import asked_at, parser, questions
from index.documents import Filters
from rag.abstain import Features, features
from rag.answers import Question
from rag.assemble import Dateline, assemble
from rag.evaluation.calibration import calibration_error
from rag.evaluation.labels import LabelledQuestion, holds_answer
from rag.settings import Settings

FOLDS = 5
THRESHOLDS = (0.1, 0.15, 0.18, 0.2, 0.25, 0.3, 0.4, 0.5)
TARGET = Path(rag.abstain.__file__).with_name("confidence.json")


@dataclass(frozen=True, slots=True)
class Row:
    """A question as asked, or without its own articles: what was seen, and what is so."""

    question: str
    seen: tuple[float, ...]
    as_asked: bool
    answerable: bool
    right: bool


def main() -> None:
    """Fit, print what it is worth in five folds, and write the file if asked to."""
    options = parser(__doc__ or "")
    options.set_defaults(split="fit")
    options.add_argument("--write", action="store_true", help=f"write {TARGET.name}")
    chosen = options.parse_args()
    dateline = assemble(Settings(home=chosen.home))
    asked = questions(chosen.data, chosen.split, chosen.limit)
    rows = [row for labelled in asked for row in _rows(dateline, labelled)]
    report(rows)
    weights, intercept = fitted(rows)
    found = {"intercept": intercept, **dict(zip(Features.__slots__, weights, strict=True))}
    fingerprint = hashlib.sha256(json.dumps([repr(row) for row in rows]).encode()).hexdigest()
    told = {
        "weights": {name: round(float(value), 4) for name, value in found.items()},
        "fitted_by": "python -m benchmarks.confidence --write",
        "questions": len(asked),
        "rows": len(rows),
        "rows_sha256": fingerprint,
    }
    print(json.dumps(told, indent=2))
    if chosen.write:
        TARGET.write_text(json.dumps(told, indent=2) + "\n")


def _rows(dateline: Dateline, labelled: LabelledQuestion) -> Iterator[Row]:
    question = Question(labelled.text, asked_at(labelled))
    without = replace(question, filters=Filters(excluded=labelled.own_articles))
    for one in (question, without) if labelled.relevant else (question,):
        seen = dateline.answerer.consider(one)
        if seen.draft.best is not None:
            found = features(seen.query, seen.result, seen.draft)
            said = [pick.sentence.text for pick in seen.draft.picks]
            yield Row(
                labelled.id,
                tuple(getattr(found, name) for name in Features.__slots__),
                as_asked=one is question,
                answerable=bool(labelled.relevant) and one is question,
                right=any(holds_answer(text, labelled.answers) for text in said),
            )


def fitted(rows: list[Row]) -> tuple[np.ndarray, float]:
    """Weights, float64 of shape (features,), and the intercept."""
    seen = np.array([row.seen for row in rows])
    right = np.array([row.right and row.as_asked for row in rows])
    answerable = np.array([row.answerable for row in rows])
    centre, spread = seen.mean(axis=0), seen.std(axis=0)
    scaled = (seen - centre) / spread
    both = LogisticRegression(max_iter=2000).fit(
        np.vstack([scaled, scaled]),
        np.concatenate([right, answerable]),
        sample_weight=np.full(2 * len(rows), 0.5),
    )
    weights = both.coef_[0] / spread
    odds = seen @ weights + both.intercept_[0] - float(weights @ centre)
    asked = np.array([row.as_asked for row in rows])
    last = LogisticRegression(C=100).fit(odds[asked, None], [r.right for r in rows if r.as_asked])
    slope, shift = float(last.coef_[0, 0]), float(last.intercept_[0])
    intercept = slope * (both.intercept_[0] - float(weights @ centre)) + shift
    return slope * weights, float(intercept)


def report(rows: list[Row]) -> None:
    """Print areas, the calibration error, and what each threshold does; all of five folds."""
    names = sorted({row.question for row in rows})
    folds = dict(zip(names, np.random.default_rng(0).integers(0, FOLDS, len(names)), strict=True))
    confidence = np.zeros(len(rows))
    for held in range(FOLDS):
        weights, intercept = fitted([row for row in rows if folds[row.question] != held])
        for place, row in enumerate(rows):
            if folds[row.question] == held:
                confidence[place] = 1 / (1 + np.exp(-(np.array(row.seen) @ weights + intercept)))
    asked = np.array([row.as_asked for row in rows])
    answerable = np.array([row.answerable for row in rows])
    right = np.array([row.right for row in rows])
    compared = answerable | ~asked
    wrong = compared & (answerable | ~right)
    area = roc_auc_score(answerable[compared], confidence[compared])
    nowhere_else = roc_auc_score(answerable[wrong], confidence[wrong])
    print(f"answerable or removed: AUROC {area:.3f}")
    print(f"  of the removed only those that nothing else answers: {nowhere_else:.3f}")
    print(f"right or not: AUROC {roc_auc_score(right, confidence):.3f}")
    print(f"calibration error as asked: {calibration_error(confidence[asked], right[asked]):.3f}")
    for threshold in THRESHOLDS:
        said = confidence >= threshold
        print(
            f"  {threshold:.2f}: answers {said[asked].mean():.0%}, of these right "
            f"{right[asked & said].mean():.0%}, keeps {said[asked & right].mean():.0%} of the "
            f"right, declines {1 - said[~asked & ~right].mean():.0%} of the removed that nothing "
            "else answers"
        )


if __name__ == "__main__":
    main()
