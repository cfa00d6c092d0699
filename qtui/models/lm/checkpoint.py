"""A transformer's configuration and tensor names from a config.json, by the rules of the transformers library."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from qtui.compute.lm.config import LmConfig, LmLayer, Rope, divided, frequencies, llama3_factors, yarn_factors
from qtui.models.architecture import ConfigFields
from qtui.models.files.source import ModelFileError, quoted
from qtui.models.lm.families import Family, family_called
from qtui.models.tensors.roles import gguf_name

LIMITS = {"gemma2": (50.0, 30.0)}  # soft caps of scores and logits, where the config leaves them out
LOCAL = "sliding_attention"
# Gemma 2 and 3 have a norm before and one after each sublayer; Phi 3 keeps gate and up in one matrix.
_RENAMED = (
    ("post_attention_layernorm", "post_attention_norm"),
    ("pre_feedforward_layernorm", "ffn_norm"),
    ("post_feedforward_layernorm", "post_ffw_norm"),
)
OTHER_PARTS = ("vision", "visual", "multi_modal", "audio", "mtp")


def config_of_checkpoint(config: Mapping[str, Any], path: str) -> LmConfig:
    """The configuration in a parsed config.json. Raises ModelFileError where it can't be run, or is corrupt."""
    whole = ConfigFields(path, config)
    f = whole.inside("text_config") if whole.has("text_config") else whole
    family = family_called(whole.text("model_type"), path, gguf=False)
    layers, hidden, heads = (
        f.layers("num_hidden_layers"),
        f.positive("hidden_size"),
        f.positive("num_attention_heads"),
    )
    head_dim = f.positive("head_dim", default=256 if family.scaled_embedding else hidden // heads)
    scaling = _scaling(f)
    caps = LIMITS.get(family.name, (0.0, 0.0))
    scalar = f.maybe("query_pre_attn_scalar") if family.period else None
    return LmConfig(
        vocabulary=f.positive("vocab_size"),
        hidden=hidden,
        heads=heads,
        kv_heads=f.positive("num_key_value_heads", default=heads),
        head_dim=head_dim,
        ffn=f.positive("intermediate_size"),
        layers=_layers(f, family, scaling, layers, head_dim),
        epsilon=f.real("rms_norm_eps", 1e-6),
        context=f.positive("max_position_embeddings", default=2048),
        activation=family.activation,
        embedding_scale=math.sqrt(hidden) if family.scaled_embedding else 1.0,
        attention_scale=scalar**-0.5 if scalar else 0.0,
        attention_cap=f.real("attn_logit_softcapping", caps[0]),
        logit_cap=f.real("final_logit_softcapping", caps[1]),
    )


def names_of_checkpoint(names: list[str], family: Family) -> dict[str, str]:
    """GGUF names of the text model's tensors, and what the checkpoint calls each."""
    theirs: dict[str, str] = {}
    for name in names:
        if not any(part in name for part in OTHER_PARTS):
            theirs[gguf_name_in(name, family)] = name
    return theirs


def gguf_name_in(name: str, family: Family) -> str:
    """What llama.cpp calls the tensor in a model of `family`."""
    made = gguf_name(name)
    if family.period:
        for theirs, ours in _RENAMED:
            if f".{theirs}." in name:
                return f"{made.rsplit('.', 2)[0]}.{ours}.{name.rpartition('.')[2]}"
    return made.replace(".ffn_gate_up.", ".ffn_up.")


def _scaling(f: ConfigFields, kind: str = "full_attention") -> ConfigFields:
    """What says how positions are scaled, by either of its names; of layers of `kind` where they differ."""
    rope = f.inside("rope_parameters") if f.has("rope_parameters") else f.inside("rope_scaling")
    rope = rope.inside(kind) if rope.has(kind) else rope
    named = rope.text("rope_type") or rope.text("type", "default")
    return ConfigFields(f.path, {**rope.values, "rope_type": "longrope" if named == "su" else named})


def _original(f: ConfigFields, scaling: ConfigFields) -> int:
    default = f.positive("original_max_position_embeddings", "max_position_embeddings", default=2048)
    return scaling.positive("original_max_position_embeddings", default=default)


def _layers(f: ConfigFields, family: Family, scaling: ConfigFields, count: int, head_dim: int) -> tuple[LmLayer, ...]:
    turned = int(head_dim * scaling.real("partial_rotary_factor", f.real("partial_rotary_factor", 1.0)))
    base = scaling.real("rope_theta", f.real("rope_theta", 1e6 if family.name == "gemma3" else 10_000.0))
    plain = frequencies(turned, base)
    whole = Rope(*_frequencies(f, scaling, plain, base))
    if scaling.text("rope_type") == "longrope":
        whole = replace(whole, beyond=_by_factors(scaling, "long_factor", plain), original=_original(f, scaling))
    local = whole
    if family.local_base:
        near = _scaling(f, LOCAL).real("rope_theta", family.local_base) if f.has("rope_parameters") else 0.0
        near = f.real("rope_local_base_freq", near or family.local_base)
        local = Rope(frequencies(turned, near))
    unturned = _without_rope(f, family, count)
    windows = _windows(f, family, count)
    return tuple(LmLayer(None if unturned[i] else local if windows[i] else whole, windows[i]) for i in range(count))


def _frequencies(
    f: ConfigFields, scaling: ConfigFields, values: tuple[float, ...], base: float
) -> tuple[tuple[float, ...], bool, float]:
    """Frequencies after the config's scaling, that they are not interleaved, and the factor on what is turned."""
    kind, factor = scaling.text("rope_type"), scaling.real("factor", 1.0)
    if kind == "linear" and factor > 0:
        return tuple(value / factor for value in values), False, 1.0
    if kind == "llama3" and factor > 0:
        low, high = scaling.real("low_freq_factor", 1.0), scaling.real("high_freq_factor", 4.0)
        return divided(values, llama3_factors(values, factor, low, high, _original(f, scaling))), False, 1.0
    if kind == "yarn" and factor > 1:
        fast, slow = scaling.real("beta_fast", 32.0), scaling.real("beta_slow", 1.0)
        scale = scaling.real("attention_factor", 1 + 0.1 * math.log(factor))
        factors = yarn_factors(values, factor, _original(f, scaling), fast, slow, base)
        return divided(values, factors), False, scale
    if kind == "longrope":
        return _by_factors(scaling, "short_factor", values), False, _long_scale(f, scaling)
    if kind not in ("default", "linear", "llama3", "yarn"):
        raise ModelFileError(f"{f.path} scales its positions by {quoted(kind)}, which qtui can't run")
    return values, False, 1.0


def _by_factors(scaling: ConfigFields, name: str, values: tuple[float, ...]) -> tuple[float, ...]:
    """Frequencies divided by LongRoPE's factors called `name`."""
    factors = tuple(scaling.items(name, (int, float)) or ())
    if len(factors) != len(values) or not all(value > 0 for value in factors):
        raise scaling.wrong(name, f"{len(values)} numbers above 0")
    return divided(values, factors)


def _long_scale(f: ConfigFields, scaling: ConfigFields) -> float:
    """LongRoPE's attention factor: sqrt(1 + ln(longer) / ln(original))."""
    original = _original(f, scaling)
    longer = f.positive("max_position_embeddings", default=original) / original
    usual = math.sqrt(1 + math.log(longer) / math.log(original)) if longer > 1 and original > 1 else 1.0
    return scaling.real("attention_factor", usual)


def _without_rope(f: ConfigFields, family: Family, count: int) -> list[bool]:
    if not family.unturned:
        return [False] * count
    listed = f.items("no_rope_layers", int, count)
    if listed:
        return [value == 0 for value in listed]
    every = f.positive("no_rope_layer_interval", default=family.unturned)
    return [(i + 1) % every == 0 for i in range(count)]


def _windows(f: ConfigFields, family: Family, count: int) -> list[int]:
    window = f.count("sliding_window", default=0)
    kinds = f.items("layer_types", str, count)
    if kinds:
        return [window if kind == LOCAL else 0 for kind in kinds[:count]]
    asked = f.values.get("use_sliding_window")
    if family.name in ("qwen2", "qwen3") and asked is True:  # the layers below see everything
        first = f.count("max_window_layers", default=28)
        return [window if i >= first else 0 for i in range(count)]
    if not window or asked is False or family.name in ("qwen2", "qwen3", "smollm3"):
        return [0] * count
    period = f.count("sliding_window_pattern", default=family.period)
    return [0 if period and (i + 1) % period == 0 else window for i in range(count)]
