"""Days that the sentences of real news name: how many, how fast, and a draw to read.

    python -m benchmarks.date_mentions [DIRECTORY] [--articles N] [--draw N] [--missed N] [--seed N]

Reads `articles.jsonl.gz` (id, url, title, published, text) in DIRECTORY, names the days of
each sentence and prints the counts and the time. `--draw` prints mentions with the words
around them and the day of publication, those with a year left out: precision is judged by
reading them. `--missed` prints words of the calendar that are in no mention: recall is
judged on those. `--from` and `--until` choose articles by their day of publication.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

from index.documents import DateMention, PublicationDate, RawArticle, Sentence
from index.errors import SourceError
from index.prepare import prepare
from index.prepare.mentions import date_mentions
from index.prepare.sentences import split_sentences

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "news-qa-dev"
SEED = 13
AROUND = 110

_WITH_A_YEAR = re.compile(r"\b\d{4}\Z")
_CALENDAR = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.|yesterday|tomorrow|tonight|today|weekend|ago"
    r"|(?:last|this|next|past) (?:week|month|year|night|spring|summer|fall|winter)"
    r"|(?:19|20)\d\d)(?!\w)"
)


def articles(options: argparse.Namespace) -> Iterator[tuple[str, PublicationDate]]:
    """Cleaned texts with their dates: a seeded choice of `--articles`, all of them if 0."""
    with gzip.open(options.directory / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    records = [r for r in records if options.since <= r["published"][:10] <= options.until]
    if options.articles:
        records = random.Random(options.seed).sample(records, min(options.articles, len(records)))
    for record in records:
        raw = RawArticle(record["id"], record["text"], published=record["published"])
        try:
            prepared = prepare(raw)
        except SourceError:
            continue
        if prepared.published:
            yield prepared.text, prepared.published


def shown(text: str, start: int, end: int) -> str:
    """Words in brackets, with what stands around them."""
    return f"{text[max(0, start - AROUND) : start]}[{text[start:end]}]{text[end : end + AROUND]}"


def days(mention: DateMention) -> str:
    """The day, or the first and the last."""
    one = mention.first.isoformat()
    return one if mention.first == mention.last else f"{one} to {mention.last.isoformat()}"


def missed(sentence: Sentence, found: tuple[DateMention, ...]) -> Iterator[str]:
    """Words of the calendar that are in none of the mentions."""
    for word in _CALENDAR.finditer(sentence.text):
        at = sentence.start + word.start()
        if not any(mention.start <= at < mention.end for mention in found):
            yield shown(sentence.text, *word.span())


def main() -> None:
    """Names the days, prints counts and time, and what is to be read."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("directory", nargs="?", type=Path, default=DATA)
    arguments.add_argument("--articles", type=int, default=700)
    arguments.add_argument("--draw", type=int, default=0, help="mentions shown")
    arguments.add_argument("--missed", type=int, default=0, help="words shown that are in none")
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--from", dest="since", default="0000", help="first day, YYYY-MM-DD")
    arguments.add_argument("--until", default="9999", help="last day, YYYY-MM-DD")
    options = arguments.parse_args()

    sentences = mentions = 0
    seconds = slowest = 0.0
    named: list[str] = []
    others: list[str] = []
    for text, published in articles(options):
        when = f"{published.isoformat()} {published.at:%a}"
        for sentence in split_sentences(text):
            started = time.process_time()
            found = date_mentions(sentence, published)
            took = time.process_time() - started
            seconds, slowest = seconds + took, max(slowest, took)
            sentences, mentions = sentences + 1, mentions + len(found)
            others += (f"{when}: {words}" for words in missed(sentence, found))
            named += (
                f"{when}: {shown(text, m.start, m.end)} = {days(m)}".replace("\n", " ")
                for m in found
                if not _WITH_A_YEAR.search(m.text)
            )
    print(f"{sentences:,} sentences, {mentions:,} mentions, {len(named):,} of them without a year")
    print(f"{1e6 * seconds / sentences:.0f} µs a sentence, the slowest {1e3 * slowest:.1f} ms")
    print(f"{len(others):,} words of the calendar are in no mention")
    chance = random.Random(options.seed)
    for title, rows, count in (("named", named, options.draw), ("missed", others, options.missed)):
        chosen = chance.sample(rows, min(count, len(rows)))
        print("\n".join([f"\n## {title}", *chosen] if chosen else []))


if __name__ == "__main__":
    main()
