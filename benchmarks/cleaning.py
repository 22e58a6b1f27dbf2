"""What cleaning removes from real news, what it costs, and how long it takes.

    python -m benchmarks.cleaning [DIRECTORY] [--articles N] [--sample N] [--left N] [--seed N]
    python -m benchmarks.cleaning --expected DIRECTORY [--show]

The first reads `articles.jsonl.gz` (id, url, title, published, text) in DIRECTORY, prepares
each article and prints the time, the share of articles that each family and each rule
touched, and a seeded sample of what was removed, rule by rule (precision is judged on it;
`--draw N` draws from all removals alike instead) and, with `--left`, the first and last
lines of articles after cleaning (recall is judged on those).

The second reads `truth.jsonl` (id, text, …) and `pages/ID.html.gz` in DIRECTORY: how many
sentences of the text that people expect cleaning takes, and how near the text of the
pages comes to it before and after cleaning. `--show` lists the sentences that went.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from index.documents import RawArticle
from index.errors import SourceError
from index.prepare import Prepared, prepare
from index.prepare.clean import clean
from index.prepare.rules import default_rules
from index.prepare.sentences import split_sentences
from index.sources.pages.html import page_to_raw
from index.sources.payload import Payload

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "news-qa-dev"
SEED = 13
FAMILIES = {rule.id: rule.family for rule in default_rules().rules}


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


def print_shares(title: str, touched: dict[str, set[str]], count: int) -> None:
    """How many of `count` articles each name touched, most first."""
    print(f"\n{title:24} {'articles':>8} {'share':>7}")
    for name in sorted(touched, key=lambda name: (-len(touched[name]), name)):
        print(f"{name:24} {len(touched[name]):8} {len(touched[name]) / count:7.2%}")


def measure_articles(options: argparse.Namespace) -> None:
    """Runs the rules over the articles and prints what they did."""
    touched: dict[str, set[str]] = defaultdict(set)
    families: dict[str, set[str]] = defaultdict(set)
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
            families[FAMILIES.get(span.rule, "metadata")].add(raw.origin)
            removed[span.rule].append(raw.text[span.start : span.end])
    seconds = time.process_time() - started

    count = len(kept) + refused
    known = Counter(name for _, p in kept for name in ("place", "agency") if getattr(p, name))
    print(f"{count} articles, {refused} refused as nothing but boilerplate")
    print(f"{characters:,} characters, {left:,} kept")
    print(f"{seconds:.1f} CPU s, {1000 * seconds / max(count, 1):.2f} ms an article")
    print(f"datelines: {known['place']} places, {known['agency']} agencies")
    print(f"notes: {sum(bool(p.notes) for _, p in kept)} articles")
    print_shares("family", families, count)
    print_shares("rule", touched, count)

    chance = random.Random(options.seed)
    if options.draw:
        print_draw([(rule, text) for rule in sorted(removed) for text in removed[rule]], options)
        return
    for rule in sorted(removed):
        print(f"\n## {rule}")
        for text in chance.sample(removed[rule], min(options.sample, len(removed[rule]))):
            print(f"  - {text[:300]}")
    for origin, prepared in chance.sample(kept, min(options.left, len(kept))):
        print(f"\n== {origin} {prepared.title[:80]}\n{tail_and_head(prepared)}")


def print_draw(removed: list[tuple[str, str]], options: argparse.Namespace) -> None:
    """Removals drawn alike, whatever their rule."""
    chosen = random.Random(options.seed).sample(removed, min(options.draw, len(removed)))
    for rule, text in sorted(chosen):
        print(f"{rule}: {text[:300]}")


def overlap(found: str, expected: str) -> tuple[int, int, int]:
    """Words in both, in `found` and in `expected`, each as often as it stands there."""
    one, other = Counter(found.split()), Counter(expected.split())
    return (one & other).total(), one.total(), other.total()


def print_quality(name: str, counts: Iterable[tuple[int, int, int]]) -> None:
    """Precision, recall and F1 of words, averaged over the pages."""
    rows = [(both / max(a, 1), both / max(b, 1)) for both, a, b in counts]
    precision = sum(p for p, _ in rows) / len(rows)
    recall = sum(r for _, r in rows) / len(rows)
    f1 = sum(2 * p * r / (p + r) if p + r else 0.0 for p, r in rows) / len(rows)
    print(f"{name:16} {precision:9.4f} {recall:9.4f} {f1:9.4f}")


def measure_expected(directory: Path, *, show: bool) -> None:
    """What cleaning takes from the text that people expect of pages."""
    truth = [json.loads(line) for line in (directory / "truth.jsonl").read_text().splitlines()]
    sentences, lost = 0, []
    for record in truth:
        spans = clean(record["text"]).removed
        for sentence in split_sentences(record["text"]):
            sentences += 1
            rules = [s.rule for s in spans if s.start < sentence.end and sentence.start < s.end]
            if rules:
                lost.append((rules[0], sentence.text))
    print(f"{len(truth)} expected texts, {sentences} sentences, {len(lost)} touched by cleaning")
    for rule, text in sorted(lost) if show else ():
        print(f"  {rule}: {text[:200]}")
    before, after = [], []
    for record, raw in pages(directory, truth):
        before.append(overlap(raw.text, record["text"]))
        after.append(overlap(clean(raw.text).text, record["text"]))
    print(f"\n{len(before)} pages        precision    recall        F1")
    print_quality("before cleaning", before)
    print_quality("after cleaning", after)


def pages(
    directory: Path, truth: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], RawArticle]]:
    """Each record with the article that is read from its page."""
    for record in truth:
        path = directory / "pages" / f"{record['id']}.html.gz"
        try:
            yield record, page_to_raw(Payload(path.name, gzip.decompress(path.read_bytes())))
        except (OSError, SourceError) as error:
            print(f"  {record['id']}: {error}")


def main() -> None:
    """Reads the command line and measures one or the other."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("directory", nargs="?", type=Path, default=DATA)
    arguments.add_argument("--articles", type=int, default=0)
    arguments.add_argument("--sample", type=int, default=5, help="removed lines shown per rule")
    arguments.add_argument("--draw", type=int, default=0, help="removed lines drawn from all")
    arguments.add_argument("--left", type=int, default=0, help="cleaned articles shown")
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--expected", type=Path, help="pages with the text expected of them")
    arguments.add_argument("--show", action="store_true", help="list the sentences that went")
    options = arguments.parse_args()
    if options.expected:
        measure_expected(options.expected, show=options.show)
    else:
        measure_articles(options)


if __name__ == "__main__":
    main()
