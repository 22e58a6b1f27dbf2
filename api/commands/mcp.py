"""`dateline mcp`: the tools of an assistant, over standard input and output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.commands.options import Home
from api.commands.running import command, settings_from
from api.terminal import note, several

if TYPE_CHECKING:
    from rag.assemble import Dateline


@command
def mcp(home: Home = None) -> int:
    """Offer `search`, `fetch` and `ask` to an assistant (Model Context Protocol).

    Started by the assistant, which it speaks to over standard input and output. A server
    that runs offers the same at /mcp.

    \b
      dateline mcp
      dateline mcp --home /srv/dateline
    """  # noqa: D301 - typer keeps the lines after it
    import asyncio

    from rag.assemble import assemble

    dateline = assemble(settings_from(home))
    counts = dateline.engine.store.counts()
    note(f"Dateline offers its tools over {several(counts['articles'], 'article')}")
    asyncio.run(_serve(dateline))
    return 0


async def _serve(dateline: Dateline) -> None:
    from api.app import release
    from api.mcp.server import mcp_server, serve_stdio
    from api.runtime import Runtime

    running = Runtime(dateline)
    try:
        await serve_stdio(mcp_server(running, release()))
    finally:
        await running.close()
