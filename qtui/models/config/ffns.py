"""The feed-forward half of each layer, from the fields of a Hugging Face config.json."""

from __future__ import annotations

from dataclasses import replace

from qtui.compute.memory.ffns.base import FeedForward
from qtui.compute.memory.ffns.dense import DenseFfn
from qtui.compute.memory.ffns.experts import MoeFfn
from qtui.models.architecture import ConfigFields
from qtui.models.config.extras import ffn_extra
from qtui.models.config.families import family
from qtui.models.config.mixers import block_letters


def ffns(f: ConfigFields, kind: str, layers: int) -> list[FeedForward | None]:
    """The feed-forward half of each layer, None for a layer without one (Nemotron-H)."""
    letters = block_letters(f)
    if letters:
        return [_nemotron(f, kind, i, letters) for i in range(len(letters))]
    if kind in ("falcon_mamba", "mamba", "mamba2"):
        return []
    sparse = _sparse_layers(f, kind, layers)
    return [moe(f, kind, i) if sparse[i] else dense(f, kind, i, layers) for i in range(layers)]


def _nemotron(f: ConfigFields, kind: str, i: int, letters: str) -> FeedForward | None:
    if letters[i] == "E":
        return moe(f, kind, i)
    return dense(f, kind, i, len(letters)) if letters[i] == "-" else None


def _experts(f: ConfigFields) -> int:
    return f.count("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts", default=0)


def _sparse_layers(f: ConfigFields, kind: str, layers: int) -> list[bool]:
    """Which layers are mixtures of experts."""
    if (
        not _experts(f)
        or (kind.startswith("gemma4") and not f.flag("enable_moe_block"))
        or (kind == "doge" and not f.flag("is_moe"))
    ):
        return [False] * layers
    types = f.items("mlp_layer_types", str, layers)
    if types is not None:
        return [name in ("sparse", "moe", "hash_moe") for name in types[:layers]]
    frequency = f.values.get("moe_layer_freq")
    if isinstance(frequency, list):
        return [bool(routed) for routed in (f.items("moe_layer_freq", int, layers) or [])[:layers]]
    if f.has("interleave_moe_layer_step"):
        step = f.positive("interleave_moe_layer_step")
        return [(i + 1) % step == 0 for i in range(layers)]
    if kind == "longcat_flash":  # two blocks of attention and MLP a layer, with experts beside the first
        return [i % 2 == 0 for i in range(layers)]
    if kind == "jamba":
        period, offset = f.positive("expert_layer_period"), f.count("expert_layer_offset")
        return [i % period == offset for i in range(layers)]
    first = f.count("first_k_dense_replace", "num_dense_layers", "moe_layer_start_index", default=0)
    only = set(f.items("mlp_only_layers", int) or [])
    step = f.positive("decoder_sparse_step", default=1)
    return [i >= first and i not in only and (i + 1) % step == 0 for i in range(layers)]


def dense(f: ConfigFields, kind: str, i: int, layers: int) -> DenseFfn:
    """The dense MLP of layer `i`."""
    width = _dense_width(f, kind, i)
    shared = f.count("num_kv_shared_layers", default=0)
    if f.flag("use_double_wide_mlp") and i >= layers - shared:
        width *= 2
    about = family(kind)
    biased = about.all_biases or about.mlp_bias or (kind == "starcoder2" and f.flag("use_bias", True))
    biased = biased or f.flag("mlp_bias") or (kind == "falcon" and f.flag("bias"))
    return DenseFfn(
        intermediate=width, gated=about.gated, bias=biased, norms=_norms(f, kind), extra=ffn_extra(f, kind)
    )


