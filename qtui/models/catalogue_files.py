"""What a model file says: GGUF, safetensors (one file, shards, a directory) or a config.json, by headers alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

from qtui.compute.memory.arch import text_parameters
from qtui.compute.memory.tensors import Tensor
from qtui.compute.memory.weights import Stored
from qtui.models.architecture import Architecture
from qtui.models.catalogue_resolve import Known
from qtui.models.config import read_config
from qtui.models.files import ModelFile
from qtui.models.source import ModelFileError

_NAMES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "F8_E4M3": "float8_e4m3fn"}
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
    from qtui.models.files_open import open_model

    return from_file(open_model(path))


def from_file(file: ModelFile) -> Known:
    """What an opened model says. Raises ValueError where it says nothing about a language model's memory."""
    if file.kind == "gguf":
        return _from_gguf(file)
    if file.kind == "npy":
        raise ValueError(f"{file.path} is one array, not a model; `qtui mem` reads GGUF, safetensors and config.json")
    return _from_hub_layout(file)


def _from_gguf(file: ModelFile) -> Known:
    from qtui.models.catalogue_gguf import Header, architecture, stored_tensors

    header = Header(file)
    layers = header.whole("block_count") - header.whole("nextn_predict_layers") or None
    stored = stored_tensors(file, layers)
    arch = architecture(file, stored)
    notes: tuple[str, ...] = ()
    if arch is None or not arch["mixers"]:
        what = header.architecture or "unnamed"
        notes = (f"the cache of architecture {what!r} can't be known from this header; only weights are counted",)
        arch = None
    name = str(file.metadata.get("general.name") or file.path)
    size = sum(item.tensor.size for item in stored)
    return Known(
        name, file.path, size, _main_type(stored), header.whole("context_length") or None, arch, stored, True, notes
    )


def _main_type(stored: tuple[Stored, ...]) -> str:
    """The type that holds most of the bytes."""
    held: Counter[str] = Counter()
    for item in stored:
        held[item.kind] += item.bytes
    return held.most_common(1)[0][0] if held else "unknown"


def _from_hub_layout(file: ModelFile) -> Known:
    """Safetensors with their config.json, or either alone."""
    stored = tuple(_stored(tensor) for tensor in file.tensors)
    found = _architecture(file, bool(stored))
    arch = found.arch if found else None
    notes = list(found.doubts) if found else []
    size = sum(item.tensor.size for item in stored)
    main = _main_type(stored)
    dtype = _NAMES.get(main, main) if stored else (found and found.dtype) or "bfloat16"
    if arch and stored:
        inside = sum(item.tensor.size for item in stored if item.tensor.part not in ("vision", "mtp"))
        described = text_parameters(arch)
        if described != inside:
            notes.append(f"the config describes {described:,} parameters, the file holds {inside:,}")
    if arch is None:
        notes.append("without a config.json that qtui knows the cache can't be known; only weights are counted")
    total = size or (text_parameters(arch) if arch else 0)
    context = found.context if found else None
    return Known(file.path, file.path, total, dtype, context, arch, stored, False, tuple(notes))


def _architecture(file: ModelFile, has_weights: bool) -> Architecture | None:
    """What the config.json says; None where there is none, or where it can't be used beside weights that can."""
    path = file.path if file.kind == "config" else file.config_path
    if not path:
        return None
    try:
        return read_config(path)
    except ModelFileError:
        if has_weights:
            return None
        raise


def _stored(tensor: Any) -> Stored:
    from qtui.models.names import layer_of

    folded = tensor.name.lower()
    part = next((part for words, part in _PARTS if any(word in folded for word in words)), "other")
    return Stored(layer_of(tensor.name), Tensor(tensor.name, tensor.shape, part), tensor.dtype, tensor.nbytes)
