"""Questions as people keep them: JSON Lines, BEIR's queries, topics of TREC.

    {"question": "…", "id"?, "asked"?, "answers"?, "choices"?, "relevant"?, "articles"?,
     "answerable"?, "source_file"?}

Only the question is required; BEIR's `_id` and `text` stand for `id` and `question`. What a
line cannot say properly is refused with its number. Knows nothing of the corpus.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from rag.evaluation.errors import EvaluationError
from rag.evaluation.labels import LabelledQuestion
from rag.evaluation.lines import Refused, json_lines, numbered, read_text
from rag.pipeline import MAX_QUESTION_CHARS

_TOPIC = re.compile(r"<top>(.*?)</top>", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*([^\s<]+)", re.IGNORECASE)
_TITLE = re.compile(r"<(?:title|query)>\s*(?:Topic:)?\s*(.*?)\s*(?=<|$)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The questions of a file in its order, and the lines that hold none."""

    questions: tuple[LabelledQuestion, ...]
    refused: tuple[Refused, ...] = ()


def read_questions(path: Path) -> QuestionSet:
    """The questions of a file, whose content decides which form it has.

    Raises:
        EvaluationError: it cannot be read, or holds no question at all.
    """
    text = read_text(path)
    start = text.lstrip()
    if start.startswith("{"):
        found = _of_json(text)
    elif start[:5].lower() == "<top>":
        found = _of_topics(text)
    else:
        found = _of_table(text)
    if not found.questions:
        why = f": line {found.refused[0].line}: {found.refused[0].reason}" if found.refused else ""
        raise EvaluationError(
            f"{str(path)!r} holds no question{why}; give JSON Lines with `question` in each, "
            "TREC topics, or lines of id, tab, question"
        )
    return found


def _of_json(text: str) -> QuestionSet:
    questions: dict[str, LabelledQuestion] = {}
    refused = []
    for line, record in json_lines(text):
        if isinstance(record, str):
            refused.append(Refused(line, record))
            continue
        try:
            question = question_of(record, line)
        except ValueError as error:
            refused.append(Refused(line, str(error)))
            continue
        before = questions.get(question.id)
        if before == question:
            refused.append(Refused(line, f"the question {question.id!r} was there before"))
        elif before is not None:  # another question under the same id
            question = replace(question, id=f"{question.id}-line-{line}")
        questions.setdefault(question.id, question)
    return QuestionSet(tuple(questions.values()), tuple(refused))


def question_of(record: Mapping[str, Any], line: int) -> LabelledQuestion:
    """The question of one record; a record without an id is named by its line.

    Raises:
        ValueError: a value cannot be what it stands for; the message names it.
    """
    relevant = record.get("relevant")
    if relevant is None and isinstance(record.get("source_file"), str):
        relevant = [record["source_file"]]
    answerable = record.get("answerable")
    if answerable is not None and not isinstance(answerable, bool):
        raise ValueError(f"`answerable` is {answerable!r}: give true or false")
    return LabelledQuestion(
        id=_id(record, line),
        text=_question(record.get("question", record.get("text"))),
        asked_at=_asked_at(record.get("asked")),
        answers=_strings(record, "answers"),
        choices=_strings(record, "choices"),
        relevant=None if relevant is None else _grades(relevant),
        articles=_strings(record, "articles"),
        answerable=answerable,
    )


def _id(record: Mapping[str, Any], line: int) -> str:
    value = record.get("id", record.get("_id"))
    if value is None:
        return f"line-{line}"
    text = str(value)
    if not text or any(c.isspace() for c in text):
        raise ValueError(f"the id {text!r} holds white space, or nothing: give one word")
    return text


def _question(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"`question` is {value!r}: give its words")
    if len(value) > MAX_QUESTION_CHARS:
        raise ValueError(f"it has {len(value)} characters, the limit is {MAX_QUESTION_CHARS}")
    return value


def _asked_at(value: Any) -> datetime | None:
    """An instant, or the end of a day."""
    if value is None or value == "":
        return None
    try:
        if len(value) == len("2025-03-12"):
            return datetime.combine(date.fromisoformat(value), time(23, 59, 59), UTC)
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"`asked` is {value!r}: give a day such as 2025-03-12") from None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def _strings(record: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"`{key}` is {value!r}: give a list of strings")
    return tuple(value)


def _grades(value: Any) -> dict[str, int]:
    """Relevant articles with their grades, from a list of ids or a mapping to grades."""
    if isinstance(value, dict) and all(isinstance(grade, int) for grade in value.values()):
        return {article: grade for article, grade in value.items() if grade > 0}
    return dict.fromkeys(_strings({"relevant": value}, "relevant"), 1)


# -- TREC and tables --------------------------------------------------------------------


def _of_topics(text: str) -> QuestionSet:
    questions, refused = [], []
    for match in _TOPIC.finditer(text):
        number, title = _NUMBER.search(match[1]), _TITLE.search(match[1])
        if number and title and title[1].strip():
            questions.append(LabelledQuestion(number[1], " ".join(title[1].split())))
        else:
            line = text.count("\n", 0, match.start()) + 1
            refused.append(Refused(line, "the topic has no number or no title"))
    return QuestionSet(tuple(questions), tuple(refused))


def _of_table(text: str) -> QuestionSet:
    questions, refused = [], []
    for line, words in numbered(text):
        key, _, question = words.partition("\t")
        if key.strip() and question.strip() and not any(c.isspace() for c in key.strip()):
            questions.append(LabelledQuestion(key.strip(), question.strip()))
        else:
            refused.append(Refused(line, "it is not an id, a tab and a question"))
    return QuestionSet(tuple(questions), tuple(refused))


def with_judgements(
    questions: QuestionSet, qrels: Mapping[str, Mapping[str, int]], *, only_judged: bool
) -> QuestionSet:
    """The questions with relevant articles from judgements; `only_judged` drops the others."""
    kept = [
        replace(q, relevant={article: grade for article, grade in qrels[q.id].items() if grade > 0})
        if q.id in qrels
        else q
        for q in questions.questions
        if q.id in qrels or not only_judged
    ]
    return QuestionSet(tuple(kept), questions.refused)
