"""How often what a language model might write about the sample corpus is told right.

    python -m benchmarks.writing
    python -m benchmarks.writing --show
    python -m benchmarks.writing --held

Drafts: tests/rag/writing/faults.jsonl, each cites one passage for one sentence. Written down
before the checks had seen them; those that are `held` were looked at once, at the end. Flagged
is what is `contradicted` or `unsupported`. Then the processor's time of all that is done for an
answer beside retrieval and the model itself: three right drafts in turn, as a scripted model says
them word by word.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from index.documents import Passage, Query
from index.search import Scored, Searcher, SearchSettings
from index.sources import read_sources
from rag.answers import Verdict
from rag.assemble import Dateline, assemble
from rag.llm.chat import Message
from rag.settings import Settings
from rag.writing.context import Context, Shown, without_orders
from rag.writing.markers import Marker
from rag.writing.prompt import Asked
from rag.writing.statements import Piece
from rag.writing.weighing import Weighed, Weigher
from rag.writing.writer import Outcome, Writer

ROOT = Path(__file__).parent.parent
FAULTS = ROOT / "tests" / "rag" / "writing" / "faults.jsonl"
NEWS = ROOT / "examples" / "news"
ASKED = datetime(2025, 6, 2, tzinfo=UTC)
PASSAGES = 8
_BAD = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence, the passage that it cites (which holds `near`), and what is wrong with it."""

    id: str
    kind: str
    cites: str
    near: str
    text: str
    held: bool

    @property
    def is_right(self) -> bool:
        """Whether it is to pass."""
        return self.kind == "right"


def drafts() -> list[Draft]:
    """All of them."""
    return [Draft(**json.loads(line)) for line in FAULTS.read_text("utf-8").splitlines()]


def sample(home: Path) -> Dateline:
    """The system over the sample corpus."""
    dateline = assemble(Settings(home=home, threads=1))
    dateline.ingestor.ingest(read_sources([NEWS]))
    return dateline


def context_for(draft: Draft, dateline: Dateline) -> Context:
    """What a draft cites, the opening of its article, and what a search finds, not reranked."""
    cited = _cited(draft, dateline)
    opening = dateline.engine.store.passages_of(cited.article.id)[0]
    found = dateline.searcher
    quick = Searcher(found.engine, found.embedder, found.reranker, SearchSettings(rerank=False))
    result = quick.search(Query(draft.text, ASKED))
    quick.close()
    all_of_them = [cited, replace(cited, passage=opening), *result.candidates]
    distinct = {one.passage.id: one for one in all_of_them}
    shown = [
        Shown(number, one.passage, one.article, without_orders(one.passage)[0])
        for number, one in enumerate(list(distinct.values())[:PASSAGES], start=1)
    ]
    return Context(tuple(shown), 0)


def _cited(draft: Draft, dateline: Dateline) -> Scored:
    for article_id in dateline.engine.store.article_ids():
        article = dateline.engine.store.article(article_id)
        if draft.near in article.text and _is_of(draft.cites, article_id):
            passages = dateline.engine.store.passages_of(article_id)
            return Scored(_holding(passages, draft.near), article.ref, 0.0)
    raise LookupError(f"no passage holds {draft.near!r}")


def _is_of(cites: str, article_id: str) -> bool:
    name = cites.partition("#")[2]
    return not name or name == article_id


def _holding(passages: Sequence[Passage], near: str) -> Passage:
    return next(passage for passage in passages if near in passage.text)


def weighed(draft: Draft, dateline: Dateline) -> Weighed:
    """What is found about a draft, each on its own."""
    weigher = Weigher(
        context_for(draft, dateline),
        dateline.support,
        strictness="flag",
        foreign_is_withheld=True,
    )
    mark = Marker((1,), "[1]")
    return weigher.weigh(Piece(draft.text, ((len(draft.text), mark),)))


