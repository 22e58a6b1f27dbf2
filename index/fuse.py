"""Putting rankings together, and the prior for what is recent. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from index.documents import PublicationDate, Query

Key = TypeVar("Key", bound=Hashable)

# The constant of Cormack, Clarke and Büttcher (SIGIR 2009).
RRF_K = 60

# EVIDENCE, section 1: fused score times a decay with this half-life and floor.
HALF_LIFE_DAYS = 30.0
DECAY_FLOOR = 0.85

# EVIDENCE, section 1: rerank score minus weight x ln(1 + age / 7 days), minus 5 when
# dated more than a week after the question.
AGE_UNIT_DAYS = 7.0
FUTURE_GRACE = timedelta(days=7)
FUTURE_PENALTY = 5.0
# An article whose date is not known counts as this old.
UNKNOWN_AGE_DAYS = 60.0


def reciprocal_rank_fusion(
    rankings: Iterable[Sequence[Key]], *, rrf_k: int = RRF_K
) -> dict[Key, float]:
    """Sum 1 / (rrf_k + rank) over rankings, best first, ranks from 1.

    Source: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms Condorcet
    and individual Rank Learning Methods", SIGIR 2009.
    """
    scores: dict[Key, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + 1.0 / (rrf_k + rank)
    return scores


def age_days(published: PublicationDate | None, asked_at: datetime) -> float:
    """Days between publication and the question; 0 for what is dated later."""
    if published is None:
        return UNKNOWN_AGE_DAYS
    return max(0.0, (asked_at - published.earliest) / timedelta(days=1))


def decay(published: PublicationDate | None, asked_at: datetime, weight: float) -> float:
    """What a fused score is multiplied by: 1 today, towards `DECAY_FLOOR` with age.

    `weight` between 0 (always 1) and 1 scales the effect.
    """
    half_lives: float = age_days(published, asked_at) / HALF_LIFE_DAYS
    lost = (1.0 - DECAY_FLOOR) * (1.0 - math.exp2(-half_lives))
    return 1.0 - weight * lost


def age_penalty(published: PublicationDate | None, asked_at: datetime, weight: float) -> float:
    """What a rerank score loses for age: weight x ln(1 + age / 7 days)."""
    return weight * math.log1p(age_days(published, asked_at) / AGE_UNIT_DAYS)


def period_penalty(published: PublicationDate | None, query: Query, weight: float) -> float:
    """What a rerank score loses when the question is about days in the past.

    An article from before them cannot report them; one from after loses with the days
    since, as for age. Nothing is lost where a date is not known, or for a question about
    now: "this week" is asked of what an article of last week announced, too.
    """
    if published is None or query.period is None or query.about != "past":
        return 0.0
    first, last = query.period
    if published.latest.date() < first:
        return FUTURE_PENALTY
    since = max(0, (published.earliest.date() - last).days)
    return weight * math.log1p(since / AGE_UNIT_DAYS)


def date_penalty(published: PublicationDate | None, query: Query, weight: float) -> float:
    """What a rerank score loses for its date, in logits. `weight` is of age, 0 turns it off."""
    return (
        age_penalty(published, query.asked_at, weight * query.recency)
        + future_penalty(published, query.asked_at)
        + period_penalty(published, query, weight)
    )


def future_penalty(published: PublicationDate | None, asked_at: datetime) -> float:
    """What a rerank score loses when dated more than a week after the question."""
    late = published is not None and published.earliest > asked_at + FUTURE_GRACE
    return FUTURE_PENALTY if late else 0.0
