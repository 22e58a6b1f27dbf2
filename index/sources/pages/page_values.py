"""What pages state, made usable: machine dates, names of people, titles without the outlet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from index.documents import PublicationDate
from index.prepare.dates import parse_date

_DIGITS = re.compile(r"\d{10}|\d{13}")
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?\d{4,6})?Z?")
_YEAR_FIRST = re.compile(r"(\d{4})(?:[/.]|年)(\d{1,2})(?:[/.]|月)(\d{1,2})(?:日)?(?!\d)[T ]*(.*)")
_LOOSE_ZONE = re.compile(r"(?<=\d)\s+(?=[+-]\d{2}:?\d{2}\Z|Z\Z)|\s*(?:\[[^\]]*\]|\(.*\))\Z")
_NAMED_UTC = re.compile(r"(?<=\d)\s*(?:UTC|GMT)\Z")
# A Unix date names its zone by letters that mean several: only the day is sure.
_UNIX = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) [\d:]{8}(?: [A-Z]{2,5})? (\d{4})")

_MAX_NAME_WORDS = 5
_BETWEEN_NAMES = re.compile(r"\s*(?:[;|/\n]|\s&\s|,?\s+\b(?:and|und|et|y|e|with)\b\s|,)\s*")
_BY = re.compile(r"\A\s*(?:written |reported )?(?:by|von|por|par|di)\b:?\s+", re.IGNORECASE)
_ASIDE = re.compile(r"\s*[(\[<][^()\[\]<>]*[)\]>]?")
_NAME = re.compile(
    r"[^\W\d_][\w.'’‘-]*(?: [\w.'’‘-]+)+|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2,6}"
)
_NO_PERSON = re.compile(
    r"\b(?:admin|agenc\w+|analyst|associat\w+|board|bureau|columnist|company|contributors?"
    r"|correspondent|council|desk|director|editor\w*|foreign|foundation|group|guest|inc|institute"
    r"|journalist|llc|ltd|magazine|media|network|news\w*|online|organi[sz]ation|photographer|press"
    r"|producer|redac\w+|rédaction|redaktion|reporters?|reuters|senior|services?|staff|team|times"
    r"|today|wire|writers?)\b|https?:|@|\.(?:com|net|org)\b|\d",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\s*(?:\s[-–—|•·»:/]+\s|[|_]|\s(?=\[))\s*")
_PREFIX = re.compile(r"\s*(?:\s[-–—|•·»]+|:|\|)\s")
_DOMAIN = re.compile(r"\.(?:com|net|org)\Z")
_NOT_LETTERS = re.compile(r"[\W_]+")


def best_date(stated: Iterable[str | None]) -> str | None:
    """The first of the dates that can be read, at the best precision given for that day."""
    known = [(date, value) for value in map(machine_date, filter(None, stated))
             if (date := parse_date(value)) is not None]  # fmt: skip
    if not known:
        return None
    first, value = known[0]
    if first.precision == "second":
        return value
    same = (value for date, value in known if date.precision == "second" and _near(first, date))
    return next(same, value)


def _near(day: PublicationDate, instant: PublicationDate) -> bool:
    """Whether an instant may lie in a day of some time zone."""
    return day.at - timedelta(hours=14) <= instant.at < day.at + timedelta(hours=38)


def machine_date(stated: str) -> str:
    """A date in a form that `parse_date` knows, where it is in one that only machines use."""
    value = " ".join(stated.split()).strip("\"'")
    if _DIGITS.fullmatch(value):
        return _of_epoch(int(value))
    if match := _STAMP.fullmatch(value):
        return "-".join(match.groups())
    if match := _UNIX.fullmatch(value):
        return f"{match[2]} {match[1]} {match[3]}"
    if match := _YEAR_FIRST.fullmatch(value):
        day = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
        value = f"{day}T{match[4]}" if match[4][:1].isdigit() else day
    return _NAMED_UTC.sub("Z", _LOOSE_ZONE.sub("", value)) if value[:4].isdigit() else value


def _of_epoch(number: int) -> str:
    seconds = number / 1000 if number >= 10**12 else number
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return ""


def people(stated: Iterable[str], outlets: Iterable[str] = ()) -> tuple[str, ...]:
    """The people that bylines name, once each: no desks, agencies, addresses or job titles."""
    known = {fold(name) for name in outlets}
    found: dict[str, str] = {}
    for byline in stated:
        if "://" in byline and "(" not in byline:
            continue
        for name in _split(_BY.sub("", _ASIDE.sub("", byline[:500]).strip(), count=1)):
            if _is_person(name) and fold(name) not in known:
                found.setdefault(
                    fold(name), name.title() if name.isupper() and " " in name else name
                )
    return tuple(found.values())


def _split(byline: str) -> list[str]:
    parts = [part.strip(" .,") for part in _BETWEEN_NAMES.split(byline)]
    if (
        len(parts) == 2
        and byline.count(",") == 1
        and all(part and " " not in part for part in parts)
    ):
        return [f"{parts[1]} {parts[0]}"]  # "Holm, Ana"
    return parts


def _is_person(name: str) -> bool:
    return (
        bool(_NAME.fullmatch(name))
        and len(name.split()) <= _MAX_NAME_WORDS
        and not _NO_PERSON.search(name)
        and not name.islower()
    )


def without_outlet(title: str, outlets: Iterable[str]) -> str:
    """A title without the outlet, which many put behind or before it."""
    known = [folded for folded in map(fold, outlets) if folded]
    while True:
        for match in reversed(list(_SUFFIX.finditer(title))):
            if match.start() and _is_outlet(title[match.end() :], known):
                title = title[: match.start()].strip()
                break
        else:
            break
    before = _PREFIX.search(title)
    if before and _is_outlet(title[: before.start()], known):
        title = title[before.end() :].strip()
    return title


def _is_outlet(words: str, known: list[str]) -> bool:
    folded = fold(words)
    return bool(folded) and any(
        folded in (name, f"the{name}") or name == f"the{folded}" for name in known
    )


def fold(text: str) -> str:
    """Letters and digits alone, for comparison; an outlet may write ".com" or leave it out."""
    return _NOT_LETTERS.sub("", _DOMAIN.sub("", text.strip().casefold()))
