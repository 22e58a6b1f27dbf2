"""The application on a real loopback port, and readers as chat pages have them."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from openai import OpenAI

from api.app import create_app
from tests.fakes import fake_dateline

BRIDGE = {
    "id": "bridge",
    "url": "https://meridianwire.example/harbour-bridge",
    "title": "Harbour bridge closed",
    "published": "2025-04-02",
    "source": "meridianwire.example",
    "text": "The harbour bridge at Port Merrow closed on Monday after inspectors found cracks. "
    "Engineers said the repair would take eleven weeks. “It is safe,” said Zoë Brânză, 41. "
    "Nobody 𝒽ad been hurt 🦆 when the northern span moved.",
}
LEVY = {
    "id": "levy",
    "title": "Tamsen approves water levy",
    "published": "2025-05-20T17:14:00Z",
    "source": "tarn-examiner.example",
    "text": "Voters in Tamsen approved a new water levy by a margin of 212 ballots on Tuesday.",
}


@contextmanager
def served(dateline, *, lifespan="on"):
    """The address of a server over a system, which it closes at its end if `lifespan` is on."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(dateline), log_level="error", lifespan=lifespan, timeout_graceful_shutdown=5
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while thread.is_alive() and not server.started:
        thread.join(0.01)
    assert server.started, "the server has not started"
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
    assert not thread.is_alive()


@pytest.fixture(scope="package")
def address(tmp_path_factory):
    """A server with two small articles and fake models."""
    dateline = fake_dateline(tmp_path_factory.mktemp("home"), rate_per_minute=0)
    with served(dateline) as url:
        stored = httpx.post(f"{url}/v1/articles", json={"articles": [BRIDGE, LEVY]})
        assert stored.status_code == 201
        yield url


@pytest.fixture(scope="package")
def client(address):
    """The official client, without retries."""
    with OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0, timeout=30) as client:
        yield client


def frames(text):
    """What a bare reader of `data:` lines takes from a stream; the last is `[DONE]`."""
    lines = [line for line in text.split("\n") if line.startswith("data: ")]
    assert lines[-1] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
