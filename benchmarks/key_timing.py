"""Whether the time of a wrong key tells how much of it was right.

    python -m benchmarks.key_timing --keys 50 --rounds 20000

Wrong keys share 0 to 45 characters with a right one and are looked up in random order. Told
for each length: the median time, and how often such a key takes longer than one that shares
nothing (0.50: the time tells nothing). The last column is the same for a comparison that
ends with the first character that differs, which shows that the method would see one.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from api.key_book import KeyBook
from api.keys import Scope

SHARED = (0, 3, 10, 20, 30, 40, 45)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def main() -> None:
    """Print one line a length."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--keys", type=int, default=50, help="keys that are kept")
    options.add_argument("--rounds", type=int, default=20_000, help="wrong keys of each length")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        book = KeyBook(Path(home))
        right = [
            book.add(f"k{i}", Scope.READ, now=datetime.now(UTC))[1] for i in range(chosen.keys)
        ][chosen.keys // 2]
        ours = times(lambda key: book.find(key.encode()), right, chosen.rounds)
    naive = times(lambda key: _compared_by_character(key, right), right, chosen.rounds)
    print(f"{'shared':>6} {'median us':>10} {'longer':>7} {'longer, early exit':>19}")
    for length in SHARED:
        print(
            f"{length:>6} {statistics.median(ours[length]) / 1000:>10.2f} "
            f"{longer(ours[length], ours[0]):>7.3f} {longer(naive[length], naive[0]):>19.3f}"
        )


def times(find: Callable[[str], object], right: str, rounds: int) -> dict[int, list[int]]:
    """Nanoseconds of each look-up, by the characters that are shared."""
    chance = random.Random(7)
    lengths = list(SHARED) * rounds
    chance.shuffle(lengths)
    # Made beforehand and in this order, so that caches know as much of each length.
    wrong = [(length, _wrong(right, length, chance)) for length in lengths]
    taken: dict[int, list[int]] = {length: [] for length in SHARED}
    for length, key in wrong:
        started = time.perf_counter_ns()
        find(key)
        spent = time.perf_counter_ns() - started
        taken[length].append(spent)
    return taken


def longer(some: list[int], others: list[int]) -> float:
    """How often one of the first takes longer than one of the others; ties count half."""
    ranked = np.sort(others)
    below = np.searchsorted(ranked, some, "left")
    upto = np.searchsorted(ranked, some, "right")
    return float((below + upto).mean() / 2 / len(others))


def _wrong(right: str, shared: int, chance: random.Random) -> str:
    other = "".join(chance.choices(_LETTERS, k=len(right) - shared))
    first = "~" if other[:1] == right[shared : shared + 1] else other[:1]
    return "".join((right[:shared], first, other[1:]))


def _compared_by_character(key: str, right: str) -> bool:
    for one, other in zip(key, right, strict=True):  # noqa: SIM110 - what is measured
        if one != other:
            return False
    return True


if __name__ == "__main__":
    main()
