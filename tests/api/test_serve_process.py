"""`dateline serve` as processes: stopped in order or at once, several at a port, replaced."""

import json
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from index.documents import RawArticle
from tests.api.test_cli_process import environment, start, wait_until_ready
from tests.fakes import fake_dateline

__all__ = ["environment"]

# The question of `asked` takes so many seconds, the warming up does not.
SLOW = """
read = OverlapReranker.read
def slow(self, question, texts):
    time.sleep({seconds} * (question == "What held?"))
    return read(self, question, texts)
OverlapReranker.read = slow
"""
# Whatever waits for a server that never comes ends then.
LIMIT_S = 90.0
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")


@pytest.fixture
def serve(environment):
    """Starts a server over one article; returns the process and its address."""
    dateline = fake_dateline(Path(environment["DATELINE_HOME"]))
    dateline.ingestor.ingest([RawArticle("dam", "The dam at Quarrow held on Friday.", id="dam")])
    dateline.close()
    started = []

    def run(*arguments, more=""):
        process = start(environment, "serve", "--port", 0, *arguments, more=more)
        started.append(process)
        watchdog = threading.Timer(LIMIT_S, process.kill)
        watchdog.daemon = True
        watchdog.start()
        url = ""
        while not url:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            if line.lstrip().startswith("docs"):
                url = line.split()[1].removesuffix("/docs")
        wait_until_ready(url)
        return process, url

    yield run
    for process in started:
        for pid in (*children(process), process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()


def children(process):
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition, limit_s=60.0):
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def asked(url, accept="text/event-stream"):
    """A connection on which a question was asked."""
    address = httpx.URL(url)
    body = json.dumps({"question": "What held?"}).encode()
    connection = socket.create_connection((address.host, address.port))
    connection.sendall(
        b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Accept: %s\r\nContent-Length: %d\r\n\r\n%s" % (accept.encode(), len(body), body)
    )
    return connection


def refused(url):
    try:
        httpx.get(url + "/healthz")
    except httpx.TransportError:
        return True
    return False


@pytest.mark.parametrize("workers", [1, 2])
def test_streams_finish_while_nothing_new_is_accepted(serve, workers):
    process, url = serve("--workers", workers, more=SLOW.format(seconds=3))
    with asked(url) as connection:
        head = connection.recv(65536)  # the status: the question is being worked on
        process.send_signal(signal.SIGTERM)
        until(lambda: refused(url), limit_s=2.5)
        assert process.poll() is None
        stream = head + b"".join(iter(lambda: connection.recv(65536), b""))
    assert stream.startswith(b"HTTP/1.1 200")
    assert b"event: answer" in stream
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert told.splitlines()[-1] == "stopped"
    assert "Traceback" not in told


def test_a_second_signal_ends_it_at_once(serve):
    process, url = serve(more=SLOW.format(seconds=600))
    with asked(url) as connection:
        connection.recv(65536)
        process.send_signal(signal.SIGTERM)
        until(lambda: refused(url))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=8) == 130


def test_what_never_ends_is_cut_off_in_time(serve):
    brief = (
        "import api.serving, api.streaming\n"
        "api.serving.GRACE_S, api.serving.RELEASE_S, api.streaming.GRACE_S = 2, 0.5, 0.2\n"
    )
    process, url = serve(more=brief + SLOW.format(seconds=600))
    with asked(url) as connection:
        connection.recv(65536)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "has not ended in time, and was cut off" in told
    assert "Traceback" not in told


def test_workers_share_the_port_are_replaced_and_do_not_outlive_their_supervisor(serve):
    process, url = serve("--workers", 2)
    until(lambda: len(children(process)) == 2)
    first, second = children(process)
    os.kill(first, signal.SIGKILL)
    until(lambda: len(set(children(process)) - {first, second}) == 1)
    until(lambda: httpx.get(url + "/readyz").status_code == 200)
    reply = httpx.post(url + "/v1/ask", json={"question": "What held?"})
    assert reply.json()["hits"][0]["article"]["id"] == "dam"
    workers = children(process)
    process.kill()
    _, told = process.communicate(timeout=30)
    assert "worker 0 ended with code -9; replaced in 1 s\n" in told
    until(lambda: not any(map(alive, workers)))


def test_a_second_signal_ends_all_workers_at_once(serve):
    process, url = serve("--workers", 2, more=SLOW.format(seconds=600))
    until(lambda: len(children(process)) == 2)
    workers = children(process)
    with asked(url) as connection:
        connection.recv(65536)
        process.send_signal(signal.SIGINT)
        until(lambda: refused(url))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=8) == 130
    until(lambda: not any(map(alive, workers)))


def test_what_keeps_the_first_worker_from_starting_is_said_once(environment):
    broken = (
        "def broken(_): raise OSError(2, 'gone', 'weights')\nrag.assemble.load_embedder = broken"
    )
    process = start(
        environment, "serve", "--port", 0, "--workers", 3, more=broken.replace("(_)", "(*_)")
    )
    out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, "")
    assert told.count("error: ") == 1
