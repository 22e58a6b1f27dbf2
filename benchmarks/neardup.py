"""How well copies are told from articles on the same topic, and what it costs.

    python -m benchmarks.neardup [--data DIRECTORY] [--folds N] [--limits] [--corpus DIRECTORY]

DIRECTORY holds `docs.jsonl.gz` with `id`, `url`, `title`, `publish_date` and `text` in each
record, and `pairs.jsonl` with `a`, `b` and `label` (1: copies). Texts are cleaned as in an
ingest; a pair of which one is refused as boilerplate counts as not linked. Prints

1. the whole path: every text linked as it comes, in the given and in a shuffled order; a
   pair counts as linked if both are in one story;
2. ways of scoring a pair, each with a limit chosen on the other folds; its CPU milliseconds
   and bytes for one text; and, with the limit of all folds, the share of right guesses for
   pairs made from the same texts: copies as outlets make them, and what is no copy;
3. with `--limits`, the pairs again with each limit of `is_copy` moved;
4. with `--corpus`, a directory that holds `articles.jsonl.gz`: its stories, and the cost.

Needs datasketch, to compare with.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from datasketch import MinHash

import index.prepare.fingerprint as fingerprint
from benchmarks.cleaning import articles
from index.documents import RawArticle
from index.errors import SourceError
from index.prepare import prepare
from index.prepare.fingerprint import Wording, is_copy, signature, words_of
from index.store import stories
from index.store.migrations import migrate

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "neardup-dev"
SEED = 13
# Pairs made of each kind.
MADE = 200
COLUMNS = f"{'precision':>9} {'recall':>7} {'wrong':>6} {'missed':>7}"
# Values to move the limits of `is_copy` to, one at a time.
LIMITS = (
    ("MIN_SHARED", 0.55),
    ("MIN_SHARED", 0.75),
    ("MIN_SIZE", 0.06),
    ("MIN_SIZE", 0.16),
    ("MIN_HEAD", 0.3),
    ("MIN_HEAD", 0.5),
    ("STUB_SIZE", 0.4),
    ("STUB_SIZE", 0.6),
    ("MIN_FIGURES", 0.7),
    ("MIN_FIGURES", 0.9),
)
Pair = tuple[str, str]


@dataclass(frozen=True)
class Way:
    """A way of scoring pairs: what it keeps of a text, and how it scores two of these."""

    name: str
    keep: Callable[[str], Any]
    score: Callable[[Any, Any], float]
    size: Callable[[Any], int]


def main() -> None:
    """Prints the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, default=DATA)
    arguments.add_argument("--folds", type=int, default=5)
    arguments.add_argument("--limits", action="store_true", help="also move each limit of is_copy")
    arguments.add_argument("--corpus", type=Path, help="also link the articles of this directory")
    options = arguments.parse_args()

    texts, pairs = read(options.data)
    refused = sum(a not in texts or b not in texts for a, b, _ in pairs)
    print(f"{len(texts)} texts, {len(pairs)} pairs, {sum(p[2] for p in pairs)} of them copies")
    print(f"{refused} pairs hold a text that cleaning refuses\n")
    whole_path(texts, pairs)
    made = {True: copies_made(texts), False: others_made(texts)}
    print(
        f"\n{'pair by pair':29}{COLUMNS} {'limit':>6} {'ms':>5} {'bytes':>5}  pairs made: ", end=""
    )
    print(", ".join(name for sets in made.values() for name in sets))
    for way in WAYS:
        score_pairs(way, texts, pairs, made, options.folds)
    if options.limits:
        print(f"\n{'limits moved':29}{COLUMNS}")
        for name, limit in LIMITS:
            move_limit(name, limit, texts, pairs)
    if options.corpus:
        corpus(options.corpus)


