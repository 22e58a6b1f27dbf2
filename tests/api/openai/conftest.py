"""The application on a real loopback port, and readers as chat pages have them."""

from __future__ import annotations

import json

import httpx
import pytest
from openai import OpenAI

from tests.fakes import fake_dateline
from tests.serving import served

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
