"""Questions to begin with, drawn from the newest articles and kept only if answered well.

Each is asked before it is shown: searched, read and judged, without a language model. The
ones found are kept for a while, however the corpus changes.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

from api.errors import ProblemError
from api.runtime import Runtime
from index.documents import Filters
from rag.answers import Question
from rag.assemble import Dateline, now
from rag.suggest import questions_of

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
        found: list[str] = []
        tried = 0
        candidates = await self._runtime.in_thread(_candidates, dateline)
        for text, article_id in candidates:
            if len(found) == SHOWN or tried == TRIED:
                break
            if any(len(_names(text) & _names(other)) >= _SHARED_NAMES for other in found):
                continue
            tried += 1
            try:
                if self._runtime.is_busy():
                    return self._keep(found, _HURRIED_S)
                if await self._runtime.search(_is_answered, dateline, text, article_id):
                    found.append(text)
            except ProblemError:  # people ask more than there is time for
                return self._keep(found, _HURRIED_S)
        return self._keep(found, KEPT_S if candidates else 0.0)

    def _keep(self, found: list[str], seconds: float) -> None:
        self._found = found or self._found
        self._look_at = self._clock() + seconds


def _candidates(dateline: Dateline) -> list[tuple[str, str]]:
    """Questions with the article that each is about, the sharpest of each article first."""
    store = dateline.engine.store
    refs, _ = store.list_articles(Filters(), limit=_NEWEST, offset=0)
    found = {
        question: (place, turn, ref.id)
        for turn, ref in enumerate(refs)
        for place, question in enumerate(questions_of(store.article(ref.id), turn))
    }
    in_order = sorted(found.items(), key=lambda item: item[1])
    return [(question, article_id) for question, (_, _, article_id) in in_order]


def _is_answered(dateline: Dateline, text: str, article_id: str) -> bool:
    considered = dateline.answerer.consider(Question(text, asked_at=now(), k=1))
    best, judgement = considered.draft.best, considered.judgement
    is_sure = judgement.reason is None and judgement.caution is None
    return is_sure and best is not None and best.source.article.id == article_id


def _names(text: str) -> set[str]:
    return set(_NAME.findall(text))
