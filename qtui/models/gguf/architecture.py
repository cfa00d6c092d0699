"""From a GGUF's metadata and tensor list to an architecture.

Numbers of heads and the like are metadata (keys as llama.cpp's llama-arch.cpp writes them); what a layer is made of
is what its tensors say, so a family that is not listed here is still read layer by layer. Rules for sliding
windows are llama.cpp's own (llama-model.cpp).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qtui.compute.memory.architecture import LAYERNORM_BIAS, Architecture, fused
from qtui.compute.memory.mixers.attention import Attention
from qtui.models.architecture import ConfigFields, FileArchitecture, grouped_layers
from qtui.models.files.model_file import ModelFile
from qtui.models.files.source import ModelFileError
from qtui.models.gguf.ffns import ffn
from qtui.models.gguf.metadata import LazyArray
from qtui.models.gguf.mixers import mixer

Shapes = dict[str, tuple[int, ...]]
ARRAYS_LIMIT = 10_000

# One layer in each period sees everything, the last one (the first, where the number is negative), where the file has
# a window but no pattern (llama.cpp's src/models, `set_swa_pattern`).
PERIODS = {
    "afmoe": 4,
    "cohere2": 4,
    "cohere2moe": -4,
    "exaone-moe": 4,
    "exaone4": 4,
    "gemma2": 2,
    "gemma3": 6,
    "gemma3n": 5,
    "gpt-oss": 2,
    "laguna": -4,
    "llama4": 4,
    "olmo2": 4,
    "plamo3": 8,
    "smallthinker": -4,
}
# Families whose files name a window that llama.cpp does not use.
_UNUSED_WINDOW = frozenset(
    (
        *("llama", "mistral", "mistral3", "mixtral", "phi3", "phimoe", "starcoder2"),
        *("qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen3moe"),
    )
)


def architecture_of_gguf(model: ModelFile) -> FileArchitecture:
    """The architecture of a GGUF `model`. Raises ModelFileError where the metadata is corrupt or too little."""
    kind = model.metadata.get("general.architecture")
    if not isinstance(kind, str) or not kind:
        raise ModelFileError(f"{model.path} does not name its architecture; convert the model again")
    f = ConfigFields(model.path, _family_keys(model.metadata, kind))
    by_layer = _layers(model)
    number = f.layers("block_count")
    drafts = f.count("nextn_predict_layers", default=0)
    main = max(number - drafts, 1)
    shapes = {tensor.name: tensor.shape for tensor in model.tensors}
    hidden = f.positive("embedding_length")
    doubts: list[str] = []
    windows = _windows(f, kind, main, doubts)
    mixers = [mixer(f, by_layer.get(i, {}), i, windows[i], hidden) for i in range(main)]
    shared = f.count("attention.shared_kv_layers", default=0)
    for i, layer in enumerate(mixers):
        if isinstance(layer, Attention) and i >= main - shared:
            mixers[i] = replace(layer, kv_shared=True)
    unknown = sum(layer is None and _has_mixer(by_layer.get(i, {})) for i, layer in enumerate(mixers))
    if unknown:
        doubts.append(f"{unknown} of {main} layers keep a state that qtui does not know, so none is counted for them")
    if not shapes:
        doubts.append("the file holds metadata alone, so its layers are taken to be a plain transformer's")
    if drafts:
        doubts.append("the multi-token-prediction layers are in the weights, not in the cache")
    mixer_groups = grouped_layers(mixers)
    ffn_groups = grouped_layers(ffn(f, by_layer.get(i, {}), i) for i in range(main))
    if any("attn_qkv.weight" in layer and "ssm_out.weight" not in layer for layer in by_layer.values()):
        mixer_groups, ffn_groups = fused(mixer_groups, ffn_groups)
    positions = shapes.get("position_embd.weight")
    arch = Architecture(
        hidden_size=hidden,
        num_layers=main,
        vocab_size=_vocabulary(f, model, shapes),
        tie_word_embeddings=bool(shapes) and "output.weight" not in shapes,
        mixers=mixer_groups,
        ffns=ffn_groups,
        norm=LAYERNORM_BIAS if "output_norm.bias" in shapes else "",
        learned_positions=positions[0] if positions else 0,
        lm_head_bias="output.bias" in shapes,
    )
    name = model.metadata.get("general.name")
    context = f.maybe("context_length")
    return FileArchitecture(
        name if isinstance(name, str) else kind, kind, arch, _main_type(model), context, tuple(doubts), not unknown
    )


def _has_mixer(shapes: Shapes) -> bool:
    """Whether a layer has tensors of some token mixer."""
    return any(name.startswith(("attn", "ssm", "time_mix", "shortconv")) and "norm" not in name for name in shapes)


def _family_keys(metadata: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The keys of the model's own family, without its name; short arrays read."""
    own: dict[str, Any] = {}
    start = f"{kind}."
    for key, value in metadata.items():
        if key.startswith(start):
            whole = isinstance(value, LazyArray) and len(value) <= ARRAYS_LIMIT
            own[key[len(start) :]] = value.values() if whole else value
    return own


def _layers(model: ModelFile) -> dict[int, Shapes]:
    """Shapes of each layer's tensors by their name without "blk.N."."""
    by_layer: dict[int, Shapes] = {}
    for tensor in model.tensors:
        parts = tensor.name.split(".", 2)
        if parts[0] == "blk" and len(parts) == 3 and parts[1].isdecimal() and len(parts[1]) < 6:
            by_layer.setdefault(int(parts[1]), {})[parts[2]] = tensor.shape
    return by_layer


def _windows(f: ConfigFields, kind: str, layers: int, doubts: list[str]) -> list[int]:
    """The window of each layer, 0 where it sees everything."""
    window = f.count("attention.sliding_window", default=0)
    if kind == "llama4":
        window = f.count("attention.chunk_size", default=window or 8192)
    if not window:
        return [0] * layers
    pattern = f.values.get("attention.sliding_window_pattern")
    if isinstance(pattern, list):
        return [
            window if on else 0 for on in (f.items("attention.sliding_window_pattern", (bool, int), layers) or [])
        ]
    period = f.maybe("attention.sliding_window_pattern") or PERIODS.get(kind, 0)
    if period:
        return [window if (i + (period > 0)) % period else 0 for i in range(layers)]
    if kind not in _UNUSED_WINDOW:
        doubts.append(
            f"the file names a window of {window:,} but not which layers use it, so all are taken to see everything"
        )
    return [0] * layers


def _vocabulary(f: ConfigFields, model: ModelFile, shapes: Shapes) -> int:
    table = shapes.get("token_embd.weight")
    if table and len(table) == 2:
        return table[0]
    tokens = model.metadata.get("tokenizer.ggml.tokens")
    return len(tokens) if isinstance(tokens, LazyArray) else f.positive("vocab_size")


def _main_type(model: ModelFile) -> str | None:
    """The dtype that holds most of the bytes."""
    sums: dict[str, int] = {}
    for tensor in model.tensors:
        sums[tensor.dtype] = sums.get(tensor.dtype, 0) + tensor.nbytes
    return max(sums, key=lambda name: sums[name], default=None)
