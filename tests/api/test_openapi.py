"""Every route of the description, with thousands of requests made from it, valid and not.

schemathesis holds the replies against the description: status, media type and form are as
promised, valid requests are taken and others refused, and nothing is an error of the server.
"""

import os
import re
import subprocess
import sys

import pytest

import rag.assemble
from index.sources import read_sources
from index.sources.web.connect import Guard
from index.sources.web.fetch import Fetcher
from tests.conftest import ROOT
from tests.fakes import fake_dateline
from tests.serving import served


def offline_fetcher():
    """No address may be connected to."""
    return Fetcher(guard=Guard(resolve=lambda *_: ["10.0.0.1"], public=lambda _: False))


@pytest.fixture
def url(tmp_path, monkeypatch):
    monkeypatch.setattr(rag.assemble, "load_fetcher", lambda *_, **__: offline_fetcher())
    dateline = fake_dateline(tmp_path / "home", rate_per_minute=0)
    dateline.ingestor.ingest(read_sources([ROOT / "examples" / "news" / "meridian-wire"]))
    with served(dateline) as url:
        yield url


@pytest.mark.slow
def test_every_route_keeps_the_promise_of_its_description(url, tmp_path):
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--no-color"),
        *("--config-file", str(ROOT / "tests" / "api" / "schemathesis.toml"), "run"),
        *(f"{url}/openapi.json", "--phases", "examples,coverage,fuzzing,stateful"),
        *(
            "--max-examples",
            "10",
            "--generation-deterministic",
        ),
        *("--request-timeout", "30", "--suppress-health-check", "all", "--no-shrink"),
    ]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=600, check=False
    )
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
    generated = re.search(r"(\d[\d,]*) generated", run.stdout)
    assert int(generated.group(1).replace(",", "")) > 1_000
