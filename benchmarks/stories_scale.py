"""What linking one article costs in stores of up to a million.

    python -m benchmarks.stories_scale [--sizes 10000 100000 1000000] [--folder DIRECTORY]

A store is filled with invented articles at once, then more are linked one by one: most say
something new, with phrases that many share; one in ten is an edited copy. CPU and wall
milliseconds of `link`, articles that were compared for each, and bytes of signatures and
anchors on disk. Then a story of a thousand copies: joining it, and leaving it as the one
that the others were found by. Last, what it costs a search to compare its candidates.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from index.collapse import first_of_each
from index.documents import Passage, Sentence
from index.prepare.fingerprint import ANCHORS, signature
from index.store import stories
from index.store.migrations import migrate

SEED = 13
WORDS = 100
LINKED = 2_000
STORY = 1_000
CANDIDATES = 90
# This share of anchors are phrases that others use too, the commonest in one article of a
# hundred; their frequencies fall as 1 / (rank + PHRASE_SHIFT).
SHARED_ANCHORS = 0.15
PHRASES, PHRASE_SHIFT = 200_000, 50
VOCABULARY = ["".join(letters) for letters in product("aeiourstlnmk", repeat=4)]


def main() -> None:
    """Prints a line a size, then the story."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments.add_argument("--folder", type=Path, help="where the store is made, on a real disk")
    options = arguments.parse_args()
    print(f"{'articles':>9} {'CPU ms':>7} {'wall ms':>8} {'99th':>7} {'compared':>9} {'bytes':>6}")
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            connection = opened(Path(folder) / "store.sqlite3")
            fill(connection, size)
            cpu, wall, slow, compared = link_more(connection, size)
            held = bytes_held(connection) / (size + LINKED)
            connection.close()
        print(f"{size:9} {cpu:7.2f} {wall:8.2f} {slow:7.2f} {compared:9.2f} {held:6.0f}")
    one_story()
    candidates()


def opened(path: Path) -> sqlite3.Connection:
    """A new store, as durable as the real one."""
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def add(connection: sqlite3.Connection, rows: Iterator[tuple[str, str]]) -> None:
    """Store articles, given as id and text."""
    for article_id, text in rows:
        connection.execute(
            "INSERT INTO articles (id, current_version) VALUES (?, 1)", (article_id,)
        )
        connection.execute(
            "INSERT INTO versions (article_id, number, title, title_is_derived, authors, "
            "ingested_at, text, text_sha256, raw, removed, notes) "
            "VALUES (?, 1, '', 1, '[]', '', ?, '', x'', '[]', '[]')",
            (article_id, text),
        )


def text_of(number: int) -> str:
    """The invented text of an article."""
    return " ".join(random.Random(number).choices(VOCABULARY, k=WORDS))


def drawn(chance: np.random.Generator, articles: int) -> np.ndarray:
    """Anchors of articles: most their own, some of phrases with a long tail of frequencies."""
    found = chance.integers(0, 2**31, (articles, ANCHORS), dtype=np.int64)
    ratio = PHRASES / PHRASE_SHIFT + 1
    phrases = (PHRASE_SHIFT * (ratio ** chance.random((articles, ANCHORS)) - 1)).astype(np.int64)
    shared = chance.random((articles, ANCHORS)) < SHARED_ANCHORS
    return np.sort(np.where(shared, phrases, found), axis=1)


def packed(row: np.ndarray) -> bytes:
    """Anchors as a signature holds them."""
    return np.unique(row).astype("<u4").tobytes()


def fill(connection: sqlite3.Connection, size: int) -> None:
    """Store articles with their signatures and anchors, at once and in the order of the disk."""
    table = drawn(np.random.default_rng(SEED), size)
    connection.execute("BEGIN")
    add(connection, ((f"a{n:09}", text_of(n)) for n in range(size)))
    connection.executemany(
        "INSERT INTO signatures VALUES (?, ?, ?)",
        ((n + 1, f"a{n:09}", packed(row)) for n, row in enumerate(table)),
    )
    keys = np.unique(table * np.int64(2**32) + np.arange(1, size + 1)[:, None])
    connection.executemany(
        "INSERT INTO bands VALUES (?, ?)", ((int(k) >> 32, int(k) & 0xFFFFFFFF) for k in keys)
    )
    connection.execute("COMMIT")


