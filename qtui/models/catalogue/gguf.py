"""The tensors of a GGUF file as the memory arithmetic sees them: which part of the model each belongs to."""

from __future__ import annotations

import re

from qtui.compute.memory.tensors import Tensor
from qtui.compute.memory.weights import Stored
from qtui.models.files.model_file import ModelFile

_BLOCK = re.compile(r"^blk\.(\d{1,6})\.(.+)$")


def part_of(name: str) -> str:
    """The part of the model that a tensor of a GGUF file belongs to."""
    if name.startswith(("token_embd", "per_layer_token_embd", "position_embd", "token_types")):
        return "embedding"
    if name.startswith("output."):
        return "output"
    if name.startswith(("v.", "mm.", "a.", "resampler", "vision")):
        return "vision"
    if "nextn" in name or name.startswith("mtp"):
        return "mtp"
    if "_norm" in name:
        return "norms"
    if "_exps" in name:
        return "experts"
    if "_shexp" in name and "inp" not in name:
        return "shared"
    if "ffn_gate_inp" in name or "exp_probs" in name:
        return "router"
    if name.startswith("ffn_"):
        return "ffn"
    return "attention" if name.startswith(("attn", "ssm", "shortconv", "indexer", "time_mix")) else "other"


def stored_tensors(file: ModelFile, layers: int | None) -> tuple[Stored, ...]:
    """The file's tensors in the order in which llama.cpp takes them: by layer, then by name.

    Layers from `layers` on hold the multi-token-prediction module.
    """
    found: list[tuple[int, Stored]] = []
    for tensor in file.tensors:
        match = _BLOCK.match(tensor.name)
        layer, name = (int(match[1]), match[2]) if match else (None, tensor.name)
        part = "mtp" if layer is not None and layers is not None and layer >= layers else part_of(name)
        item = Stored((layer,), Tensor(name, tensor.shape, part), tensor.dtype, tensor.nbytes)
        found.append((1 << 30 if layer is None else layer, item))
    return tuple(item for _, item in sorted(found, key=lambda each: (each[0], each[1].tensor.name)))
