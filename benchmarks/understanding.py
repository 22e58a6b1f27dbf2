"""What questions are about, and how old the articles are that answer them.

    python -m benchmarks.understanding [--split tune] [--show KIND | --show dates]

No index is needed: the labels say which articles are relevant. For each kind of question,
and for those with a period, prints how many there are, the median age in days of the newest
relevant article published by the day of asking, and how many of these are at most 14 days old;
with a period, how many of these are from before it; the outlets that are named; the time. `--show`
prints the questions of a kind, or each mention of days, to be read.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from index.documents import Query
from rag.answers import Question, Understood
from rag.understand import interpret
from rag.understanding.outlet_names import Outlets

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "news-qa-dev"
# Rules were written on the first, the second was only read.
SPLITS = {"tune": range(1, 9), "report": range(9, 13)}
NEAR_DAYS = 14


@dataclass(frozen=True, slots=True)
class Aged:
    """A question as it was read, with the ages in days of its relevant articles.

    Articles published after the day of asking are left out.
    """

    asked: date
    query: Query
    understood: Understood
    ages: tuple[int, ...]


def records(path: Path) -> list[dict[str, Any]]:
    """The records of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def aged(data: Path, split: str) -> Iterator[Aged]:
    """Every question of a split."""
    articles = records(data / "articles.jsonl.gz")
    published = {r["id"]: date.fromisoformat(r["published"][:10]) for r in articles}
    outlets = Outlets.of(urlsplit(r["url"]).hostname or "" for r in articles)
    for record in records(data / "questions.jsonl.gz"):
        asked = date.fromisoformat(record["asked"])
        if asked.month in SPLITS[split]:
            days = [published[i] for i in record["relevant"] if i in published]
            ages = sorted((asked - day).days for day in days if day <= asked)
            moment = datetime.combine(asked, time(23, 59, 59), UTC)
            read = interpret(Question(record["question"], moment), outlets)
            yield Aged(asked, read.query, read.understood, tuple(ages))


def row(name: str, found: list[Aged]) -> str:
    """One line of the table."""
    newest = [one.ages[0] for one in found if one.ages]
    if not newest:
        return f"| {name} | {len(found)} | 0 | | |"
    near = sum(age <= NEAR_DAYS for age in newest) / len(newest)
    return (
        f"| {name} | {len(found)} | {len(newest)} | {statistics.median(newest):.0f} | {near:.0%} |"
    )


def before_period(found: list[Aged]) -> str:
    """How many of the newest relevant articles are from before the days asked about."""
    dated = [one for one in found if one.query.period and one.ages]
    early = [one for one in dated if _newest_is_early(one)]
    return f"{len(dated)} with a period, newest relevant article before it: {len(early)}"


def _newest_is_early(one: Aged) -> bool:
    assert one.query.period is not None
    return one.ages[0] > (one.asked - one.query.period[0]).days


def outlets_named(found: list[Aged]) -> str:
    """How many questions name an outlet, and how many ask for its words."""
    asked = sum(bool(one.understood.sources) for one in found)
    mentioned = sum(bool(one.understood.preferred_sources) for one in found)
    return f"{mentioned} mention an outlet of the corpus, {asked} ask for its words"


def cpu_ms(found: list[Aged]) -> float:
    """What reading a question takes."""
    asked = [Question(one.understood.text, one.query.asked_at) for one in found]
    started = clock.process_time()
    for question in asked:
        interpret(question)
    return 1000 * (clock.process_time() - started) / len(asked)


def show(one: Aged) -> None:
    """Print each mention of days in a question."""
    for day in one.understood.dates:
        text = one.understood.text
        shown = f"{text[: day.start][-60:]}[{day.text}]{text[day.end :][:40]}"
        print(f"{one.asked:%a %Y-%m-%d}: {shown} = {day.first} to {day.last}")


def main() -> None:
    """Print the table of a split."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--split", choices=SPLITS, default="tune")
    options.add_argument("--show", default=None, help="print the questions of a kind")
    chosen = options.parse_args()
    found = list(aged(chosen.data, chosen.split))
    print(
        "| about | questions | with a dated relevant article | median age of the newest | ≤ 14 d |"
    )
    for kind in ("now", "past", "timeless"):
        of_kind = [one for one in found if one.query.about == kind]
        print(row(kind, of_kind))
        print(row(f"{kind}, with a period", [one for one in of_kind if one.query.period]))
    print(before_period(found))
    print(outlets_named(found))
    print(f"{cpu_ms(found):.2f} CPU ms a question")
    for one in found:
        if chosen.show == "dates":
            show(one)
        elif one.query.about == chosen.show:
            age = one.ages[0] if one.ages else "-"
            print(one.asked, age, one.query.period, one.query.text)


if __name__ == "__main__":
    main()
