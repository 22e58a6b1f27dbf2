"""robots.txt as RFC 9309 has it: what a site lets us read, and how often.

Knows nothing of HTTP: it is handed a way to read a file, and the time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from index.errors import FetchFailed, FetchRefused

# The RFC asks for at least 500 KiB; what is beyond has no say.
MAX_ROBOTS_BYTES = 512_000
# The RFC allows a day. Editors who bar a section want it to be heeded soon.
KEPT_S = 3_600.0
# A site that can't say what it permits is left alone for this long.
UNREACHABLE_S = 300.0
MAX_CRAWL_DELAY_S = 30.0
# A longer file is heeded, but which of its lines forbids is not looked for.
_MAX_NAMED_BYTES = 100_000

# The status and the bytes at an address; raises `FetchFailed`.
ReadFile = Callable[[str], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a site's file says, until when: its text, "" without one, None if unreachable."""

    until: float
    text: str | None
    rules: Protego
    trouble: str = ""


class Robots:
    """The files of all sites, each read when it is first needed."""

    def __init__(self, read: ReadFile, agent: str, clock: Callable[[], float]) -> None:
        """Know nothing yet.

        Args:
            read: reads one file.
            agent: the product token by which files name us.
            clock: monotonic seconds.
        """
        self._read = read
        self._agent = agent
        self._clock = clock
        self._sites: dict[str, _Known] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def admit(self, site: str, url: str) -> float:
        """Seconds to leave between two requests to `site`, "https://host".

        Raises:
            FetchRefused: its file forbids `url`.
            FetchFailed: its file can't be read, which forbids everything for a while.
        """
        known = self._known(site)
        if known.text is None:
            raise FetchFailed(url, f"{known.trouble}, so nothing may be read there for now")
        if not known.rules.can_fetch(url, self._agent):
            raise FetchRefused(url, f"robots.txt of {site} forbids it{self._rule(known.text, url)}")
        return min(known.rules.crawl_delay(self._agent) or 0.0, MAX_CRAWL_DELAY_S)

    def _known(self, site: str) -> _Known:
        with self._guard:
            lock = self._locks.setdefault(site, threading.Lock())
        with lock:
            known = self._sites.get(site)
            if known is None or known.until <= self._clock():
                known = self._sites[site] = self._look(site)
            return known

    def _look(self, site: str) -> _Known:
        """Read the file. One that may not be asked for tells nothing of the site: raised."""
        try:
            status, data = self._read(f"{site}/robots.txt")
        except FetchRefused:
            raise
        except FetchFailed as error:
            return self._unreachable(f"robots.txt of {site} can't be read ({error.reason})")
        if status == 429 or status >= 500:
            return self._unreachable(f"robots.txt of {site} can't be read (HTTP {status})")
        text = _text(data) if 200 <= status < 300 else ""
        return _Known(self._clock() + KEPT_S, text, Protego.parse(text))

    def _unreachable(self, trouble: str) -> _Known:
        return _Known(self._clock() + UNREACHABLE_S, None, Protego(), trouble)

    def _rule(self, text: str, url: str) -> str:
        """The line that forbids `url`: the last of the shortest beginning that does."""
        if len(text) > _MAX_NAMED_BYTES:
            return ""
        lines = text.splitlines()
        numbers = [n for n, line in enumerate(lines) if _is_disallow(line)]
        low, high = 0, len(numbers)
        while low < high:
            middle = (low + high) // 2
            if self._forbids(lines, numbers[middle:], url):
                high = middle
            else:
                low = middle + 1
        return f" ({lines[numbers[low - 1]].strip()[:80]!r})" if 0 < low <= len(numbers) else ""

    def _forbids(self, lines: list[str], emptied: list[int], url: str) -> bool:
        """Whether the file does without some of its rules; groups stay as they are."""
        kept = list(lines)
        for number in emptied:
            kept[number] = "Disallow:"
        return not Protego.parse("\n".join(kept)).can_fetch(url, self._agent)


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace")


def _is_disallow(line: str) -> bool:
    return line.partition("#")[0].strip().lower().startswith("dis")
