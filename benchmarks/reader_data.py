"""What the reader is trained on: questions, passages, and the spans in them that answer.

News: questions asked from January to May, the passages of their own articles that hold the
answer beside the likeliest of all others that do not. Encyclopedia: half of SQuAD 2.0, four
of its sixteen pages kept aside. Questions from June to August are kept to fit what comes
after the reader, those from September on to report. Knows nothing of models.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from index.documents import Article, ArticleRef, RawArticle
from index.errors import SourceError
from index.models.embed import Embedder
from index.prepare import prepare
from index.prepare.chunk import chunk
from rag.evaluation.labels import holds_answer
from rag.words import normalise

TRAINED_UNTIL_MONTH = 5
# Every fifth page of the encyclopedia is never trained on.
PAGE_KEPT_ASIDE = 5
_HALF_LIFE_DAYS = 30
_RECEIVED = datetime(2026, 1, 1, tzinfo=UTC)

Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Group:
    """A question, texts that were found for it, and in each the characters that answer.

    `kind` is `news`, `news-removed` (its own articles left out), `news-none` (nobody
    found its answer) or `squad`.
    """

    kind: str
    question: str
    texts: tuple[str, ...]
    spans: tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class _Passage:
    article: str
    published: int
    title: str
    text: str

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.text}" if self.title else self.text


def records(path: Path) -> list[dict[str, Any]]:
    """The records of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def news_groups(folder: Path, embedder: Embedder) -> Iterator[Group]:
    """Groups of the questions that may be trained on."""
    asked = [
        question
        for question in records(folder / "questions.jsonl.gz")
        if date.fromisoformat(question["asked"]).month <= TRAINED_UNTIL_MONTH
    ]
    wanted = {name for q in asked for name in (*q["articles"], *q["relevant"])}
    passages = list(_passages(folder, wanted, embedder))
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32)
    matrix = words.fit_transform(p.whole for p in passages)
    published = np.array([p.published for p in passages])
    for question in asked:
        likeness = (matrix @ words.transform([question["question"]]).T).toarray()[:, 0]
        day = date.fromisoformat(question["asked"]).toordinal()
        age = np.clip(day - published, 0, None)
        likeness *= np.where(published <= day + 7, 0.75 + 0.25 * np.exp2(-age / _HALF_LIFE_DAYS), 0)
        yield from _of_one(question, passages, likeness)


def _passages(folder: Path, wanted: set[str], embedder: Embedder) -> Iterator[_Passage]:
    for record in records(folder / "articles.jsonl.gz"):
        if record["id"] not in wanted:
            continue
        raw = RawArticle("benchmark", record["text"], id=record["id"], title=record["title"])
        try:
            made = prepare(raw, received=_RECEIVED)
        except SourceError:
            continue
        title = "" if made.title_is_derived else made.title
        ref = ArticleRef(record["id"], 1, made.title)
        day = date.fromisoformat(record["published"][:10]).toordinal()
        for passage in chunk(Article(ref, made.text), count_tokens=embedder.count_tokens):
            yield _Passage(record["id"], day, title, passage.text)


def _of_one(
    question: dict[str, Any], passages: Sequence[_Passage], likeness: np.ndarray
) -> Iterator[Group]:
    answers, own = question["answers"], {*question["articles"], *question["relevant"]}
    order = np.argsort(-likeness)
    held = [i for i in order if passages[i].article in question["relevant"]]
    held = [i for i in held if holds_answer(passages[i].text, answers)]
    held = [i for i in held[:2] if likeness[i] >= likeness[held[0]] / 2]
    others = [i for i in order[:60] if likeness[i] and not holds_answer(passages[i].whole, answers)]

    def group(kind: str, right: Sequence[int], wrong: Sequence[int]) -> Group:
        texts = [passages[i].whole for i in (*right, *wrong)]
        spans = [answer_spans(text, answers) for text in texts]
        return Group(kind, question["question"], tuple(texts), tuple(spans))

    if held:
        yield group("news", held, others[:3])
        yield group("news-removed", [], [i for i in others if passages[i].article not in own][:2])
    else:
        yield group("news-none", [], others[:2])


def answer_spans(text: str, answers: Sequence[str]) -> Spans:
    """Where one of the answers stands, as whole words, normalised; in characters."""
    words = [(m.start(), m.end(), normalise(m.group())) for m in re.finditer(r"\S+", text)]
    parts = [(part, start, end) for start, end, word in words for part in word.split()]
    found = set()
    for wanted in (normalise(answer).split() for answer in answers):
        for place in range(len(parts) - len(wanted) + 1 if wanted else 0):
            window = parts[place : place + len(wanted)]
            if [part for part, _, _ in window] == wanted:
                found.add(_without_marks(text, window[0][1], window[-1][2]))
    return sorted(found)


def _without_marks(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not (text[start].isalnum() or text[start] in '$€£“"'):
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in '%”"'):
        end -= 1
    return start, end


def squad_groups(folder: Path, *, aside: bool) -> Iterator[Group]:
    """Groups of the encyclopedia's questions: of the pages kept aside, or of the others."""
    choose = random.Random(0)
    with gzip.open(folder / "squad2_half.json.gz", "rt", encoding="utf-8") as file:
        pages = json.load(file)["data"]
    for number, page in enumerate(pages):
        if (number % PAGE_KEPT_ASIDE == 0) is not aside:
            continue
        title = page["title"].replace("_", " ") + "\n"
        contexts = [paragraph["context"] for paragraph in page["paragraphs"]]
        words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit(contexts)
        matrix = words.transform(contexts)
        for place, paragraph in enumerate(page["paragraphs"]):
            for qa in paragraph["qas"]:
                likeness = (matrix @ words.transform([qa["question"]]).T).toarray()[:, 0]
                other = [i for i in np.argsort(-likeness) if i != place][:1]
                beside = [contexts[i] for i in other if choose.random() < 0.5]
                spans = sorted(
                    {
                        (
                            len(title) + a["answer_start"],
                            len(title) + a["answer_start"] + len(a["text"]),
                        )
                        for a in qa["answers"]
                    }
                )
                texts = (paragraph["context"], *beside)
                yield Group(
                    "squad",
                    qa["question"],
                    tuple(title + text for text in texts),
                    (spans, *([] for _ in beside)),
                )
