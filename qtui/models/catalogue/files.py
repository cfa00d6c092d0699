"""What a model file says: GGUF, safetensors (one file, shards, a directory) or a config.json, by headers alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from qtui.compute.dtypes import DTYPES
from qtui.compute.memory.answers import layer_caches
from qtui.compute.memory.arch import text_parameters
from qtui.compute.memory.buffers import compute_term
from qtui.compute.memory.cache import Use
from qtui.compute.memory.tensors import Tensor
from qtui.compute.memory.weights import Stored, shape_of
from qtui.models.architecture import Architecture
from qtui.models.catalogue.gguf import stored_tensors
from qtui.models.catalogue.resolve import Known
from qtui.models.files.architecture import read_architecture
from qtui.models.files.model_file import ModelFile
from qtui.models.files.model_file import Tensor as FileTensor
from qtui.models.files.source import ModelFileError

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
    (("mlp", "feed_forward", "ffn"), "ffn"),
)


def from_path(path: str) -> Known:
    """The model at `path`. Raises ValueError (ModelFileError) in one sentence for what can't be used."""
    from qtui.models.files.open import open_model

    return from_file(open_model(path))


def from_hub(name: str) -> Known:
    """The repository `name` on the Hugging Face Hub, by headers alone. Raises ValueError in one sentence."""
    from qtui.models.hub.repository import open_hub

    return from_file(open_hub(name))._replace(name=name, source=f"hub:{name}")


def from_file(file: ModelFile) -> Known:
    """What an opened model says. Raises ValueError where it says nothing about a language model's memory."""
    if file.kind == "npy":
        raise ValueError(f"{file.path} is one array, not a model; `qtui mem` reads GGUF, safetensors and config.json")
    found, notes = _architecture(file)
    arch = found.arch if found and _usable(found.arch) else None
    stored = _tensors(file, arch)
    if arch is None and not stored:
        raise ValueError(f"{file.path} has neither weights nor an architecture that qtui knows")
    if arch is None:
        notes.append("the cache can't be known without the architecture; only the weights are counted")
    main = _main_type(stored)
    dtype = (found and found.dtype) or "bfloat16"
    if stored and file.kind == "gguf":
        dtype = main
    elif stored:
        plain = DTYPES.get(main)
        dtype = (plain and plain.format) or main
    total = file.parameters or (text_parameters(arch) if arch else 0)
    name = str(file.metadata.get("general.name") or "") if file.kind == "gguf" else ""
    context = found.context if found else None
    return Known(name or file.path, file.path, total, dtype, context, arch, stored, file.kind == "gguf", tuple(notes))


def _architecture(file: ModelFile) -> tuple[Architecture | None, list[str]]:
    """What the header or the config.json says; where it can't be used but there are weights, why not."""
    try:
        found = read_architecture(file)
    except ModelFileError as error:
        if file.tensors:
            return None, [str(error)]
        raise
    return found, list(found.doubts) if found else []


def _usable(arch: Mapping[str, Any]) -> bool:
    """Whether the arithmetic can make sense of an architecture that a file describes."""
    try:
        shape_of(arch)
        compute_term(arch, Use())
        return bool(arch["mixers"]) and sum(layer_caches(arch, Use())) > 0
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return False


def _tensors(file: ModelFile, arch: Mapping[str, Any] | None) -> tuple[Stored, ...]:
    if file.kind == "gguf":
        return stored_tensors(file, arch["num_layers"] if arch else None)
    return tuple(_stored(tensor) for tensor in file.tensors)


def _main_type(stored: tuple[Stored, ...]) -> str:
    """The type that holds most of the bytes."""
    held: Counter[str] = Counter()
    for item in stored:
        held[item.kind] += item.bytes
    return held.most_common(1)[0][0] if held else "unknown"


def _stored(tensor: FileTensor) -> Stored:
    from qtui.models.tensors.names import layer_of

    folded = tensor.name.lower()
    part = next((part for words, part in _PARTS if any(word in folded for word in words)), "other")
    return Stored((layer_of(tensor.name),), Tensor(tensor.name, tensor.shape, part), tensor.dtype, tensor.nbytes)
