"""An evaluation from files to figures, over the whole system with the fake models."""

import json
import re
from dataclasses import replace

import pytest

from index.documents import RawArticle
from rag.evaluation import folder as folder_module
from rag.evaluation import run as run_module
from rag.evaluation.asking import Asker
from rag.evaluation.compare import compare, earlier
from rag.evaluation.errors import EvaluationError
from rag.evaluation.failures import failures, kind_of, marked
from rag.evaluation.figures import table_of
from rag.evaluation.outcomes import Ledger, Outcome, from_line, to_line
from rag.evaluation.planning import planned
from rag.evaluation.report import rendered
from rag.evaluation.results import headline, summed
from rag.evaluation.run import Run
from rag.evaluation.slices import age_of
from tests.fakes import fake_dateline

HOSTILE = "<script>alert(1)</script> & <img src=https://x.example/y>"
ARTICLES = [
    RawArticle(
        "wire#1", "The lighthouse at Gull Point was sold to Ada Quill for nine crowns.",
        id="sale", title=HOSTILE, published="2025-03-10", source="wire.example",
    ),
    RawArticle(
        "wire#2", "The harbour dredger Petrel sank in the storm off Skerra Island.",
        id="storm", published="2025-01-01", source="post.example",
    ),
    RawArticle(
        "papers/toll.txt", "The toll of the bridge rises to forty crowns in summer.",
        published="2025-03-01",
    ),
]  # fmt: skip
QUESTIONS = [
    {"id": "q1", "question": "Who bought the lighthouse at Gull Point?", "asked": "2025-03-12",
     "answers": ["Ada Quill"], "relevant": ["sale"], "articles": ["sale"],
     "choices": ["Ada Quill", "Jon Pell"]},
    {"id": "q2", "question": "Which dredger sank in the storm?", "asked": "2025-03-12",
     "answers": ["Petrel"], "relevant": ["storm"], "articles": ["storm", "sale"],
     "choices": ["Heron", "Petrel"]},
    {"id": "q3", "question": "How high is the toll of the bridge?", "asked": "2025-04-02",
     "answers": ["sixty crowns"], "relevant": ["papers/toll.txt"]},
    {"id": "q4", "question": "Who won the chess cup?", "answerable": False},
]  # fmt: skip


@pytest.fixture(scope="module")
def dateline(tmp_path_factory):
    dateline = fake_dateline(tmp_path_factory.mktemp("home"))
    dateline.ingestor.ingest(ARTICLES)
    yield dateline
    dateline.close()


@pytest.fixture
def questions(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(q) + "\n" for q in QUESTIONS))
    return path


def evaluated(dateline, path, out, **options):
    run = Run(planned(dateline.settings.home, path, **options), dateline)
    kept = run.begin(out)
    run.ask(lambda done, rate: None)
    if options.get("ablate"):
        run.ablate(lambda done, rate: None)
    return run.finish(), kept


def test_every_question_is_asked_judged_and_doubted(dateline, questions, tmp_path):
    results, _ = evaluated(dateline, questions, tmp_path / "out")
    first, second, third, fourth = results.outcomes
    assert (first.answerable, first.first_holds, first.best_rank) == (True, True, 1)
    assert list(first.relevant) == [first.cited[0].passage_id]
    assert first.evidence[0].rank == 1
    assert (first.choice, second.choice, second.choice_is_right) == ("Ada Quill", "Petrel", True)
    assert first.without < first.confidence
    assert (first.age_days, first.outlet, age_of(first)) == (2, "wire.example", "2 to 7 days")
    assert age_of(second) == "31 days to a year"
    # The article of the third is there, but holds no accepted answer.
    assert (third.answerable, third.relevant, third.without) == (False, {}, None)
    assert (fourth.answerable, fourth.stated_unanswerable, fourth.any_holds) == (False, True, None)
    figures = headline(results)
    assert figures["n"] == 4
    assert figures["metrics"]["hits@1"] == 1.0
    assert figures["metrics"]["multiple_choice"] == 1.0
    table = table_of(results.outcomes)
    assert table["unanswerable"][3] == fourth.confidence
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert written["metrics"] == figures["metrics"]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "evaluation.json", "metrics.json", "qrels.trec", "questions.jsonl", "report.html",
        "run.trec",
    }  # fmt: skip