def _dense_width(f: ConfigFields, kind: str, i: int) -> int:
    if isinstance(f.values.get("intermediate_size"), list):
        widths = f.items("intermediate_size", int, i + 1) or []
        return ConfigFields(f.path, {"intermediate_size": widths[i]}).positive("intermediate_size")
    if kind in ("lfm2", "lfm2_moe") and f.flag("block_auto_adjust_ff_dim", default=f.has("block_ff_dim")):
        width = int(2 * f.positive("block_ff_dim", "intermediate_size") / 3)
        factor = f.values.get("block_ffn_dim_multiplier")
        if isinstance(factor, (int, float)) and 0 < factor < 1000:
            width = int(factor * width)
        step = f.positive("block_multiple_of", default=256)
        return -(-width // step) * step
    if kind.startswith("granitemoe"):
        return f.positive("shared_intermediate_size", "intermediate_size")
    # Models with experts keep the width of their dense layers apart from that of the experts.
    return f.maybe("dense_intermediate_size", "intermediate_size_mlp") or f.positive(
        "intermediate_size", "block_ff_dim"
    )


def _norms(f: ConfigFields, kind: str) -> int:
    if kind == "falcon":
        apart = f.maybe("num_ln_in_parallel_attn") if f.flag("new_decoder_architecture") else None
        beside = f.flag("parallel_attn", True) and (apart or 2 * f.flag("new_decoder_architecture")) != 2
        return 0 if beside else 1
    if kind == "hyperclovax":
        return 1 + f.flag("use_post_norm")
    return 0 if family(kind).parallel else family(kind).norms


def moe(f: ConfigFields, kind: str, i: int) -> MoeFfn:
    """The mixture of experts of layer `i`."""
    experts = _experts(f)
    width = f.positive("moe_intermediate_size", "expert_ffn_hidden_size", "intermediate_size")
    shared = _shared_width(f, kind, width)
    latent = f.maybe("moe_latent_size", "routed_expert_hidden_size") or 0
    layer = MoeFfn(
        experts=experts,
        experts_per_token=f.positive(
            "num_experts_per_tok", "num_experts_per_token", "top_k_experts", "experts_per_token", "moe_k", "moe_topk"
        ),
        moe_intermediate=width,
        norms=_norms(f, kind) + (kind == "axk1"),
        extra=ffn_extra(f, kind),
        shared_intermediate=shared,
        shared_gate=bool(shared) and family(kind).shared_gate,
        correction_bias=_corrected(f, kind) and not _hashed(f, i),
        expert_bias=kind == "gpt_oss",
        router_bias=kind == "gpt_oss",
        gated=kind != "nemotron_h",
        latent_size=latent,
        latent_norm=latent if f.flag("latent_moe_use_norm") else 0,
    )
    if kind == "longcat_flash":  # experts that do nothing have a row of the router each
        empty = f.count("zero_expert_num", default=0) * (f.positive("hidden_size") + 1)
        return replace(layer, dense_intermediate=f.positive("intermediate_size"), extra=empty)
    if kind == "gemma4":
        extra = f.positive("hidden_size") + experts + 1
        return replace(layer, dense_intermediate=f.positive("intermediate_size"), norms=5, extra=extra)
    return layer


def _hashed(f: ConfigFields, i: int) -> bool:
    """Whether layer `i` finds its experts in a table by token."""
    types = f.items("mlp_layer_types", str) or []
    return i < f.count("num_hash_layers", default=0) or (i < len(types) and types[i] == "hash_moe")


def _corrected(f: ConfigFields, kind: str) -> bool:
    """Whether the router has a correction bias."""
    if f.has("use_routing_bias") or f.has("use_moe_router_bias") or f.has("use_expert_bias"):
        return f.flag("use_routing_bias") or f.flag("use_moe_router_bias") or f.flag("use_expert_bias")
    return f.text("topk_method") == "noaux_tc" or family(kind).correction_bias


def _shared_width(f: ConfigFields, kind: str, width: int) -> int:
    """Width of the experts that every token passes through, 0 without any."""
    given = f.maybe(
        "shared_expert_intermediate_size",
        "moe_shared_expert_intermediate_size",
        "share_expert_dim",
        "shared_intermediate_size",
    )
    if given is not None:
        return given
    if kind == "llama4":
        return width
    names = ("n_shared_experts", "num_shared_experts", "num_shared_expert", "moe_num_shared_experts")
    number = f.count(*names, default=int(kind == "hunyuan_v1_moe"))
    return number * width
