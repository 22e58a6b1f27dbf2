"""`dateline serve`: the HTTP API, until it is stopped."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import Home
from api.commands.running import Problem, again, command, settings_from
from api.terminal import note, say, several

if TYPE_CHECKING:
    from rag.assemble import Dateline

# What a stop waits for: questions that are being answered.
GRACE_S = 10
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
    home: Home = None,
) -> int:
    """Answer questions over HTTP. Ctrl-C stops it once running questions are answered.

    There is no access control: on an address that others can reach, everyone who can
    reach it may read, add and remove articles.

    \b
      dateline serve
      dateline serve --watch
      dateline serve --port 9000 --home /srv/dateline
    """  # noqa: D301 - typer keeps the lines after it
    settings = settings_from(home, host=host, port=port)
    listening = bind(settings.host, settings.port)
    try:
        note("Loading the models…")
        # The heavy imports wait until the port is known to be free.
        import uvicorn

        from api.app import create_app
        from rag.assemble import assemble

        dateline = assemble(settings)
        app = create_app(dateline, watch=watch)
        listen(listening)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=GRACE_S)
        )
        _welcome(dateline, listening)
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:  # the usual way to stop; uvicorn raises it again at the end
            note("stopped")
    finally:
        listening.close()
    return 0


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


def _taken(host: str, port: int, error: OSError) -> Problem:
    return Problem(
        f"cannot listen on {host} port {port} ({error.strerror}): stop what uses it, or give "
        "another with --port or DATELINE_PORT"
    )


def _welcome(dateline: Dateline, listening: socket.socket) -> None:
    counts = dateline.engine.store.counts()
    address, port = listening.getsockname()[:2]
    url = f"http://{_shown(address)}:{port}"
    say(
        f"Dateline answers questions over {several(counts['articles'], 'article')} "
        f"({several(counts['passages'], 'passage')}) in {dateline.settings.home}\n"
        f"\n  docs    {url}/docs"
        f"\n  ask     curl -s {url}/v1/ask -H 'Content-Type: application/json' "
        '-d \'{"question": "What happened on Friday?"}\''
        f"\n  ingest  {again(dateline.settings, 'ingest FOLDER')}   (also while this runs)"
        "\n  stop    Ctrl-C"
    )
    if not counts["articles"]:
        note("there is nothing to ask yet: ingest a folder first")
    if not ipaddress.ip_address(address).is_loopback:
        note("warning: there is no access control, and this address may be reached by others")


def _shown(address: str) -> str:
    ip = ipaddress.ip_address(address)
    if ip.is_unspecified:
        return "127.0.0.1" if ip.version == 4 else "[::1]"
    return f"[{address}]" if ip.version == 6 else address
