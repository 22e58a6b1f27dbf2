"""`dateline eval`: what it takes, prints and keeps."""

import gzip
import json

import pytest
from typer.testing import CliRunner

import rag.assemble
from api import cli
from api.commands.running import INTERRUPTED, USAGE
from index.ingest import Ingestor
from index.prepare.chunk import ChunkSettings
from rag.evaluation.asking import Asker
from tests.fakes import HashingEmbedder, OverlapReranker

METRICS = [
    "hits@1", "hits@4", "hits@10", "mrr@10", "ndcg@10", "answer@1", "answer@3",
    "multiple_choice", "abstention_auroc", "ece",
]  # fmt: skip
RECORDS = [
    {"id": "fire", "text": "Nine firefighters were hurt at the mill.", "published": "2025-03-10"},
    {"id": "vote", "text": "The council voted for the dam by seven to two.",
     "published": "2025-04-20"},
]  # fmt: skip
QUESTIONS = [
    {"id": "q1", "asked": "2025-03-12", "question": "How many firefighters were hurt?",
     "answers": ["Nine"], "relevant": ["fire"], "choices": ["Nine", "Ten"]},
    {"id": "q2", "asked": "2025-04-22", "question": "What did the council vote for?",
     "answers": ["the dam"], "relevant": ["vote"]},
]  # fmt: skip


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    monkeypatch.setattr(rag.assemble, "load_embedder", lambda *_: HashingEmbedder())
    monkeypatch.setattr(rag.assemble, "load_reranker", lambda *_: OverlapReranker())
    made = rag.assemble.manifest(HashingEmbedder(), ChunkSettings(window_tokens=256))
    monkeypatch.setattr(rag.assemble, "expected_manifest", lambda _: made)
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATELINE_MODEL_CACHE", str(tmp_path / "cache" / "models"))
    monkeypatch.setenv("DATELINE_PARSERS", "0")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)


def lines(path, records):
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


@pytest.fixture
def corpus(tmp_path):
    return lines(tmp_path / "news.jsonl", RECORDS)


@pytest.fixture
def questions(tmp_path):
    return lines(tmp_path / "questions.jsonl", QUESTIONS)


def run(*arguments):
    return CliRunner().invoke(cli.app, ["eval", *map(str, arguments)])


def run_json(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_has_the_figures_and_nothing_else(corpus, questions, tmp_path):
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(questions.read_bytes()))
    found = run_json(corpus, packed)
    assert list(found) == ["metrics", "n"]
    assert list(found["metrics"]) == METRICS
    assert found["n"] == 2
    assert found["metrics"]["hits@1"] == found["metrics"]["answer@1"] == 1.0
    assert all(0 <= value <= 1 for value in found["metrics"].values())


def test_what_the_questions_cannot_tell_is_null(corpus, tmp_path):
    path = lines(tmp_path / "q.jsonl", [{"question": "How many firefighters were hurt?"}])
    assert run_json(corpus, path) == {"metrics": dict.fromkeys(METRICS), "n": 1}


def test_people_see_figures_with_intervals_and_where_the_report_is(corpus, questions):
    result = run(corpus, questions, "--out", "results")
    assert result.exit_code == 0, result.output
    assert "hits@1                       1.000  1.000 to 1.000    n = 2" in result.stdout
    assert "results: results/report.html" in result.stderr


def test_a_corpus_is_ingested_once(corpus, questions, monkeypatch):
    ingested = []
    ingest = Ingestor.ingest
    monkeypatch.setattr(
        Ingestor, "ingest", lambda self, *a, **k: ingested.append(1) or ingest(self, *a, **k)
    )
    for _ in range(2):
        run_json(corpus, questions, "--work", "kept")
    assert ingested == [1]
    corpus.write_text(corpus.read_text().replace("Nine", "Eight"))
    run_json(corpus, questions, "--work", "kept")
    assert ingested == [1, 1]


def test_a_data_directory_is_used_as_it_is(corpus, questions, tmp_path):
    assert CliRunner().invoke(cli.app, ["ingest", str(corpus)]).exit_code == 0
    assert run_json(tmp_path / "home", questions)["metrics"]["hits@1"] == 1.0
    assert not (tmp_path / "cache").exists()


