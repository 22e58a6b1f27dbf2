"""Retrieval metrics, by the ir_measures library over TREC-style runs and judgements.

A run maps a question's id to the ids found, best first; judgements map it to the grades
of relevant ids. Ties in a run are broken by id, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import RR, Success, nDCG

Run = Mapping[str, Sequence[str]]
Qrels = Mapping[str, Mapping[str, int]]

MEASURES = {
    "hits@1": Success @ 1,
    "hits@4": Success @ 4,
    "hits@10": Success @ 10,
    "mrr@10": RR @ 10,
    "ndcg@10": nDCG @ 10,
}


def per_question(run: Run, qrels: Qrels) -> dict[str, dict[str, float]]:
    """Each metric of each judged question: `{question id: {metric: value}}`.

    A question without an entry in the run counts 0; one without anything relevant is not
    judged.
    """
    judged = {question: dict(grades) for question, grades in qrels.items() if grades}
    names = {measure: name for name, measure in MEASURES.items()}
    values = {question: dict.fromkeys(MEASURES, 0.0) for question in judged}
    results = ir_measures.iter_calc(
        list(MEASURES.values()),
        judged,
        {
            question: {key: float(-rank) for rank, key in enumerate(ranking)}
            for question, ranking in run.items()
            if question in judged
        },
    )
    for result in results:
        values[result.query_id][names[result.measure]] = float(result.value)
    return values


def mean(values: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The mean of each metric over questions; empty for no questions."""
    if not values:
        return {}
    return {name: sum(row[name] for row in values.values()) / len(values) for name in MEASURES}
