"""`dateline eval`: how well a corpus is searched, answered from and doubted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import AsJson
from api.commands.running import INTERRUPTED, Problem, command, opened, settings_from
from api.progress import meter
from api.terminal import note, one_line, say, say_json, several

if TYPE_CHECKING:
    from rag.assemble import Dateline
    from rag.evaluation.planning import Plan
    from rag.evaluation.results import Results

# Lines of questions that were passed over and are named; all of them are counted.
MAX_NAMED = 5


@command
def evaluate(
    corpus: Annotated[
        Path,
        typer.Argument(
            metavar="CORPUS", help="A data directory, a BEIR folder, or what `ingest` takes."
        ),
    ],
    questions: Annotated[
        Path | None,
        typer.Argument(
            metavar="QUESTIONS",
            help="JSON Lines, TREC topics, or a BEIR folder; default: those of the corpus.",
            show_default=False,
        ),
    ] = None,
    qrels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Judgements of articles in TREC's or BEIR's form."),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Score this TREC run; search nothing.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the results go.")
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where a corpus that must be ingested is kept."),
    ] = None,
    asked: Annotated[
        str | None,
        typer.Option(
            metavar="FROM..TO", help="Only questions asked then, such as 2023-09..2023-12."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Only the first N questions.")
    ] = None,
    pooled: Annotated[
        bool,
        typer.Option("--pooled", help="See only the articles that the questions name."),
    ] = False,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Also search with each stage on and off.")
    ] = False,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Earlier results, or a TREC run, to compare with."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Measure search, answers and doubt on questions whose answers are known.

    Writes a report to read in a browser, figures with intervals, a run and judgements of TREC,
    and what came of each question. An interrupted run goes on when it is started again.

    \b
      dateline eval ~/news questions.jsonl
      dateline eval articles.jsonl.gz questions.jsonl.gz --asked 2023-09..2023-12 --json
      dateline eval ~/news questions.jsonl --ablate --compare dateline-eval/questions-1f0c2ab9d4
      dateline eval scifact
    """  # noqa: D301 - typer keeps the lines after it
    try:
        from rag.evaluation.planning import planned
    except ImportError as error:
        raise Problem(
            f"{error.name} is missing: pip install 'dateline[evaluation]'", code=3
        ) from None
    plan = planned(
        corpus, questions, qrels=qrels, run=run, asked=asked, limit=limit,
        pooled=pooled, ablate=ablate, compare=compare,
    )  # fmt: skip
    for refused in plan.refused[:MAX_NAMED]:
        note(f"passed over line {refused.line} of the questions: {one_line(refused.reason)}")
    if (more := len(plan.refused) - MAX_NAMED) > 0:
        note(f"and {more:,} more lines were passed over")
    results, folder = _scored(plan, out) if plan.needs_no_corpus else _asked(plan, out, work)
    if results is None:
        return INTERRUPTED
    if as_json:
        from rag.evaluation.results import headline

        say_json(headline(results))
    else:
        _say(results)
    note(f"results: {folder}/report.html")
    return 0


def _scored(plan: Plan, out: Path | None) -> tuple[Results, Path]:
    """The figures of a run of TREC against judgements: nothing is searched."""
    from rag.evaluation.run import finished, scored

    identity, outcomes = scored(plan)
    folder = out or plan.folder(identity)
    return finished(plan, folder, identity, outcomes), folder


def _asked(plan: Plan, out: Path | None, work: Path | None) -> tuple[Results | None, Path]:
    """The figures of a corpus; None when it was interrupted."""
    from rag.evaluation.run import Run

    with _corpus(plan, work) as dateline:
        run = Run(plan, dateline)
        folder = out or plan.folder(run.identity)
        kept = run.begin(folder)
        if kept:
            note(f"{several(kept, 'question')} of this run are there already, in {folder}")
        try:
            with meter("questions", len(run.questions)) as shown:
                run.ask(lambda done, rate: shown.show(done, None, rate))
            if plan.ablate:
                with meter("searches", run.ablations) as shown:
                    run.ablate(lambda done, rate: shown.show(done, None, rate))
        except KeyboardInterrupt:
            note(
                f"interrupted: {several(run.done, 'question')} of {len(run.questions):,} kept in "
                f"{folder}; the same command goes on from there"
            )
            return None, folder
        return run.finish(), folder


@contextmanager
def _corpus(plan: Plan, work: Path | None) -> Iterator[Dateline]:
    """The corpus, opened; what is no data directory is ingested unless that was done before."""
    settings = settings_from(None)
    if plan.form == "data directory":
        with opened(replace(settings, home=plan.corpus)) as dateline:
            yield dateline
        return
    from rag.assemble import expected_manifest
    from rag.evaluation.corpora import KEPT, kept_at

    folder = work or settings.model_cache.parent / "evaluation"
    home = kept_at(folder, plan.corpus, expected_manifest(settings))
    with opened(replace(settings, home=home)) as dateline:
        if not (home / KEPT).exists():
            _ingest(plan, dateline)
            (home / KEPT).write_text(f"{plan.corpus.name}\n", "utf-8")
        yield dateline


def _ingest(plan: Plan, dateline: Dateline) -> None:
    from api.commands.ingest import count_inputs
    from rag.evaluation.corpora import articles_of

    note(f"ingesting {plan.corpus}; that is done once, and goes on where it was interrupted")
    with meter("inputs", count_inputs([str(plan.corpus)])) as shown:
        report = dateline.ingestor.ingest(
            articles_of(plan.corpus),
            on_progress=lambda p: shown.show(p.articles, p.passages, p.passages_per_s),
        )
    for skipped in report.skipped[:MAX_NAMED]:
        note(f"skipped {one_line(skipped.origin)}: {one_line(skipped.reason)}")
    if (more := len(report.skipped) - MAX_NAMED) > 0:
        note(f"and {more:,} more were skipped")
    if not dateline.engine.store.counts()["articles"]:
        raise Problem(f"{str(plan.corpus)!r} holds no article: name what `dateline ingest` takes")


def _say(results: Results) -> None:
    from rag.evaluation.figures import FIGURES

    for figure in FIGURES:
        one = results.figures[figure.name]
        if one is None:
            continue
        between = "" if one.low is None else f"  {_shown(one.low)} to {_shown(one.high or 0.0)}"
        say(f"{figure.name:28} {_shown(one.value)}{between:18}  n = {one.n:,}")
    if results.comparison is None:
        return
    say(f"\nagainst {one_line(results.comparison.path)}:")
    for name, difference in results.comparison.differences.items():
        p = "" if difference.p is None else f"  p = {difference.p:.3f}"
        say(f"{name:28} {difference.value:+.3f}{p}")


def _shown(value: float) -> str:
    return f"{value:.3f}"
