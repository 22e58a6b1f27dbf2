"""From raw text to an article that can be cited: clean, dated, cut into passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from index.documents import PublicationDate, RawArticle, Removed
from index.errors import BoilerplateOnly, EmptySource
from index.prepare.clean import notes_of, scrub
from index.prepare.datelines import DASHES, Dateline, find_dateline, read_line
from index.prepare.lines import split_lines, tidy
from index.prepare.metadata import read_metadata
from index.prepare.rules import Rules, default_rules

__all__ = ["Prepared", "prepare"]

# The boilerplate rules that take a dateline which stands on a line of its own.
DATELINE_RULES = ("wire-dateline-line", "wire-dateline-head", "wire-line")


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article ready to be cited: its text without debris, and what is known of it.

    `removed` are spans of the raw text, by start; `notes` are corrections and
    editors' notes, which are facts about the article and no text of it. `place` and
    `agency` are what its dateline names; `refused_dates` says which dates it can't have.
    """

    title: str
    title_is_derived: bool
    source: str | None
    section: str | None
    authors: tuple[str, ...]
    published: PublicationDate | None
    text: str
    removed: tuple[Removed, ...]
    notes: tuple[str, ...]
    modified: PublicationDate | None = None
    place: str | None = None
    agency: str | None = None
    refused_dates: tuple[str, ...] = ()


def prepare(
    raw: RawArticle,
    rules: Rules | None = None,
    *,
    received: datetime | None = None,
) -> Prepared:
    """Cleans `raw.text` and reads its metadata.

    Args:
        raw: the article as its source handed it over.
        rules: what is boilerplate, by default the rules that ship with this package.
        received: when it came, unless it was fetched: later dates are refused.

    Raises:
        EmptySource: The text holds no visible character.
        BoilerplateOnly: Nothing of it is journalism.
    """
    scrubbed = scrub(raw.text, rules or default_rules())
    notes = notes_of(scrubbed)
    found = read_metadata(
        raw, scrubbed.lines, scrubbed.removed, notes, received=raw.fetched_at or received
    )
    text = "\n".join(line.text for line in found.lines)
    if not text:
        raise _refusal(raw)
    dateline = find_dateline(text) or _removed_dateline(raw.text, scrubbed.removed, found.source)
    return Prepared(
        title=found.title,
        title_is_derived=found.title_is_derived,
        source=found.source,
        section=found.section,
        authors=found.authors,
        published=found.published,
        text=text,
        removed=tuple(
            sorted([*scrubbed.removed, *found.removed], key=lambda r: (r.start, r.end, r.rule))
        ),
        notes=notes,
        modified=found.modified,
        place=dateline.place if dateline else None,
        agency=dateline.agency if dateline else None,
        refused_dates=found.refused_dates,
    )


def _removed_dateline(text: str, removed: Sequence[Removed], outlet: str | None) -> Dateline | None:
    """The first dateline that stood on a line of its own and left the text."""
    for span in sorted(removed, key=lambda span: span.start):
        if span.rule in DATELINE_RULES:
            line = tidy(text[span.start : span.end])
            if line.endswith(DASHES) and (found := read_line(line, outlet)):
                return found
    return None


def _refusal(raw: RawArticle) -> EmptySource | BoilerplateOnly:
    count = len(split_lines(raw.text))
    if not count:
        return EmptySource(raw.origin, "the text holds no visible character; nothing to index")
    return BoilerplateOnly(
        raw.origin,
        f"all {count} lines are boilerplate, such as a log-in or cookie wall;"
        " fetch the article again with access to it",
    )
