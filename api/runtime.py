"""What the routes work with: the assembled system, and who may use it when.

Model work runs in threads, so the event loop stays free. A thread cannot be stopped:
a question that took too long is told so at once, but keeps its slot until its thread
has ended, so that late work never piles up. Knows nothing of HTTP but its problems.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from api.errors import LOCKED_RETRY_S, ProblemError
from api.limits import PATIENCE_S, WAITING_PER_SLOT, Gate
from api.observing import Asking, Observation, note_search
from index.models.waiting import until
from index.search import SearchResult
from rag.answers import Answer, Answered, AnswerEvent, Question, Understood
from rag.assemble import Dateline
from rag.pipeline import check

_T = TypeVar("_T")

BUSY_RETRY_S = 2
# Requests whose addresses are fetched at once.
_FETCHES = 4
# Threads beside those of questions and fetches: one writes, the others read articles.
_OTHER_THREADS = 7
_WAITING_WRITES = 8


class Runtime:
    """One running system."""

    def __init__(self, dateline: Dateline, observation: Observation | None = None) -> None:
        self.dateline = dateline
        self._observation = observation or Observation()
        settings = dateline.settings
        self._timeout_s = settings.timeout_s
        self._warm = self._stopping = False
        self._late: set[asyncio.Task[Any]] = set()
        # Threads that stay, as each keeps a connection to the store.
        self._threads = ThreadPoolExecutor(
            settings.max_concurrency + _FETCHES + _OTHER_THREADS, thread_name_prefix="dateline-api"
        )
        self._questions = Gate(
            settings.max_concurrency,
            waiting=settings.max_concurrency * WAITING_PER_SLOT,
            patience_s=min(PATIENCE_S, settings.timeout_s),
            refusal=lambda: ProblemError(
                "too-many-requests",
                f"{settings.max_concurrency} questions are being answered and others wait: "
                f"try again in {BUSY_RETRY_S} seconds",
                retry_after_s=BUSY_RETRY_S,
            ),
            watched=partial(self._observation.load, "questions"),
        )
        self._fetches = Gate(
            _FETCHES,
            waiting=_FETCHES * WAITING_PER_SLOT,
            patience_s=PATIENCE_S,
            refusal=lambda: ProblemError(
                "too-many-requests",
                f"addresses of other requests are being fetched: try again in {BUSY_RETRY_S} "
                "seconds",
                retry_after_s=BUSY_RETRY_S,
            ),
            watched=partial(self._observation.load, "fetches"),
        )
        self._writes = Gate(
            1,
            waiting=_WAITING_WRITES,
            patience_s=PATIENCE_S,
            refusal=lambda: ProblemError(
                "store-locked",
                "articles of another request are being stored: try again in "
                f"{LOCKED_RETRY_S} seconds",
                retry_after_s=LOCKED_RETRY_S,
            ),
            watched=partial(self._observation.load, "writes"),
        )

    async def warm_up(self) -> None:
        """Run the models once, before anybody asks."""
        await self.in_thread(self.dateline.warm_up)
        self._warm = True

    def stop(self) -> None:
        """Be ready no more; what runs goes on. May be called by a handler of signals."""
        self._stopping = True

    def require_ready(self) -> None:
        """Refuse while questions should go elsewhere.

        Raises:
            ProblemError: the models have not run yet, or the server is being stopped.
        """
        if self._stopping:
            raise ProblemError("not-ready", "the server is being stopped: ask another one")
        if not self._warm:
            raise ProblemError("not-ready", "the models are being loaded: try again in a moment")

    def is_busy(self) -> bool:
        """Whether questions are being answered; may be asked from any thread."""
        return self._questions.is_busy

    async def in_thread(self, work: Callable[..., _T], *args: Any) -> _T:
        """Run short work beside the event loop, in the context of its request."""
        run = copy_context().run
        return await asyncio.get_running_loop().run_in_executor(self._threads, run, work, *args)

    async def write(self, work: Callable[..., _T], *args: Any) -> _T:
        """Run work that changes the corpus; one at a time, for as long as it takes."""
        await self._writes.enter()
        task = asyncio.ensure_future(self.in_thread(work, *args))
        task.add_done_callback(lambda _: self._writes.leave())
        return await asyncio.shield(task)

    async def fetch(self, work: Callable[[], _T]) -> _T:
        """Run work that waits for other servers, a little of it at once."""
        await self._fetches.enter()
        task = asyncio.ensure_future(self.in_thread(work))
        task.add_done_callback(lambda _: self._fetches.leave())
        return await asyncio.shield(task)

    async def ask(self, question: Question) -> Answer:
        """The answer that the stream ends with."""
        async with aclosing(await self.stream(question)) as events:
            async for event in events:
                if isinstance(event, Answered):
                    return event.answer
        raise AssertionError("a stream ends with its answer")

    async def stream(self, question: Question) -> AsyncGenerator[AnswerEvent, None]:
        """The events of an answer, once its turn has come; the last one is `Answered`.

        Closing or dropping them stops the work between stages. What fails before the first stage is
        raised here, what fails later by the events.

        Raises:
            ProblemError: the server is busy, or the time is up.
            InvalidQuestion: it is empty or too long.
        """
        check(question)
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        asking = self._observation.asking(question.text)
        with asking.waiting():
            await self._questions.enter()
        events: asyncio.Queue[AnswerEvent | Exception] = asyncio.Queue()
        abandoned = threading.Event()
        self._start(self._answer(question, events, abandoned))
        told = self._events(events, abandoned, deadline, asking)
        # Events that nobody has begun to read run no `finally` of theirs when they are dropped.
        weakref.finalize(told, abandoned.set)
        return told

    async def _answer(
        self,
        question: Question,
        events: asyncio.Queue[AnswerEvent | Exception],
        abandoned: threading.Event,
    ) -> None:
        """Put the events of the pipeline, until nobody waits for them."""
        try:
            with until(abandoned.is_set):
                async with aclosing(self.dateline.answerer.stream(question)) as stream:
                    async for event in stream:
                        events.put_nowait(event)
                        if abandoned.is_set():
                            return
        except Exception as error:  # told by whoever reads the events
            events.put_nowait(error)

    async def _events(
        self,
        events: asyncio.Queue[AnswerEvent | Exception],
        abandoned: threading.Event,
        deadline: float,
        asking: Asking,
    ) -> AsyncGenerator[AnswerEvent, None]:
        try:
            with asking.working():
                while True:
                    try:
                        async with asyncio.timeout_at(deadline):
                            event = await events.get()
                    except TimeoutError:
                        raise self._too_late() from None
                    if isinstance(event, Exception):
                        raise event
                    asking.saw(event)
                    yield event
                    if isinstance(event, Answered):
                        return
        finally:
            abandoned.set()

    async def find(self, question: Question) -> tuple[Understood, SearchResult]:
        """The passages near to a question, within the limits of questions."""

        def work() -> tuple[Understood, SearchResult]:
            understood, result = self.dateline.answerer.search(question)
            note_search(question.text, result.timings_ms)
            return understood, result

        return await self.search(work)

    async def search(self, work: Callable[..., _T], *args: Any) -> _T:
        """Run a search within the time and concurrency limits of questions."""
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        asking = self._observation.asking()
        with asking.waiting():
            await self._questions.enter()
        abandoned = threading.Event()
        try:
            with asking.working(), until(abandoned.is_set):
                task = self._start(self.in_thread(work, *args))
                left = deadline - asyncio.get_running_loop().time()
                done, _ = await asyncio.wait({task}, timeout=max(0.0, left))
                if not done:
                    raise self._too_late()
                return task.result()
        finally:
            abandoned.set()

    def _start(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Start work that gives its slot back when it ends, even if nobody waits any more."""
        task = asyncio.ensure_future(work)
        self._late.add(task)
        task.add_done_callback(self._ended)
        return task

    def _too_late(self) -> ProblemError:
        return ProblemError(
            "timeout",
            f"no answer within {self._timeout_s:g} seconds: ask again, or raise DATELINE_TIMEOUT_S",
        )

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._questions.leave()
        self._late.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as seen: the reply may have gone out before

    async def close(self) -> None:
        """Wait for the work that still runs, then release the data directory."""
        await self._questions.drain()
        await self._fetches.drain()
        await self._writes.drain()
        self._threads.shutdown()
        await self.dateline.disconnect()
        self.dateline.close()
