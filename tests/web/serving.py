"""A real server in a thread, for real browsers: it starts, stops, and starts again on its port."""

from __future__ import annotations

import asyncio
import socket
import threading

import httpx
import uvicorn

from api.app import create_app
from index.sources import record_to_raw
from tests.fakes import fake_dateline

NEWS = [
    {
        "id": "bridge",
        "url": "https://meridianwire.example/harbour-bridge",
        "title": "Harbour bridge closed after cracks are found",
        "published": "2025-03-10",
        "source": "Meridian Wire",
        "section": "National",
        "text": "Traffic stood still at dawn. \U0001f309\U0001f309\n\nThe harbour bridge at Port "
        "Merrow closed on Monday after inspectors found cracks in 14 of its beams.\n\n"
        "Ferries \U0001f6a2 carry commuters in the meantime.",
    },
    {
        "id": "dam",
        "title": "Senate approves Arrow Gorge dam",
        "published": "2025-03-20",
        "source": "harrowledger.example",
        "text": "The Senate approved the Arrow Gorge dam by 31 votes to 17 on Thursday.",
    },
    {
        "id": "dam-2",
        "title": "Dam vote surprises Tarn Hollow",
        "published": "2025-04-02",
        "source": "tarnexaminer.example",
        "text": "The Senate approved the Arrow Gorge dam although Tarn Hollow had asked it not to.",
    },
    {
        "id": "prize",
        "title": "Wierzba wins the Aldane Prize",
        "published": "2025-04-24",
        "source": "Meridian Wire",
        "text": "Wierzba won the Aldane Prize on Thursday for a novel about three generations.",
    },
]
CORRECTED = NEWS[0] | {
    "text": NEWS[0]["text"].replace("14 of its beams", "12 of its beams")
    + "\n\nCorrection: An earlier version of this article misstated the number of beams.",
}


class Served:
    """One system and its server, which keeps its port over restarts."""

    def __init__(self, home, *, dateline=None, model=None, **settings):
        self.home, self.settings, self.model = home, settings, model
        self.dateline = dateline
        self._is_lent = dateline is not None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.start()

    def start(self):
        if not self._is_lent:
            self.dateline = fake_dateline(self.home, model=self.model, **self.settings)
        app = create_app(self.dateline)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                port=self.port,
                log_level="critical",
                lifespan="off" if self._is_lent else "on",
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        for _ in range(600):
            if self._server.started:
                return
            self._thread.join(0.05)
        raise AssertionError("the server did not start")

    def stop(self):
        """Cut every connection and close the port."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    def post(self, *records):
        reply = httpx.post(self.url + "v1/articles", json={"articles": list(records)}, timeout=60)
        assert reply.status_code in (200, 201), reply.text
        return reply.json()

    def store(self, *records):
        """Store records without HTTP, for a server that asks for keys."""
        return self.dateline.ingestor.ingest(record_to_raw(r, f"test#{r['id']}") for r in records)


class Scripted:
    """Takes the place of the answerer's stream: what a test writes, one event at a time.

    A script is a function of the question that yields events; None in its place waits until
    `go` is set.
    """

    def __init__(self, dateline, script, monkeypatch):
        self.go = threading.Event()
        self.left = threading.Event()
        self._script = script
        monkeypatch.setattr(type(dateline.answerer), "stream", self._stream_of(dateline.answerer))

    def _stream_of(self, scripted):
        script, go, left = self._script, self.go, self.left
        real = type(scripted).stream

        async def stream(answerer, question):
            if answerer is not scripted:
                async for event in real(answerer, question):
                    yield event
                return
            try:
                async for event in script(lambda: real(answerer, question)):
                    if event is not None:
                        yield event
                        continue
                    while not go.is_set():
                        await asyncio.sleep(0.02)
            finally:
                left.set()

        return stream
