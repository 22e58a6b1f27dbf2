"""`serve --watch`: feeds are polled in the background, and questions go first.

One thread of low priority polls what is due, one feed at a time; it waits while questions
are being answered (`index/following/courtesy.py`). Nothing that happens in it ends the server.
"""

from __future__ import annotations

import os
import sys
import threading

from api.errors import logger
from index.errors import StoreLocked
from index.following.courtesy import Stopped
from index.following.poll_report import PolledFeed
from rag.assemble import now
from rag.feeds import Feeds

# A new subscription of another process is noticed after this long.
LOOK_EVERY_S = 5.0
# After what was not foreseen, such as a full disk.
TROUBLE_S = 60.0
# What a stop waits for: a server that does not answer, at most.
GRACE_S = 5.0
_NICENESS = 10


class Watcher:
    """Polls feeds until it is stopped."""

    def __init__(self, feeds: Feeds) -> None:
        """Watch feeds, once started."""
        self._feeds = feeds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="dateline-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch; what a poll has not finished is done next time."""
        self._stop.set()
        self._feeds.courtesy.stop()
        self._thread.join(GRACE_S)

    def _watch(self) -> None:
        _step_back()
        while not self._stop.is_set():
            try:
                self._feeds.poller.poll(on_polled=_log)
                wait_s = self._until_next_s()
            except Stopped:
                return
            except StoreLocked:
                wait_s = LOOK_EVERY_S
            except Exception:
                if self._stop.is_set():  # the data directory was closed meanwhile
                    return
                logger.exception("feeds cannot be polled; tried again in %g seconds", TROUBLE_S)
                wait_s = TROUBLE_S
            self._stop.wait(wait_s)

    def _until_next_s(self) -> float:
        due = self._feeds.book.next_due()
        left_s = LOOK_EVERY_S if due is None else (due - now()).total_seconds()
        return min(max(left_s, 0.2), LOOK_EVERY_S)


def _log(polled: PolledFeed) -> None:
    if polled.error is not None:
        logger.warning("feed %s: %s", polled.url, polled.error)
    elif polled.new or polled.changed:
        logger.info("feed %s: %d new, %d changed", polled.url, polled.new, polled.changed)


def _step_back() -> None:
    """Lower the priority of this thread, and of those it starts, where threads have one."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
