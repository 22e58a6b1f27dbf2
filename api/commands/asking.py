"""`dateline ask` and `dateline search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import (
    AsJson,
    AskedAt,
    AsOf,
    From,
    Home,
    K,
    Sections,
    Sources,
    To,
    Unread,
    filters_of,
)
from api.commands.running import PARTLY, again, command, opened, settings_from
from api.reading import read_as
from api.terminal import note, one_line, say, say_json, say_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.documents import ArticleRef, Hit
    from rag.answers import Answer, Citation, Question, Understood
    from rag.assemble import Dateline

# Of a passage that is near but no answer.
_NEAREST = 3
_NEAREST_CHARS = 300
# A quotation is nearly always shorter; `--json` has all of it.
_QUOTE_CHARS = 600


@command
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    k: K = 10,
    published_from: From = None,
    published_to: To = None,
    as_of: AsOf = None,
    sources: Sources = None,
    sections: Sections = None,
    asked_at: AskedAt = None,
    literal: Unread = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Answer a question with exact quotations, or decline.

    The answer is the sentences that say so, word for word. Where none does, it is declined.
    Declining is a result like any other: it says why, and the exit code is 0.

    \b
      dateline ask "How many people died on the ferry?"
      dateline ask "Who won the recount?" --from 2025-03-01 --source nytimes.com
      dateline ask "How many are missing?" --as-of 2025-03-16 --json
    """  # noqa: D301 - typer keeps the lines after it
    import asyncio

    from api.filters import asked_at_or_default
    from rag.answers import Question
    from rag.assemble import now
    from rag.pipeline import check

    filters = filters_of(published_from, published_to, as_of, sources, sections)
    asked = Question(
        text=_sound(question),
        asked_at=asked_at_or_default(asked_at, filters, now()),
        filters=filters,
        k=k,
        literal=frozenset(literal or ()),
    )
    check(asked)
    with opened(settings_from(home)) as dateline:
        answer = asyncio.run(_answered(dateline, asked))
        _note_if_empty(dateline)
    if as_json:
        from api.wire import answer_out

        say_json(answer_out(answer).model_dump(mode="json"))
    else:
        _say_answer(answer)
    return 0


async def _answered(dateline: Dateline, asked: Question) -> Answer:
    try:
        return await dateline.answerer.answer(asked)
    finally:
        await dateline.disconnect()


@command
def search(
    query: Annotated[str, typer.Argument(metavar="WORDS", help="Words to search for.")],
    k: K = 10,
    published_from: From = None,
    published_to: To = None,
    as_of: AsOf = None,
    sources: Sources = None,
    sections: Sections = None,
    asked_at: AskedAt = None,
    literal: Unread = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Show the passages nearest to some words, best first. Exit code 1 when there is none.

    \b
      dateline search "ferry death toll"
      dateline search "interest rates" -k 3 --section Business --json
    """  # noqa: D301 - typer keeps the lines after it
    from api.filters import asked_at_or_default
    from api.wire import search_out
    from rag.answers import Question
    from rag.assemble import now
    from rag.pipeline import check

    filters = filters_of(published_from, published_to, as_of, sources, sections)
    text = _sound(query)
    asked = Question(
        text=text,
        asked_at=asked_at_or_default(asked_at, filters, now()),
        filters=filters,
        k=k,
        literal=frozenset(literal or ()),
    )
    check(asked)
    with opened(settings_from(home)) as dateline:
        understood, result = dateline.answerer.search(asked)
        _note_if_empty(dateline)
    if as_json:
        say_json(search_out(text, understood, result).model_dump(mode="json"))
    else:
        _say_understood(understood, text)
        _say_hits(result.hits)
    return 0 if result.hits else PARTLY


def _sound(text: str) -> str:
    """What was typed, as text: bytes of no known encoding are replaced."""
    return text.encode("utf-8", "replace").decode()


def _note_if_empty(dateline: Dateline) -> None:
    if not dateline.engine.store.counts()["articles"]:
        note(f"there is nothing to ask yet: {again(dateline.settings, 'ingest PATH')}")


def _say_understood(understood: Understood, asked: str) -> None:
    """How the question was read, where that is more than its words."""
    for line in read_as(understood, asked):
        say_text(line, dim=True)


def _say_answer(answer: Answer) -> None:
    _say_understood(answer.understood, answer.question)
    if answer.reason is None:
        say_text(answer.text, bold=True)
        for citation in answer.citations:
            _say_citation(citation)
        say(f"\nconfidence {answer.confidence:.2f}", dim=True)
        if answer.caution:
            say_text(answer.caution)
        return
    say_text(f"No answer ({answer.reason.code}): {answer.reason.detail}", bold=True)
    if answer.hits:
        say("\nThe nearest passages:")
        _say_hits(answer.hits[:_NEAREST], chars=_NEAREST_CHARS)


def _say_citation(citation: Citation) -> None:
    say_text(f"\n[{citation.marker}] {_quoted(_shortened(citation.quote, _QUOTE_CHARS))}")
    say_text(about(citation.article), indent=4)
    for mention in citation.dates:
        if mention.first == mention.last:
            days = mention.first.isoformat()
        else:
            days = f"{mention.first.isoformat()} to {mention.last.isoformat()}"
        say_text(f"{_quoted(one_line(mention.text))}: {days}", indent=4)
    say_text(
        f"{citation.verdict}, characters {citation.start} to {citation.end} of article "
        f"{citation.article.id}, version {citation.article.version}",
        indent=4,
        dim=True,
    )


def _say_hits(hits: Sequence[Hit], chars: int | None = None) -> None:
    if not hits:
        say("Nothing found.")
    for hit in hits:
        say_text(f"\n{hit.rank}. {about(hit.article)}", bold=True)
        say_text(_shortened(hit.passage.text, chars), indent=3)
        if hit.copies:
            others = ", ".join(one_line(ref.source or ref.title) for ref in hit.copies)
            say(f"   also in {others}", dim=True)
        say(f"   score {hit.score:.2f}, article {hit.article.id}", dim=True)


def _shortened(text: str, chars: int | None) -> str:
    text = one_line(text)
    return text if chars is None or len(text) <= chars else text[:chars].rstrip() + "…"


def about(article: ArticleRef) -> str:
    """Title, outlet and day of an article, on one line."""
    parts = [article.title, article.source or "outlet not known"]
    if article.published:
        parts.append(article.published.isoformat())
    elif article.modified:
        parts.append(f"updated {article.modified.isoformat()}")
    else:
        parts.append("date not known")
    return ", ".join(one_line(part) for part in parts)


def _quoted(words: str) -> str:
    """In quotation marks, but for words that bring their own."""
    return words if words[:1] in "“\"‘'«" else f"“{words}”"
