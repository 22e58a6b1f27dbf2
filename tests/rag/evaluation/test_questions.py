"""Questions in every form that is read, and lines that cannot be used."""

import gzip
import json
from datetime import UTC, date, datetime

import pytest

from rag.evaluation.corpora import articles_of, beir_files, fingerprint, form_of
from rag.evaluation.errors import EvaluationError
from rag.evaluation.planning import days_of
from rag.evaluation.questions import read_questions, with_judgements
from rag.evaluation.trec import read_qrels, read_run, write_qrels, write_run

FULL = {
    "id": "q1",
    "asked": "2025-03-12",
    "question": "Which bird was seen?",
    "choices": ["The heron", "A stork"],
    "answers": ["stork"],
    "articles": ["n2", "n1"],
    "relevant": ["n1"],
    "evidence": "A stork.",
}


def written(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_whole_question(tmp_path, packed):
    path = written(tmp_path / "q.jsonl", FULL)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    (question,) = read_questions(path).questions
    assert (question.id, question.text) == ("q1", "Which bird was seen?")
    assert question.asked_at == datetime(2025, 3, 12, 23, 59, 59, tzinfo=UTC)
    assert question.right_choices == (1,)
    assert question.relevant == {"n1": 1}
    assert question.own_articles == ("n1", "n2")


def test_only_the_question_is_needed(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text('\n{"question": "Who?"}\n{"_id": 7, "text": "Where?", "answers": "here"}\n')
    first, second = read_questions(path).questions
    assert (first.id, first.relevant, first.asked_at) == ("line-2", None, None)
    assert (second.id, second.text, second.answers) == ("7", "Where?", ("here",))


def test_golden_keys_stand_for_ours(tmp_path):
    lines = [
        {"question": "Who?", "source_file": "paper/a.txt", "answerable": True},
        {"question": "Who else?", "source_file": None, "answerable": False, "relevant": {"a": 2}},
    ]
    first, second = read_questions(written(tmp_path / "q.jsonl", *lines)).questions
    assert first.relevant == {"paper/a.txt": 1}
    assert (second.answerable, second.relevant) == (False, {"a": 2})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": "x"}', "`question` is None"),
        ('{"question": " "}', "`question` is ' '"),
        ('{"question": "a", "asked": "yesterday"}', "`asked` is 'yesterday'"),
        ('{"question": "a", "asked": 5}', "`asked` is 5"),
        ('{"question": "a", "answers": [1]}', "`answers` is [1]"),
        ('{"question": "a", "answerable": "no"}', "`answerable` is 'no'"),
        ('{"question": "a", "id": "a b"}', "'a b' holds white space"),
        ('{"id": "good", "question": "a"}', "was there before"),
        (json.dumps({"question": "a" * 3000}), "3000 characters"),
    ],
)
def test_a_bad_line_is_named_and_passed_over(tmp_path, line, words):
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "a", "id": "good"}\n\n' + line + "\n")
    found = read_questions(path)
    assert [q.id for q in found.questions] == ["good"]
    ((number, reason),) = [(r.line, r.reason) for r in found.refused]
    assert number == 3
    assert words in reason


def test_another_question_under_the_same_id_is_named_by_its_line(tmp_path):
    path = written(tmp_path / "q.jsonl", FULL, FULL | {"question": "Where?"})
    found = read_questions(path)
    assert [(q.id, q.text) for q in found.questions] == [
        ("q1", "Which bird was seen?"),
        ("q1-line-2", "Where?"),
    ]
    assert found.refused == ()


def test_a_file_without_questions_is_refused_with_its_first_fault(tmp_path):
    path = tmp_path / "q.jsonl"
    for text, words in (
        ("", "no question"),
        ('{"id": 1}', "line 1: `question`"),
        ("a b", "line 1"),
    ):
        path.write_text(text)
        with pytest.raises(EvaluationError, match=words):
            read_questions(path)
    with pytest.raises(EvaluationError, match="No such file"):
        read_questions(tmp_path / "none")
    path.write_bytes(gzip.compress(b'{"question": "a"}')[:-9])
    with pytest.raises(EvaluationError, match="cut short"):
        read_questions(path)


