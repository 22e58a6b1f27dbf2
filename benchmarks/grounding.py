"""Fits the estimate of rag/grounding/semantic.py and shows how often verdicts are right.

    python -m benchmarks.grounding --rows rows.npz
    python -m benchmarks.grounding --rows rows.npz --write

Data: qags_xsum.jsonl (summaries of news, a sentence is supported if most annotators say so) and
wice_claim_dev.jsonl (claims of Wikipedia against the pages they cite; `supported` counts). Every
figure is out of fold: ten folds that keep an article whole, five times. Parts and classes weigh
the same; thresholds of the baselines are chosen on the training folds. Rows are measured once and
kept in the file that `--rows` names.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag.answers import Verdict
from rag.assemble import load_aligner, load_embedder
from rag.expect import content_stems
from rag.grounding.evidence import Evidence, covered, lines_of
from rag.grounding.features import Features, features
from rag.grounding.judge import SUPPORTED_FROM, UNSUPPORTED_BELOW, check_words
from rag.grounding.verbatim import check_verbatim
from rag.settings import Settings

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "grounding-dev"
FILES = {"qags": "qags_xsum.jsonl", "wice": "wice_claim_dev.jsonl"}
FITTED = Path(__file__).parent.parent / "rag" / "grounding" / "support.json"
COMMAND = "python -m benchmarks.grounding --rows rows.npz --write"
NAMES = Features.__slots__
FOLDS, SEEDS, SAMPLES = 10, 5, 1_000
# Chosen by the same cross-validation: 0.02 to 0.5 differ by less than a point.
REGULARISATION = 0.2
_BAD = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled sentence. `group` is its article or page; `loose` also counts partial support."""

    part: str
    group: str
    sentence: str
    evidence: str
    supported: bool
    loose: bool


def items(data: Path) -> Iterator[Item]:
    """The sentences of both files, in order."""
    for line in (data / FILES["qags"]).read_text("utf-8").splitlines():
        record = json.loads(line)
        for said in record["summary_sentences"]:
            says = [response["response"] == "yes" for response in said["responses"]]
            supported = sum(says) * 2 > len(says)
            text = record["article"]
            yield Item("qags", text, said["sentence"], text, supported, supported)
    for line in (data / FILES["wice"]).read_text("utf-8").splitlines():
        record = json.loads(line)
        text = "\n".join(record["evidence"])
        label = record["label"]
        supported = label == "supported"
        yield Item("wice", text, record["claim"], text, supported, label != "not_supported")


def measure(data: Path) -> dict[str, NDArray[Any]]:
    """A row for each item: features, baselines, what the checks flagged, CPU milliseconds."""
    settings = Settings(threads=1)
    aligner, embedder = load_aligner(settings), load_embedder(settings)
    rows: dict[str, list[Any]] = {}
    groups: dict[str, int] = {}
    for item in items(data):
        started = time.process_time()
        evidence = [Evidence(item.evidence)]
        lines = lines_of(evidence)
        findings = check_words(item.sentence, evidence, lines)
        checked = time.process_time()
        seen = features(item.sentence, lines, findings, aligner)
        done = time.process_time()
        vectors = embedder.embed([item.sentence, *(line.text for line in lines)])
        stems = frozenset(content_stems(item.sentence))
        row = {
            "part": item.part,
            "group": groups.setdefault(item.group, len(groups)),
            "supported": item.supported,
            "loose": item.loose,
            "features": astuple(seen),
            "flagged": any(f.verdict in _BAD for f in findings),
            "verbatim": bool(check_verbatim(item.sentence, evidence)),
            "lexical": max(covered(stems, line) for line in lines),
            "cosine": float((vectors[1:] @ vectors[0]).max()),
            "checks_ms": 1000 * (checked - started),
            "model_ms": 1000 * (done - checked),
        }
        for name, value in row.items():
            rows.setdefault(name, []).append(value)
    return {name: np.array(values) for name, values in rows.items()}


def balanced(truth: Bools, said: Bools) -> float:
    """The mean of the shares of supported and of other sentences that are told right."""
    return float((said[truth].mean() + (~said[~truth]).mean()) / 2)


def by_part(table: dict[str, NDArray[Any]], said: Bools, truth: str = "supported") -> list[float]:
    """Balanced accuracy of each part, their mean, and of both pooled."""
    labels = table[truth]
    parts = [balanced(labels[table["part"] == p], said[table["part"] == p]) for p in FILES]
    return [*parts, float(np.mean(parts)), balanced(labels, said)]


def weights_of(part: NDArray[Any], labels: Bools) -> Floats:
    """Weights that make parts and classes count the same, 1 on average."""
    weights = np.zeros(len(labels))
    for one in FILES:
        for label in (False, True):
            chosen = (part == one) & (labels == label)
            weights[chosen] = len(labels) / (2 * len(FILES) * max(chosen.sum(), 1))
    return weights


def fit(table: dict[str, NDArray[Any]], rows: Bools) -> tuple[float, Floats]:
    """Intercept and weights of the features, on the chosen rows."""
    x, labels = table["features"][rows], table["supported"][rows]
    mean, scale = x.mean(axis=0), x.std(axis=0)
    model = LogisticRegression(C=REGULARISATION, max_iter=1_000)
    model.fit((x - mean) / scale, labels, sample_weight=weights_of(table["part"][rows], labels))
    weights = model.coef_[0] / scale
    return float(model.intercept_[0] - weights @ mean), weights


def folds(table: dict[str, NDArray[Any]], seed: int) -> NDArray[np.int64]:
    """The fold of each row: groups of each part dealt out at random."""
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(table["group"]), dtype=np.int64)
    for part in FILES:
        groups = rng.permutation(np.unique(table["group"][table["part"] == part]))
        dealt = {group: place % FOLDS for place, group in enumerate(groups)}
        for row in np.flatnonzero(table["part"] == part):
            fold[row] = dealt[table["group"][row]]
    return fold


