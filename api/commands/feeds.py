"""`dateline feeds`: subscribe to feeds, list, poll and watch them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import AsJson, Home
from api.commands.running import PARTLY, Problem, again, command, opened, settings_from
from api.terminal import note, one_line, safe, say, say_json, several

if TYPE_CHECKING:
    from datetime import datetime

    from index.errors import SourceError
    from index.following.poll_report import PolledFeed
    from index.following.subscribing import Subscribed
    from index.store.feeds import FeedState
    from rag.assemble import Dateline
    from rag.feeds import Subscriptions
    from rag.settings import Settings

# A subscription that another process makes is noticed by `feeds watch` after this long.
LOOK_EVERY_S = 15.0
# Refused entries that are named for each feed; `--json` has them all.
MAX_NAMED = 5

app = typer.Typer(
    name="feeds",
    help=(
        "Follow feeds: RSS, Atom and JSON Feed. See docs/feeds.md.\n\n\b\n"
        "  dateline feeds add https://example.org/feed.xml\n"
        "  dateline feeds poll\n"
        "  dateline feeds watch"
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Urls = Annotated[list[str] | None, typer.Argument(metavar="[URL...]", show_default=False)]


@contextmanager
def subscriptions(settings: Settings) -> Iterator[Subscriptions]:
    """The subscriptions of the data directory, without models."""
    from rag import assemble
    from rag.feeds import open_subscriptions

    with assemble.load_fetcher(settings) as fetcher:
        opened_ = open_subscriptions(settings.home, fetcher, clock=assemble.now)
        try:
            yield opened_
        finally:
            opened_.close()


# -- add ------------------------------------------------------------------------------


@app.command("add")
@command
def add(
    sources: Annotated[
        list[str], typer.Argument(metavar="URL|FILE...", help="Feeds, pages, or OPML files.")
    ],
    title: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Default: the feed's own.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Subscribe to feeds. Exit code 1 when one could not be.

    Each address is fetched at once; that of an ordinary page stands for the feed which it
    links. The feeds of an OPML file are taken as they are, and tried with the first poll.
    Articles come with `dateline feeds poll`, `feeds watch` or `serve --watch`.

    \b
      dateline feeds add https://meridianwire.example/feed.xml
      dateline feeds add meridianwire.example --title "Meridian Wire"
      dateline feeds add subscriptions.opml
    """  # noqa: D301 - typer keeps the lines after it
    from index.errors import SourceError

    settings = settings_from(home)
    added: list[Subscribed] = []
    refused: list[SourceError] = []
    with subscriptions(settings) as subscribed:
        for source in sources:
            try:
                added += _add(subscribed, source, title)
            except SourceError as error:
                refused.append(error)
    if as_json:
        _say_added_json(added, refused)
    else:
        _say_added(added, settings)
    for one in refused:
        note(f"not subscribed to {one_line(one.origin)}: {one_line(one.reason)}")
    return PARTLY if refused else 0


def _add(subscribed: Subscriptions, source: str, title: str | None) -> list[Subscribed]:
    """Subscribe to an address, or to all that a file lists."""
    from index.sources.feeds.opml import read_opml

    path = Path(source).expanduser()
    if not path.is_file():
        return [subscribed.subscriber.subscribe(source, title)]
    listed = read_opml(path.read_bytes(), source)
    return [subscribed.subscriber.add_listed(feed.url, feed.title) for feed in listed]


def _say_added(added: list[Subscribed], settings: Settings) -> None:
    for one in added:
        name = one_line(one.state.title or one.state.url)
        if one.is_new:
            holds = (
                f", {several(one.entries, 'entry')}"
                if one.entries == 1
                else (f", {one.entries:,} entries" if one.entries else "")
            )
            say(f"Subscribed to {name} ({one_line(one.state.url)}{holds})")
        else:
            say(f"Already subscribed to {name} ({one_line(one.state.url)}); it is polled next")
    if added:
        note("next: " + again(settings, "feeds poll"))


def _say_added_json(added: list[Subscribed], refused: list[SourceError]) -> None:
    from api.feed_wire import feed_out

    say_json(
        {
            "feeds": [
                feed_out(one.state).model_dump(mode="json") | {"is_new": one.is_new}
                for one in added
            ],
            "refused": [{"source": e.origin, "reason": e.reason} for e in refused],
        }
    )


# -- list and remove ------------------------------------------------------------------


@app.command("list")
@command
def list_(
    home: Home = None,
    as_json: AsJson = False,
    as_opml: Annotated[
        bool, typer.Option("--opml", help="Print OPML, for another reader.")
    ] = False,
) -> int:
    """Show the feeds: how each fares, its last success, its next poll.

    \b
      dateline feeds list
      dateline feeds list --opml > subscriptions.opml
    """  # noqa: D301 - typer keeps the lines after it
    from index.sources.feeds.opml import ListedFeed, write_opml

    settings = settings_from(home)
    with subscriptions(settings) as subscribed:
        states = subscribed.book.feeds()
    if as_opml:
        typer.echo(safe(write_opml(ListedFeed(s.url, s.title) for s in states)), nl=False)
    elif as_json:
        from api.feed_wire import FeedList, feed_out

        say_json(FeedList(feeds=[feed_out(s) for s in states]).model_dump(mode="json"))
    else:
        for state in states:
            _say_feed(state)
        if not states:
            note(f"there are no feeds yet: {again(settings, 'feeds add URL')}")
    return 0


