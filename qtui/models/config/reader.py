"""Hugging Face config.json files: from the fields of some hundred model families to one kind of architecture."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qtui.compute.memory.architecture import LAYERNORM_BIAS, Architecture, fused
from qtui.compute.memory.draft import DraftModule
from qtui.compute.memory.ffns.base import FeedForward
from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.mixers.base import Mixer
from qtui.compute.memory.mixers.compressed import CompressedAttention
from qtui.models.architecture import ConfigFields, FileArchitecture, grouped_layers
from qtui.models.config.aliases import with_usual_words
from qtui.models.config.encoders import COUNTED, has_encoder, variant
from qtui.models.config.extras import text_extras
from qtui.models.config.families import family, family_name
from qtui.models.config.ffns import ffns
from qtui.models.config.mixers import block_letters, mixers
from qtui.models.config.vision import vision_tower
from qtui.models.files.json_text import parse_json
from qtui.models.files.source import LocalSource, ModelFileError

LIMIT = 8 << 20

# What transformers takes where a published config leaves a field out (configuration_gemma3.py).
_DEFAULTS = {
    "gemma3": {"vocab_size": 262_208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256},
}


def read_config(path: str) -> FileArchitecture:
    """The architecture in the config.json at `path`. Raises ModelFileError."""
    with LocalSource(path) as source:
        if source.size > LIMIT:
            raise ModelFileError(f"{path} is too large for a config.json ({source.size:,} bytes); check the path")
        config = parse_json(path, source.read(0, source.size), infinities=True)
    if not isinstance(config, dict):
        raise ModelFileError(f"{path} is no config.json: it is not a JSON object")
    return architecture_of(config, path)


def architecture_of(config: Mapping[str, Any], path: str) -> FileArchitecture:
    """The architecture that a parsed config describes. `path` is named in errors. Raises ModelFileError."""
    whole = ConfigFields(path, config)
    f = _text_part(whole)
    kind = family_name(f.text("model_type") or whole.text("model_type"))
    kind = variant(whole, kind)
    f = ConfigFields(path, with_usual_words({**_DEFAULTS.get(kind, {}), **f.values}, kind))
    if f.has("block_configs"):
        raise ModelFileError(f"{path} has layers that all differ (block_configs), which qtui can't read; give a GGUF")
    letters = block_letters(f)
    layers = len(letters) if letters else f.layers("num_hidden_layers", "n_layer", "num_layers")
    layers *= 2 if kind == "longcat_flash" else 1
    if f.has("num_hidden_groups"):  # ALBERT's layers share their weights
        layers = f.positive("num_hidden_groups") * f.positive("inner_group_num", default=1)
    known = family(kind).known and "assistant" not in whole.text("model_type") and not has_encoder(whole, kind)
    doubts = []
    if not known and not has_encoder(whole, kind):
        doubts.append(f"the family {kind!r} is not known, so its layers are read as a plain transformer's")
    arch = _text_model(f, whole, kind, layers)
    arch = arch._replace(mtp=_mtp(f, kind, arch, doubts), vision=vision_tower(whole, kind, arch.hidden_size))
    doubts += _not_counted(f, whole, kind, arch)
    name = whole.text("_name_or_path") or os.path.basename(os.path.dirname(os.path.abspath(path))) or kind
    return FileArchitecture(name, kind, arch, _dtype(whole, f), _context(f), tuple(doubts), known)


def _not_counted(f: ConfigFields, whole: ConfigFields, kind: str, arch: Architecture) -> list[str]:
    """Sentences on what the checkpoint or its use has beside the text model that is counted."""
    doubts = []
    if arch.vision is None and whole.has("vision_config"):
        doubts.append("the vision tower is not counted")
    if whole.has("audio_config") or whole.has("audio_encoder_config"):
        doubts.append("the audio tower is not counted")
    if whole.text("model_type") == "fuyu":
        doubts.append("the projection of image patches is not counted")
    for name in ("word_embed_proj_dim", "embedding_size"):
        if f.has(name) and f.positive(name) != (arch.embedding_size or arch.hidden_size):
            doubts.append(f"embeddings are narrower than the layers ({name}), and are counted as wide as those")
    if f.has("num_hidden_groups"):
        doubts.append(
            f"its layers share their weights: {f.positive('num_hidden_layers')} times they are gone through"
        )
    if whole.flag("is_encoder_decoder", default=False) and not (family(kind).cross or family(kind).encoder):
        doubts.append("one stack of layers is counted: the encoder and what attends to it are not")
    if has_encoder(whole, kind):
        counted = kind.startswith(COUNTED)
        left_out = "the cache of the encoder's output is not counted"
        doubts.append(left_out if counted else f"only the decoder is counted: the encoder and {left_out}")
    if family(kind).encoder:
        doubts.append("an encoder reads all tokens at once and keeps no cache between them")
    return doubts


def _text_model(f: ConfigFields, whole: ConfigFields, kind: str, layers: int) -> Architecture:
    about = family(kind)
    # Where a config has several parts, what it says outside them holds.
    tied = whole.flag("tie_word_embeddings", default=f.flag("tie_word_embeddings", default=about.tied))
    hidden, vocab = f.positive("hidden_size", "n_embd", "d_model"), f.positive("vocab_size")
    by_layer = mixers(f, kind, layers)
    if kind == "minimax_m3":
        by_layer = _sparse_index(f, by_layer)
    mixer_groups, ffn_groups = _groups(by_layer, ffns(f, kind, layers), about.fused)
    positions = 0
    if about.positions is not None:
        positions = f.positive("max_position_embeddings", "n_ctx") + about.positions
    return Architecture(
        hidden_size=hidden,
        num_layers=layers,
        vocab_size=vocab,
        tie_word_embeddings=tied,
        mixers=mixer_groups,
        ffns=ffn_groups,
        norm=LAYERNORM_BIAS if about.layernorm else "",
        final_norm=about.final_norm,
        learned_positions=positions,
        embedding_size=f.count("embedding_size", default=0) if kind in ("albert", "electra") else 0,
        lm_head_bias=f.flag("lm_head_bias", default=about.lm_head_bias),
        other_text=text_extras(f, whole, kind, layers),
    )


def _groups(
    by_layer: list[Mixer | None], halves: list[FeedForward | None], is_fused: bool
) -> tuple[tuple[Mixer, ...], tuple[FeedForward, ...]]:
    mixer_groups, ffn_groups = grouped_layers(by_layer), grouped_layers(halves)
    return fused(mixer_groups, ffn_groups) if is_fused else (mixer_groups, ffn_groups)


def _text_part(whole: ConfigFields) -> ConfigFields:
    """The fields of the language model, where the config has those of other parts beside it."""
    for name in ("text_config", "llm_config", "language_config"):
        if whole.has(name):
            return whole.inside(name)
    if whole.has("thinker_config"):
        return _text_part(whole.inside("thinker_config"))
    return whole


def _mtp(f: ConfigFields, kind: str, arch: Architecture, doubts: list[str]) -> DraftModule | None:
    """The multi-token-prediction module, where the family's layout is known; else a doubt."""
    number = f.count("num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_modules", default=0)
    if not number:
        return None
    if not family(kind).mtp:
        doubts.append("the multi-token-prediction layers are not counted")
        return None
    # The last kind of attention, but the first of those that differ only in what they index or compress.
    mixer = arch.mixers[-1] if isinstance(arch.mixers[-1], Attention) else arch.mixers[0]
    if isinstance(mixer, CompressedAttention):
        mixer = replace(mixer, compress_ratio=0, overlap=False, indexer=None)
    copies = f.count("hc_mult", default=0)
    return DraftModule(
        mixers=(replace(mixer, layers=number),),
        ffns=(replace(arch.ffns[-1], layers=number),),
        modules=number,
        norms=3,
        embeddings=2 * number if family(kind).mtp_embeddings else 0,
        extra=copies * f.positive("hidden_size") * copies + copies + 1 if copies else 0,
    )


