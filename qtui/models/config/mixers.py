"""The token mixer of each layer, from the fields of a Hugging Face config.json.

Which fields a family has, and what it does without saying so, is in transformers' `modeling_*.py` of that family.
"""

from __future__ import annotations

from typing import Any

from qtui.models.architecture import LAYERS_LIMIT, Fields, names

# Families whose attention does something that their config does not say.
_QK_NORM = {
    "per_head": names("""
        afmoe bailing_moe_v2 dots1 exaone4 gemma3 gemma4 hy_v3 laguna lfm2 lfm2_moe qwen3 qwen3_5 qwen3_5_moe
        qwen3_moe qwen3_next qwen3_vl qwen3_vl_moe step3p5 step3p7
    """),
    "full": names("olmo2 olmo3 olmoe"),
}
_QKV_BIAS = names("qwen2 qwen2_moe qwen2_vl qwen2_5_vl")
_NO_OUTPUT_BIAS = names("glm4 glm4_moe seed_oss mimo")
_TWO_NORMS = names("gemma2 gemma3 gemma3n gemma4 glm4 afmoe")
_ELEMENTWISE_GATE = names("qwen3_next qwen3_5 qwen3_5_moe")
# The last layer of each period sees everything; the others a window.
_PERIODS = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "gpt_oss": 2, "cohere2": 4, "gemma4": 6}

_BLOCKS = {"mamba": "M", "attention": "*", "mlp": "-", "moe": "E"}

Layer = dict[str, Any]


def mixers(f: Fields, kind: str, layers: int) -> list[Layer | None]:
    """The mixer of each layer, None for a layer without one (Nemotron-H)."""
    letters = block_letters(f)
    if letters:
        return [_nemotron(f, kind, letter) for letter in letters]
    if f.has("compress_ratios"):
        return [_deepseek4(f, ratio) for ratio in (f.items("compress_ratios", int, layers) or [])[:layers]]
    if f.has("linear_attn_config"):
        return _kimi_linear(f, layers)
    if f.has("kv_lora_rank") and f.has("qk_rope_head_dim"):
        return [_latent(f, i) for i in range(layers)]
    types = layer_types(f, kind, layers)
    shared = f.count("num_kv_shared_layers", default=0)
    made: list[Layer | None] = []
    for i, name in enumerate(types):
        if name == "linear_attention":
            made.append(_deltanet(f))
        elif name in ("mamba", "mamba2"):
            made.append(_mamba(f, "mamba_n_heads", "mamba_d_head", "mamba_n_groups", "mamba_d_state", "mamba_d_conv"))
        elif name in ("conv", "short_conv"):
            made.append({"kind": "short_conv", "conv_kernel": f.count("conv_L_cache", default=3)})
        else:
            layer = attention(f, kind, name)
            made.append({**layer, "kv_shared": True} if i >= layers - shared else layer)
    return made


def layer_types(f: Fields, kind: str, layers: int) -> list[str]:
    """What each layer is: "full_attention", "sliding_attention", "chunked_attention", "linear_attention", ..."""
    given = f.items("layer_types", str, layers)
    if given is not None:
        return given[:layers]
    pattern = f.items("hybrid_layer_pattern", int, layers)  # MiMo: 1 for a window
    if pattern is not None:
        return ["sliding_attention" if one else "full_attention" for one in pattern[:layers]]
    if f.has("full_attention_interval"):
        period = f.positive("full_attention_interval")
        return _periodic("linear_attention", period, layers)
    if f.has("attention_chunk_size"):
        rope = f.items("no_rope_layers", int) or []
        if len(rope) >= layers:
            return ["chunked_attention" if one else "full_attention" for one in rope[:layers]]
        return _periodic("chunked_attention", 4, layers)
    if not f.has("sliding_window") or not f.flag("use_sliding_window", default=not kind.startswith("qwen")):
        return ["full_attention"] * layers
    if f.has("max_window_layers") and kind.startswith("qwen"):
        first = f.count("max_window_layers")
        return ["sliding_attention" if i >= first else "full_attention" for i in range(layers)]
    period = _PERIODS.get(kind, 0)
    if type(f.values.get("sliding_window_pattern")) is int:
        period = f.count("sliding_window_pattern")
    if kind.startswith("phi"):  # its window is a training detail that llama.cpp and most engines leave out
        return ["full_attention"] * layers
    return _periodic("sliding_attention", period, layers) if period else ["sliding_attention"] * layers