def whole_path(texts: dict[str, str], pairs: Sequence[tuple[str, str, int]]) -> None:
    """Link all texts in two orders, and print which pairs are in one story."""
    given = linked(texts)
    shuffled = linked(dict(random.Random(SEED).sample(sorted(texts.items()), len(texts))))
    print(f"{'the whole path':29}{COLUMNS}")
    for name, found in (("given order", given), ("shuffled", shuffled)):
        guesses = [(found.get(a, a) == found.get(b, b), bool(label)) for a, b, label in pairs]
        print(f"{name:29}{summary(guesses)}")
    print(f"the same stories in both: {groups(given) == groups(shuffled)}")


def score_pairs(
    way: Way,
    texts: dict[str, str],
    pairs: Sequence[tuple[str, str, int]],
    made: dict[bool, dict[str, list[Pair]]],
    folds: int,
) -> None:
    """Print how one way scores the labelled pairs and those made from the texts."""
    kept, cost = timed(way, texts)
    scores = [
        (way.score(kept[a], kept[b]) if a in kept and b in kept else -1.0, bool(label))
        for a, b, label in pairs
    ]
    limit = best_limit(scores)
    size = sum(way.size(value) for value in kept.values()) / len(kept)
    print(f"{way.name:29}{summary(held_out(scores, folds))}", end="")
    print(f" {limit:6.2f} {cost:5.2f} {size:5.0f}  ", end="")
    for copies, sets in made.items():
        for couples in sets.values():
            guesses = [way.score(way.keep(a), way.keep(b)) >= limit for a, b in couples]
            print(f" {sum(guess == copies for guess in guesses) / len(guesses):5.0%}", end="")
    print()


def move_limit(
    name: str, limit: float, texts: dict[str, str], pairs: Sequence[tuple[str, str, int]]
) -> None:
    """Print how `is_copy` does with one of its limits set otherwise."""
    chosen = getattr(fingerprint, name)
    setattr(fingerprint, name, limit)
    guesses = [
        (a in texts and b in texts and is_copy(Wording.of(texts[a]), Wording.of(texts[b])), bool(n))
        for a, b, n in pairs
    ]
    setattr(fingerprint, name, chosen)
    print(f"{f'{name} {limit:.2f} for {chosen:.2f}':29}{summary(guesses)}")


