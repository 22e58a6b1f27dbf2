"""What polling in the background costs whoever asks: answers with and without it.

    python -m benchmarks.watching [--questions N] [--entries N] [--articles DIR]

Ingests the sample corpus, serves a feed of invented articles from loopback, and asks
questions one after the other, for as long as the polls last: without a poll, beside one that
gives way (`serve --watch`), and beside one that does not. Needs the real models.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from index.following.poll_report import PollReport
from index.prepare.chunk import ChunkSettings
from index.sources import read_sources
from index.sources.web.fetch import Fetcher, FetchSettings
from rag.answers import Question
from rag.assemble import Dateline, assemble, load_embedder, load_reranker, now
from rag.feeds import Feeds, assemble_feeds
from rag.settings import Settings
from tests.index.feed_server import FeedServer, item, rss

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "news"
QUESTIONS = (
    "How many people died on the Lady Corrigan?",
    "What did the fire at Tannery Ridge cost?",
    "Who won the recount in St Orrin?",
    "What was stolen from the Corvane museum?",
    "Who is the mayor of Atlantis?",
)
_WORDS = (
    *("harbour", "inspector", "valley", "council", "ferry", "bridge", "minister", "storm"),
    *("vote", "price", "doctor", "river", "report", "warned", "closed", "opened", "agreed"),
    *("rose", "fell", "near", "after", "before", "because", "on Tuesday"),
)


def invented(number: int, words: int = 500) -> str:
    """An article of random words, the same for a number."""
    chance = random.Random(number)
    sentences = []
    while words > 0:
        length = chance.randrange(8, 25)
        sentences.append(" ".join(chance.choices(_WORDS, k=length)).capitalize() + ".")
        words -= length
    return " ".join(sentences)


def asked(dateline: Dateline, count: Callable[[int], bool], busy: threading.Event) -> list[float]:
    """Milliseconds of each answer, asked half a second apart while `count` says so."""
    times: list[float] = []
    while count(len(times)):
        question = Question(QUESTIONS[len(times) % len(QUESTIONS)], datetime.now(UTC))
        started = time.perf_counter()
        busy.set()
        asyncio.run(dateline.answerer.answer(question))
        busy.clear()
        times.append((time.perf_counter() - started) * 1_000)
        time.sleep(0.5)
    return times


def row(name: str, times: list[float], seconds: float, stored: int) -> None:
    """Print a line of the table."""
    ordered = sorted(times)
    print(
        f"{name:26} {len(times):9} {statistics.median(ordered):10.0f} "
        f"{ordered[int(len(ordered) * 0.95)]:8.0f} {ordered[-1]:8.0f} {stored:7} {seconds:8.1f}"
    )


def beside(dateline: Dateline, feeds: Feeds, url: str, busy: threading.Event, name: str) -> None:
    """Ask while a thread polls."""
    feeds.book.add(url, now=now())
    reports: list[PollReport] = []
    poll = threading.Thread(target=lambda: reports.append(feeds.poller.poll()))
    started = time.perf_counter()
    poll.start()
    times = asked(dateline, lambda _: poll.is_alive(), busy)
    poll.join()
    row(name, times, time.perf_counter() - started, reports[0].stored)


def main() -> None:
    """Runs the three and prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--questions", type=int, default=30)
    arguments.add_argument("--entries", type=int, default=100)
    arguments.add_argument("--articles", type=Path, default=EXAMPLES)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as home, FeedServer() as server:
        settings = Settings(home=Path(home), parsers=0)
        embedder, reranker = load_embedder(settings), load_reranker(settings)
        dateline = assemble(settings, embedder=embedder, reranker=reranker)
        dateline.ingestor.ingest(read_sources([options.articles]))
        busy = threading.Event()
        header = ("answers", "median ms", "p95 ms", "max ms", "stored", "seconds")
        print(
            f"{'beside':26} {header[0]:>9} {header[1]:>10} {header[2]:>8} {header[3]:>8} "
            f"{header[4]:>7} {header[5]:>8}"
        )
        asked(dateline, lambda done: done < len(QUESTIONS), busy)
        started = time.perf_counter()
        times = asked(dateline, lambda done: done < options.questions, busy)
        row("nothing", times, time.perf_counter() - started, 0)
        fetcher = Fetcher(FetchSettings(allow_private=True, per_host_delay_s=0))
        for name, polite in (("a poll that gives way", True), ("a poll that does not", False)):
            feeds = assemble_feeds(
                dateline.engine,
                embedder,
                fetcher,
                chunking=ChunkSettings(window_tokens=embedder.max_tokens),
                clock=now,
            )
            if polite:
                feeds.courtesy.give_way_to(busy.is_set)
            items = [
                item(
                    f"{name}{i}",
                    f"https://meridianwire.example/{polite}/{i}",
                    invented(i + polite * 10_000),
                )
                for i in range(options.entries)
            ]
            beside(dateline, feeds, server.put(f"/{polite}.xml", rss(*items)), busy, name)
            feeds.close()
        fetcher.close()
        dateline.close()


if __name__ == "__main__":
    main()