def _periodic(name: str, period: int, layers: int) -> list[str]:
    return [name if (i + 1) % period else "full_attention" for i in range(layers)]


def attention(f: Fields, kind: str, name: str = "full_attention") -> Layer:
    """One layer of attention."""
    hidden = f.positive("hidden_size", "n_embd", "d_model")
    heads = f.positive("num_attention_heads", "n_head", "num_heads")
    groups = f.positive("num_key_value_heads", "num_kv_heads", default=heads)
    width = f.positive("head_dim", default=max(hidden // heads, 1))
    layer: Layer = {"kind": "attention", "heads": heads, "kv_heads": groups, "head_dim": width}
    if name == "sliding_attention":
        layer |= {"window": f.positive("sliding_window", "sliding_window_size")}
        if f.has("swa_num_key_value_heads"):
            layer["heads"] = f.positive("swa_num_attention_heads", default=heads)
            layer["kv_heads"] = f.positive("swa_num_key_value_heads")
            layer["head_dim"] = f.positive("swa_head_dim", default=width)
    elif name == "chunked_attention":
        layer |= {"chunk": f.positive("attention_chunk_size")}
    elif f.has("global_head_dim"):
        layer["head_dim"] = f.positive("global_head_dim")
        if f.flag("attention_k_eq_v"):
            layer["v_is_k"] = True
            layer["kv_heads"] = f.positive("num_global_key_value_heads", default=groups)
    if f.has("v_head_dim"):
        layer["v_head_dim"] = f.positive("v_head_dim")
    return layer | _biases(f, kind) | _quirks(f, kind, name)


def _biases(f: Fields, kind: str) -> Layer:
    plain = f.flag("attention_bias") or f.flag("qkv_bias") or f.flag("use_qkv_bias")
    everywhere = kind in ("bert", "gpt2", "phimoe") or (kind == "starcoder2" and f.flag("use_bias", True))
    made: Layer = {}
    if plain or everywhere or kind in _QKV_BIAS:
        made |= {"q_bias": True, "k_bias": True, "v_bias": True}
    output = f.flag("attention_out_bias", default=f.flag("attention_bias") and kind not in _NO_OUTPUT_BIAS)
    if output or everywhere:
        made["o_bias"] = True
    return made


def _quirks(f: Fields, kind: str, name: str) -> Layer:
    made: Layer = {}
    norm = next((style for style, kinds in _QK_NORM.items() if kind in kinds), None)
    if norm is None and f.flag("use_qk_norm", default=f.flag("qk_layernorm")) and kind != "llama4":
        norm = "per_head_each" if kind.startswith("cohere") else "per_head"
        norm = "full" if f.text("qk_norm_type") == "per_layer" else norm
    if norm:
        made["qk_norm"] = norm
    if kind in _TWO_NORMS:
        made["norms"] = 2
    if kind in _ELEMENTWISE_GATE:
        made["output_gate"] = "elementwise"
    elif kind in ("step3p5", "step3p7", "laguna"):
        made["output_gate"] = "per_head"
    elif kind == "afmoe":
        made["output_gate"] = "separate"
    swa = name == "sliding_attention"
    if kind == "gpt_oss" or f.flag("add_swa_attention_sink_bias" if swa else "add_full_attention_sink_bias"):
        made["sinks"] = True
    return made


def _latent(f: Fields, i: int) -> Layer:
    layer: Layer = {"kind": "mla", "heads": f.positive("num_attention_heads"), "q_lora_rank": f.maybe("q_lora_rank")}
    for name in ("kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"):
        layer[name] = f.positive(name)
    types = f.items("indexer_types", str, i + 1)
    if f.has("index_n_heads") and (types is None or types[i] == "full"):
        layer["indexer"] = {"heads": f.positive("index_n_heads"), "head_dim": f.positive("index_head_dim")}
    return layer


def _deltanet(f: Fields) -> Layer:
    return {
        "kind": "gated_deltanet",
        "k_heads": f.positive("linear_num_key_heads"),
        "v_heads": f.positive("linear_num_value_heads"),
        "k_head_dim": f.positive("linear_key_head_dim"),
        "v_head_dim": f.positive("linear_value_head_dim"),
        "conv_kernel": f.positive("linear_conv_kernel_dim", default=4),
    }


def _mamba(f: Fields, heads: str, width: str, groups: str, state: str, conv: str) -> Layer:
    layer: Layer = {"kind": "mamba2", "heads": f.positive(heads), "head_dim": f.positive(width)}
    layer |= {"groups": f.positive(groups), "state": f.positive(state), "conv_kernel": f.positive(conv)}
    if f.flag("use_conv_bias", default=f.flag("mamba_conv_bias", True)):
        layer["conv_bias"] = True
    if f.flag("mamba_proj_bias"):
        layer["proj_bias"] = True
    return layer


def block_letters(f: Fields) -> str:
    """Nemotron-H's layers, a letter each: M Mamba-2, * attention, - MLP, E experts; nothing for other families."""
    pattern = f.text("hybrid_override_pattern")
    kinds = f.items("layers_block_type", str) if not pattern else None
    if kinds and set(kinds) <= _BLOCKS.keys():
        pattern = "".join(_BLOCKS[one] for one in kinds)
    if len(pattern) > LAYERS_LIMIT:
        raise f.wrong("hybrid_override_pattern", f"at most {LAYERS_LIMIT:,} layers")
    if not set(pattern) <= set("M*-E"):
        raise f.wrong("hybrid_override_pattern", "made of M, *, - and E")
    return pattern


def _nemotron(f: Fields, kind: str, letter: str) -> Layer | None:
    if letter == "M":
        return _mamba(f, "mamba_num_heads", "mamba_head_dim", "n_groups", "ssm_state_size", "conv_kernel")
    if letter == "*":
        return attention(f, kind)
    return None


def _kimi_linear(f: Fields, layers: int) -> list[Layer | None]:
    linear = f.inside("linear_attn_config")
    full = set(linear.items("full_attn_layers", int) or [])
    heads, wide = linear.positive("num_heads"), linear.flag("use_full_rank_gate")
    layer: Layer = {"kind": "kda", "heads": heads, "head_dim": linear.positive("head_dim")}
    layer |= {"conv_kernel": linear.positive("short_conv_kernel_size"), "a_log_size": heads}
    if wide:
        layer |= {"full_rank_gate": True, "a_log_size": 128}  # Kimi-K3 stores it 128 wide for 96 heads
    latent = _latent(f, 0)
    if f.flag("mla_use_output_gate"):
        latent["output_gate"] = "elementwise"
    rest = _residual(f)
    return [{**(latent if i + 1 in full else layer), **rest} for i in range(layers)]


def _residual(f: Fields) -> Layer:
    """Kimi-K3's attention residuals: two vectors for each half of a layer."""
    return {"extra": 2 * f.positive("hidden_size")} if f.has("attn_res_block_size") else {}


def _deepseek4(f: Fields, ratio: int) -> Layer:
    layer: Layer = {"kind": "dsv4", "heads": f.positive("num_attention_heads"), "head_dim": f.positive("head_dim")}
    for name in ("q_lora_rank", "o_groups", "o_lora_rank"):
        layer[name] = f.positive(name)
    layer |= {"window": f.positive("sliding_window"), **hyper_connection(f)}
    if ratio:
        layer |= {"compress_ratio": ratio, "overlap": ratio == 4}
    if ratio == 4:
        layer["indexer"] = {"heads": f.positive("index_n_heads"), "head_dim": f.positive("index_head_dim")}
    return layer


def hyper_connection(f: Fields) -> Layer:
    """DeepSeek-V4's hyper-connections: parameters on top of each half of a layer."""
    copies = f.count("hc_mult", default=0)
    mixed = copies * copies + 2 * copies
    return {"extra": copies * f.positive("hidden_size") * mixed + mixed + 3} if copies else {}
