"""From raw text to an article that can be cited: clean, dated, cut into passages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from index.documents import PublicationDate, RawArticle, Removed
from index.errors import BoilerplateOnly, EmptySource
from index.prepare.clean import notes_of, scrub
from index.prepare.lines import split_lines
from index.prepare.metadata import read_metadata
from index.prepare.rules import Rules, default_rules

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article ready to be cited: its text without debris, and what is known of it.

    `removed` are spans of the raw text, by start; `notes` are corrections and
    editors' notes, which are facts about the article and no text of it.
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
    received: datetime | None = None,  # noqa: ARG001 - its owner is at work on it
) -> Prepared:
    """Cleans `raw.text` and reads its metadata.

    Raises:
        EmptySource: The text holds no visible character.
        BoilerplateOnly: Nothing of it is journalism.
    """
    scrubbed = scrub(raw.text, rules or default_rules())
    found = read_metadata(raw, scrubbed.lines, scrubbed.removed)
    text = "\n".join(line.text for line in found.lines)
    if not text:
        raise _refusal(raw)
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
        notes=notes_of(scrubbed),
    )


def _refusal(raw: RawArticle) -> EmptySource | BoilerplateOnly:
    count = len(split_lines(raw.text))
    if not count:
        return EmptySource(raw.origin, "the text holds no visible character; nothing to index")
    return BoilerplateOnly(
        raw.origin,
        f"all {count} lines are boilerplate, such as a log-in or cookie wall;"
        " fetch the article again with access to it",
    )