def out_of_fold(
    table: dict[str, NDArray[Any]], predict: Callable[[Bools, Bools], Floats]
) -> list[Floats]:
    """For each seed what `predict(train, test)` says of every row, unseen."""
    said = []
    for seed in range(SEEDS):
        fold = folds(table, seed)
        one = np.zeros(len(fold))
        for number in range(FOLDS):
            one[fold == number] = predict(fold != number, fold == number)
        said.append(one)
    return said


def logistic(table: dict[str, NDArray[Any]]) -> Callable[[Bools, Bools], Floats]:
    """Probabilities of the model."""

    def predict(train: Bools, test: Bools) -> Floats:
        intercept, weights = fit(table, train)
        result: Floats = 1 / (1 + np.exp(-(intercept + table["features"][test] @ weights)))
        return result

    return predict


def threshold_on(table: dict[str, NDArray[Any]], name: str) -> Callable[[Bools, Bools], Floats]:
    """Whether one score reaches the threshold that does best on the training rows."""

    def predict(train: Bools, test: Bools) -> Floats:
        rows = {key: values[train] for key, values in table.items()}
        tried = np.quantile(rows[name], np.linspace(0.02, 0.98, 97))
        best = max(tried, key=lambda cut: by_part(rows, rows[name] >= cut)[2])
        return (table[name][test] >= best).astype(float)

    return predict


def interval(table: dict[str, NDArray[Any]], said: Sequence[Bools]) -> list[str]:
    """Means over seeds with 95% intervals: groups drawn anew, a thousand times."""
    rng = np.random.default_rng(0)
    rows_of = [np.flatnonzero(table["group"] == group) for group in np.unique(table["group"])]
    drawn = []
    for _ in range(SAMPLES):
        chosen = rng.integers(0, len(rows_of), len(rows_of))
        rows = np.concatenate([rows_of[group] for group in chosen])
        sample = {"part": table["part"][rows], "supported": table["supported"][rows]}
        drawn.append(by_part(sample, said[rng.integers(0, len(said))][rows]))
    mean = np.mean([by_part(table, one) for one in said], axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return [f"{m:.3f} ({a:.3f}-{b:.3f})" for m, a, b in zip(mean, low, high, strict=True)]


def report(table: dict[str, NDArray[Any]]) -> None:
    """Print everything that docs/decisions/grounding.md says."""
    chances = out_of_fold(table, logistic(table))
    estimated = [one >= SUPPORTED_FROM for one in chances]
    rows = {
        "lexical overlap": [o > 0.5 for o in out_of_fold(table, threshold_on(table, "lexical"))],
        "embedding cosine": [o > 0.5 for o in out_of_fold(table, threshold_on(table, "cosine"))],
        "estimate": estimated,
        "verdict": [(one & ~table["flagged"]) | table["verbatim"] for one in estimated],
    }
    print(
        "| balanced accuracy |", " | ".join([*FILES, "mean", "pooled"]), "|\n|---|---|---|---|---|"
    )
    for name, said in rows.items():
        print(f"| {name} |", " | ".join(interval(table, said)), "|")
    loose = np.mean([by_part(table, one, "loose") for one in estimated], axis=0)
    print("partial support counted, too:", " ".join(f"{value:.3f}" for value in loose))
    for part in FILES:
        inside = table["part"] == part
        truth = table["supported"][inside]
        area = np.mean([roc_auc_score(truth, one[inside]) for one in chances])
        doubted = [one[inside] < UNSUPPORTED_BELOW for one in chances]
        right = np.mean([(~truth[one]).mean() for one in doubted])
        flagged = table["flagged"][inside]
        checks, model = (np.median(table[name][inside]) for name in ("checks_ms", "model_ms"))
        print(
            f"{part}: {inside.sum()} rows, {truth.mean():.0%} supported, AUROC {area:.3f}; "
            f"under {UNSUPPORTED_BELOW}: {np.mean(doubted):.0%}, of these unsupported {right:.0%}; "
            f"checks flag {flagged[truth].mean():.0%} of the supported, "
            f"{flagged[~truth].mean():.0%} of the others; CPU ms {checks:.0f} + {model:.0f}"
        )


def write(table: dict[str, NDArray[Any]], data: Path) -> None:
    """Fit on everything and put the weights where Dateline reads them."""
    intercept, weights = fit(table, np.ones(len(table["part"]), dtype=bool))
    fitted = {
        "what": "logistic regression; features are those of rag/grounding/features.py",
        "command": COMMAND,
        "data_sha256": {
            name: sha256((data / name).read_bytes()).hexdigest() for name in FILES.values()
        },
        "rows": len(table["part"]),
        "fitted": datetime.now(UTC).date().isoformat(),
        "intercept": round(intercept, 4),
        "weights": dict(zip(NAMES, [round(float(w), 4) for w in weights], strict=True)),
    }
    FITTED.write_text(json.dumps(fitted, indent=2) + "\n", "utf-8")
    print(f"wrote {FITTED.name}: {fitted['intercept']} {fitted['weights']}")


def main() -> None:
    """Measure, or read what was measured; report, and write if asked to."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--rows", type=Path, required=True)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    if not chosen.rows.exists():
        np.savez(chosen.rows, **measure(chosen.data))  # type: ignore[arg-type]
    with np.load(chosen.rows) as rows:
        table = {name: rows[name] for name in rows.files}
    report(table)
    if chosen.write:
        write(table, chosen.data)


if __name__ == "__main__":
    main()
