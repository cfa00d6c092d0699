"""From a Hub config.json to an architecture (the fields of transformers' configuration classes)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Any]
Group = dict[str, Any]

# What configs don't say because the model's code fixes it (transformers' modelling files).
_QK_NORM = {
    **dict.fromkeys(("qwen3", "qwen3_moe", "qwen3_next", "qwen3_5", "qwen3_5_moe", "gemma3", "gemma4"), "per_head"),
    **dict.fromkeys(("lfm2", "lfm2_moe", "exaone4", "minimax_m3", "hunyuan_v1_dense", "hunyuan_v1_moe"), "per_head"),
    **dict.fromkeys(("olmo2", "olmo3", "olmoe", "minimax_m2"), "full"),
}
_QKV_BIAS = frozenset(("qwen2", "qwen2_moe", "qwen2_vl", "qwen2_5_vl"))
_FOUR_NORMS = frozenset(("gemma2", "gemma3", "gemma4", "afmoe"))
_FUSED = frozenset(("phi3",))
_TIED = frozenset(("gemma", "gemma2", "gemma3", "gemma3n", "gemma4", "gpt2", "cohere", "cohere2"))
_LINEAR = frozenset(("linear_attention", "mamba", "recurrent", "conv"))


def from_config(config: Config) -> tuple[dict[str, Any] | None, list[str]]:
    """(architecture or None, notes) of a parsed config.json.

    Raises KeyError, TypeError or ValueError where a value is missing or of another kind than it should be.
    """
    text: Config = config.get("text_config") or config
    kind = str(text.get("model_type") or config.get("model_type") or "").removesuffix("_text")
    hidden = _first(text, "hidden_size", "n_embd", "d_model")
    layers = _first(text, "num_hidden_layers", "n_layer", "num_layers")
    if not hidden or not layers or layers > 1 << 14 or hidden > 1 << 22:
        return None, [f"this config.json of {kind or 'no named architecture'} has no width or number of layers"]
    tied = text.get("tie_word_embeddings", config.get("tie_word_embeddings", kind in _TIED))
    arch: dict[str, Any] = {
        "hidden_size": hidden,
        "num_layers": layers,
        "vocab_size": int(text["vocab_size"]),
        "tie_word_embeddings": bool(tied),
        "mixers": _mixers(text, kind, hidden, layers),
        "ffns": _ffns(text, kind, hidden, layers),
    }
    if kind in _FUSED:
        arch["fused_qkv"] = True
    if kind == "gpt2":
        arch |= {"norm": "layernorm_bias", "learned_positions": _first(text, "n_positions", "n_ctx")}
    return arch, []


def _first(config: Config, *names: str) -> int:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return 0


def _kinds(text: Config, layers: int) -> list[str]:
    """What each layer is: "full_attention", "sliding_attention", "linear_attention", "mamba", "conv"."""
    listed = text.get("layer_types") or text.get("layers_block_type")
    if isinstance(listed, list) and len(listed) == layers:
        return [str(item) for item in listed]
    every = _first(text, "full_attention_interval")
    if every:
        return ["linear_attention" if (i + 1) % every else "full_attention" for i in range(layers)]
    full = text.get("full_attn_idxs")
    if isinstance(full, list):
        return ["full_attention" if i in full else "conv" for i in range(layers)]
    period = _first(text, "sliding_window_pattern", "_sliding_window_pattern")
    if not period:
        period = {"gemma2": 2, "gemma3": 6, "gpt_oss": 2, "cohere2": 4}.get(str(text.get("model_type", "")), 0)
    if period and text.get("sliding_window"):
        return ["sliding_attention" if (i + 1) % period else "full_attention" for i in range(layers)]
    return ["full_attention"] * layers


def _gather(groups: list[Group]) -> list[Group]:
    """Equal neighbours and repeats put together with how many there are."""
    found: list[Group] = []
    for group in groups:
        for known in found:
            if {k: v for k, v in known.items() if k != "layers"} == group:
                known["layers"] += 1
                break
        else:
            found.append({**group, "layers": 1})
    return found


def _mixers(text: Config, kind: str, hidden: int, layers: int) -> list[Group]:
    made = {name: _mixer(text, kind, hidden, name) for name in set(_kinds(text, layers))}
    groups = _gather([made[name] for name in _kinds(text, layers)])
    # Windowed and linear layers first, as in the catalogue: the rarer full ones end each period.
    return sorted(groups, key=lambda group: group["kind"] == "attention" and "window" not in group)


def _mixer(text: Config, kind: str, hidden: int, layer: str) -> Group:
    if layer == "conv":
        return {"kind": "short_conv", "conv_kernel": _first(text, "conv_L_cache")}
    if layer == "linear_attention":
        return {
            "kind": "gated_deltanet",
            "k_heads": int(text["linear_num_key_heads"]),
            "v_heads": int(text["linear_num_value_heads"]),
            "k_head_dim": int(text["linear_key_head_dim"]),
            "v_head_dim": int(text["linear_value_head_dim"]),
            "conv_kernel": int(text["linear_conv_kernel_dim"]),
        }
    if layer == "mamba":
        return {
            "kind": "mamba2",
            "heads": int(text["mamba_n_heads"]),
            "head_dim": int(text["mamba_d_head"]),
            "groups": int(text["mamba_n_groups"]),
            "state": int(text["mamba_d_state"]),
            "conv_kernel": int(text["mamba_d_conv"]),
            "conv_bias": bool(text.get("mamba_conv_bias", True)),
        }
    if text.get("kv_lora_rank"):
        return _mla(text)
    return _attention(text, kind, hidden, layer)


def _mla(text: Config) -> Group:
    names = ("kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
    found: Group = {"kind": "mla", "heads": _first(text, "num_attention_heads")}
    found |= {name: int(text[name]) for name in names}
    found["q_lora_rank"] = _first(text, "q_lora_rank") or None
    if text.get("index_n_heads"):
        found["indexer"] = {"heads": int(text["index_n_heads"]), "head_dim": int(text["index_head_dim"])}
    return found


def _attention(text: Config, kind: str, hidden: int, layer: str) -> Group:
    heads = _first(text, "num_attention_heads", "n_head")
    found: Group = {"kind": "attention", "heads": heads}
    found["kv_heads"] = _first(text, "num_key_value_heads") or heads
    found["head_dim"] = _first(text, "head_dim") or hidden // heads
    if text.get("attention_bias") or kind in _QKV_BIAS:
        found |= {"q_bias": True, "k_bias": True, "v_bias": True}
    if kind == "gpt_oss":
        found |= {"sinks": True, "o_bias": True}
    elif kind == "gpt2":
        found |= {"q_bias": True, "k_bias": True, "v_bias": True, "o_bias": True}
    elif text.get("attention_bias") and kind in ("llama", "seed_oss"):
        found["o_bias"] = bool(text.get("attention_out_bias", kind == "llama"))
    if kind in _QK_NORM:
        found["qk_norm"] = _QK_NORM[kind]
    if text.get("attn_output_gate") or kind == "qwen3_next":
        found["output_gate"] = "elementwise"
    if layer in ("sliding_attention", "chunked_attention"):
        found["window"] = _first(text, "sliding_window", "attention_chunk_size")
    return found | ({"norms": 2} if kind in _FOUR_NORMS else {})


def _ffns(text: Config, kind: str, hidden: int, layers: int) -> list[Group]:
    dense: Group = {"kind": "dense", "intermediate": _first(text, "intermediate_size", "n_inner") or 4 * hidden}
    if kind == "gpt2":
        dense |= {"gated": False, "bias": True}
    if kind in _FOUR_NORMS:
        dense["norms"] = 2
    experts = _first(text, "num_experts", "n_routed_experts", "num_local_experts")
    if experts < 2:
        return [dense | {"layers": layers}]
    width = _first(text, "moe_intermediate_size") or dense["intermediate"]
    moe: Group = {"kind": "moe", "experts": experts, "moe_intermediate": width}
    moe["experts_per_token"] = _first(text, "num_experts_per_tok", "num_experts_per_token", "moe_topk") or 2
    shared = _first(text, "shared_expert_intermediate_size") or _first(text, "n_shared_experts") * width
    if shared:
        moe["shared_intermediate"] = shared
        moe["shared_gate"] = kind.startswith(("qwen2_moe", "qwen3_next", "qwen3_5"))
    if kind == "gpt_oss":
        moe |= {"expert_bias": True, "router_bias": True}
    if text.get("topk_method") == "noaux_tc" or kind.startswith(("glm4_moe", "deepseek_v3", "minimax_m2")):
        moe["correction_bias"] = True
    leading = _first(text, "first_k_dense_replace", "num_dense_layers")
    only = text.get("mlp_only_layers")
    leading = len(only) if isinstance(only, list) and only else leading
    return ([dense | {"layers": leading}] if leading else []) + [moe | {"layers": layers - leading}]