def read(directory: Path) -> tuple[dict[str, str], list[tuple[str, str, int]]]:
    """Cleaned texts by id, without those that are refused, and the labelled pairs."""
    texts = {}
    with gzip.open(directory / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            raw = RawArticle(
                origin=record["id"],
                text=record["text"],
                url=record["url"],
                title=record["title"],
                published=record["publish_date"],
            )
            try:
                texts[record["id"]] = prepare(raw).text
            except SourceError:
                continue
    lines = (directory / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [(p["a"], p["b"], p["label"]) for p in map(json.loads, lines)]
    return texts, pairs


# -- the whole path -----------------------------------------------------------------


def linked(texts: dict[str, str]) -> dict[str, str]:
    """The story of each text that has one, all linked as they come."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    for article_id, text in texts.items():
        connection.execute(
            "INSERT INTO articles (id, current_version) VALUES (?, 1)", (article_id,)
        )
        connection.execute(
            "INSERT INTO versions (article_id, number, title, title_is_derived, authors, "
            "ingested_at, text, text_sha256, raw, removed, notes) "
            "VALUES (?, 1, '', 1, '[]', '', ?, '', x'', '[]', '[]')",
            (article_id, text),
        )
        stories.link(connection, article_id, signature(text))
    return dict(connection.execute("SELECT id, story FROM articles WHERE story IS NOT NULL"))


def corpus(directory: Path) -> None:
    """Print the stories of a whole corpus, and what was alike and is in none."""
    texts = {}
    for raw in articles(directory, 0):
        try:
            texts[raw.origin] = prepare(raw).text
        except SourceError:
            continue
    verdicts: list[tuple[float, bool]] = []

    def watched(one: Wording, other: Wording) -> bool:
        verdict = is_copy(one, other)
        verdicts.append((containment(one.runs, other.runs), verdict))
        return verdict

    stories.is_copy = watched
    started = time.process_time()
    found = groups(linked(texts))
    cost = 1000 * (time.process_time() - started) / len(texts)
    stories.is_copy = is_copy
    alike = [verdict for share, verdict in verdicts if share >= 0.8]
    print(f"\n{len(texts)} articles of {directory.name}: {len(found)} stories, ", end="")
    print(f"the largest of {max(map(len, found), default=0)}")
    print(f"{cost:.2f} CPU ms an article with its signature, ", end="")
    print(f"{len(verdicts) / len(texts):.2f} comparisons")
    print(f"{len(alike)} comparisons with four fifths in common, {sum(alike)} of them copies")


def groups(found: dict[str, str]) -> set[frozenset[str]]:
    """Stories as sets of ids."""
    return {frozenset(i for i, s in found.items() if s == name) for name in set(found.values())}


# -- scores -------------------------------------------------------------------------


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of five words of a text."""
    return Wording.of(text).runs


def containment(one: frozenset[Any], other: frozenset[Any]) -> float:
    """The share of the smaller set that the other holds."""
    return len(one & other) / max(1, min(len(one), len(other)))


def minhash(text: str) -> MinHash:
    """datasketch, 128 permutations, in its batch form."""
    made = MinHash(num_perm=128)
    made.update_batch([" ".join(run).encode() for run in shingles(text)])
    return made


def hashes(text: str) -> np.ndarray:
    """A 64-bit hash of each run of five words."""
    words = words_of(text)
    return np.unique(fingerprint._run_hashes(words, min(5, len(words))))


def one_permutation(text: str) -> np.ndarray:
    """The smallest hash in each of 256 bins, 8 bits of it, after Li, Owen and Zhang (2012)."""
    found = hashes(text)
    bins = (found >> np.uint64(56)).astype(int)
    smallest = np.full(256, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(smallest, bins, found)
    empty = smallest == np.iinfo(np.uint64).max
    return np.where(empty, -1, (smallest & np.uint64(0xFF)).astype(np.int16))


def same_bins(one: np.ndarray, other: np.ndarray) -> float:
    """The share of bins, filled in either, that hold the same; corrected for chance."""
    filled = (one >= 0) | (other >= 0)
    same = float((one == other)[filled].mean())
    return max(0.0, (same - 1 / 256) / (1 - 1 / 256))


def bottom(text: str) -> tuple[int, np.ndarray]:
    """How many runs there are, and the 256 smallest hashes."""
    found = hashes(text)
    return len(found), found[:256]


def bottom_containment(one: tuple[int, np.ndarray], other: tuple[int, np.ndarray]) -> float:
    """Containment, on what both sketches hold whole."""
    limit = min(s[-1] if len(s) < n else np.iinfo(np.uint64).max for n, s in (one, other))
    a, b = (s[s <= limit] for _, s in (one, other))
    return len(np.intersect1d(a, b)) / max(1, min(len(a), len(b)))


def simhash(text: str) -> np.ndarray:
    """64 signs, each voted for by every run (Charikar, 2002)."""
    bits = np.unpackbits(hashes(text).view(np.uint8).reshape(-1, 8), axis=1)
    return bits.mean(axis=0) > 0.5


WAYS = (
    Way("datasketch MinHash, Jaccard", minhash, lambda a, b: a.jaccard(b), lambda _: 8 * 128),
    Way("one-permutation MinHash", one_permutation, same_bins, lambda _: 256),
    Way("SimHash", simhash, lambda a, b: float((a == b).mean()), lambda _: 8),
    Way("bottom 256, containment", bottom, bottom_containment, lambda s: 4 + 8 * len(s[1])),
    Way("exact containment", shingles, containment, lambda _: 0),
    Way(
        "anchors, then is_copy",
        lambda text: (signature(text), Wording.of(text)),
        lambda a, b: float(is_copy(a[1], b[1])),
        lambda kept: len(kept[0]),
    ),
)


def timed(way: Way, texts: dict[str, str]) -> tuple[dict[str, Any], float]:
    """What a way keeps of each text, and the CPU milliseconds that took for one."""
    started = time.process_time()
    kept = {i: way.keep(text) for i, text in texts.items()}
    return kept, 1000 * (time.process_time() - started) / len(texts)


def best_limit(scores: Sequence[tuple[float, bool]]) -> float:
    """The limit with fewest errors, in the middle of the widest gap of those."""
    values = sorted({score for score, _ in scores} | {0.0, 1.0})
    middles = [((a + b) / 2, b - a) for a, b in pairwise(values)]
    errors = [sum((score >= m) != label for score, label in scores) for m, _ in middles]
    fewest = min(errors)
    best = [pair for pair, n in zip(middles, errors, strict=True) if n == fewest]
    return max(best, key=lambda pair: pair[1])[0]


def held_out(scores: Sequence[tuple[float, bool]], folds: int) -> list[tuple[bool, bool]]:
    """Guess and label of each pair, the limit chosen on the other folds."""
    order = random.Random(SEED).sample(range(len(scores)), len(scores))
    guesses = []
    for fold in range(folds):
        mine = set(order[fold::folds])
        limit = best_limit([s for place, s in enumerate(scores) if place not in mine])
        guesses += [(scores[place][0] >= limit, scores[place][1]) for place in sorted(mine)]
    return guesses


def summary(guesses: Sequence[tuple[bool, bool]]) -> str:
    """Precision, recall, wrong links and missed ones, as columns."""
    right = sum(guess and label for guess, label in guesses)
    wrong = sum(guess and not label for guess, label in guesses)
    missed = sum(label and not guess for guess, label in guesses)
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    return f"{precision:9.3f} {recall:7.3f} {wrong:6} {missed:7}"


# -- pairs made from the texts -------------------------------------------------------


def copies_made(texts: dict[str, str]) -> dict[str, list[Pair]]:
    """Copies as outlets make them: cut short, edited here and there, with a box added."""
    chance = random.Random(SEED)
    chosen = chance.sample(long_ones(texts, 200), MADE)
    tail = first_words(chosen[0], 60)
    return {
        "cut to 40%": [(t, first_words(t, int(len(t.split()) * 0.4))) for t in chosen],
        "2% of words edited": [(t, edited(t, 0.02, chance)) for t in chosen],
        "with a box": [(t, f"{t}\n{tail}") for t in chosen],
    }


def others_made(texts: dict[str, str]) -> dict[str, list[Pair]]:
    """What shares words and is no copy: another day's figures, a gallery, a digest's items."""
    chance = random.Random(SEED + 1)
    *chosen, c, d, e, f = chance.sample(long_ones(texts, 300), 2 * MADE + 4)
    gallery = "\n".join(first_words(t, 200) for t in (c, d, e, f))
    openings = [first_words(t, 250) for t in chosen]
    heads = list(zip(openings[::2], openings[1::2], strict=True))
    told = sorted(texts.values(), key=lambda t: (-sum(map(str.isdigit, t)) / len(t), t))[:MADE]
    items = [first_words(t, 120) for t in chosen]
    digests = ["\n".join(items[n : n + 6]) for n in range(MADE)]
    return {
        "other figures": [(t, other_figures(t, chance)) for t in told],
        "shared gallery": [(f"{a}\n{gallery}", f"{b}\n{gallery}") for a, b in heads],
        "item of a digest": [(items[n + 3], digest) for n, digest in enumerate(digests)],
    }


def long_ones(texts: dict[str, str], words: int) -> list[str]:
    """The texts with at least so many words, in a fixed order."""
    return sorted(t for t in set(texts.values()) if len(t.split()) >= words)


def first_words(text: str, count: int) -> str:
    """The beginning of a text."""
    return " ".join(text.split()[:count])


def edited(text: str, share: float, chance: random.Random) -> str:
    """A text with a share of its words replaced."""
    words = text.split()
    for place in chance.sample(range(len(words)), int(share * len(words))):
        words[place] = "edited"
    return " ".join(words)


def other_figures(text: str, chance: random.Random) -> str:
    """A text with each of its numbers changed."""
    return re.sub(r"\d+", lambda match: str(int(match[0]) + chance.randint(1, 9)), text)


if __name__ == "__main__":
    main()
