"""What the checks flag in invented drafts, and what they must let pass."""

import pytest

from index.documents import PublicationDate
from rag.answers import Verdict
from rag.grounding.evidence import LONGEST_LINE, Evidence, lines_of
from rag.grounding.findings import MOST_FINDINGS, Check
from rag.grounding.judge import check_words, judge_sentence
from tests.rag.grounding.news import BID, CLASH, FERRY, RIGHT, WRONG

BAD = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED)


def flagged(sentence, *evidence):
    pieces = [Evidence(e) if isinstance(e, str) else e for e in evidence]
    return {
        f.check.value: f.verdict
        for f in check_words(sentence, pieces, lines_of(pieces))
        if f.verdict in BAD
    }


@pytest.mark.parametrize(
    ("evidence", "draft"), [(e, d) for e, drafts in RIGHT.values() for d in drafts]
)
def test_right_drafts_pass(evidence, draft):
    assert flagged(draft, evidence) == {}


@pytest.mark.parametrize(
    ("evidence", "draft", "check"),
    [(e, d, check) for e, drafts in WRONG.values() for d, check in drafts],
)
def test_wrong_drafts_are_flagged_by_the_check_they_fail(evidence, draft, check):
    assert check in flagged(draft, evidence)


def test_findings_point_at_what_is_there():
    draft = "Rescuers found 12 more bodies and Anna Roskilly, who said “we sank fast”, on Tuesday."
    text = {False: FERRY.text, True: FERRY.title}
    grounding = judge_sentence(draft, [CLASH, FERRY])
    assert len(grounding.findings) >= 4
    for finding in grounding.findings:
        assert draft[finding.start : finding.end] == finding.said
        if finding.found and finding.found.piece == 1:
            place = finding.found
            assert text[place.in_title][place.start : place.end] == place.text
    for place in grounding.nearest:
        piece = [CLASH, FERRY][place.piece]
        assert (piece.title if place.in_title else piece.text)[
            place.start : place.end
        ] == place.text


def test_a_wrong_number_is_told_with_the_one_that_the_evidence_gives():
    given = [Evidence("Police arrested 25 people on Monday.")]
    findings = judge_sentence("The police arrested 32 people.", given).findings
    (finding,) = [finding for finding in findings if finding.check is Check.NUMBER]
    assert finding.verdict is Verdict.CONTRADICTED
    assert (finding.said, finding.found.text) == ("32", "25")


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("It cost $1.2 million.", "The repairs cost 1,200,000 dollars."),
        ("It cost about $1.2 million.", "The repairs cost $1,234,567."),
        ("Prices rose 12%.", "Prices rose 12 percent."),
        ("Prices rose 12 per cent.", "Prices rose by 12%."),
        ("A dozen houses burned.", "Twelve houses burned."),
        ("Half of the houses burned.", "Fifty percent of the houses burned."),
        ("Twenty-two houses burned.", "In all, 22 houses burned."),
        ("The walk lasted two weeks.", "The walk lasted 14 days."),
        ("The talks began at 3pm.", "The talks began at 15:00."),
        ("Some 30 people came.", "The organisers counted 32 people."),
        ("More than 100 people came.", "The organisers counted 112 people."),
        ("Nearly 100 people came.", "The organisers counted 96 people."),
        ("Rovers won 3-1.", "Rovers beat Town 3–1."),
        ("She was third.", "She finished 3rd."),
        ("The 47-year-old was hurt.", "Anna Berg, 47, was hurt."),
        ("Two people were hurt.", "Anna Berg and Tom Hale were hurt."),
        ("It is 18 km away.", "It is 11 miles away."),
        ("It has 4.2 million people.", "It has 4,183,000 people."),
    ],
)  # fmt: skip
def test_the_same_number_in_another_form_passes(said, given):
    assert "number" not in flagged(said, given)


