"""All that an evaluation comes to, computed from its outcomes, and its files.

`summed` is the one way from outcomes to figures: reports, comparisons and the command line
show what it holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.evaluation.ablation import Stack
from rag.evaluation.calibration import Bin, Floats, curve, reliability
from rag.evaluation.compare import Comparison
from rag.evaluation.figures import FIGURES, HEADLINE, Table, table_of
from rag.evaluation.folder import METRICS, QRELS, RUN
from rag.evaluation.outcomes import Outcome
from rag.evaluation.significance import Estimate, estimate
from rag.evaluation.slices import Slice, slices
from rag.evaluation.trec import write_qrels, write_run

TAG = "dateline"


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one stage, or CPU milliseconds of a whole question."""

    name: str
    p50: float
    p95: float
    mean: float


@dataclass(frozen=True, slots=True)
class Results:
    """The figures of an evaluation. `about` says what was evaluated, for people."""

    about: Mapping[str, Any]
    outcomes: tuple[Outcome, ...]
    figures: Mapping[str, Estimate | None]
    slices: Mapping[str, list[Slice]]
    bins: tuple[Bin, ...]
    roc: tuple[Floats, Floats] | None
    latencies: tuple[Latency, ...]
    stacks: tuple[Stack, ...] = ()
    comparison: Comparison | None = None


def summed(
    outcomes: Sequence[Outcome],
    about: Mapping[str, Any],
    *,
    stacks: Sequence[Stack] = (),
    comparison: Comparison | None = None,
) -> Results:
    """Every figure of the outcomes, each with its interval."""
    table = table_of(outcomes)
    return Results(
        about=about,
        outcomes=tuple(outcomes),
        figures={figure.name: estimate(figure, table) for figure in FIGURES},
        slices=slices(outcomes, table),
        bins=_bins(table),
        roc=_roc(table),
        latencies=tuple(_latencies(outcomes)),
        stacks=tuple(stacks),
        comparison=comparison,
    )


def headline(results: Results) -> dict[str, Any]:
    """The figures that everyone asks for, as fractions, and how many questions were asked."""
    found = {f.name: results.figures[f.name] for f in HEADLINE}
    metrics = {name: None if one is None else one.value for name, one in found.items()}
    return {"metrics": metrics, "n": len(results.outcomes)}


def write(folder: Path, results: Results) -> None:
    """Write run, judgements and figures; the outcomes are there already."""
    write_run(folder / RUN, {o.id: o.ranking for o in results.outcomes if o.ranking}, TAG)
    write_qrels(folder / QRELS, {o.id: o.relevant for o in results.outcomes if o.relevant})
    text = json.dumps(_told(results), indent=1, ensure_ascii=False)
    (folder / METRICS).write_text(text + "\n", "utf-8")


def _told(results: Results) -> dict[str, Any]:
    estimates = {name: _as_dict(one) for name, one in results.figures.items()}
    told = headline(results) | {"about": dict(results.about), "estimates": estimates}
    told["slices"] = {
        title: [
            {"name": s.name, "n": s.n} | {name: _as_dict(one) for name, one in s.figures.items()}
            for s in parts
        ]
        for title, parts in results.slices.items()
    }
    told["reliability"] = [asdict(b) for b in results.bins]
    told["latency_ms"] = {one.name: asdict(one) for one in results.latencies}
    told["ablation"] = [asdict(stack) for stack in results.stacks]
    if results.comparison:
        told["comparison"] = asdict(results.comparison)
        for name, one in results.comparison.differences.items():
            told["comparison"]["differences"][name]["value"] = one.value
    return told


def _as_dict(one: Estimate | None) -> dict[str, Any] | None:
    return None if one is None else asdict(one)


def _bins(table: Table) -> tuple[Bin, ...]:
    known = ~np.isnan(table["confidence"]) & ~np.isnan(table["held"])
    return tuple(reliability(table["confidence"][known], table["held"][known]))


def _roc(table: Table) -> tuple[Floats, Floats] | None:
    positive, *negative = (
        table[name][~np.isnan(table[name])] for name in ("confident", "without", "unanswerable")
    )
    negatives = np.concatenate(negative)
    return curve(positive, negatives) if len(positive) and len(negatives) else None


def _latencies(outcomes: Sequence[Outcome]) -> list[Latency]:
    """Stage by stage in the order in which they run, then their sum and the CPU time."""
    asked = [o for o in outcomes if o.timings_ms]
    if not asked:
        return []
    stages = [name for name in asked[0].timings_ms if name != "total"]
    found = [_latency(name, [o.timings_ms.get(name, 0.0) for o in asked]) for name in stages]
    sums = [sum(o.timings_ms.get(name, 0.0) for name in stages) for o in asked]
    cpu = [o.cpu_ms for o in asked if o.cpu_ms is not None]
    return [*found, _latency("all stages", sums), *([_latency("CPU", cpu)] if cpu else [])]


def _latency(name: str, values: Sequence[float]) -> Latency:
    p50, p95 = np.percentile(values, [50, 95])
    return Latency(
        name, round(float(p50), 1), round(float(p95), 1), round(float(np.mean(values)), 1)
    )
