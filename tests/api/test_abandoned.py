"""What nobody waits for any more asks nothing more of the models."""

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from rag.answers import Question
from tests.api.test_http_limits import serving, until
from tests.fakes import OverlapReranker

ASK = {"question": "Why did the harbour bridge close?"}
STORY = "The harbour bridge closed on Monday after a ship struck its second pier."


class Threaded:
    """The fake reranker on the threads of the models, whose first call waits to be let go."""

    name = "threaded"

    def __init__(self, batcher):
        self._batcher = batcher
        self.go = threading.Event()
        self.begun = []

    def read(self, question, texts):
        def one(text):
            self.begun.append(text)
            assert self.go.wait(20)
            return OverlapReranker().read(question, [text])[0]

        return self._batcher.run(one, texts)


@pytest.mark.parametrize("path", ["ask", "search"])
def test_a_question_that_took_too_long_takes_no_more(tmp_path, path):
    async def run():
        async with serving(tmp_path, timeout_s=0.5, max_concurrency=1) as (client, dateline):
            for name in ("one", "two", "three"):
                body = {"id": name, "text": f"{STORY} So says number {name}."}
                assert (await client.post("/v1/articles", json=body)).status_code == 201
            reranker = Threaded(dateline.batcher)
            dateline.searcher.reranker = reranker
            late = await (
                client.post("/v1/ask", json=ASK)
                if path == "ask"
                else client.get("/v1/search?q=harbour bridge")
            )
            assert dateline.batcher.waiting == 2
            reranker.go.set()
            await until(lambda: dateline.batcher.waiting == 0)
            after = await client.get("/v1/search?q=harbour bridge")
            return late, after, reranker.begun

    late, after, begun = asyncio.run(run())
    assert late.status_code == 504
    assert after.status_code == 200
    # One of the question that was given up, and three of the one after it.
    assert len(begun) == 1 + 3


def test_events_that_nobody_begins_to_read_are_given_up(tmp_path):
    """A client may go before the first of them is sent."""

    async def run():
        async with serving(tmp_path, max_concurrency=1) as (client, dateline):
            for name in ("one", "two", "three"):
                body = {"id": name, "text": f"{STORY} So says number {name}."}
                assert (await client.post("/v1/articles", json=body)).status_code == 201
            reranker = Threaded(dateline.batcher)
            dateline.searcher.reranker = reranker
            running = client._transport.app.state.runtime
            question = Question(ASK["question"], datetime(2025, 6, 2, tzinfo=UTC))
            events = await running.stream(question)
            await until(lambda: reranker.begun)
            del events
            reranker.go.set()
            await until(lambda: not running.is_busy())
            return reranker.begun

    assert len(asyncio.run(run())) == 1
