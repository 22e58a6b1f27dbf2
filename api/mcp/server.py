"""The tools over both transports: `/mcp` of the HTTP server, and standard input and output.

Over HTTP each request stands alone, so that any process of several can answer it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
)
from starlette.types import Receive, Scope, Send

from api.errors import ProblemError
from api.mcp import tools
from api.runtime import Runtime

_Context = ServerRequestContext[Any]


def mcp_server(running: Runtime, version: str) -> Server[Any]:
    """The protocol's server over one running system."""

    async def list_tools(_: _Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=tools.listed())

    async def call_tool(_: _Context, asked: CallToolRequestParams) -> CallToolResult:
        return await tools.call(running, asked.name, asked.arguments)

    return Server(
        "dateline",
        title="Dateline",
        version=version,
        instructions=tools.INSTRUCTIONS,
        get_tool_input_schema=tools.input_schema,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


class McpEndpoint:
    """`/mcp` as an ASGI application; answers while `running` is entered."""

    def __init__(self, server: Server[Any], *, max_body_bytes: int) -> None:
        self._server = server
        self._max_body_bytes = max_body_bytes
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take requests until it is left."""
        self._manager = StreamableHTTPSessionManager(
            self._server,
            json_response=True,
            stateless=True,
            max_request_body_size=self._max_body_bytes,
        )
        async with self._manager.run():
            yield
        self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._manager is None:
            raise ProblemError("not-ready", "the server is starting or ending: try again")
        await self._manager.handle_request(scope, receive, send)


async def serve_stdio(server: Server[Any]) -> None:
    """Answer one client over standard input and output, until it closes them."""
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())