def test_topics_and_tables(tmp_path):
    path = tmp_path / "topics"
    path.write_text(
        "<top>\n<num> Number: 301\n<title> International\n Organized Crime\n<desc> More.\n</top>\n"
        "<top><num>302</num><title>Polio</title></top>\n<top><num>303</num></top>\n"
    )
    found = read_questions(path)
    assert [(q.id, q.text) for q in found.questions] == [
        ("301", "International Organized Crime"),
        ("302", "Polio"),
    ]
    assert [r.line for r in found.refused] == [8]
    path.write_text("q1\tWho won?\nq2 no tab\n")
    found = read_questions(path)
    assert [(q.id, q.text) for q in found.questions] == [("q1", "Who won?")]
    assert [r.line for r in found.refused] == [2]


def test_judgements_name_what_is_relevant(tmp_path):
    path = tmp_path / "qrels"
    path.write_text("q1 0 d1 2\nq1 0 d2 0\nother 0 d1 1\n")
    found = read_questions(written(tmp_path / "q.jsonl", FULL, {"id": "q2", "question": "?"}))
    judged = with_judgements(found, read_qrels(path), only_judged=True)
    assert [(q.id, q.relevant) for q in judged.questions] == [("q1", {"d1": 2})]
    path.write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    assert read_qrels(path) == {"q1": {"d1": 1}}


def test_a_run_goes_by_score_then_id_and_comes_back(tmp_path):
    path = tmp_path / "run"
    path.write_text("q Q0 b 1 0.5 x\nq Q0 a 2 0.5 x\nq Q0 c 3 2 x\n")
    run = read_run(path)
    assert run == {"q": [("c", 2.0), ("a", 0.5), ("b", 0.5)]}
    write_run(path, run, "x")
    assert read_run(path) == run
    write_qrels(path, {"q": {"b": 1, "a": 2}})
    assert path.read_text() == "q 0 a 2\nq 0 b 1\n"


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (read_run, "q Q0 a 1 0.5 x\nq Q0 a 1 0.5\n", "line 2 .* six columns"),
        (read_run, "q Q0 a 1 high x\n", "line 1 .*'high'"),
        (read_qrels, "q 0 a 1\n\nq a\n", "line 3 .* columns"),
        (read_qrels, "q 0 a one\n", "line 1 .*'one'"),
    ],
)
def test_a_bad_line_of_trec_is_named(tmp_path, read, text, words):
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=words):
        read(path)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("2023-09..2023-12", (date(2023, 9, 1), date(2023, 12, 31))),
        ("2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2023-09-05..", (date(2023, 9, 5), date.max)),
        ("..2023-08", (date.min, date(2023, 8, 31))),
    ],
)
def test_spans_of_days(span, expected):
    assert days_of(span) == expected


@pytest.mark.parametrize("span", ["", "2023-13", "2023..2024", "last week"])
def test_what_is_no_span_is_refused(span):
    with pytest.raises(EvaluationError, match="no span of days"):
        days_of(span)


def test_forms_of_corpora(tmp_path):
    beir = tmp_path / "beir"
    (beir / "qrels").mkdir(parents=True)
    written(
        beir / "corpus.jsonl",
        {"_id": "d/1", "title": "", "text": "One.", "metadata": {"published": "2025-01-02"}},
        {"_id": "d2"},
    )
    written(beir / "queries.jsonl", {"_id": "q", "text": "?"})
    (beir / "qrels" / "dev.tsv").touch()
    (beir / "qrels" / "test.tsv").touch()
    assert form_of(beir) == "BEIR folder"
    assert beir_files(beir).qrels.name == "test.tsv"
    article, fault = articles_of(beir)
    assert (article.id, article.text, article.title) == ("d/1", "One.", None)
    assert article.published == "2025-01-02"
    assert fault.origin.endswith("corpus.jsonl#/2")
    assert form_of(beir / "queries.jsonl") == "files"
    (beir / "dateline.sqlite3").touch()
    assert form_of(beir) == "data directory"
    with pytest.raises(EvaluationError, match="does not exist"):
        form_of(tmp_path / "none")


def test_a_fingerprint_follows_names_and_contents(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    first = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == first
    (tmp_path / "a.txt").write_text("two")
    second = fingerprint(tmp_path)
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert len({first, second, fingerprint(tmp_path)}) == 3
