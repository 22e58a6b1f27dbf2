"""Judgements and runs in the formats of TREC, read and written.

A run has lines `question Q0 id rank score tag`, judgements `question 0 id grade`; BEIR
writes judgements as a table with a header. Rankings go by score, ties by id, whatever the
ranks of a file say: as trec_eval does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rag.evaluation.errors import EvaluationError
from rag.evaluation.lines import numbered, read_text

Grades = dict[str, dict[str, int]]
Rankings = dict[str, list[tuple[str, float]]]


def read_qrels(path: Path) -> Grades:
    """Grades by question and id, of TREC's four columns or BEIR's three.

    Raises:
        EvaluationError: a line is neither, with its number.
    """
    grades: Grades = {}
    for number, line in numbered(read_text(path)):
        parts = line.split()
        if number == 1 and parts[0].lower() in ("query-id", "qid", "query_id"):
            continue
        if len(parts) not in (3, 4):
            raise _bad(path, number, "has not the columns of judgements: question, 0, id, grade")
        try:
            grade = int(parts[-1])
        except ValueError:
            raise _bad(path, number, f"has the grade {parts[-1]!r}: give a whole number") from None
        grades.setdefault(parts[0], {})[parts[-2]] = grade
    return grades


def read_run(path: Path) -> Rankings:
    """Ranked ids with their scores by question, best first.

    Raises:
        EvaluationError: a line is not one of a run, with its number.
    """
    found: dict[str, dict[str, float]] = {}
    for number, line in numbered(read_text(path)):
        parts = line.split()
        if len(parts) != 6:
            raise _bad(path, number, "has not the six columns of a run")
        try:
            score = float(parts[4])
        except ValueError:
            raise _bad(path, number, f"has the score {parts[4]!r}: give a number") from None
        found.setdefault(parts[0], {})[parts[2]] = score
    return {
        question: sorted(scores.items(), key=lambda hit: (-hit[1], hit[0]))
        for question, scores in found.items()
    }


def _bad(path: Path, number: int, what: str) -> EvaluationError:
    return EvaluationError(f"line {number} of {str(path)!r} {what}")


def write_qrels(path: Path, grades: Mapping[str, Mapping[str, int]]) -> None:
    """Write judgements in TREC's four columns, sorted."""
    lines = (
        f"{question} 0 {key} {grade}"
        for question, graded in sorted(grades.items())
        for key, grade in sorted(graded.items())
    )
    _write(path, lines)


def write_run(path: Path, run: Mapping[str, Sequence[tuple[str, float]]], tag: str) -> None:
    """Write a run, ranks from 1."""
    lines = (
        f"{question} Q0 {key} {rank} {score!r} {tag}"
        for question, ranking in sorted(run.items())
        for rank, (key, score) in enumerate(ranking, start=1)
    )
    _write(path, lines)


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
