"""The reader: the adapter as it is added to the published model, and the spans it marks."""

from itertools import pairwise

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from index.errors import ModelNotFound
from index.models.adapter import ADAPTER, MATRICES, Weights, adapt, adapted_reader
from index.models.batching import Batcher
from index.models.catalog import RERANKER, TOKENIZER, resolve
from index.models.rerank import MAX_SPAN_TOKENS, OnnxReader, Reading

QUESTION = "How many people died when the bridge fell?"
TEXTS = [
    "Bridge falls\nTwelve people died when the Orrin bridge fell on Monday, police said.",
    "Ballet\nThe theatre in Halverston opened its season with a ballet in four acts.",
]


@pytest.fixture(scope="module")
def files():
    try:
        return resolve(RERANKER)
    except ModelNotFound as error:
        pytest.skip(f"no models: {error}")


@pytest.fixture(scope="module")
def reader(files, tmp_path_factory):
    made = adapted_reader(files, ADAPTER, tmp_path_factory.mktemp("cache"))
    return OnnxReader(made, files.paths[TOKENIZER], name=files.name, batcher=Batcher(2))


def logits_of(model, files):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    ids = np.array([[101, 2040, 2351, 102, 2093, 2111, 2351, 102]], dtype=np.int64)
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    feed["token_type_ids"] = np.array([[0, 0, 0, 0, 1, 1, 1, 1]], dtype=np.int64)
    return session.run(None, feed)


def changes(scale):
    random = np.random.default_rng(0)
    made = {}
    for name in MATRICES:
        rows, columns = (1536, 384) if name == "output/dense" else (384, 384)
        columns = 1536 if name == "intermediate/dense" else columns
        made[f"3/{name}/down"] = random.normal(size=(rows, 2)) * scale
        made[f"3/{name}/up"] = random.normal(size=(2, columns)) * scale
    made["spans/weight"] = random.normal(size=(384, 2))
    made["spans/bias"] = np.array([1.0, 2.0])
    return {name: array.astype(np.float16) for name, array in made.items()}


def test_no_change_leaves_the_model_as_it_was_and_adds_spans(files):
    published = logits_of(onnx.load(files.weights), files)
    same = logits_of(adapt(onnx.load(files.weights), changes(0.0)), files)
    assert same[0] == pytest.approx(published[0], abs=1e-6)
    assert same[1].shape == (1, 8, 2)


def test_a_change_is_added_to_its_matrix_and_to_no_other(files):
    model = onnx.load(files.weights)
    before = {(n, layer): Weights(model).matrix(layer, n) for n in MATRICES for layer in (2, 3)}
    made = changes(0.05)
    after = Weights(adapt(model, made))
    for name in MATRICES:
        assert np.array_equal(after.matrix(2, name), before[name, 2])
        down, up = (made[f"3/{name}/{part}"].astype(np.float32) for part in ("down", "up"))
        wanted = before[name, 3] + down @ up
        step = np.abs(wanted).max() / 127
        assert np.abs(after.matrix(3, name) - wanted).max() <= step / 2 + 1e-6


def test_the_file_is_made_once(files, tmp_path):
    made = adapted_reader(files, ADAPTER, tmp_path)
    stamp = made.stat().st_mtime_ns
    assert adapted_reader(files, ADAPTER, tmp_path) == made
    assert made.stat().st_mtime_ns == stamp
    assert [path.name for path in tmp_path.iterdir()] == [made.name]


def test_the_adapter_fits_the_model_of_the_catalog(files):
    held = load_file(ADAPTER)
    assert {name.split("/", 1)[0] for name in held} - {"spans"} <= {str(n) for n in range(12)}
    assert held["spans/weight"].shape == (384, 2)


def test_the_answer_is_marked_where_it_stands(reader):
    right, wrong = reader.read(QUESTION, TEXTS)
    best = right.spans(0, len(TEXTS[0]))[0]
    assert TEXTS[0][best.start : best.end].startswith("Twelve")
    assert best.score > right.silence
    assert wrong.spans(0, len(TEXTS[1]))[0].score < wrong.silence
    assert right.relevance > wrong.relevance


def test_readings_keep_the_order_of_the_texts_and_do_not_depend_on_their_number(reader):
    many = reader.read(QUESTION, [*TEXTS, "", *TEXTS[::-1]])
    assert len(many) == 5
    assert many[0].relevance == many[4].relevance == reader.read(QUESTION, TEXTS)[0].relevance
    assert many[2].spans(0, 10) == []
    assert reader.read(QUESTION, []) == []


@given(
    st.lists(st.tuples(st.floats(-9, 9, width=32), st.floats(-9, 9, width=32)), max_size=30),
    st.integers(0, 40),
    st.integers(0, 90),
)
def test_the_best_span_is_that_of_a_plain_loop(marks, start, end):
    offsets = np.array([(3 * i, 3 * i + 2) for i in range(len(marks))], np.int32).reshape(-1, 2)
    starts = np.array([a for a, _ in marks], dtype=np.float32)
    ends = np.array([b for _, b in marks], dtype=np.float32)
    found = Reading(0.0, 0.0, offsets, starts, ends).spans(start, end, most=3)
    slow = [
        (float(starts[a] + ends[b]), int(offsets[a, 0]), int(offsets[b, 1]))
        for a in range(len(marks))
        for b in range(a, min(len(marks), a + MAX_SPAN_TOKENS))
        if offsets[a, 0] >= start and offsets[b, 1] <= end
    ]
    if not slow:
        assert found == []
        return
    assert found[0].score == pytest.approx(max(slow)[0])
    assert (found[0].score, found[0].start, found[0].end) in slow
    for one in found:
        assert start <= one.start < one.end <= end
    ordered = sorted(found, key=lambda span: span.start)
    assert all(a.end <= b.start for a, b in pairwise(ordered))
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
