"""`dateline keys`: make API keys, list and revoke them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.options import AsJson, Home
from api.commands.running import PARTLY, UNUSABLE, Problem, again, command, settings_from
from api.keys import Key, KeyRefused, KeysUnreadable, Scope
from api.terminal import note, say, say_json

if TYPE_CHECKING:
    from api.key_book import KeyBook
    from rag.settings import Settings

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
_MAX_EXPIRY_DAYS = 36_500

app = typer.Typer(
    name="keys",
    help=(
        "API keys for `dateline serve`. As soon as there is one, every request needs one. "
        "See docs/security.md.\n\n\b\n"
        "  dateline keys add laptop\n"
        "  dateline keys add importer --scope ingest --expires 90d\n"
        "  dateline keys revoke laptop"
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
)


@contextmanager
def book_of(settings: Settings) -> Iterator[KeyBook]:
    """The keys of the data directory; what is wrong with them ends the command."""
    from api.key_book import KeyBook

    try:
        yield KeyBook(settings.home)
    except KeyRefused as error:
        raise Problem(str(error), PARTLY) from None
    except KeysUnreadable as error:
        raise Problem(str(error), UNUSABLE) from None


def _lasting(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([1-9][0-9]{0,5})([hd])", value)
    if match is None or (time := int(match[1]) * _UNITS[match[2]]).days > _MAX_EXPIRY_DAYS:
        raise typer.BadParameter(f"{value!r} is no time: give days or hours, such as 90d or 12h")
    return time


@app.command("add")
@command
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is: laptop, open-webui.")],
    scope: Annotated[
        Scope, typer.Option(help="read: ask and read; ingest: also add and remove articles.")
    ] = Scope.READ,
    expires: Annotated[
        timedelta | None,
        typer.Option(
            parser=_lasting, metavar="TIME", help="Works so long, such as 90d; default: for good."
        ),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Make a key, and show it this once. A server that runs takes it at once.

    \b
      dateline keys add laptop
      dateline keys add importer --scope ingest --expires 90d
    """  # noqa: D301 - typer keeps the lines after it
    settings, made = settings_from(home), datetime.now(UTC)
    with book_of(settings) as book:
        is_first = not book.are_needed()
        key, secret = book.add(
            name, scope, now=made, expires_at=made + expires if expires else None
        )
    if as_json:
        say_json({"key": secret, **_shown(key, made)})
    else:
        say(secret)
        note(f"This is {name!r} ({_told(key, made)}); it is not shown again. Send it as")
        note("  Authorization: Bearer KEY")
        if is_first:
            note(f"From now on every request to {settings.home} needs a key.")
    return 0


@app.command("list")
@command
def list_(home: Home = None, as_json: AsJson = False) -> int:
    """Show the keys: names, scopes, times. The keys themselves are kept nowhere.

    \b
      dateline keys list
    """  # noqa: D301 - typer keeps the lines after it
    settings, moment = settings_from(home), datetime.now(UTC)
    with book_of(settings) as book:
        keys = book.all()
    if as_json:
        say_json({"keys": [_shown(key, moment) for key in keys]})
        return 0
    for key in keys:
        say(f"{key.name}  {_told(key, moment)}, made {_moment(key.created_at)}")
    if not keys:
        note(f"there are no keys yet: {again(settings, 'keys add NAME')}")
    return 0


@app.command("revoke")
@command
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME")], home: Home = None, as_json: AsJson = False
) -> int:
    """End a key for good. A server that runs refuses it from the next request on.

    \b
      dateline keys revoke laptop
    """  # noqa: D301 - typer keeps the lines after it
    settings, moment = settings_from(home), datetime.now(UTC)
    with book_of(settings) as book:
        key = book.revoke(name, now=moment)
        are_needed = book.are_needed()
    if as_json:
        say_json(_shown(key, moment))
    else:
        say(f"Revoked {name!r}")
    if not are_needed:
        note("That was the last key: on this machine alone, everything is open again.")
    return 0


def _told(key: Key, now: datetime) -> str:
    """The scope of a key, and until when it works."""
    if key.revoked_at is not None:
        return f"{key.scope}, revoked {_moment(key.revoked_at)}"
    if key.expires_at is None:
        return f"{key.scope}, for good"
    return f"{key.scope}, {'until' if key.works_at(now) else 'expired'} {_moment(key.expires_at)}"


def _shown(key: Key, now: datetime) -> dict[str, str | bool | None]:
    return {
        "name": key.name,
        "scope": key.scope.value,
        "works": key.works_at(now),
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