def _say_feed(state: FeedState) -> None:
    from api.feed_wire import status_of

    status = status_of(state)
    say(f"{one_line(state.title or state.url)}  [{status}]", bold=True)
    say(f"  {one_line(state.url)}", dim=True)
    waiting = f", {state.waiting} with a summary only so far" if state.waiting else ""
    say(f"  {state.entries:,} entries{waiting}; last read {_moment(state.succeeded_at)}", dim=True)
    if state.error:
        times = f" ({state.failures} times in a row)" if state.failures > 1 else ""
        say(f"  {one_line(state.error)}{times}", fg="red")
    if state.next_poll_at:
        say(f"  next poll {_moment(state.next_poll_at)}", dim=True)


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


@app.command("remove")
@command
def remove(
    urls: Annotated[list[str], typer.Argument(metavar="URL...")],
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Unsubscribe. The articles stay. Exit code 1 when a feed is not subscribed to.

    \b
      dateline feeds remove https://meridianwire.example/feed.xml
    """  # noqa: D301 - typer keeps the lines after it
    from index.errors import FeedNotFound

    removed: list[str] = []
    missing: list[str] = []
    with subscriptions(settings_from(home)) as subscribed:
        for url in urls:
            try:
                removed.append(subscribed.book.remove(url).url)
            except FeedNotFound:
                missing.append(url)
    if as_json:
        say_json({"removed": removed, "not_found": missing})
    else:
        for url in removed:
            say(f"Unsubscribed from {one_line(url)}")
    if missing:
        named = ", ".join(repr(url) for url in missing)
        raise Problem(f"no feed is subscribed to at {named}: see `dateline feeds list`", PARTLY)
    return 0


# -- poll and watch -------------------------------------------------------------------


@app.command("poll")
@command
def poll(
    urls: Urls = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="All feeds, due or not, also where nothing seems changed."),
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Read the feeds that are due, or those named, and store what is new.

    Exit code 1 when a feed could not be read or an entry not be stored.

    \b
      dateline feeds poll
      dateline feeds poll https://meridianwire.example/feed.xml --force
    """  # noqa: D301 - typer keeps the lines after it
    from index.errors import FeedNotFound

    settings = settings_from(home)
    with opened(settings) as dateline:
        try:
            report = dateline.feeds.poller.poll(
                urls or None, force=force, on_polled=lambda p: None if as_json else _say_polled(p)
            )
        except FeedNotFound as error:
            raise Problem(str(error), PARTLY) from None
        subscribed = bool(dateline.feeds.book.feeds())
    if as_json:
        from api.feed_wire import poll_out

        say_json(poll_out(report).model_dump(mode="json"))
    elif not report.feeds:
        waits = "no feed is due; --force polls them all" if subscribed else "there are no feeds yet"
        note(waits + ("" if subscribed else f": {again(settings, 'feeds add URL')}"))
    return PARTLY if report.broken or any(feed.failed for feed in report.feeds) else 0


@app.command("watch")
@command
def watch(home: Home = None) -> int:
    """Poll feeds whenever they are due, until Ctrl-C. A line for each poll.

    \b
      dateline feeds watch
    """  # noqa: D301 - typer keeps the lines after it
    settings = settings_from(home)
    with opened(settings) as dateline:
        feeds = dateline.feeds.book.feeds()
        note(f"watching {several(len(feeds), 'feed')}; Ctrl-C ends it")
        try:
            _watch(dateline)
        except KeyboardInterrupt:
            note("stopped; what was stored stays")
    return 0


def _watch(dateline: Dateline) -> None:
    from index.errors import StoreLocked
    from rag.assemble import now

    never = threading.Event()
    while True:
        try:
            dateline.feeds.poller.poll(on_polled=_say_polled)
            due = dateline.feeds.book.next_due()
            wait_s = LOOK_EVERY_S if due is None else (due - now()).total_seconds()
        except StoreLocked as error:
            note(one_line(str(error)))
            wait_s = LOOK_EVERY_S
        never.wait(min(max(wait_s, 0.2), LOOK_EVERY_S))


def _say_polled(polled: PolledFeed) -> None:
    say(f"{one_line(polled.title or polled.url)}: {_brought(polled)}")
    for skipped in polled.skipped[:MAX_NAMED]:
        note(f"  skipped {one_line(skipped.origin)}: {one_line(skipped.reason)}")
    if (more := len(polled.skipped) - MAX_NAMED) > 0:
        note(f"  and {more:,} more were skipped; --json lists them all")


def _brought(polled: PolledFeed) -> str:
    until = f"; next poll {_moment(polled.next_poll_at)}" if polled.next_poll_at else ""
    if polled.error:
        return f"cannot be read: {one_line(polled.error)}{until}"
    if polled.unmodified and not (polled.new or polled.changed):
        return f"nothing new{until}"
    counts = f"{polled.new:,} new, {polled.changed:,} changed, {polled.same:,} known"
    for count, said in (
        (polled.failed, "could not be stored"),
        (polled.waiting, "with a summary only so far"),
        (polled.left, "left for the next poll"),
    ):
        counts += f", {count:,} {said}" if count else ""
    return counts + until
