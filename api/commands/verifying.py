"""`dateline verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import AsJson, Home
from api.commands.running import Problem, command, opened_store, settings_from
from api.terminal import one_line, say, say_json, say_text

if TYPE_CHECKING:
    from index.documents import ArticleRef
    from rag.grounding.evidence import Evidence
    from rag.grounding.findings import Grounding
    from rag.settings import Settings


@command
def verify(
    sentence: Annotated[str, typer.Argument(metavar="SENTENCE", help="What is to be checked.")],
    files: Annotated[
        list[Path] | None,
        typer.Option("--evidence", metavar="FILE", help="A text; repeat for several."),
    ] = None,
    article_id: Annotated[
        str | None, typer.Option("--article", metavar="ID", help="A stored article.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="With --article; default: the current one.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Hold a sentence against evidence: supported, contradicted or unsupported, and why.

    Quotations, numbers, dates, names and denials are checked, and the probability estimated
    that the evidence carries the meaning. The verdict is a result: the exit code is 0.

    \b
      dateline verify "The ferry sank with 143 people aboard." --evidence report.txt
      dateline verify "Nine people died." --article mw-20250315-0007 --version 1 --json
    """  # noqa: D301 - typer keeps the lines after it
    from rag.assemble import load_aligner
    from rag.grounding.judge import judge_sentence
    from rag.grounding.semantic import SemanticSupport
    from rag.pipeline import MAX_QUESTION_CHARS

    sentence = sentence.encode("utf-8", "replace").decode()  # bytes of no known encoding
    if not sentence.strip() or len(sentence) > MAX_QUESTION_CHARS:
        raise Problem(
            f"SENTENCE has {len(sentence):,} characters: give 1 to {MAX_QUESTION_CHARS:,}"
        )
    if bool(files) == bool(article_id):
        raise Problem("give either --evidence FILE or --article ID")
    if version is not None and not article_id:
        raise Problem("--version goes with --article")
    settings = settings_from(home)
    if article_id:
        evidence, article = _of_article(settings, article_id, version)
    else:
        evidence, article = _read(files or []), None
    grounding = judge_sentence(sentence, evidence, SemanticSupport(load_aligner(settings)))
    if as_json:
        from api.grounding_wire import verify_out

        say_json(verify_out(sentence, grounding, article).model_dump(mode="json"))
    else:
        _say(grounding)
    return 0


def _read(files: list[Path]) -> list[Evidence]:
    from index.sources.text import decode
    from rag.grounding.evidence import Evidence

    return [Evidence(decode(path.read_bytes())) for path in files]


def _of_article(
    settings: Settings, article_id: str, version: int | None
) -> tuple[list[Evidence], ArticleRef | None]:
    from index.errors import ArticleNotFound
    from rag.grounding.evidence import evidence_of

    with opened_store(settings) as store:
        if store is None:
            raise ArticleNotFound(f"there is no article {article_id!r}: nothing was ingested yet")
        article = store.article(article_id, version)
    return [evidence_of(article)], article.ref


def _say(grounding: Grounding) -> None:
    estimate = "" if grounding.probability is None else f", probability {grounding.probability:.2f}"
    say(f"{grounding.verdict}{estimate}", bold=True)
    for finding in grounding.findings:
        say_text(f"{finding.check}: {finding.verdict}, {one_line(finding.detail)}", indent=2)
    for place in grounding.nearest:
        where = "title" if place.in_title else f"characters {place.start} to {place.end}"
        say_text(f"\n“{one_line(place.text)}”", indent=2)
        say(f"  {where} of piece {place.piece}", dim=True)
