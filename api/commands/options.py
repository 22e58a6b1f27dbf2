"""The options that several commands share, with their help and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.filters import end_of, make_filters, start_of
from index.documents import Filters
from rag.answers import Aspect


def _date(read: Callable[[str], datetime]) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return read(value)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    return parse


Home = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="Data directory; default: DATELINE_HOME.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
K = Annotated[
    int, typer.Option("--k", "-k", metavar="N", min=1, max=100, help="Passages to return.")
]
From = Annotated[
    datetime | None,
    typer.Option("--from", parser=_date(start_of), metavar="DATE", help="Published since then."),
]
To = Annotated[
    datetime | None,
    typer.Option(
        "--to", parser=_date(end_of), metavar="DATE", help="Published until then, day included."
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", parser=_date(end_of), metavar="DATE", help="See nothing published later."
    ),
]
AskedAt = Annotated[
    datetime | None,
    typer.Option(
        "--asked-at",
        parser=_date(end_of),
        metavar="DATE",
        help='The day that "recent" refers to; default: --as-of, else now.',
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NAME", help="Outlet; repeat for several."),
]
Sections = Annotated[
    list[str] | None,
    typer.Option("--section", metavar="NAME", help="Section; repeat for several."),
]

Unread = Annotated[
    list[Aspect] | None,
    typer.Option(
        "--literal",
        metavar="WHAT",
        help="Not read out of the words: dates, outlets, phrases; repeat for several.",
    ),
]


def filters_of(
    published_from: datetime | None,
    published_to: datetime | None,
    as_of: datetime | None,
    sources: list[str] | None,
    sections: list[str] | None,
) -> Filters:
    """The filters of the options; a range that ends before it begins is a usage error."""
    try:
        return make_filters(
            published_from=published_from,
            published_to=published_to,
            as_of=as_of,
            sources=sources or (),
            sections=sections or (),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
