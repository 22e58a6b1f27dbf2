"""Fits the estimate of rag/abstain.py and shows how well it is calibrated.

    python -m benchmarks.abstention news.jsonl encyclopedia.jsonl --check report.jsonl

Rows come from `python -m benchmarks.answers --features`. The label is "a cited sentence
holds the answer". Each file counts alike. Prints the weights to copy, and for each file
the area, the calibration error over ten bins, and what each threshold answers.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from rag.abstain import Features
from rag.evaluation.calibration import area, calibration_error

NAMES = Features.__slots__
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)


def main() -> None:
    """Fit on the named files; `--check` files are only measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("fit", nargs="+", type=Path)
    options.add_argument("--check", nargs="*", type=Path, default=[])
    chosen = options.parse_args()
    tables = {path: read(path) for path in [*chosen.fit, *chosen.check]}
    features = np.vstack([tables[path][0] for path in chosen.fit])
    labels = np.concatenate([tables[path][1] for path in chosen.fit])
    weights = np.concatenate(
        [np.full(len(tables[path][1]), 1 / len(tables[path][1])) for path in chosen.fit]
    )
    model = LogisticRegression(C=1e3, max_iter=1000)
    model.fit(features, labels, sample_weight=weights * len(labels) / weights.sum())
    print(f"INTERCEPT = {model.intercept_[0]:.3f}")
    pairs = zip(NAMES, model.coef_[0], strict=True)
    print("WEIGHTS = Features(" + ", ".join(f"{n}={w:.3f}" for n, w in pairs) + ")")
    for path, (rows, held, answerable) in tables.items():
        confidence = model.predict_proba(rows)[:, 1]
        under = area(confidence[held], confidence[~held])
        error = calibration_error(confidence, held.astype(float))
        print(f"{path.name}: AUROC {under:.3f}, calibration error {error:.3f}")
        for threshold in THRESHOLDS:
            said = confidence >= threshold
            print(
                f"  {threshold:.2f}: answers {said.mean():.0%}, "
                f"of these right {held[said].mean():.0%}; "
                f"declines {1 - said[~answerable].mean():.0%} of the unanswerable, "
                f"keeps {said[held].mean():.0%} of the right"
            )


def read(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, and whether a cited sentence held the answer and the corpus did."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    features = np.array([[row[name] for name in NAMES] for row in rows])
    held = np.array([bool(row["any"]) for row in rows])
    return features, held, np.array([bool(row["answerable"]) for row in rows])


if __name__ == "__main__":
    main()
