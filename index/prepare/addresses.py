"""What the address of an article says of it: its outlet and, in many, the day."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from index.documents import PublicationDate
from index.prepare.dates import parse_date

_PATH_DATE = re.compile(r"/(\d{4})([/-])(\d{1,2}|[a-z]{3})\2(\d{1,2})(?=[/-]|$)")


def host_of(url: str | None) -> str | None:
    """The host, without `www.`."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return bare_host(host) if host else None


def bare_host(host: str) -> str:
    """`host` in small letters, without `www.`."""
    return host.lower().removeprefix("www.")


def day_in_path(url: str | None) -> PublicationDate | None:
    """The day in `/2023/01/05/`, `/2023-01-05/` or `/2023/jan/05/`."""
    try:
        match = _PATH_DATE.search(urlsplit(url or "").path.lower())
    except ValueError:
        return None
    if not match:
        return None
    year, _, month, day = match.groups()
    return parse_date(
        f"{day} {month} {year}" if month.isalpha() else f"{year}-{month:0>2}-{day:0>2}"
    )
