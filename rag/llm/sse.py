"""Server-sent events from bytes, as they come (WHATWG HTML, 9.2.6), within limits.

Bytes may be cut anywhere: inside a character, inside "data:", between CR and LF. Lines
are decoded whole, so no cut matters. Only the data of events is kept; knows no JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.llm.errors import LLMMalformed
from rag.llm.limits import Limits

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class EventReader:
    """Takes bytes, gives the data of each event that they complete."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rest = bytearray()
        self._searched = 0
        self._data: list[str] = []
        self._data_bytes = 0
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The events that end in this chunk.

        Raises:
            LLMMalformed: a line or event is over its limit, or not UTF-8.
        """
        self._rest += chunk
        for line in self._lines():
            if (data := self._take(line)) is not None:
                yield data
        if len(self._rest) > self._limits.max_line_bytes:
            raise LLMMalformed(
                f"a line of the reply has over {self._limits.max_line_bytes} bytes: refused"
            )

    def end(self) -> Iterator[str]:
        """The last event of a server that does not close it with an empty line."""
        return self.feed(b"\n\n")

    def _lines(self) -> Iterator[bytes]:
        """Whole lines; a CR at the end waits for what follows, which may be its LF."""
        start = 0
        for end in _LINE_END.finditer(self._rest, self._searched):
            if end.group() == b"\r" and end.end() == len(self._rest):
                break
            line = bytes(self._rest[start : end.start()])
            start = end.end()
            yield line
        del self._rest[:start]
        # What was searched is not searched again: a long line costs no more than its length.
        self._searched = max(len(self._rest) - 1, 0)

    def _take(self, line: bytes) -> str | None:
        if self._first:
            self._first, line = False, line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        if name == b"data":
            self._keep(value.removeprefix(b" "))
        elif name == b"error":  # older llama.cpp puts its errors in a field of this name
            self._keep(b'{"error":' + value + b"}")
        return None

    def _keep(self, value: bytes) -> None:
        self._data_bytes += len(value)
        if self._data_bytes > self._limits.max_event_bytes:
            raise LLMMalformed(
                f"an event of the reply has over {self._limits.max_event_bytes} bytes: refused"
            )
        try:
            self._data.append(value.decode("utf-8"))
        except UnicodeDecodeError:
            raise LLMMalformed("the reply is not UTF-8") from None

    def _dispatch(self) -> str | None:
        if not self._data:
            return None
        data = "\n".join(self._data)
        self._data, self._data_bytes = [], 0
        return data
