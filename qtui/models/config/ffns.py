"""The feed-forward half of each layer, from the fields of a Hugging Face config.json."""

from __future__ import annotations

from dataclasses import replace

from qtui.compute.memory.ffns import DenseFfn, FeedForward, MoeFfn
from qtui.models.architecture import ConfigFields
from qtui.models.config.families import family
from qtui.models.config.mixers import block_letters, hyper_connection


def ffns(f: ConfigFields, kind: str, layers: int) -> list[FeedForward | None]:
    """The feed-forward half of each layer, None for a layer without one (Nemotron-H)."""
    letters = block_letters(f)
    if letters:
        return [_nemotron(f, kind, i, letters) for i in range(len(letters))]
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
    if not _experts(f) or (kind == "gemma4" and not f.flag("enable_moe_block")):
        return [False] * layers
    types = f.items("mlp_layer_types", str, layers)
    if types is not None:
        return [name == "sparse" for name in types[:layers]]
    frequency = f.values.get("moe_layer_freq")
    if isinstance(frequency, list):
        return [bool(one) for one in (f.items("moe_layer_freq", int, layers) or [])[:layers]]
    if f.has("interleave_moe_layer_step"):
        step = f.positive("interleave_moe_layer_step")
        return [(i + 1) % step == 0 for i in range(layers)]
    first = f.count("first_k_dense_replace", "num_dense_layers", "moe_layer_start_index", default=0)
    only = set(f.items("mlp_only_layers", int) or [])
    step = f.positive("decoder_sparse_step", default=1)
    return [i >= first and i not in only and (i + 1) % step == 0 for i in range(layers)]


def dense(f: ConfigFields, kind: str, i: int, layers: int) -> DenseFfn:
    """The dense MLP of layer `i`."""
    width = _dense_width(f, kind)
    shared = f.count("num_kv_shared_layers", default=0)
    if f.flag("use_double_wide_mlp") and i >= layers - shared:
        width *= 2
    biased = kind in ("bert", "gpt2") or (kind == "starcoder2" and f.flag("use_bias", True)) or f.flag("mlp_bias")
    return DenseFfn(
        intermediate=width, gated=family(kind).gated, bias=biased, norms=_norms(kind), extra=_extra(f, kind)
    )


def _dense_width(f: ConfigFields, kind: str) -> int:
    hidden = f.positive("hidden_size", "n_embd", "d_model")
    if kind == "gpt2":
        return f.positive("n_inner", default=4 * hidden)
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


def _norms(kind: str) -> int:
    return 0 if family(kind).parallel else family(kind).norms


def _extra(f: ConfigFields, kind: str) -> int:
    """Parameters that belong to a layer but to no matrix of it."""
    hidden, own = f.positive("hidden_size", "n_embd", "d_model"), f.count("hidden_size_per_layer_input", default=0)
    if kind == "gemma4":
        return 1 + (2 * hidden * own + hidden if own else 0)
    if f.has("hc_mult"):
        return hyper_connection(f)
    return 2 * hidden if f.has("attn_res_block_size") else 0


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
        norms=_norms(kind),
        extra=_extra(f, kind),
        shared_intermediate=shared,
        shared_gate=bool(shared) and family(kind).shared_gate,
        correction_bias=_corrected(f, kind) and i >= f.count("num_hash_layers", default=0),
        expert_bias=kind == "gpt_oss",
        router_bias=kind == "gpt_oss",
        gated=kind != "nemotron_h",
        latent_size=latent,
        latent_norm=latent if f.flag("latent_moe_use_norm") else 0,
    )
    if kind == "gemma4":
        extra = f.positive("hidden_size") + experts + 1
        return replace(layer, dense_intermediate=f.positive("intermediate_size"), norms=5, extra=extra)
    return layer


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
    number = f.count(
        "n_shared_experts", "num_shared_experts", "num_shared_expert", "moe_num_shared_experts", default=0
    )
    return number * width
