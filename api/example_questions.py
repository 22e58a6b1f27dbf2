"""Questions to begin with, drawn from the newest articles and kept only if answered well.

Each is asked before it is shown: searched, read and judged, without a language model. The
ones found are kept for a while, however the corpus changes.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.errors import ProblemError
from api.runtime import Runtime
from index.documents import Filters
from rag.answers import Question
from rag.assemble import Dateline, now
from rag.suggest import of_headline, of_names

SHOWN = 5
# A question costs about as much as any other: so many are tried at most.
TRIED = 12
KEPT_S = 900.0
# Found while others asked: the rest is looked for soon.
_HURRIED_S = 60.0
_NEWEST = 60
# Two questions that share so many names are about one thing.
_SHARED_NAMES = 2
_NAME = re.compile(r"(?<!^)\b[^\W\d_a-z][\w’'-]+")


@dataclass(frozen=True, slots=True)
class _Tried:
    """A question, whether the article it was made from answers it, and without a caution."""

    text: str
    is_answered: bool
    is_sure: bool


class ExampleQuestions:
    """The questions of one running system; one search for them at a time."""

    def __init__(self, runtime: Runtime, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._runtime = runtime
        self._clock = clock
        self._lock = asyncio.Lock()
        self._found: list[str] = []
        self._look_at = clock()

    async def __call__(self) -> list[str]:
        """Questions that this corpus answers; fewer, or none, while people ask theirs."""
        async with self._lock:
            if self._clock() >= self._look_at:
                await self._look()
            return self._found

    async def _look(self) -> None:
        dateline = self._runtime.dateline
        found: list[_Tried] = []
        candidates = await self._runtime.in_thread(_candidates, dateline)
        for text, article_id in candidates:
            if sum(one.is_sure for one in found) == SHOWN or len(found) == TRIED:
                break
            if any(len(_names(text) & _names(one.text)) >= _SHARED_NAMES for one in found):
                continue
            try:
                if self._runtime.is_busy():
                    return self._keep(found, _HURRIED_S)
                found.append(await self._runtime.search(_tried, dateline, text, article_id))
            except ProblemError:  # people ask more than there is time for
                return self._keep(found, _HURRIED_S)
        return self._keep(found, KEPT_S if candidates else 0.0)

    def _keep(self, found: list[_Tried], seconds: float) -> None:
        answered = sorted(
            (one for one in found if one.is_answered), key=lambda one: not one.is_sure
        )
        self._found = [one.text for one in answered[:SHOWN]] or self._found
        self._look_at = self._clock() + seconds


def _candidates(dateline: Dateline) -> list[tuple[str, str]]:
    """Questions with the article that each is about: of headlines first, of the newest first."""
    store = dateline.engine.store
    refs, _ = store.list_articles(Filters(), limit=_NEWEST, offset=0)
    articles = [store.article(ref.id) for ref in refs]
    by_headline = [(text, one.ref.id) for one in articles for text in of_headline(one)]
    by_name = [
        (text, one.ref.id) for turn, one in enumerate(articles) for text in of_names(one, turn)
    ]
    return list(dict([*by_headline, *by_name]).items())


def _tried(dateline: Dateline, text: str, article_id: str) -> _Tried:
    considered = dateline.answerer.consider(Question(text, asked_at=now(), k=1))
    best, judgement = considered.draft.best, considered.judgement
    is_its = best is not None and best.source.article.id == article_id
    is_answered = judgement.reason is None and is_its
    return _Tried(text, is_answered, is_answered and judgement.caution is None)


def _names(text: str) -> set[str]:
    return set(_NAME.findall(text))
