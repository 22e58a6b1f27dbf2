"""What one client of benchmarks/load.py does, for locust: it asks, and asks again at once.

Reads `LOAD_QUESTIONS`, a JSON file of request bodies, and writes a line of JSON for each
reply to `LOAD_REPLIES`: its status (0 is none) and milliseconds. Clients begin at places of
the list that lie apart, so that none asks what another just asked.
"""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, events, task

_BODIES = json.loads(Path(os.environ["LOAD_QUESTIONS"]).read_text("utf-8"))
_REPLIES = Path(os.environ["LOAD_REPLIES"])
# Coprime to any number of questions that is not a multiple of it.
_STRIDE = 61
_numbers = itertools.count()


class Client(FastHttpUser):
    """One client; it does not think between questions."""

    def on_start(self) -> None:
        """Choose where in the list to begin."""
        self.places = itertools.count(next(_numbers) * _STRIDE)

    @task
    def ask(self) -> None:
        """Ask one question."""
        body = _BODIES[next(self.places) % len(_BODIES)]
        self.client.post("/v1/ask", json=body, name="ask")


@events.request.add_listener
def note(response_time: float, response: Any, exception: Exception | None, **_: Any) -> None:
    """Write down a reply; status 0 is none."""
    status = getattr(response, "status_code", 0) or 0
    if status == 0 and exception is None:
        return
    with _REPLIES.open("a", encoding="utf-8") as replies:
        replies.write(json.dumps({"status": status, "ms": response_time}) + "\n")