@pytest.mark.parametrize(
    ("said", "given", "verdict"),
    [
        ("It cost $1.2 billion.", "The repairs cost 1,200,000 dollars.", Verdict.CONTRADICTED),
        ("It cost €1.2 million.", "The repairs cost $1.2 million.", Verdict.UNSUPPORTED),
        ("Some 30 people came.", "The organisers counted 41 people.", Verdict.CONTRADICTED),
        ("Prices rose 12 percent this year.", "Prices rose this year.", Verdict.UNSUPPORTED),
        ("The talks began at 4pm.", "The talks began at 15:00.", Verdict.CONTRADICTED),
        ("Rovers won the cup 3-1.", "Rovers won the cup 2-1.", Verdict.CONTRADICTED),
        ("A third of the houses burned.", "A quarter of the houses burned.", Verdict.CONTRADICTED),
    ],
)  # fmt: skip
def test_another_number_is_flagged(said, given, verdict):
    assert flagged(said, given).get("number") == verdict


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("The vote is on March 14.", "The vote will be held on Friday."),
        ("The vote is on Friday.", "The vote will be held on March 14."),
        ("The vote is in March.", "The vote will be held on March 14, 2025."),
        ("The vote is in 2025.", "The vote will be held on March 14."),
        ("The vote is on 14 March 2025.", "The vote will be held on 2025-03-14."),
        ("It began in the 1990s and ended in 2003.", "It began in the 1990s and ended in 2003."),
    ],
)
def test_the_same_day_in_other_words_passes(said, given):
    published = PublicationDate.of_day(_day("2025-03-12"))
    assert "date" not in flagged(said, Evidence(given, published=published))


def _day(text):
    from datetime import date

    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("The vote is on March 15.", "The vote will be held on Friday."),
        ("The vote is on Thursday.", "The vote will be held on March 14."),
        ("The vote is in April.", "The vote will be held on March 14, 2025."),
        ("The vote was held in 2023.", "The vote was held in 2021."),
        ("The vote is on March 14.", "The vote will be held in March."),
    ],
)
def test_another_day_is_flagged(said, given):
    published = PublicationDate.of_day(_day("2025-03-12"))
    assert "date" in flagged(said, Evidence(given, published=published))


def test_without_a_date_only_what_is_written_is_compared():
    assert "date" not in flagged("The vote is on March 14.", "The vote is on 14 March.")
    assert "date" in flagged("The vote is on Friday.", "The vote is on Thursday.")


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("The FBI searched the house.", "Agents of the Federal Bureau of Investigation came."),
        ("The Federal Bureau of Investigation came.", "The FBI searched the house."),
        ("French troops left.", "Troops of France left the base."),
        ("The US left the talks.", "The United States left the talks."),
        ("The U.S. left the talks.", "American envoys left the talks."),
        ("Mr. Berg's plan failed.", "The plan of Mayor Anna Berg failed."),
        ("President Berg came.", "Anna Berg, the president, came."),
        ("Zurlach is calm.", "ZÜRLACH — The town is calm."),
        ("Joe Berg came.", "Joseph Berg came."),
        ("Officials said it was over.", "The authorities called it over."),
        ("However, the Parliament agreed.", "The parliament agreed."),
        ("On Monday, in May, I was there, Berg said.", "Berg was there on Monday, in May."),
    ],
)
def test_the_same_name_in_another_form_passes(said, given):
    assert not {"name", "role"} & set(flagged(said, given))


@pytest.mark.parametrize(
    ("said", "given", "verdict"),
    [
        ("The envoys met in Lisk.", "The envoys met in Berrin.", Verdict.UNSUPPORTED),
        ("Tom Berg won the race.", "Anna Berg won the race.", Verdict.CONTRADICTED),
        ("The NATO envoy came.", "The envoy came.", Verdict.UNSUPPORTED),
    ],
)
def test_another_name_is_flagged(said, given, verdict):
    assert flagged(said, given)["name"] == verdict


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("Anna Berg defeated Tom Hale.", "Tom Hale was defeated by Anna Berg."),
        ("Berg and Hale met in Lisk.", "Hale and Berg met in Lisk."),
        (
            "Mayor Anna Berg praised Chief Tom Hale.",
            "Chief Tom Hale was praised by Mayor Anna Berg.",
        ),
        ("Minister Idris Tolokai came.", "Foreign Minister Idris Tolokai came."),
    ],
)
def test_names_in_their_places_pass(said, given):
    assert "role" not in flagged(said, given)


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("Anna Berg defeated Tom Hale.", "Tom Hale defeated Anna Berg."),
        ("Anna Berg defeated Tom Hale.", "Anna Berg was defeated by Tom Hale."),
        ("Mayor Tom Hale came with Anna Berg.", "Mayor Anna Berg came with Tom Hale."),
    ],
)
def test_names_that_changed_places_are_flagged(said, given):
    assert "role" in flagged(said, given)


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("Berg did not vote for the dam.", "Berg refused to vote for the dam."),
        ("Berg denied taking money.", "Berg said she did not take money, and denied taking gifts."),
        ("The school is no longer open.", "The school is not open any more."),
        ("Not only Berg voted for the dam.", "Berg voted for the dam, and so did Hale."),
        ("Prices rose while wages fell.", "Wages fell but prices rose."),
        ("Berg failed to win the vote.", "Berg did not win the vote."),
        ("Berg voted for the dam, not the road.", "Berg voted for the dam."),
    ],
)
def test_what_is_denied_in_both_passes(said, given):
    assert "negation" not in flagged(said, given)


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("Berg did not vote for the dam.", "Berg voted for the dam on Monday."),
        ("Berg voted for the dam.", "Berg did not vote for the dam on Monday."),
        ("Berg took the money.", "Berg denied taking the money."),
        ("Berg never visited the dam.", "Berg visited the dam on Monday."),
        ("Rescuers reached the boat.", "Rescuers failed to reach the boat."),
        ("The council approved the dam.", "The council rejected the dam."),
        ("The bridge is no longer safe.", "The bridge is safe, engineers said."),
    ],
)
def test_what_is_denied_in_one_is_contradicted(said, given):
    assert flagged(said, given)["negation"] is Verdict.CONTRADICTED


