"""Several outlets heard in turn: what each search and each reading came to, put together.

A question without parts is one that is heard alone, and all of this changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from index.documents import Hit
from rag.abstain import Judgement


def in_turn(found: Sequence[Sequence[Hit]], k: int) -> tuple[Hit, ...]:
    """The first `k` hits, one of each part after another, ranked from 1."""
    if len(found) == 1:
        return tuple(found[0])
    taken = [hit for hit in chain.from_iterable(zip_longest(*found)) if hit is not None]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(taken[:k], start=1))


def judged_together(judgements: Sequence[Judgement]) -> Judgement:
    """An answer when any part has one, as sure as the least sure; else the nearest to one."""
    said = [judgement for judgement in judgements if judgement.reason is None]
    if said:
        return min(said, key=lambda judgement: judgement.confidence)
    return max(judgements, key=lambda judgement: judgement.confidence)


def heading(source: str, judgement: Judgement) -> str:
    """What leads the words of one outlet, or says that it has none."""
    return f"{source}:" if judgement.reason is None else f"{source}: no answer."


def summed(timings_ms: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """What each stage took over all parts."""
    total: dict[str, float] = {}
    for timings in timings_ms:
        for stage, took in timings.items():
            total[stage] = round(total.get(stage, 0.0) + took, 3)
    return total