def link_more(connection: sqlite3.Connection, size: int) -> tuple[float, float, float, float]:
    """Link more articles: mean CPU, mean and 99th percentile of wall ms, and comparisons."""
    chance = np.random.default_rng(SEED + 1)
    table = drawn(chance, LINKED)
    compared = counted(stories, "is_copy")
    cpu = 0.0
    walls = []
    for start in range(0, LINKED, 40):  # as many articles as a commit of an ingest holds
        connection.execute("BEGIN IMMEDIATE")
        for n in range(start, start + 40):
            article_id, text, made = f"b{n:09}", text_of(size + n), packed(table[n])
            if n % 10 == 9:  # an edited copy of one that was linked before
                text = text_of(size + n - 5) + " edited"
                near = np.where(chance.random(ANCHORS) < 0.1, table[n], table[n - 5])
                made = packed(near)
            add(connection, iter([(article_id, text)]))
            wall, used = time.perf_counter(), time.process_time()
            stories.link(connection, article_id, made)
            cpu += time.process_time() - used
            walls.append(time.perf_counter() - wall)
        connection.execute("COMMIT")
    linked = connection.execute("SELECT count(*) FROM articles WHERE story IS NOT NULL").fetchone()
    assert linked[0] >= LINKED // 10, linked
    ms = 1000 * np.array(walls)
    slow = float(np.percentile(ms, 99))
    return 1000 * cpu / LINKED, float(ms.mean()), slow, compared() / LINKED


def counted(module: Any, name: str) -> Callable[[], int]:
    """Count the calls of a function from now on; what comes back puts it back and tells."""
    real, calls = getattr(module, name), [0]

    def counting(*args: Any) -> Any:
        calls[0] += 1
        return real(*args)

    def told() -> int:
        setattr(module, name, real)
        return calls[0]

    setattr(module, name, counting)
    return told


def bytes_held(connection: sqlite3.Connection) -> int:
    """What signatures, anchors and links take in the file, with their indexes."""
    (held,) = connection.execute(
        "SELECT sum(pgsize) FROM dbstat WHERE name IN ('signatures', 'bands', 'copies', "
        "'sqlite_autoindex_signatures_1')"
    ).fetchone()
    return int(held)


def one_story() -> None:
    """Print what a story of a thousand copies costs at its end, and when its hub leaves."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    text = text_of(0)
    ids = [f"a{n:09}" for n in range(STORY)]
    times = []
    for n, article_id in enumerate(ids):
        copy = f"{text} outlet{n}"
        add(connection, iter([(article_id, copy)]))
        started = time.process_time()
        stories.link(connection, article_id, signature(copy))
        times.append(1000 * (time.process_time() - started))
    assert len(stories.story(connection, ids[0])) == STORY
    started = time.process_time()
    stories.unlink(connection, ids[:1])
    left = 1000 * (time.process_time() - started)
    assert len(stories.story(connection, ids[1])) == STORY - 1
    joined = float(np.mean(times[-100:]))
    print(f"\na story of {STORY} copies: the last hundred joined in {joined:.2f} CPU ms each;")
    print(f"when the one that all were found by left, linking the others took {left:.0f} ms")


def candidates() -> None:
    """Print what comparing the candidates of a search costs, with and without copies."""
    chance = random.Random(SEED)
    sentences = [" ".join(chance.choices(VOCABULARY, k=25)).capitalize() + "." for _ in range(540)]
    own = [passage(n, sentences[6 * n : 6 * n + 6]) for n in range(CANDIDATES)]
    copied = [
        passage(n, [*sentences[6 * (n // 3) : 6 * (n // 3) + 5], sentences[n]])
        for n in range(CANDIDATES)
    ]
    for name, passages in (("no two alike", own), ("in threes, one sentence apart", copied)):
        times = []
        for _ in range(30):
            started = time.process_time()
            first_of_each(passages)
            times.append(1000 * (time.process_time() - started))
        print(f"{CANDIDATES} candidates, {name}: {np.median(times):.1f} CPU ms")


def passage(number: int, sentences: list[str]) -> Passage:
    """A passage of an article of its own."""
    text, spans = "", []
    for sentence in sentences:
        spans.append(Sentence(len(text), len(text) + len(sentence), sentence))
        text += sentence + " "
    text = text.rstrip()
    return Passage(f"p{number}", f"a{number}", 1, 0, 0, len(text), text, tuple(spans))


if __name__ == "__main__":
    main()