def test_its_own_articles_are_out_of_sight_the_second_time(dateline, questions, tmp_path):
    run = Run(planned(dateline.settings.home, questions), dateline)
    question = run.questions[1]
    asked = []
    answerer = dateline.answerer

    class Watching:
        def consider(self, question):
            considered = answerer.consider(question)
            asked.append({c.article.id for c in considered.result.candidates})
            return considered

    asker = run._asker()
    replace(asker, answerer=Watching()).ask(question)
    with_own, without = asked
    assert "storm" in with_own
    assert without.isdisjoint({"storm", "sale"})


def test_articles_are_named_by_id_or_by_where_they_came_from(dateline, questions):
    run = Run(planned(dateline.settings.home, questions), dateline)
    assert list(run.questions[0].relevant) == ["sale"]
    (by_origin,) = run.questions[2].relevant
    assert dateline.engine.store.origins(by_origin)[0].endswith("papers/toll.txt")


def test_a_run_goes_on_where_it_was_interrupted(dateline, questions, tmp_path, monkeypatch):
    out, asked = tmp_path / "out", []
    ask = Asker.ask

    def counting(self, question):
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(question.id)
        return ask(self, question)

    monkeypatch.setattr(Asker, "ask", counting)
    with pytest.raises(KeyboardInterrupt):
        evaluated(dateline, questions, out)
    with (out / "questions.jsonl").open("a") as file:
        file.write('{"id": "q3", "quest')
    first, asked[:] = asked[:], []
    results, kept = evaluated(dateline, questions, out)
    assert kept == 2
    assert first + asked == ["q1", "q2", "q3", "q4"]
    monkeypatch.undo()
    whole, _ = evaluated(dateline, questions, tmp_path / "whole")
    assert [replace(o, timings_ms={}, cpu_ms=None) for o in results.outcomes] == [
        replace(o, timings_ms={}, cpu_ms=None) for o in whole.outcomes
    ]


def test_other_code_settings_or_corpora_ask_anew(dateline, questions, tmp_path, monkeypatch):
    out = tmp_path / "out"
    evaluated(dateline, questions, out)
    assert evaluated(dateline, questions, out)[1] == 4
    assert evaluated(dateline, questions, out, limit=3)[1] == 0
    monkeypatch.setattr(folder_module, "code_digest", lambda: "other")
    assert evaluated(dateline, questions, out, limit=3)[1] == 0


