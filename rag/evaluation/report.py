"""One page that shows an evaluation to a person: no script, no request to anywhere.

The template gets plain values; everything that comes from a corpus is escaped there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from rag.evaluation import charts
from rag.evaluation.failures import KINDS, counted, failures, marked
from rag.evaluation.figures import FIGURES, table_of
from rag.evaluation.folder import REPORT
from rag.evaluation.outcomes import Outcome
from rag.evaluation.results import Results

TEMPLATE = "report.html.j2"
# Failures that are shown with all their evidence, changed questions that are named.
MAX_FAILURES = 24
MAX_CHANGES = 40
GROUPS = {
    "Finding": ("hits@1", "hits@4", "hits@10", "mrr@10", "ndcg@10"),
    "Answering": ("answer@1", "answer@3", "multiple_choice", "multiple_choice_answerable"),
    "Knowing when not to": (
        "abstention_auroc", "ece", "declined_when_removed", "answered", "right_when_answered",
    ),
}  # fmt: skip
NAMES = {
    "hits@1": "Hits@1", "hits@4": "Hits@4", "hits@10": "Hits@10", "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10", "answer@1": "Answer@1", "answer@3": "Answer@3",
    "multiple_choice": "Multiple choice", "multiple_choice_answerable": "… of answerable ones",
    "abstention_auroc": "Area under ROC", "ece": "Calibration error",
    "ece_with_removed": "… with articles removed", "answered": "Answered of the answerable",
    "declined_when_removed": "Declined of the others", "right_when_answered": "Right when answered",
}  # fmt: skip
# Of these less is better.
ERRORS = ("ece", "ece_with_removed")
# These are no share of questions.
PLAIN = (*ERRORS, "abstention_auroc")
RANKS = ((1, "first"), (4, "2 to 4"), (10, "5 to 10"), (1000, "further down"))


def write_report(folder: Path, results: Results) -> None:
    """Write the page into a folder."""
    (folder / REPORT).write_text(rendered(results), "utf-8", errors="replace")


def rendered(results: Results) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("rag.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "said": said, "points": points, "ms": milliseconds}
    return environment.get_template(TEMPLATE).render(_context(results))


def _context(results: Results) -> dict[str, Any]:
    wrong = failures(results.outcomes)
    table = table_of(results.outcomes)
    unknown = ~np.isnan(table["without"]), ~np.isnan(table["unanswerable"])
    others = np.concatenate([table["without"][unknown[0]], table["unanswerable"][unknown[1]]])
    confident = table["confident"][~np.isnan(table["confident"])]
    return {
        "about": results.about,
        "n": len(results.outcomes),
        "span": _span(results.outcomes),
        "figures": results.figures,
        "groups": _groups(results),
        "names": NAMES,
        "definitions": FIGURES,
        "errors": ERRORS,
        "plain": PLAIN,
        "fates": _fates(results.outcomes),
        "ranks": _ranks(results.outcomes),
        "stacks": results.stacks,
        "slices": results.slices,
        "side": charts.SIDE,
        "dots": charts.dots(results.bins),
        "roc": None if results.roc is None else charts.path(results.roc),
        "area_under": charts.area_under,
        "confidences": {
            "answerable": charts.histogram(confident),
            "others": charts.histogram(others),
        },
        "latencies": results.latencies,
        "comparison": results.comparison,
        "max_changes": MAX_CHANGES,
        "wrong": wrong,
        "shown": wrong[:MAX_FAILURES],
        "kinds": KINDS,
        "counted": counted(wrong),
        "marked": marked,
    }


def _groups(results: Results) -> dict[str, list[str]]:
    """The figures that have a value, group by group."""
    known = {
        title: [name for name in names if results.figures[name] is not None]
        for title, names in GROUPS.items()
    }
    return {title: names for title, names in known.items() if names}


def _span(outcomes: Sequence[Outcome]) -> tuple[str, str] | None:
    days = sorted(o.asked for o in outcomes if o.asked)
    return (days[0], days[-1]) if days else None


def _fates(outcomes: Sequence[Outcome]) -> dict[str, list[tuple[str, str, int]]]:
    """What became of the questions: (tone, words, how many), for each sort of question."""
    known = [o for o in outcomes if o.answerable and o.any_holds is not None]
    declined = [
        o.without_status or o.status for o in outcomes if o.without_status or o.stated_unanswerable
    ]
    fates = {
        "Questions that the corpus answers": [
            ("good", "answered, and right", _count(known, "answered", holds=True)),
            ("bad", "answered, but wrong", _count(known, "answered", holds=False)),
            ("dim", "declined, though right", _count(known, "abstained", holds=True)),
            ("off", "declined, and wrong", _count(known, "abstained", holds=False)),
        ],
        "Questions that nothing answers": [
            ("good", "declined", declined.count("abstained")),
            ("bad", "answered", declined.count("answered")),
        ],
    }
    return {title: parts for title, parts in fates.items() if sum(p[2] for p in parts)}


def _count(outcomes: Sequence[Outcome], status: str, *, holds: bool) -> int:
    return sum(o.status == status and o.any_holds is holds for o in outcomes)


def _ranks(outcomes: Sequence[Outcome]) -> list[tuple[str, int]]:
    """At which rank the best relevant passage was, in ranges; empty where none is judged."""
    judged = [o.best_rank for o in outcomes if o.relevant]
    if not judged:
        return []
    counts = []
    least = 0
    for most, words in RANKS:
        counts.append((words, sum(rank is not None and least < rank <= most for rank in judged)))
        least = most
    return [*counts, ("not found", judged.count(None))]


def percent(value: float) -> str:
    """`73.2`: a share in percent."""
    return f"{value * 100:.1f}"


def said(value: float, name: str) -> str:
    """A figure as it is said: `73.2` percent, `0.853` of what is no share."""
    return f"{value:.3f}" if name in PLAIN else percent(value)


def points(value: float, name: str = "") -> str:
    """`+1.3`, `−0.4`: a difference of shares in points; `+0.021` of what is no share."""
    text = f"{value:+.3f}" if name in PLAIN else f"{value * 100:+.1f}"
    return text.replace("-", "−")


def milliseconds(value: float) -> str:
    """`0.4`, `128`, `1,024`."""
    return f"{value:,.1f}" if value < 10 else f"{value:,.0f}"
