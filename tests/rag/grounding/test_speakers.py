"""Who said it."""

from datetime import date

import pytest

from index.documents import PublicationDate
from rag.answers import Verdict
from rag.grounding.evidence import Evidence
from rag.grounding.findings import Check
from rag.grounding.judge import judge_sentence

NEWS = Evidence(
    'The bridge closed on Monday. "We had no choice but to act," said engineer Anna Berg. '
    'Tom Hale, the mayor, said it was late. "The cracks were known for years," he added. '
    "Divers looked at the piers. They found nothing. It will take a month. "
    "Shops lost money. Ida Lund sells fish there.",
    published=PublicationDate.of_day(date(2025, 5, 28)),
)


def verdicts(sentence):
    grounding = judge_sentence(sentence, [NEWS])
    return {f.verdict for f in grounding.findings if f.check is Check.QUOTATION}


@pytest.mark.parametrize(
    "sentence",
    [
        'Anna Berg said: "We had no choice but to act."',
        '"We had no choice but to act," said Berg of the closure.',
        'According to Berg, there was "no choice but to act".',
        'Hale said that "the cracks were known for years".',
        'The engineer said there was "no choice but to act".',
        'They "had no choice but to act" after the closure.',
    ],
)
def test_quotations_of_who_said_them_pass(sentence):
    assert Verdict.CONTRADICTED not in verdicts(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        'Tom Hale said: "We had no choice but to act."',
        'According to Hale, there was "no choice but to act".',
        '"We had no choice but to act," said Mayor Tom Hale.',
        'Ida Lund said that "the cracks were known for years".',
    ],
)
def test_quotations_of_somebody_else_do_not(sentence):
    assert Verdict.CONTRADICTED in verdicts(sentence)