def test_a_beir_folder_brings_its_questions(tmp_path):
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    lines(
        folder / "corpus.jsonl",
        [{"_id": r["id"], "title": "", "text": r["text"], "metadata": {}} for r in RECORDS],
    )
    lines(folder / "queries.jsonl", [{"_id": q["id"], "text": q["question"]} for q in QUESTIONS])
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tfire\t1\n")
    found = run_json(folder)
    assert found["n"] == 1
    assert found["metrics"]["ndcg@10"] == 1.0
    assert found["metrics"]["answer@1"] is None


def test_a_run_is_scored_without_a_corpus(tmp_path):
    (tmp_path / "topics.tsv").write_text("q1\tWho?\nq2\tWhere?\n")
    (tmp_path / "qrels").write_text("q1 0 a 1\nq2 0 b 1\n")
    (tmp_path / "run").write_text("q1 Q0 a 1 2 x\nq2 Q0 a 1 2 x\nq2 Q0 b 2 1 x\n")
    given = ("-", "topics.tsv", "--qrels", "qrels", "--run", "run")
    found = run_json(*given)
    assert found["metrics"]["hits@1"] == 0.5
    assert found["metrics"]["mrr@10"] == 0.75
    assert found["metrics"]["ece"] is None
    (tmp_path / "better").write_text("q1 Q0 a 1 2 x\nq2 Q0 b 1 2 x\n")
    compared = run(*given[:-1], "better", "--compare", "run")
    assert "hits@1                       +0.500" in compared.stdout


def test_a_run_of_passages_is_judged_by_answers(corpus, questions, tmp_path):
    run_json(corpus, questions, "--out", "first")
    again = run_json(corpus, questions, "--run", "first/run.trec", "--out", "second")
    first = json.loads((tmp_path / "first" / "metrics.json").read_text())["metrics"]
    assert {m: again["metrics"][m] for m in METRICS[:5]} == {m: first[m] for m in METRICS[:5]}
    assert again["metrics"]["answer@1"] is None


def test_lines_that_cannot_be_used_are_named(corpus, tmp_path):
    path = lines(tmp_path / "q.jsonl", [QUESTIONS[0], {"id": "x"}])
    result = run(corpus, path)
    assert result.exit_code == 0
    assert "passed over line 2 of the questions: `question` is None" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none", "questions.jsonl"], "'none' does not exist"),
        (["news.jsonl"], "brings no questions"),
        (["news.jsonl", "none.jsonl"], "'none.jsonl' does not exist"),
        (["news.jsonl", "."], "without queries.jsonl"),
        (["news.jsonl", "questions.jsonl", "--asked", "soon"], "'soon' is no span of days"),
        (["news.jsonl", "questions.jsonl", "--compare", "nothing"], "'nothing' cannot be read"),
        (["news.jsonl", "questions.jsonl", "--qrels", "news.jsonl"], "line 1 of 'news.jsonl'"),
        (["news.jsonl", "questions.jsonl", "--out", "news.jsonl"], "is a file"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(corpus, questions, arguments, words):
    result = run(*arguments)
    assert result.exit_code == USAGE
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_interrupted_it_says_how_to_go_on(corpus, questions, monkeypatch):
    ask = Asker.ask

    def once(self, question):
        if question.id == "q2":
            raise KeyboardInterrupt
        return ask(self, question)

    monkeypatch.setattr(Asker, "ask", once)
    result = run(corpus, questions)
    assert result.exit_code == INTERRUPTED
    assert "interrupted: 1 question of 2 kept in dateline-eval/questions-" in result.stderr
    monkeypatch.undo()


def test_it_goes_on_after_an_interruption(corpus, questions, monkeypatch):
    asked = []
    ask = Asker.ask
    monkeypatch.setattr(Asker, "ask", lambda self, q: asked.append(q.id) or ask(self, q))
    run_json(corpus, questions)
    result = run(corpus, questions)
    assert asked == ["q1", "q2"]
    assert "2 questions of this run are there already" in result.stderr