def test_a_folder_of_other_files_is_left_alone(dateline, questions, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    for place, words in ((tmp_path / "mine", "no results"), (questions, "is a file")):
        with pytest.raises(EvaluationError, match=words):
            evaluated(dateline, questions, place)


def test_the_pool_is_what_the_questions_name(dateline, questions, tmp_path):
    results, _ = evaluated(dateline, questions, tmp_path / "out", pooled=True, limit=1)
    store = dateline.engine.store
    (passage,) = store.passages_of("sale")
    assert [key for key, _ in results.outcomes[0].ranking] == [passage.id]


def test_questions_are_chosen_by_the_day_they_were_asked_on(dateline, questions):
    plan = planned(dateline.settings.home, questions, asked="2025-04..")
    assert [q.id for q in plan.questions] == ["q3"]
    with pytest.raises(EvaluationError, match="no question was asked in '2026-01'"):
        planned(dateline.settings.home, questions, asked="2026-01")


def test_each_stage_can_be_left_out(dateline, questions, tmp_path):
    results, _ = evaluated(dateline, questions, tmp_path / "out", ablate=True)
    names = [stack.name for stack in results.stacks]
    assert names[0] == "full"
    assert {"without dense", "without lexical", "without reranking", "lexical alone"} <= set(names)
    full = results.stacks[0]
    assert full.figures["hits@1"].value == results.figures["hits@1"].value
    assert full.against_full == {}
    assert all(stack.against_full["hits@1"].n == 2 for stack in results.stacks[1:])


def test_a_comparison_finds_what_changed(dateline, questions, tmp_path):
    results, _ = evaluated(dateline, questions, tmp_path / "out")
    worse = [
        replace(o, first_holds=False, ranking=(("none", 1.0),)) if o.id == "q2" else o
        for o in results.outcomes
    ]
    found = compare("before", results.outcomes, worse)
    assert found.differences["hits@1"].value == 0.5
    assert {(c.id, c.figure, c.direction) for c in found.changes} == {
        ("q2", "hits@1", "won"), ("q2", "answer@1", "won"),
    }  # fmt: skip
    back = compare("after", worse, results.outcomes)
    assert back.differences["hits@1"].value == -0.5
    assert {c.direction for c in back.changes} == {"lost"}
    ranked = earlier(tmp_path / "out" / "run.trec", results.outcomes)
    same = compare("run", results.outcomes, ranked)
    assert same.differences["ndcg@10"].value == 0.0
    assert "answer@1" not in same.differences
    with pytest.raises(EvaluationError, match="holds no results"):
        earlier(tmp_path, results.outcomes)


def test_the_report_fetches_nothing_and_escapes_everything(dateline, questions, tmp_path):
    results, _ = evaluated(dateline, questions, tmp_path / "out", ablate=True)
    wrong = replace(results.outcomes[0], first_holds=False, any_holds=False, question=HOSTILE)
    outcomes = (wrong, *results.outcomes[1:])
    against = compare(HOSTILE, outcomes, results.outcomes)
    about = {**results.about, "name": HOSTILE}
    page = rendered(summed(outcomes, about, stacks=results.stacks, comparison=against))
    assert "<script" not in page
    assert "<img" not in page
    targets = re.findall(r'\b(?:src|href|action|data)="([^"]*)"', page)
    assert targets
    assert all(target.startswith("#") for target in targets)
    assert not re.search(r"url\(|@import", page)
    assert page.count("&lt;script&gt;") >= 3
    for part in ("change", "fates", "stages", "parts", "doubt", "time", "wrong", "defined"):
        assert f'id="{part}"' in page


def test_an_outcome_comes_back_from_its_line():
    outcome = Outcome("q", "Who?", ranking=(("p", 1.5),), relevant={"p": 1}, answers=("a",))
    assert from_line(to_line(outcome)) == outcome
    assert outcome.best_rank == 1
    for line in ("", "{", "[]", "{}", '{"id": "q"}'):
        with pytest.raises(ValueError, match=r"."):
            from_line(line)


def test_a_cut_line_is_dropped_before_more_are_added(tmp_path):
    ledger = Ledger(tmp_path / "file")
    ledger.append(Outcome("a", "?"))
    whole = (tmp_path / "file").read_text()
    (tmp_path / "file").write_text(whole + whole[:9])
    assert set(ledger.begin()) == {"a"}
    ledger.append(Outcome("b", "?"))
    assert [o.id for o in ledger.read()] == ["a", "b"]


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        ({"answerable": True, "first_holds": True, "status": "answered"}, None),
        ({"answerable": True, "first_holds": True, "status": "abstained"}, "withheld"),
        ({"answerable": True, "first_holds": False, "any_holds": True}, "order"),
        ({"answerable": True, "first_holds": False, "relevant": {"p": 1}}, "found"),
        ({"answerable": True, "first_holds": False, "relevant": {"p": 1},
          "ranking": (("o", 2.0), ("p", 1.0))}, "sentence"),
        ({"answerable": True, "first_holds": False, "relevant": {"p": 1},
          "ranking": (*((str(i), 2.0) for i in range(4)), ("p", 1.0))}, "rank"),
        ({"answerable": False, "stated_unanswerable": True, "status": "answered"}, "taken"),
        ({"answerable": False, "stated_unanswerable": True, "status": "abstained"}, None),
        ({"answerable": False}, None),
    ],
)  # fmt: skip
def test_kinds_of_failure(outcome, kind):
    assert kind_of(Outcome("q", "?", **outcome)) == kind


def test_confident_failures_come_first_and_withheld_ones_last():
    wrong = {"answerable": True, "first_holds": False, "any_holds": False}
    found = failures(
        [
            Outcome("low", "?", confidence=0.1, **wrong),
            Outcome("kept", "?", confidence=0.9, status="abstained", answerable=True,
                    first_holds=True),
            Outcome("high", "?", confidence=0.8, **wrong),
        ]
    )  # fmt: skip
    assert [f.outcome.id for f in found] == ["high", "low", "kept"]


def test_answers_are_marked_as_whole_words():
    assert marked("The Heron and herons", ["heron"]) == [
        ("The ", False), ("Heron", True), (" and herons", False),
    ]  # fmt: skip
    assert marked("a (b", ["(b"]) == [("a ", False), ("(b", True)]
    assert marked("text", []) == [("text", False)]


def test_a_default_folder_says_what_it_is_of(dateline, questions):
    plan = planned(dateline.settings.home, questions)
    assert str(plan.folder("abcdef0123456789")) == "dateline-eval/questions-abcdef0123"
    assert run_module.DEFAULT_FOLDER.name == "dateline-eval"
