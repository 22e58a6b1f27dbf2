"""How many drafts about the sample corpus are flagged, right ones and wrong ones."""

import pytest

from rag.answers import Verdict
from rag.assemble import load_aligner
from rag.grounding.judge import judge_sentence
from rag.grounding.semantic import SemanticSupport
from rag.settings import Settings
from tests.rag.grounding.drafts import RIGHT, WRONG

BAD = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED)


@pytest.fixture(scope="module")
def flagged(real_models):
    support = SemanticSupport(load_aligner(Settings(threads=2)))

    def share(drafts):
        verdicts = [
            judge_sentence(said, [evidence], support).verdict
            for evidence, sentences in drafts
            for said in sentences
        ]
        return sum(verdict in BAD for verdict in verdicts) / len(verdicts)

    return share


def test_right_drafts_are_hardly_ever_flagged(flagged):
    assert flagged(RIGHT) <= 0.05


def test_wrong_drafts_nearly_always_are(flagged):
    assert flagged(WRONG) >= 0.95
