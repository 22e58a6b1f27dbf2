"""Makes the reader's ONNX file: a published cross-encoder with a small adapter of ours.

The adapter is low-rank changes to weight matrices and a head that marks where an answer
begins and ends. It is added to the int8 file that the package carries, without torch: each
matrix becomes float, is changed, and becomes int8 again. One pass of the result gives the
relevance of a text and the spans that may answer. Knows nothing of questions or passages.

Source of low-rank adapters: Hu et al., "LoRA: Low-Rank Adaptation of Large Language
Models", ICLR 2022.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from safetensors.numpy import load_file

from index.files import durable_replace, file_sha256
from index.models.catalog import ModelFiles

Floats = NDArray[np.float32]

# Trained by benchmarks/train_reader.py; see docs/decisions/reader.md.
ADAPTER = Path(__file__).with_name("reader.safetensors")
# Part of the file's name: a change of the recipe makes a new file.
RECIPE = 1
LAYERS = 12
# The matrices of each layer, by their names in the published model.
MATRICES = (
    "attention/self/query",
    "attention/self/key",
    "attention/self/value",
    "attention/output/dense",
    "intermediate/dense",
    "output/dense",
)
_HIDDEN = f"/bert/encoder/layer.{LAYERS - 1}/output/LayerNorm/Add_1_output_0"
# The largest magnitude of int8, which the published file uses in full.
_INT8_LIMIT = 127


class Weights:
    """The matrices of an int8 or float32 ONNX file, read and written as float32."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._tensors = {tensor.name: tensor for tensor in model.graph.initializer}
        self._nodes = {node.name: node for node in model.graph.node}

    def names(self) -> list[str]:
        """The tensors that are float already."""
        return [
            name
            for name, tensor in self._tensors.items()
            if tensor.data_type == onnx.TensorProto.FLOAT and not name.endswith("_scale")
        ]

    def tensor(self, name: str) -> Floats:
        """A tensor by name, made float where it is stored as int8."""
        if name in self._tensors:
            return numpy_helper.to_array(self._tensors[name]).astype(np.float32)
        whole = numpy_helper.to_array(self._tensors[f"{name}_quantized"]).astype(np.float32)
        zero = numpy_helper.to_array(self._tensors[f"{name}_zero_point"]).astype(np.float32)
        scale = numpy_helper.to_array(self._tensors[f"{name}_scale"])
        restored: Floats = (whole - zero) * scale
        return restored

    def matrix(self, layer: int, name: str) -> Floats:
        """The matrix of a layer, shape (inputs, outputs)."""
        return self.tensor(self._tensor_of(layer, name))

    def set_matrix(self, layer: int, name: str, values: Floats) -> None:
        """Replace the matrix of a layer, in the precision that it had."""
        tensor = self._tensor_of(layer, name)
        if tensor in self._tensors:
            self._set(tensor, values)
            return
        scale = np.float32(np.abs(values).max() / _INT8_LIMIT)
        self._set(f"{tensor}_quantized", np.round(values / scale).astype(np.int8))
        self._set(f"{tensor}_scale", np.array(scale, dtype=np.float32))

    def _set(self, name: str, values: NDArray[np.generic]) -> None:
        self._tensors[name].CopyFrom(numpy_helper.from_array(values, name))

    def _tensor_of(self, layer: int, name: str) -> str:
        node = f"/bert/encoder/layer.{layer}/{name}/MatMul"
        found = self._nodes.get(f"{node}_quant") or self._nodes[node]
        return str(found.input[1]).removesuffix("_quantized")


def adapted_reader(model: ModelFiles, adapter: Path, cache: Path) -> Path:
    """The ONNX file of a cross-encoder with an adapter, made on first use.

    Its outputs are `logits`, float32 of shape (n, 1), and `spans`, float32 of shape
    (n, tokens, 2): how well an answer begins and ends at each token.
    """
    changes = file_sha256(adapter)
    target = cache / f"reader-{model.sha256[:16]}-{changes[:16]}-{RECIPE}.onnx"
    if not target.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        made = adapt(onnx.load(model.weights), load_file(adapter))
        with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as folder:
            onnx.save(made, Path(folder) / "reader.onnx")
            durable_replace(Path(folder) / "reader.onnx", target)
    return target


def adapt(model: onnx.ModelProto, changes: Mapping[str, NDArray[np.generic]]) -> onnx.ModelProto:
    """The model with the changes of an adapter.

    Args:
        model: the cross-encoder as it was published; it is changed.
        changes: `{layer}/{matrix}/down`, shape (inputs, rank), and `…/up`, shape (rank,
            outputs), whose product is added; `spans/weight`, shape (width, 2), and
            `spans/bias`, the head that marks answers.
    """
    weights = Weights(model)
    for key in changes:
        layer, _, rest = key.partition("/")
        name, _, part = rest.rpartition("/")
        if part == "down":
            change = changes[key].astype(np.float32) @ changes[f"{layer}/{name}/up"].astype(
                np.float32
            )
            weights.set_matrix(int(layer), name, weights.matrix(int(layer), name) + change)
    _add_head(model, changes["spans/weight"], changes["spans/bias"])
    return model


def _add_head(
    model: onnx.ModelProto, weight: NDArray[np.generic], bias: NDArray[np.generic]
) -> None:
    graph = model.graph
    graph.initializer.extend(
        [
            numpy_helper.from_array(weight.astype(np.float32), "spans_weight"),
            numpy_helper.from_array(bias.astype(np.float32), "spans_bias"),
        ]
    )
    graph.node.extend(
        [
            helper.make_node("MatMul", [_HIDDEN, "spans_weight"], ["spans_product"]),
            helper.make_node("Add", ["spans_product", "spans_bias"], ["spans"]),
        ]
    )
    graph.output.append(
        helper.make_tensor_value_info("spans", onnx.TensorProto.FLOAT, ["batch_size", "tokens", 2])
    )
