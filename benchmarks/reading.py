"""Fits what follows the reader: weights of ranking, of sentences, of choices.

    dateline --home HOME ingest ../shared/data/news-qa-dev/articles.jsonl.gz
    python -m benchmarks.reading --home HOME

On questions asked from June to August, which the reader was not trained on. Each fit
maximises the probability of what is right among what was found (a softmax over the
candidates of a question, right ones together); the figures beside it are of five folds.
Prints the weights to copy into index/search.py, rag/read.py and rag/choose.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize

from benchmarks.newsqa import asked_at, parser, questions
from index.documents import Query
from index.fuse import age_penalty, future_penalty
from index.search import Scored
from index.verbatim import folded
from rag import choose, read
from rag.answers import Question
from rag.assemble import Dateline, assemble
from rag.evaluation.labels import LabelledQuestion, holds_answer, is_relevant
from rag.expect import expectation
from rag.settings import Settings
from rag.understand import understand

FOLDS = 5
STRENGTH = 0.01

# Candidates of a question as rows of features, and which of them are right.
Case = tuple[np.ndarray, np.ndarray]
RANKING = ("relevance", "age", "future", "phrases")


def main() -> None:
    """Print the weights and what they are worth."""
    options = parser(__doc__ or "")
    options.set_defaults(split="fit")
    chosen = options.parse_args()
    dateline = assemble(Settings(home=chosen.home))
    asked = questions(chosen.data, chosen.split, chosen.limit)
    passages: list[Case] = []
    sentences: list[Case] = []
    choices: list[Case] = []
    started = time.monotonic()
    for done, labelled in enumerate(asked, start=1):
        query = understand(Question(labelled.text, asked_at(labelled)))
        found = [c for c in dateline.searcher.search(query).candidates if c.reading]
        if labelled.relevant:
            passages.append(_passages(query, labelled, found))
            sentences.append(_sentences(query, labelled, found))
        if labelled.right_choices:
            choices.append(_choices(dateline, query, labelled, found))
        if done % 20 == 0:
            left = (len(asked) - done) * (time.monotonic() - started) / done
            print(f"{done} of {len(asked)} questions, {left:.0f} s left", flush=True)
    compared("ranking", RANKING, passages)
    compared("sentences", read.Signals.__slots__, sentences)
    compared("choices", choose.Signals.__slots__, choices)


def _passages(query: Query, labelled: LabelledQuestion, found: Sequence[Scored]) -> Case:
    rows = [
        (
            c.relevance or 0.0,
            age_penalty(c.article.dated, query.asked_at, query.recency),
            float(future_penalty(c.article.dated, query.asked_at) > 0),
            float(sum(folded(phrase) in folded(c.passage.text) for phrase in query.phrases)),
        )
        for c in found
    ]
    return np.array(rows), np.array([is_relevant(c.passage, labelled) for c in found])


def _sentences(query: Query, labelled: LabelledQuestion, found: Sequence[Scored]) -> Case:
    picks = read.ranked_sentences(query, expectation(query.text), found)
    rows = [[getattr(p.signals, name) for name in read.Signals.__slots__] for p in picks]
    return np.array(rows), np.array(
        [holds_answer(p.sentence.text, labelled.answers) for p in picks]
    )


def _choices(
    dateline: Dateline, query: Query, labelled: LabelledQuestion, found: Sequence[Scored]
) -> Case:
    signals = choose.EvidenceChooser(dateline.searcher).signals(query, labelled.choices, found)
    rows = [[getattr(s, name) for name in choose.Signals.__slots__] for s in signals]
    right = [place in labelled.right_choices for place in range(len(rows))]
    return np.array(rows), np.array(right)


def compared(name: str, features: Sequence[str], cases: Sequence[Case]) -> None:
    """Each feature alone, all but each, and all of them."""
    every = range(len(features))
    for kept in [*([i] for i in every), *([j for j in every if j != i] for i in every), [*every]]:
        report(name, [features[i] for i in kept], [(rows[:, kept], right) for rows, right in cases])


def report(name: str, features: Sequence[str], cases: Sequence[Case]) -> None:
    """Print the fit and how often the first, and one of the first three, is right."""
    fold = np.random.default_rng(0).integers(0, FOLDS, len(cases))
    ranks: list[np.ndarray] = []
    for held in range(FOLDS):
        weights = fitted([case for case, f in zip(cases, fold, strict=True) if f != held])
        for (rows, right), f in zip(cases, fold, strict=True):
            if f == held:
                ranks.append(right[np.argsort(-(rows @ weights), kind="stable")])
    first, three = (100 * np.mean([right[:k].any() for right in ranks]) for k in (1, 3))
    told = ", ".join(f"{f}={w:.3f}" for f, w in zip(features, fitted(cases), strict=True))
    print(
        f"{name}: {told}\n  {len(cases)} questions, first right {first:.1f}, of three {three:.1f}"
    )


def fitted(cases: Sequence[Case]) -> np.ndarray:
    """The weights under which what is right is likeliest, float64 of shape (features,)."""
    rows = np.vstack([rows for rows, _ in cases])
    spread = rows.std(axis=0) + 1e-9
    centred = [((rows - rows.mean(axis=0)) / spread, right) for rows, right in cases if right.any()]
    found = minimize(_loss(centred), np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B")
    weights: np.ndarray = found.x / spread
    return weights


def _loss(cases: Sequence[Case]) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0, np.zeros_like(weights)
        for rows, right in cases:
            scores = np.exp(rows @ weights - (rows @ weights).max())
            share = scores / scores.sum()
            mass = share[right].sum()
            total -= float(np.log(mass))
            slope += rows.T @ (share - share * right / mass)
        size = len(cases)
        return total / size + STRENGTH * float(weights @ weights), (
            slope / size + 2 * STRENGTH * weights
        )

    return loss


if __name__ == "__main__":
    main()
