"""`dateline serve`: the HTTP API, until it is stopped."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import Home
from api.commands.running import Problem, again, command, settings_from, told
from api.terminal import note, say, several

if TYPE_CHECKING:
    from rag.assemble import Dateline
    from rag.settings import Settings

_BACKLOG = 2048


@command
def serve(
    host: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Address; default: DATELINE_HOST.", show_default=False
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            max=65535,
            help="Port, 0 for any that is free; default: DATELINE_PORT.",
            show_default=False,
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Poll the feeds that are subscribed to meanwhile.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=64,
            help="Processes that answer; default: DATELINE_WORKERS.",
            show_default=False,
        ),
    ] = None,
    home: Home = None,
) -> int:
    """Answer questions over HTTP. Ctrl-C stops it once running questions are answered.

    An address that others can reach needs API keys: make one with `dateline keys add NAME`.

    \b
      dateline serve
      dateline serve --watch
      dateline serve --workers 4
      dateline serve --port 9000 --home /srv/dateline
    """  # noqa: D301 - typer keeps the lines after it
    settings = settings_from(home, host=host, port=port, workers=workers)
    listening = bind(settings.host, settings.port)
    try:
        keys = valid_keys(settings, listening)
        note("Loading the models…")
        if settings.workers > 1:
            code = _serve_by_workers(settings, listening, keys, watch=watch)
        else:
            _serve_alone(settings, listening, keys, watch=watch)
            code = 0
    finally:
        listening.close()
    if code == 0:
        note("stopped")
    return code


def _serve_alone(settings: Settings, listening: socket.socket, keys: int, *, watch: bool) -> None:
    # The heavy imports wait until the port is known to be free.
    from api.serving import Serving, serve_here

    serve_here(
        Serving(settings=settings, listening=listening, watch=watch),
        on_ready=lambda dateline: _welcome(dateline, listening, keys),
    )


def _serve_by_workers(
    settings: Settings, listening: socket.socket, keys: int, *, watch: bool
) -> int:
    """Let several processes serve; the first of them greets and polls feeds."""
    if not hasattr(os, "fork"):
        raise Problem("this system cannot share a port between processes: leave --workers out")
    from api.workers import Supervisor

    if not os.environ.get("DATELINE_THREADS"):
        settings = replace(settings, threads=max(1, settings.threads // settings.workers))

    def work(number: int, is_first: bool, ready: Callable[[], None]) -> int:
        from api.serving import Serving, serve_here

        def on_ready(dateline: Dateline) -> None:
            if number == 0 and is_first:
                _welcome(dateline, listening, keys)
            ready()

        try:
            serve_here(
                Serving(
                    settings=settings,
                    listening=listening,
                    watch=watch and number == 0,
                    alone=False,
                ),
                on_ready,
            )
        except Exception as error:
            return told(error)
        return 0

    with TemporaryDirectory(prefix="dateline-metrics-") as counted:
        # Read when the workers import prometheus_client: each then tells what all have counted.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counted
        return Supervisor(settings.workers, work, listening).run()


def bind(host: str, port: int) -> socket.socket:
    """A socket that holds the port and does not listen yet: clients are refused, not kept."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind)
    except OSError as error:
        raise Problem(
            f"{host!r} is not an address of this machine ({error.strerror}): give another --host"
        ) from None
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
    except OSError as error:
        opened.close()
        raise _taken(host, port, error) from None
    return opened


def listen(bound: socket.socket) -> None:
    """Listen at last; another server may have begun to while this one loaded its models."""
    try:
        bound.listen(_BACKLOG)
    except OSError as error:
        host, port = bound.getsockname()[:2]
        raise _taken(host, port, error) from None


def valid_keys(settings: Settings, bound: socket.socket) -> int:
    """How many API keys work; an address that others can reach is refused without one.

    Raises:
        Problem: there is none, or their file cannot be read.
    """
    from api.commands.keys import book_of
    from api.guards.connection import is_loopback

    with book_of(settings) as book:
        valid = sum(key.works_at(datetime.now(UTC)) for key in book.all())
    address = bound.getsockname()[0]
    if not valid and not is_loopback(address):
        raise Problem(
            f"others can reach {address}, and there is no API key that works: make one with "
            f"`{again(settings, 'keys add NAME')}`, or listen on 127.0.0.1"
        )
    return valid


def _taken(host: str, port: int, error: OSError) -> Problem:
    return Problem(
        f"cannot listen on {host} port {port} ({error.strerror}): stop what uses it, or give "
        "another with --port or DATELINE_PORT"
    )


def _welcome(dateline: Dateline, listening: socket.socket, keys: int) -> None:
    counts = dateline.engine.store.counts()
    address, port = listening.getsockname()[:2]
    url = f"http://{_shown(address)}:{port}"
    key = ' -H "Authorization: Bearer $KEY"' if keys else ""
    say(
        f"Dateline answers questions over {several(counts['articles'], 'article')} "
        f"({several(counts['passages'], 'passage')}) in {dateline.settings.home}\n"
        f"\n  page    {url}/"
        f"\n  docs    {url}/docs"
        f"\n  ask     curl -s {url}/v1/ask{key} -H 'Content-Type: application/json' "
        '-d \'{"question": "What happened on Friday?"}\''
        f"\n  ingest  {again(dateline.settings, 'ingest FOLDER')}   (also while this runs)"
        "\n  stop    Ctrl-C"
    )
    if not counts["articles"]:
        note("there is nothing to ask yet: ingest a folder first")
    if keys:
        note(f"every request needs a key, of which there {'is' if keys == 1 else 'are'} {keys:,}")


def _shown(address: str) -> str:
    ip = ipaddress.ip_address(address)
    if ip.is_unspecified:
        return "127.0.0.1" if ip.version == 4 else "[::1]"
    return f"[{address}]" if ip.version == 6 else address
