"""Makes the embedder's ONNX file: once per machine, from weights that were checked.

The sentence-transformers model (transformer, mean pooling, normalisation) becomes
one graph from tokens to vectors, and its matrix products int8 where asked. Needs
torch; what runs the file afterwards does not.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from index.files import durable_replace
from index.models.catalog import ModelFiles

Precision = Literal["float32", "int8"]

PRECISIONS: dict[str, Precision] = {"onnx": "float32", "onnx-int8": "int8"}

# Part of the file's name: a change of the recipe makes a new file.
RECIPE = 1
_OPSET = 17


def exported_embedder(model: ModelFiles, cache: Path, precision: Precision) -> Path:
    """The ONNX file of a sentence-transformers model, made on first use.

    The graph maps `input_ids` and `attention_mask`, int64 of shape (n, tokens), to
    `embedding`, float32 of shape (n, dim), L2-normalised.
    """
    target = cache / f"embedder-{model.sha256[:16]}-{precision}-{RECIPE}.onnx"
    if not target.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as folder:
            made = Path(folder) / "float32.onnx"
            with _quiet():
                _export(model.weights.parent, made)
                if precision == "int8":
                    made = _quantised(made, Path(folder) / "int8.onnx")
            durable_replace(made, target)
    return target


def _export(folder: Path, target: Path) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    class Pipeline(torch.nn.Module):
        """Tokens to normalised sentence vectors, as the model's own modules do it."""

        def __init__(self) -> None:
            super().__init__()
            self.modules_in_order = torch.nn.ModuleList(model)

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            for module in self.modules_in_order:
                features = module(features)
            return features["sentence_embedding"]

    example = model.tokenizer(["two texts", "of unlike length"], padding=True, return_tensors="pt")
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        Pipeline().eval(),
        (example["input_ids"], example["attention_mask"]),
        str(target),
        input_names=["input_ids", "attention_mask"],
        output_names=["embedding"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "texts"}},
        opset_version=_OPSET,
        dynamo=False,
    )


def _quantised(source: Path, target: Path) -> Path:
    """Weights int8 per channel with reduced range: the recipe that keeps the ranking."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source, target, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
    )
    return target


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's progress bars and advice from the user's terminal."""
    previous = logging.root.manager.disable
    bars = os.environ.get("TQDM_DISABLE")
    os.environ["TQDM_DISABLE"] = "1"
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
        if bars is None:
            del os.environ["TQDM_DISABLE"]
        else:
            os.environ["TQDM_DISABLE"] = bars
