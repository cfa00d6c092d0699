"""What a model file says: GGUF, safetensors (one file, shards, a directory) or a config.json, by headers alone."""

from __future__ import annotations

import re
from collections import Counter

from qtui.compute.dtypes import DTYPES
from qtui.compute.memory.architecture import Architecture, text_parameters
from qtui.compute.memory.buffers import compute_term
from qtui.compute.memory.fit import layer_caches
from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.serving import Serving
from qtui.compute.memory.tensors import WeightTensor
from qtui.compute.memory.weights import StoredTensors, shape_of
from qtui.error import QtuiError
from qtui.models.architecture import FileArchitecture
from qtui.models.catalogue.records import KnownModel
from qtui.models.files.architecture import read_architecture
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.models.gguf.metadata import file_type
from qtui.models.quantized.join import joined
from qtui.models.tensors.names import layer_of

_BLOCK = re.compile(r"^blk\.(\d{1,6})\.(.+)$")
# Words in the names of checkpoints on the Hub, the first that is found deciding.
_PARTS = (
    (("visual", "vision", "image", "audio", "mm_projector", "multi_modal", "embed_vision"), "vision"),
    (("mtp.", "nextn", "eh_proj"), "mtp"),
    (("shared_expert",), "shared"),
    (("experts.", "block_sparse_moe.experts"), "experts"),
    (("embed_tokens", "wte", "wpe", "word_embeddings", "embeddings", "tok_embeddings"), "embedding"),
    (("lm_head", "embed_out", "output.weight"), "output"),
    (("norm", ".ln_", "layernorm"), "norms"),
    (("mlp.gate.", "router", "gate.weight", "e_score_correction"), "router"),
    (("attn", "attention", "mixer", ".conv.", "mamba"), "attention"),
    (("mlp", "feed_forward", "ffn", "intermediate.dense", "output.dense", ".fc1", ".fc2"), "ffn"),
)


def from_path(path: str) -> KnownModel:
    """The model at `path`. Raises QtuiError (ModelFileError) in one sentence for what can't be used."""
    return from_file(joined(open_model(path)))


def from_hub(name: str) -> KnownModel:
    """The repository `name` on the Hugging Face Hub, by headers alone. Raises QtuiError in one sentence."""
    from qtui.models.hub.repository import open_hub

    return from_file(joined(open_hub(name)))._replace(name=name, source=f"hub:{name}")


def from_file(file: ModelFile) -> KnownModel:
    """What an opened model says. Raises QtuiError where it says nothing about a language model's memory."""
    if file.kind == "npy":
        raise QtuiError(f"{file.path} is one array, not a model; `qtui mem` reads GGUF, safetensors and config.json")
    read, notes = _architecture(file)
    arch = read.arch if read and usable(read.arch) else None
    stored = _tensors(file, arch)
    if arch is None and not stored:
        raise QtuiError(f"{file.path} has neither weights nor an architecture that qtui knows")
    if arch is None:
        notes.append("the cache can't be known without the architecture; only the weights are counted")
    main = _main_type(stored)
    dtype = (read and read.dtype) or "bfloat16"
    if stored and file.kind == "gguf":
        dtype = main
    elif stored:
        plain = DTYPES.get(main)
        dtype = (plain and plain.format) or main
    total = file.parameters or (text_parameters(arch) if arch else 0)
    name = str(file.metadata.get("general.name") or "") if file.kind == "gguf" else ""
    return KnownModel(
        name=name or re.sub(r"(?<=[^/])/+config\.json$", "", file.path),
        source=file.path,
        parameters=total,
        dtype=dtype,
        context=read.context if read else None,
        arch=arch,
        stored=stored,
        gguf=file.kind == "gguf",
        mix=_mix(file, main),
        notes=(*file.notes, *notes),
        family_known=arch is not None and read is not None and read.family_known,
    )


def _architecture(file: ModelFile) -> tuple[FileArchitecture | None, list[str]]:
    """What the header or the config.json says; where it can't be used but there are weights, why not."""
    try:
        architecture = read_architecture(file)
    except ModelFileError as error:
        if file.tensors:
            return None, [str(error)]
        raise
    return architecture, list(architecture.doubts) if architecture else []


def usable(arch: Architecture) -> bool:
    """Whether the arithmetic can make sense of an architecture that a file describes."""
    try:
        shape_of(arch)
        compute_term(arch, Serving())
        cached = sum(layer_caches(arch, Serving())) > 0
        return cached or any(isinstance(m, Attention) and not m.cached for m in arch.mixers)
    except (ArithmeticError, QtuiError):  # widths of 0, layers that do not add up
        return False


def _tensors(file: ModelFile, arch: Architecture | None) -> tuple[StoredTensors, ...]:
    if file.kind == "gguf":
        return stored_tensors(file, arch.num_layers if arch else None)
    return tuple(_stored(tensor) for tensor in file.tensors)


def _main_type(stored: tuple[StoredTensors, ...]) -> str:
    """The type that holds most of the bytes."""
    held: Counter[str] = Counter()
    for item in stored:
        held[item.kind] += item.bytes
    return held.most_common(1)[0][0] if held else "unknown"


def _mix(file: ModelFile, main: str) -> str:
    """What a file, most of it in the type `main`, was quantized to; empty where it holds what was trained."""
    if file.kind != "gguf":
        # Of what quantizers make, MXFP4 and float8 are what some models were published in.
        return (
            f"{file.quantizer} {main}" if file.quantizer and main.startswith(("INT", "NF4", "FP4", "NVFP4")) else ""
        )
    if main in ("F32", "F16", "BF16", "MXFP4", "unknown"):
        return ""
    return file_type(file.metadata) or main


def _stored(tensor: Tensor) -> StoredTensors:
    folded = tensor.name.lower()
    part = next((part for words, part in _PARTS if any(word in folded for word in words)), "other")
    described = WeightTensor(tensor.name, tensor.shape, part)
    return StoredTensors((layer_of(tensor.name),), described, tensor.dtype, tensor.nbytes)


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


def stored_tensors(file: ModelFile, layers: int | None) -> tuple[StoredTensors, ...]:
    """The file's tensors in the order in which llama.cpp takes them: by layer, then by name.

    Layers from `layers` on hold the multi-token-prediction module.
    """
    placed: list[tuple[int, StoredTensors]] = []
    for tensor in file.tensors:
        match = _BLOCK.match(tensor.name)
        layer, name = (int(match[1]), match[2]) if match else (None, tensor.name)
        part = "mtp" if layer is not None and layers is not None and layer >= layers else part_of(name)
        item = StoredTensors((layer,), WeightTensor(name, tensor.shape, part), tensor.dtype, tensor.nbytes)
        placed.append((1 << 30 if layer is None else layer, item))
    return tuple(item for _, item in sorted(placed, key=lambda pair: (pair[0], pair[1].tensor.name)))