def test_verbatim_sentences_are_supported_without_more():
    said = "The shares closed up 8.8 percent at $45.92, below the offer. [2]"
    grounding = judge_sentence(said, [FERRY, BID])
    assert (grounding.verdict, grounding.probability) == (Verdict.SUPPORTED, 1.0)
    (finding,) = grounding.findings
    assert finding.check is Check.VERBATIM
    assert finding.found.piece == 1
    place = finding.found
    assert BID.text[place.start : place.end] == place.text == said.removesuffix(". [2]")


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("“It’s over,” she said.", '"It\'s  over," she said.'),
        ("Ana left – at last.", "Ana left — at last."),
        ("The bridge reopened.", "PORT MERROW (AP) — The bridge reopened. Cars came."),
    ],
)
def test_the_style_of_marks_does_not_matter(said, given):
    assert judge_sentence(said, [Evidence(given)]).verdict is Verdict.SUPPORTED


def test_words_inside_another_statement_are_not_the_statement():
    grounding = judge_sentence(
        "The mayor took money.", [Evidence("Nobody proved that the mayor took money.")]
    )
    assert grounding.verdict is not Verdict.SUPPORTED  # fmt: skip


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ("She said “it was a door with a chair against it”.", True),
        ("She called it “a door … against it” on Monday.", True),
        ("She called it “[the truce] a door with a chair”.", True),
        ("She called it “a door with a lock”.", False),
        ("She called it a “door”.", True),
    ],
)
def test_quotations_must_stand_in_the_evidence(said, passes):
    given = "On Monday she said of the truce: “It was a door with a chair against it.”"
    assert ("quotation" not in flagged(said, given)) is passes


def test_several_pieces_are_one_evidence():
    one, two = "Anna Berg came to Lisk.", "There were 25 guests."
    assert flagged("Anna Berg met 25 guests in Lisk.", one, two) == {}
    assert flagged("Anna Berg met 25 guests in Lisk.", one)["number"] is Verdict.UNSUPPORTED


@pytest.mark.parametrize(("said", "given"), [("…", "Words."), ("Words.", ""), ("", "Words.")])
def test_where_there_is_nothing_to_check_nothing_is_said(said, given):
    grounding = judge_sentence(said, [Evidence(given)])
    assert (grounding.verdict, grounding.findings) == (Verdict.UNCHECKED, ())
    assert judge_sentence("Words.", []).verdict is Verdict.UNCHECKED


def test_lines_are_cut_where_they_are_no_sentences_and_stay_where_they_stood():
    text = "Gull " * 900 + "\nThe bridge fell.\n" + "x" * 2_500
    lines = lines_of([Evidence(text)])
    assert all(text[line.place.start : line.place.end] == line.text for line in lines)
    assert max(len(line.text) for line in lines) <= LONGEST_LINE
    assert "".join("".join(line.text.split()) for line in lines) == "".join(text.split())
    assert not any(line.text.startswith("ull") for line in lines)


def test_a_sentence_of_nothing_but_numbers_has_so_many_findings_and_no_more():
    said = " ".join(str(number) for number in range(100, 400))
    assert len(flagged_all(said, "There were 12 guests.")) == MOST_FINDINGS


def flagged_all(sentence, given):
    return judge_sentence(sentence, [Evidence(given)]).findings