def report(chosen: Sequence[Draft], dateline: Dateline, *, show: bool) -> None:
    """Print shares by kind, and with `show` what was told wrong."""
    rows = [(draft, weighed(draft, dateline).checked) for draft in chosen]
    for kind in dict.fromkeys(draft.kind for draft in chosen):
        verdicts = [checked.verdict for draft, checked in rows if draft.kind == kind]
        bad = sum(verdict in _BAD for verdict in verdicts)
        good = sum(verdict is Verdict.SUPPORTED for verdict in verdicts)
        print(f"{kind:10} {len(verdicts):3}  flagged {bad:3}  supported {good:3}")
    right = [checked.verdict in _BAD for draft, checked in rows if draft.is_right]
    wrong = [checked.verdict in _BAD for draft, checked in rows if not draft.is_right]
    print(f"right ones flagged {np.mean(right):.1%}, wrong ones flagged {np.mean(wrong):.1%}")
    for draft, checked in rows if show else ():
        if (checked.verdict in _BAD) == draft.is_right:
            print(f"{draft.id} {draft.kind}: {checked.verdict.value}: {draft.text}")
            for finding in checked.findings:
                print(f"     {finding.check.value} {finding.verdict.value}: {finding.detail}")


class Reciting:
    """A chat model that says, for no time at all, what it is told to."""

    name = "reciting"
    context_tokens = 8_192

    def __init__(self) -> None:
        self.says = ""

    def count_tokens(self, text: str) -> int:
        """A quarter of the characters."""
        return len(text) // 4

    async def prepare(self, texts: Sequence[str] = ()) -> None:
        """Nothing."""

    async def stream(
        self, messages: Sequence[Message], *, max_tokens: int, **_: Any
    ) -> AsyncGenerator[str, None]:
        """Word by word."""
        del messages, max_tokens
        for word in self.says.split(" "):
            yield word + " "


def overhead(dateline: Dateline) -> Iterator[float]:
    """CPU milliseconds of an answer beside retrieval and the model, for each question."""
    model = Reciting()
    writer = Writer(model, dateline.engine.store, dateline.support, strictness="flag")
    right = [draft for draft in drafts() if draft.is_right]
    for place in range(0, len(right) - 2, 3):
        three = right[place : place + 3]
        result = dateline.searcher.search(Query(three[0].text, ASKED))
        read = [one for one in result.candidates if one.reading is not None]
        cited = [replace(_cited(draft, dateline), reading=read[0].reading) for draft in three]
        distinct = {one.passage.id: one for one in [*cited, *read]}
        numbers = list(distinct)
        model.says = " ".join(
            f"{draft.text} [{numbers.index(one.passage.id) + 1}]"
            for draft, one in zip(three, cited, strict=True)
        )
        yield _spent(writer, Asked(three[0].text, ASKED.date()), list(distinct.values()))


def _spent(writer: Writer, asked: Asked, candidates: Sequence[Scored]) -> float:
    async def write() -> None:
        async for event in writer.write(asked, [(None, candidates)]):
            if isinstance(event, Outcome):
                assert event.fallback is None, event.fallback

    started = time.process_time()
    asyncio.run(write())
    return (time.process_time() - started) * 1_000


def main() -> None:
    """Print everything that docs/decisions/writing.md says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="tell what is told wrong")
    parser.add_argument("--held", action="store_true", help="the held ones, too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        dateline = sample(Path(home))
        all_of_them = drafts()
        report([d for d in all_of_them if not d.held], dateline, show=chosen.show)
        if chosen.held:
            print("held")
            report([d for d in all_of_them if d.held], dateline, show=chosen.show)
        spent = list(overhead(dateline))[1:]
        print(
            f"{len(spent)} answers of three sentences: median {np.median(spent):.0f} CPU ms, "
            f"90% under {np.quantile(spent, 0.9):.0f}"
        )
        dateline.close()


if __name__ == "__main__":
    main()
