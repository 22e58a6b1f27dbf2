"""The estimate of support: its features, its weights, and what it makes of invented drafts."""

import hashlib
import json
import math
from importlib.resources import files

import numpy as np
import pytest

from index.models.tokens import OnnxTokenEmbedder
from rag.answers import Verdict
from rag.assemble import load_aligner
from rag.expect import content_stems
from rag.grounding.evidence import Evidence, lines_of
from rag.grounding.features import FEWEST_LINES, MOST_LINES, Features, features, similarities
from rag.grounding.findings import Check, Finding
from rag.grounding.judge import SUPPORTED_FROM, UNSUPPORTED_BELOW, judge_sentence
from rag.grounding.semantic import SemanticSupport, Weights, estimate, load_weights
from rag.grounding.words import words_of
from rag.settings import Settings
from tests.conftest import SHARED
from tests.fakes import HashingTokenEmbedder
from tests.rag.grounding.news import FERRY, RIGHT, WRONG

FAKE = HashingTokenEmbedder()


def seen(sentence, *texts, findings=()):
    return features(sentence, lines_of([Evidence(text) for text in texts]), findings, FAKE)


def test_words_are_found_in_the_lines_that_have_them():
    one = seen("Divers reached the bridge.", "The bridge fell. Divers reached it.")
    assert one.together == pytest.approx(1.0)
    other = seen("Divers reached the bridge.", "The bridge fell. Rain is due.")
    assert other.together < 0.7


def test_similarities_are_the_best_matches_of_tokens():
    sentence, lines = "Divers reached the bridge", ["The bridge fell", "", "Divers left"]
    words = [word for word in words_of(sentence) if word.content]
    said, *there = FAKE.embed_tokens([sentence, *lines])
    alike = similarities(words, said, there)
    place = {stem: row for row, stem in enumerate(["diver", "reach", "the", "bridg"])}
    for row, word in enumerate(words):
        for column, line in enumerate(there):
            products = [float(said.vectors[place[word.stem]] @ v) for v in line.vectors]
            assert alike[row, column] == pytest.approx(max(products, default=0.0))


def test_what_checks_missed_is_counted():
    missed = [
        Finding(check, verdict, 0, 1, "x", None, "")
        for check, verdict in [
            (Check.NUMBER, Verdict.CONTRADICTED),
            (Check.DATE, Verdict.UNSUPPORTED),
            (Check.NUMBER, Verdict.SUPPORTED),
            (Check.NAME, Verdict.UNSUPPORTED),
            (Check.NAME, Verdict.UNCHECKED),
        ]
    ]
    counted = seen("Divers came.", "Divers came.", findings=missed)
    assert (counted.absent, counted.unnamed) == (2.0, 1.0)


@pytest.mark.parametrize(("count", "cut"), [(1, FEWEST_LINES), (30, 30), (500, MOST_LINES)])
def test_the_number_of_lines_is_cut_to_where_it_tells(count, cut):
    assert seen("Divers came.", "\n".join(["Rain is due."] * count)).lines == math.log(cut)


def test_the_estimate_is_a_logistic_function():
    weights = Weights(-1.0, {"together": 2.0, "absent": -3.0})
    got = estimate(Features(together=0.5, absent=1.0, unnamed=9.0, lines=9.0), weights)
    assert got == pytest.approx(1 / (1 + math.exp(3.0)))


def test_the_weights_name_features_and_where_they_come_from():
    stored = json.loads(files("rag.grounding").joinpath("support.json").read_text("utf-8"))
    assert set(load_weights().by_feature) == set(Features.__slots__)
    assert stored["command"].startswith("python -m benchmarks.grounding")
    data = SHARED / "data" / "grounding-dev"
    if not data.is_dir():
        pytest.skip("the development data is not here")
    for name, digest in stored["data_sha256"].items():
        assert hashlib.sha256((data / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [
        (SUPPORTED_FROM, Verdict.SUPPORTED),
        (SUPPORTED_FROM - 0.01, Verdict.UNCHECKED),
        (UNSUPPORTED_BELOW, Verdict.UNCHECKED),
        (UNSUPPORTED_BELOW - 0.01, Verdict.UNSUPPORTED),
    ],
)
def test_the_probability_decides_where_the_checks_find_nothing(probability, verdict):
    class Fixed:
        def probability(self, sentence, lines, findings):
            return probability

    given = [Evidence("Divers reached the bridge at dawn.")]
    assert judge_sentence("Divers came to the bridge.", given, Fixed()).verdict is verdict
    contradicted = judge_sentence("Divers did not reach the bridge at dawn.", given, Fixed())
    assert contradicted.verdict is Verdict.CONTRADICTED


@pytest.fixture(scope="module")
def aligner(real_models):
    return load_aligner(Settings(threads=2))


def test_token_vectors_are_normalised_and_know_their_characters(aligner):
    texts = ["Divers reached the bridge.", "", "Zürlach’s 2,150 people — “safe”.", "word " * 600]
    found = aligner.embed_tokens(texts)
    for text, one in zip(texts, found, strict=True):
        assert np.allclose(np.linalg.norm(one.vectors, axis=1), 1.0, atol=1e-4)
        assert len(one.spans) == len(one.vectors)
        assert all(text[start:end].strip() for start, end in one.spans)
    assert len(found[1].vectors) == 0
    assert len(found[3].vectors) < 600


def test_batches_change_no_vector_beyond_rounding(aligner):
    texts = ["Divers reached the bridge.", "Rain is due.", "The council voted for the dam " * 8]
    together = aligner.embed_tokens(texts)
    for text, one in zip(texts, together, strict=True):
        (alone,) = aligner.embed_tokens([text])
        assert np.array_equal(one.spans, alone.spans)
        # int8 activations are scaled by batch, so padding moves a vector a little.
        assert (one.vectors * alone.vectors).sum(axis=1).min() > 0.97


def test_of_right_drafts_few_are_flagged_and_of_wrong_ones_nearly_all(aligner):
    support = SemanticSupport(aligner)
    bad = (Verdict.CONTRADICTED, Verdict.UNSUPPORTED)
    right = [judge_sentence(d, [e], support).verdict in bad for e, ds in RIGHT.values() for d in ds]
    wrong = [
        judge_sentence(d, [e], support).verdict in bad for e, ds in WRONG.values() for d, _ in ds
    ]
    assert np.mean(right) <= 0.05
    assert np.mean(wrong) >= 0.95


@pytest.mark.parametrize(
    "unrelated",
    ["The recipe needs two eggs and flour.", "Rovers signed a striker from the second division."],
)
def test_what_the_evidence_does_not_speak_of_is_not_supported(aligner, unrelated):
    grounding = judge_sentence(unrelated, [FERRY], SemanticSupport(aligner))
    assert grounding.verdict is Verdict.UNSUPPORTED
    assert content_stems(unrelated)
    assert isinstance(aligner, OnnxTokenEmbedder)
