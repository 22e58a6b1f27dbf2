"""The command line as a process: quick help, signals, ports, a server that stops."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.commands.running import Problem
from api.commands.serve import bind, listen

ROOT = Path(__file__).parents[2]
FAKED = """
import sys, time
import rag.assemble
from tests.fakes import HashingEmbedder, OverlapReranker
rag.assemble.load_embedder = lambda *_: HashingEmbedder()
rag.assemble.load_reranker = lambda *_: OverlapReranker()
{more}
from api.cli import main
sys.argv[0] = "dateline"
main()
"""
SLOW = """
read = OverlapReranker.read
OverlapReranker.read = lambda self, q, t: (time.sleep(1.0), read(self, q, t))[1]
"""


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "DATELINE_HOME": str(tmp_path / "home"), "NO_COLOR": "1"}


def start(environment, *arguments, more=""):
    return subprocess.Popen(
        [sys.executable, "-c", FAKED.format(more=more), *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def server(environment, request):
    """A running server and its base URL; a marker may slow its reranker."""
    process = start(environment, "ingest", "-")
    process.communicate('{"id": "dam", "text": "The dam at Quarrow held on Friday."}')
    process = start(environment, "serve", "--port", 0, more=getattr(request, "param", ""))
    lines = []
    while not lines or not lines[-1].lstrip().startswith("stop"):
        lines.append(process.stdout.readline())
        assert lines[-1], process.stderr.read()
    url = next(line.split()[1] for line in lines if line.lstrip().startswith("docs"))
    yield process, url.removesuffix("/docs"), "".join(lines)
    process.kill()
    process.communicate()


def wait_until_ready(url):
    for _ in range(100):
        try:
            return httpx.get(url + "/readyz").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("never ready")


def test_help_is_quick():
    """CPU seconds of the process, the best of three: the machine may be busy."""
    script = (
        "import resource, sys; from api.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "u = resource.getrusage(resource.RUSAGE_SELF); print(u.ru_utime + u.ru_stime)\n"
        "heavy = 'numpy', 'fastapi', 'onnxruntime', 'faiss', 'torch', 'sentence_transformers'\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    seconds = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
        )
        *_, used, loaded = done.stdout.splitlines()
        seconds.append(float(used))
        assert loaded == "[]"
    assert min(seconds) < 0.5


def test_serve_says_where_to_go_next_and_answers(server):
    process, url, welcome = server
    assert "1 article (1 passage)" in welcome
    assert re.search(r"dateline ingest FOLDER --home /\S+/home ", welcome)
    wait_until_ready(url)
    reply = httpx.post(url + "/v1/ask", json={"question": "When did the dam at Quarrow hold?"})
    assert reply.json()["hits"][0]["article"]["id"] == "dam"
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in told


def test_serve_sees_what_another_process_ingests(server, environment):
    _, url, _ = server
    wait_until_ready(url)
    other = start(environment, "ingest", "-", "--json")
    told, _ = other.communicate('{"id": "ox", "text": "An ox named Bertil won the fair."}')
    assert json.loads(told)["new"] == 1
    hits = httpx.get(url + "/v1/search", params={"q": "ox Bertil"}).json()["hits"]
    assert hits[0]["article"]["id"] == "ox"


@pytest.mark.parametrize("server", [SLOW], indirect=True)
def test_stopping_finishes_the_questions_that_run(server):
    process, url, _ = server
    wait_until_ready(url)
    body = json.dumps({"question": "What held?"}).encode()
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(
            b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        reply = b"".join(iter(lambda: connection.recv(65536), b""))
    assert reply.startswith(b"HTTP/1.1 200")
    process.wait(timeout=20)


def test_taken_port_is_refused_in_one_line(environment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(environment, "serve", "--port", taken.getsockname()[1])
        out, told = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert told.startswith("error: cannot listen on 127.0.0.1 port ")
    assert told.count("\n") == 1


def test_port_taken_while_the_models_load_is_refused():
    with bind("127.0.0.1", 0) as late, bind("127.0.0.1", late.getsockname()[1]) as other:
        listen(other)
        with pytest.raises(Problem, match=r"cannot listen on 127\.0\.0\.1 port \d+"):
            listen(late)


def test_impossible_hosts_are_refused():
    for host in ("203.0.113.9", "no.such.host.invalid"):
        with pytest.raises(Problem):
            bind(host, 0)


def test_interrupt_of_an_ingest_keeps_what_is_stored(environment, tmp_path):
    lines = (json.dumps({"text": f"Story {i} of the town of Hob."}) for i in range(3000))
    (tmp_path / "many.jsonl").write_text("\n".join(lines))
    slow = (
        # A shell that runs the tests in the background has made them deaf to interrupts.
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "embed = HashingEmbedder.embed\n"
        "HashingEmbedder.embed = lambda s, t: (print('.', flush=True), time.sleep(.3), "
        "embed(s, t))[2]"
    )
    process = start(environment, "ingest", tmp_path / "many.jsonl", more=slow)
    process.stdout.readline()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    stored = re.search(r"interrupted: ([\d,]+) articles of this run stored for good; ", told)
    assert stored, told
    assert told.endswith("the same command goes on from there\n")
    done = start(environment, "ingest", tmp_path / "many.jsonl", "--json")
    counts = json.loads(done.communicate(timeout=60)[0])
    assert counts["same"] >= int(stored[1].replace(",", "")) >= 512
    assert counts["same"] + counts["new"] == 3000


def test_a_closed_pipe_is_no_traceback(environment):
    process = start(environment, "ingest", "-")
    process.communicate('{"id": "dam", "text": "The dam at Quarrow held on Friday."}')
    process = start(environment, "show", "dam")
    process.stdout.close()
    told = process.stderr.read()
    process.wait(timeout=20)
    assert "Traceback" not in told
    process.stdin.close()
    process.stderr.close()