def _sparse_index(f: ConfigFields, by_layer: list[Mixer | None]) -> list[Mixer | None]:
    """MiniMax-M3: an index head in the layers with block-sparse attention."""
    sparse = f.inside("sparse_attention_config")
    width = sparse.count("sparse_index_dim", default=0)
    heads = sparse.count("sparse_num_index_heads", default=0)
    chosen = sparse.items("sparse_attention_freq", int, len(by_layer)) or [0] * len(by_layer)
    extra = f.positive("hidden_size") * width * (heads + 1) + 2 * width
    return [
        replace(layer, extra=extra, index_key_dim_per_token=width)
        if isinstance(layer, Attention) and on and width
        else layer
        for layer, on in zip(by_layer, chosen, strict=False)
    ]


def _dtype(whole: ConfigFields, f: ConfigFields) -> str | None:
    """How the checkpoint stores its weights, in the registry's words."""
    quantized = (
        whole.inside("quantization_config") if whole.has("quantization_config") else f.inside("quantization_config")
    )
    method = quantized.text("quant_method")
    if method == "fp8" and quantized.has("weight_block_size"):
        return "float8_e4m3fn"
    if method == "mxfp4":
        return "mxfp4 experts / bfloat16"
    for fields in (f, whole):
        for name in ("dtype", "torch_dtype"):
            value = fields.values.get(name)
            if isinstance(value, str):
                return value.removeprefix("torch.")
    return None


def _context(f: ConfigFields) -> int | None:
    return f.maybe("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length")
