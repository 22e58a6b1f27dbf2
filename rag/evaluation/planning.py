"""What is to be evaluated: which questions of which corpus, and what is wanted of them.

Reads the questions and their judgements; opens no corpus and asks nothing.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rag.evaluation.corpora import Form, beir_files, form_of
from rag.evaluation.errors import EvaluationError
from rag.evaluation.folder import NAME_CHARS
from rag.evaluation.labels import LabelledQuestion
from rag.evaluation.lines import Refused
from rag.evaluation.questions import QuestionSet, read_questions, with_judgements
from rag.evaluation.trec import read_qrels

DEFAULT_FOLDER = Path("dateline-eval")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be evaluated."""

    corpus: Path
    form: Form | None
    name: str
    questions: tuple[LabelledQuestion, ...]
    refused: tuple[Refused, ...]
    judged: bool
    run: Path | None
    asked: str | None
    pooled: bool
    ablate: bool
    compare: Path | None

    @property
    def needs_no_corpus(self) -> bool:
        """Whether a run is scored by judgements that name what it ranks."""
        return self.run is not None and self.judged

    def folder(self, identity: str) -> Path:
        """Where results go that nobody gave a place: a name that says what they are of."""
        return DEFAULT_FOLDER / f"{self.name}-{identity[:NAME_CHARS]}"


def planned(
    corpus: Path,
    questions: Path | None,
    *,
    qrels: Path | None = None,
    run: Path | None = None,
    asked: str | None = None,
    limit: int | None = None,
    pooled: bool = False,
    ablate: bool = False,
    compare: Path | None = None,
) -> Plan:
    """The plan of what was asked for.

    Raises:
        EvaluationError: something is missing or cannot be read; the message says what.
    """
    place = questions or corpus
    beir = beir_files(place) if place.is_dir() else None
    if questions is None and beir is None:
        raise EvaluationError(f"{str(corpus)!r} brings no questions: name them after it")
    if questions is not None and questions.is_dir() and beir is None:
        raise EvaluationError(
            f"{str(questions)!r} is a folder without queries.jsonl and qrels: name a file"
        )
    if questions is not None and not beir and not questions.exists():
        raise EvaluationError(f"{str(questions)!r} does not exist: name a file of questions")
    found = read_questions(beir.queries if beir else place)
    judgements = qrels or (beir.qrels if beir else None)
    if judgements:
        found = with_judgements(found, read_qrels(judgements), only_judged=True)
    chosen = _chosen(found, asked, limit)
    if not chosen:
        raise EvaluationError(_none_left(found, asked, judgements))
    return Plan(
        corpus=corpus,
        form=None if run and judgements else form_of(corpus),
        name=_plain(place.name),
        questions=chosen,
        refused=found.refused,
        judged=judgements is not None,
        run=run,
        asked=asked,
        pooled=pooled,
        ablate=ablate and run is None,
        compare=compare,
    )


def _none_left(found: QuestionSet, asked: str | None, judgements: Path | None) -> str:
    if judgements and not found.questions:
        return f"{str(judgements)!r} judges none of the questions: are their ids the same?"
    return f"no question was asked in {asked!r}: widen it"


def _plain(name: str) -> str:
    """A file name without its endings."""
    return name.split(".")[0] or "questions"


def _chosen(
    found: QuestionSet, asked: str | None, limit: int | None
) -> tuple[LabelledQuestion, ...]:
    chosen = list(found.questions)
    if asked is not None:
        first, last = days_of(asked)
        chosen = [q for q in chosen if q.asked_at and first <= q.asked_at.date() <= last]
    return tuple(chosen[:limit])


def days_of(span: str) -> tuple[date, date]:
    """The first and last day of `FROM..TO`, each a day, a month or nothing.

    Raises:
        EvaluationError: it is no such span.
    """
    first, dots, last = span.partition("..")
    try:
        begin = _days(first)[0] if first else date.min
        end = _days(last)[1] if last else (date.max if dots else _days(first)[1])
    except ValueError:
        raise EvaluationError(
            f"{span!r} is no span of days: give one such as 2023-09..2023-12 or 2023-09-05.."
        ) from None
    return begin, end


def _days(text: str) -> tuple[date, date]:
    if len(text) == len("2023-09"):
        begin = date.fromisoformat(text + "-01")
        return begin, begin.replace(day=monthrange(begin.year, begin.month)[1])
    day = date.fromisoformat(text)
    return day, day
