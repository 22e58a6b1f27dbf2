"""Several outlets heard in turn, and what was understood told with the answer."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from index.documents import ArticleRef, Filters, Hit, Passage, RawArticle
from rag.abstain import Judgement
from rag.answers import Answered, Cited, Delta, Question, Reason, ReasonCode, Turn, Verdict
from rag.hearing import heading, in_turn, judged_together, summed
from tests.fakes import fake_dateline

ASKED = datetime(2025, 6, 2, tzinfo=UTC)
LEDGER, EXAMINER, WIRE = "harrowledger.example", "tarnexaminer.example", "meridianwire.example"
NEWS = [
    (
        LEDGER,
        "2025-05-12",
        "Insured losses from the Tannery Ridge fire came to 310 million crowns.",
    ),
    (EXAMINER, "2025-05-14", "Losses from the Tannery Ridge fire were 420 million crowns in all."),
    (WIRE, "2025-04-02", "The harbour bridge at Port Merrow closed after inspectors found cracks."),
    (WIRE, "2025-05-20", "“No more bridges,” said the mayor of Port Merrow on the harbour wall."),
]


@pytest.fixture(scope="module")
def dateline(tmp_path_factory):
    dateline = fake_dateline(tmp_path_factory.mktemp("home"), abstain_below=0.0)
    dateline.ingestor.ingest(
        RawArticle(f"o{i}", text, source=source, published=day)
        for i, (source, day, text) in enumerate(NEWS)
    )
    yield dateline
    dateline.close()


def events(dateline, text, **more):
    async def gather():
        return [e async for e in dateline.answerer.stream(Question(text, ASKED, **more))]

    return asyncio.run(gather())


def answer(dateline, text, **more):
    return events(dateline, text, **more)[-1].answer


COMPARED = (
    "What did the Harrow Ledger and the Tarn Examiner say about the Tannery Ridge fire losses?"
)


def test_each_outlet_has_its_line_and_its_citations(dateline):
    seen = events(dateline, COMPARED)
    whole = seen[-1].answer
    assert isinstance(seen[-1], Answered)
    lines = whole.text.split("\n")
    assert [line.split(":")[0] for line in lines] == [LEDGER, EXAMINER]
    assert "310 million" in lines[0]
    assert "420 million" in lines[1]
    assert [c.marker for c in whole.citations] == list(range(1, len(whole.citations) + 1))
    assert all(c.part == c.article.source for c in whole.citations)
    assert {c.part for c in whole.citations} == {LEDGER, EXAMINER}
    assert all(c.verdict is Verdict.SUPPORTED for c in whole.citations)
    assert all(f"[{c.marker}]" in whole.text for c in whole.citations)
    assert "".join(e.text for e in seen if isinstance(e, Delta)) == whole.text
    assert [e.citation.marker for e in seen if isinstance(e, Cited)] == [
        c.marker for c in whole.citations
    ]
    assert [part.source for part in whole.understood.parts] == [LEDGER, EXAMINER]


def test_hits_of_the_parts_take_turns(dateline):
    hits = answer(dateline, COMPARED).hits
    assert [hit.article.source for hit in hits[:2]] == [LEDGER, EXAMINER]
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert len(answer(dateline, COMPARED, k=1).hits) == 1


def test_an_outlet_without_an_answer_says_so(dateline):
    text = "What did the Harrow Ledger and the Meridian Wire say about the Tannery Ridge fire?"
    whole = answer(dateline, text)
    assert whole.status == "answered"
    assert whole.text.endswith(f"\n{WIRE}: no answer.")
    assert {c.part for c in whole.citations} == {LEDGER}


def test_a_single_question_has_no_part(dateline):
    whole = answer(dateline, "What losses came from the Tannery Ridge fire?")
    assert whole.text
    assert ":" not in whole.text.split()[0]
    assert {c.part for c in whole.citations} == {None}
    assert whole.understood.parts == ()


def test_only_the_outlet_whose_words_are_asked_for_is_seen(dateline):
    whole = answer(dateline, "According to the Tarn Examiner, what were the Tannery Ridge losses?")
    assert {hit.article.source for hit in whole.hits} == {EXAMINER}
    assert whole.understood.sources == (EXAMINER,)
    plain = answer(
        dateline,
        "According to the Tarn Examiner, what were the Tannery Ridge losses?",
        literal=frozenset(["outlets"]),
    )
    assert {hit.article.source for hit in plain.hits} > {EXAMINER}


def test_as_of_in_words_hides_what_came_later(dateline):
    whole = answer(dateline, "As of 1 May, what had closed at Port Merrow?")
    assert whole.understood.as_of == date(2025, 5, 1)
    assert {hit.article.published.at.date() for hit in whole.hits} == {date(2025, 4, 2)}


def test_a_phrase_that_nothing_holds_is_told(dateline):
    assert answer(dateline, "Who said “no more bridges”?").understood.notes == ()
    notes = answer(dateline, "Who said “no more ferries”?").understood.notes
    assert notes == ("no passage that was found holds the words “no more ferries”",)


def test_a_follow_up_is_told_as_it_was_read(dateline):
    history = (Turn("user", "What closed at Port Merrow in March?"),)
    whole = answer(dateline, "And in April?", history=history)
    assert whole.question == "And in April?"
    assert whole.understood.text == "What closed at Port Merrow in April?"
    assert whole.understood.period == (date(2025, 4, 1), date(2025, 4, 30))


def test_outlets_that_are_new_are_known_at_once(tmp_path):
    dateline = fake_dateline(tmp_path)
    asked = Question("What did the Tarn Examiner say?", ASKED)
    notes = dateline.answerer.understand(asked).understood.notes
    assert notes == ("outlet not in the corpus: Tarn Examiner",)
    dateline.ingestor.ingest([RawArticle("o", NEWS[1][2], source=EXAMINER)])
    assert dateline.answerer.understand(asked).query.filters == Filters(sources=(EXAMINER,))
    dateline.close()


def hit(name):
    return Hit(Passage(name, name, 1, 0, 0, 1, "x", ()), ArticleRef(name, 1, name), 1.0, 1)


def test_hits_in_turn_go_on_where_a_part_has_no_more():
    taken = in_turn([[hit("a"), hit("b")], [hit("c")], []], 10)
    assert [(one.passage.id, one.rank) for one in taken] == [("a", 1), ("c", 2), ("b", 3)]


def test_together_parts_are_as_sure_as_the_least_sure():
    no = Judgement(0.3, Reason(ReasonCode.NOT_IN_CORPUS, "far"))
    nothing = Judgement(0.0, Reason(ReasonCode.NOTHING_FOUND, "none"))
    sure, less = Judgement(0.9, None), Judgement(0.6, None)
    assert judged_together([no, sure, less]) is less
    assert judged_together([nothing, no]) is no
    assert heading("x.example", sure) == "x.example:"
    assert heading("x.example", no) == "x.example: no answer."
    assert summed([{"read": 1.0, "fuse": 2.0}, {"read": 0.5}]) == {"read": 1.5, "fuse": 2.0}
