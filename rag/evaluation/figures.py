"""The figures of an evaluation, each a statistic over columns of one table of outcomes.

A table has one place for each question, NaN where a column does not apply to it. Knows
nothing of how questions were asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.evaluation import metrics
from rag.evaluation.calibration import Floats, area, calibration_error
from rag.evaluation.outcomes import Outcome

Table = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Figure:
    """A named statistic of columns; a mean of one column can be computed for many samples.

    `text` defines it for whoever reads a report.
    """

    name: str
    columns: tuple[str, ...]
    statistic: Callable[..., float]
    text: str

    @property
    def is_mean(self) -> bool:
        """Whether it is the mean of its one column."""
        return self.statistic is _mean

    def applies(self, table: Table) -> NDArray[np.bool_]:
        """The questions that have a say in it, bool of shape (questions,)."""
        applies = np.zeros(len(table[self.columns[0]]), dtype=np.bool_)
        for column in self.columns:
            applies |= ~np.isnan(table[column])
        return applies

    def value(self, table: Table) -> float | None:
        """What it comes to; None where no question can tell."""
        rows = self.applies(table)
        if not rows.any():
            return None
        value = self.statistic(*(table[column][rows] for column in self.columns))
        return None if np.isnan(value) else float(value)


def _mean(values: Floats) -> float:
    return float(values.mean())


def _area(positive: Floats, *negative: Floats) -> float:
    return area(_known(positive), np.concatenate([_known(column) for column in negative]))


def _error(*pairs: Floats) -> float:
    """Calibration error over one or more columns of confidence, each followed by its truth."""
    confidence, held = np.concatenate(pairs[::2]), np.concatenate(pairs[1::2])
    known = ~np.isnan(confidence) & ~np.isnan(held)
    return calibration_error(confidence[known], held[known]) if known.any() else float("nan")


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]


_JUDGED = "of questions with something relevant in the corpus, the share "
HEADLINE = (
    Figure("hits@1", ("hits@1",), _mean, _JUDGED + "whose first hit is relevant"),
    Figure("hits@4", ("hits@4",), _mean, _JUDGED + "with a relevant hit among the first four"),
    Figure("hits@10", ("hits@10",), _mean, _JUDGED + "with a relevant hit among the first ten"),
    Figure(
        "mrr@10", ("mrr@10",), _mean, "mean of 1 over the rank of the first relevant hit, of ten"
    ),
    Figure(
        "ndcg@10", ("ndcg@10",), _mean,
        "gain of the relevant among ten hits, discounted by rank, against the best order",
    ),
    Figure(
        "answer@1", ("answer@1",), _mean,
        "of answerable questions, the share whose best sentence holds an accepted answer, "
        "whether or not it was then said",
    ),
    Figure("answer@3", ("answer@3",), _mean, "the same of any of the one to three sentences"),
    Figure("multiple_choice", ("choice",), _mean, "the share of given choices picked right"),
    Figure(
        "abstention_auroc", ("confident", "without", "unanswerable"), _area,
        "chance that an answerable question has a higher confidence than one asked without the "
        "articles that belong to it, or than one that nothing answers",
    ),
    Figure(
        "ece", ("confidence", "held"), _error,
        "mean distance between confidence and the share of answers that hold, in ten bins",
    ),
)  # fmt: skip
FURTHER = (
    Figure(
        "multiple_choice_answerable", ("choice_answerable",), _mean,
        "multiple choice over answerable questions",
    ),
    Figure(
        "ece_with_removed", ("confidence", "held", "without", "without_held"), _error,
        "calibration error where each answerable question also counts without its articles",
    ),
    Figure("answered", ("answered",), _mean, "the share of answerable questions answered"),
    Figure(
        "declined_when_removed", ("declined",), _mean,
        "the share declined of those asked without their articles, or that nothing answers",
    ),
    Figure(
        "right_when_answered", ("right_when_answered",), _mean,
        "of the questions that were answered, the share with a cited sentence that holds it",
    ),
)  # fmt: skip
FIGURES = (*HEADLINE, *FURTHER)


def retrieval_rows(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """The retrieval metrics of each judged question."""
    return metrics.per_question(
        {o.id: [key for key, _ in o.ranking] for o in outcomes},
        {o.id: o.relevant for o in outcomes if o.relevant},
    )


def table_of(outcomes: Sequence[Outcome]) -> dict[str, Floats]:
    """The columns that figures are computed from, one place for each outcome in its order."""
    judged = retrieval_rows(outcomes)
    columns = {
        name: _column([judged[o.id][name] if o.id in judged else None for o in outcomes])
        for name in metrics.MEASURES
    }
    for name, read in _COLUMNS.items():
        columns[name] = _column([read(o) for o in outcomes])
    return columns


def _column(values: Sequence[float | bool | None]) -> Floats:
    return np.array([np.nan if value is None else float(value) for value in values], np.float64)


_COLUMNS: dict[str, Callable[[Outcome], float | bool | None]] = {
    "answer@1": lambda o: o.first_holds if o.answerable else None,
    "answer@3": lambda o: o.any_holds if o.answerable else None,
    "choice": lambda o: o.choice_is_right,
    "choice_answerable": lambda o: o.choice_is_right if o.answerable else None,
    "confident": lambda o: o.confidence if o.answerable else None,
    "without": lambda o: o.without,
    "without_held": lambda o: o.without_holds,
    "unanswerable": lambda o: o.confidence if o.stated_unanswerable else None,
    # What a question without accepted answers is told is wrong where nothing answers it.
    "confidence": lambda o: o.confidence,
    "held": lambda o: False if o.stated_unanswerable else o.any_holds,
    "answered": lambda o: o.status == "answered" if o.answerable and o.status else None,
    "declined": lambda o: (
        o.without_status == "abstained"
        if o.without_status
        else (o.status == "abstained" if o.stated_unanswerable else None)
    ),
    "right_when_answered": lambda o: (
        (False if o.stated_unanswerable else o.any_holds) if o.status == "answered" else None
    ),
}
