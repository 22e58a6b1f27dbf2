"""What the boilerplate rules remove from real articles, for review by eye.

    python -m benchmarks.cleaning [DIRECTORY] [--articles N] [--sample N] [--left N]

DIRECTORY holds `articles.jsonl.gz` with `url`, `title`, `published` and `text` in
each record. Prints, for each rule, the articles touched, the lines or sentences
removed and the share of articles; then a seeded sample of what was removed, rule
by rule (precision is judged on it), and, with `--left`, the first and last lines
of articles after cleaning (recall is judged on those).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from index.documents import RawArticle
from index.errors import SourceError
from index.prepare import Prepared, prepare
from index.prepare.clean import clean

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "news-qa-dev"
SEED = 13


def articles(directory: Path, limit: int) -> Iterator[RawArticle]:
    """A seeded choice of `limit` records, all of them if 0."""
    with gzip.open(directory / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    if limit:
        records = random.Random(SEED).sample(records, min(limit, len(records)))
    for record in records:
        yield RawArticle(
            origin=record["id"],
            text=record["text"],
            url=record["url"],
            title=record["title"],
            published=record["published"],
        )


def tail_and_head(prepared: Prepared) -> str:
    """The first two and last three lines of a cleaned text."""
    lines = prepared.text.split("\n")
    shown = lines if len(lines) <= 5 else [*lines[:2], "…", *lines[-3:]]
    return "\n".join(f"    {line[:200]}" for line in shown)


def main() -> None:
    """Runs the rules over the articles and prints what they did."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("directory", nargs="?", type=Path, default=DATA)
    arguments.add_argument("--articles", type=int, default=0)
    arguments.add_argument("--sample", type=int, default=5, help="removed lines shown per rule")
    arguments.add_argument("--left", type=int, default=0, help="cleaned articles shown")
    arguments.add_argument("--seed", type=int, default=SEED)
    options = arguments.parse_args()

    touched: dict[str, set[str]] = defaultdict(set)
    removed: dict[str, list[str]] = defaultdict(list)
    kept: list[tuple[str, Prepared]] = []
    refused = characters = left = 0
    started = time.process_time()
    for raw in articles(options.directory, options.articles):
        characters += len(raw.text)
        try:
            prepared = prepare(raw)
        except SourceError:
            refused += 1
            spans = clean(raw.text).removed
        else:
            kept.append((raw.origin, prepared))
            left += len(prepared.text)
            spans = prepared.removed
        for span in spans:
            touched[span.rule].add(raw.origin)
            removed[span.rule].append(raw.text[span.start : span.end])
    seconds = time.process_time() - started

    count = len(kept) + refused
    print(f"{count} articles, {refused} refused as nothing but boilerplate")
    print(f"{characters:,} characters, {left:,} kept")
    print(f"{seconds:.1f} CPU s, {1000 * seconds / max(count, 1):.2f} ms an article\n")
    print(f"{'rule':24} {'articles':>8} {'share':>7} {'removed':>8}")
    for rule in sorted(touched, key=lambda name: (-len(touched[name]), name)):
        share = len(touched[rule]) / count
        print(f"{rule:24} {len(touched[rule]):8} {share:7.2%} {len(removed[rule]):8}")

    chance = random.Random(options.seed)
    for rule in sorted(removed):
        print(f"\n## {rule}")
        for text in chance.sample(removed[rule], min(options.sample, len(removed[rule]))):
            print(f"  - {text[:300]}")
    for origin, prepared in chance.sample(kept, min(options.left, len(kept))):
        print(f"\n== {origin} {prepared.title[:80]}\n{tail_and_head(prepared)}")


if __name__ == "__main__":
    main()
