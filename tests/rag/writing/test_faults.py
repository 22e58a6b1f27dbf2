"""The drafts about the sample corpus that benchmarks/writing.py counts: none is told wrong now."""

from collections import Counter

from benchmarks.writing import drafts, weighed
from rag.answers import Verdict

_BAD = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED)


def test_there_are_a_hundred_drafts_of_seven_kinds():
    kinds = Counter(draft.kind for draft in drafts())
    assert sum(kinds.values()) == 100
    assert kinds["right"] >= 40
    assert min(kinds.values()) >= 9


def test_wrong_drafts_are_flagged_and_right_ones_are_not(sample):
    dateline, _ = sample
    rows = [(draft, weighed(draft, dateline).checked.verdict in _BAD) for draft in drafts()]
    right = [flagged for draft, flagged in rows if draft.is_right]
    wrong = [flagged for draft, flagged in rows if not draft.is_right]
    assert sum(wrong) >= 0.95 * len(wrong)
    assert sum(right) <= 0.05 * len(right)
