"""The token mixer of each layer, from the fields of a Hugging Face config.json.

Which fields a family has, and what it does without saying so, is in transformers' `modeling_*.py` of that family.
"""

from __future__ import annotations

from dataclasses import replace

from qtui.compute.memory.architecture import LAYERS_LIMIT
from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.mixers.base import Mixer
from qtui.compute.memory.mixers.compressed import CompressedAttention
from qtui.compute.memory.mixers.indexer import Indexer
from qtui.compute.memory.mixers.kimi import KimiDelta
from qtui.compute.memory.mixers.latent import LatentAttention
from qtui.compute.memory.mixers.mamba import ShortConv
from qtui.models.architecture import ConfigFields
from qtui.models.config.extras import attention_extra, hyper_connection
from qtui.models.config.families import family
from qtui.models.config.recurrent import beside_mamba, deltanet, mamba1, mamba2

# Transformers 5 saves mixers as "linear_attention" and "full_attention", whatever they are.
_BLOCKS = {"mamba": "M", "linear_attention": "M", "attention": "*", "full_attention": "*", "mlp": "-", "moe": "E"}
_KIMI_K3_DECAYS = 128  # stored for each layer with the full-rank gate, for 96 heads


def mixers(f: ConfigFields, kind: str, layers: int) -> list[Mixer | None]:
    """The mixer of each layer, None for a layer without one (Nemotron-H)."""
    letters = block_letters(f)
    if letters:
        return [_nemotron(f, kind, letter) for letter in letters]
    if f.has("compress_ratios"):
        return [_deepseek4(f, ratio) for ratio in (f.items("compress_ratios", int, layers) or [])[:layers]]
    if f.has("compress_rates"):
        rates = f.inside("compress_rates")
        named = f.items("layer_types", str, layers) or []
        return [_deepseek4(f, rates.count(name, default=0)) for name in named[:layers]]
    if f.has("linear_attn_config") or (kind == "kimi_linear" and f.has("linear_num_heads")):
        return _kimi_linear(f, layers)
    if kind in ("falcon_mamba", "mamba"):
        return [mamba1(f, f.positive("intermediate_size"), "state_size", "time_step_rank", "conv_kernel")] * layers
    if kind == "mamba2":
        return [mamba2(f, "num_heads", "head_dim", "n_groups", "state_size", "conv_kernel")] * layers
    if kind == "falcon_h1":
        return [beside_mamba(f, attention(f, kind))] * layers
    if f.has("kv_lora_rank") and f.has("qk_rope_head_dim"):
        return [_latent(f, i) for i in range(layers)]
    shared = f.count("num_kv_shared_layers", default=0)
    crossing = f.items("cross_attention_layers", int) or []
    made: list[Mixer | None] = []
    for i, name in enumerate(layer_types(f, kind, layers)):
        mixer = _without_attention(f, kind, name)
        if mixer is None:
            layer = replace(attention(_of_layer(f, i), kind, name), kv_shared=i >= layers - shared)
            # Llama 3.2 Vision: these layers attend to the image alone, with two gates.
            mixer = replace(layer, qk_norm="per_head", cached=False, extra=2) if i in crossing else layer
        made.append(mixer)
    return made


def _without_attention(f: ConfigFields, kind: str, name: str) -> Mixer | None:
    """The mixer of a layer of that type; None for attention."""
    if name in ("mamba", "mamba2") or (name == "linear_attention" and f.has("mamba_n_heads")):
        return mamba2(f, "mamba_n_heads", "mamba_d_head", "mamba_n_groups", "mamba_d_state", "mamba_d_conv")
    if name == "mamba1":
        inner = f.positive("mamba_expand") * f.positive("hidden_size")
        return mamba1(f, inner, "mamba_d_state", "mamba_dt_rank", "mamba_d_conv")
    if name == "linear_attention":
        return deltanet(f)
    if name in ("conv", "short_conv"):
        return ShortConv(conv_kernel=f.count("conv_L_cache", default=3), norms=family(kind).norms)
    return None


def _of_layer(f: ConfigFields, i: int) -> ConfigFields:
    """The fields of layer `i`, where transformers 5 saves some apart ("05": {"head_dim": 512})."""
    if not f.has("per_layer_config"):
        return f
    own = f.inside("per_layer_config")
    return ConfigFields(f.path, {**f.values, **own.inside(f"{i:02}").values})


def layer_types(f: ConfigFields, kind: str, layers: int) -> list[str]:
    """What each layer is: "full_attention", "sliding_attention", "chunked_attention", "linear_attention", ..."""
    given = f.items("layer_types", str, layers)
    if given is not None:
        return given[:layers]
    pattern = f.items("hybrid_layer_pattern", int, layers)  # MiMo: 1 for a window
    if pattern is not None:
        return ["sliding_attention" if windowed else "full_attention" for windowed in pattern[:layers]]
    if kind == "jamba":
        period, offset = f.positive("attn_layer_period"), f.count("attn_layer_offset")
        return ["full_attention" if i % period == offset else "mamba1" for i in range(layers)]
    if kind == "bamba":
        attending = f.items("attn_layer_indices", int) or []
        return ["full_attention" if i in attending else "mamba" for i in range(layers)]
    kinds = f.items("attention_layers", str, layers)  # GPT-Neo
    if kinds is not None:
        return ["sliding_attention" if kind == "local" else "full_attention" for kind in kinds[:layers]]
    full = f.items("full_attn_idxs", int)  # the first LFM2 checkpoints
    if full is not None:
        return ["full_attention" if i in full else "conv" for i in range(layers)]
    if f.has("full_attention_interval"):
        period = f.positive("full_attention_interval")
        return _periodic("linear_attention", period, layers)
    if f.has("attention_chunk_size"):
        rope = f.items("no_rope_layers", int) or []
        if len(rope) >= layers:
            return ["chunked_attention" if rotated else "full_attention" for rotated in rope[:layers]]
        return _periodic("chunked_attention", 4, layers)
    if not f.has("sliding_window") or not f.flag("use_sliding_window", default=not kind.startswith("qwen")):
        return ["full_attention"] * layers
    if f.has("max_window_layers") and kind.startswith("qwen"):
        first = f.count("max_window_layers")
        return ["sliding_attention" if i >= first else "full_attention" for i in range(layers)]
    period = family(kind).period
    if type(f.values.get("sliding_window_pattern")) is int:
        period = f.count("sliding_window_pattern")
    if kind.startswith("phi"):  # its window is a training detail that llama.cpp and most engines leave out
        return ["full_attention"] * layers
    return _periodic("sliding_attention", period, layers) if period else ["sliding_attention"] * layers


def _periodic(name: str, period: int, layers: int) -> list[str]:
    return [name if (i + 1) % period else "full_attention" for i in range(layers)]


def attention(f: ConfigFields, kind: str, name: str = "full_attention") -> Attention:
    """One layer of attention."""
    hidden = f.positive("hidden_size", "n_embd", "d_model")
    heads = f.positive("num_attention_heads", "n_head", "num_heads")
    groups = f.positive("num_key_value_heads", "num_kv_heads", default=heads)
    width = f.positive("head_dim", default=max(hidden // heads, 1))
    layer = Attention(heads=heads, kv_heads=groups, head_dim=width)
    if name == "sliding_attention":
        layer = replace(layer, window=f.positive("sliding_window", "sliding_window_size"))
        if kind == "mimo_v2_flash":
            layer = replace(layer, kv_heads=2 * groups)
        if f.has("swa_num_key_value_heads"):
            layer = replace(
                layer,
                heads=f.positive("swa_num_attention_heads", default=heads),
                kv_heads=f.positive("swa_num_key_value_heads"),
                head_dim=f.positive("swa_head_dim", default=width),
            )
    elif name == "chunked_attention":
        layer = replace(layer, chunk=f.positive("attention_chunk_size"))
    elif f.has("global_head_dim") or f.has("per_layer_config"):
        layer = replace(layer, head_dim=f.positive("global_head_dim", default=width))
        if f.flag("attention_k_eq_v"):
            groups = f.positive("num_global_key_value_heads", default=groups)
            layer = replace(layer, v_is_k=True, kv_heads=groups)
    if f.has("v_head_dim"):
        layer = replace(layer, v_head_dim=f.positive("v_head_dim"))
    return _with_quirks(f, kind, _with_biases(f, kind, layer))


def _with_biases(f: ConfigFields, kind: str, layer: Attention) -> Attention:
    about = family(kind)
    everywhere = about.all_biases or (kind == "starcoder2" and f.flag("use_bias", True))
    everywhere = everywhere or (kind == "falcon" and f.flag("bias"))
    asked = f.flag("attention_bias") or f.flag("qkv_bias") or f.flag("use_qkv_bias")
    qkv = asked or everywhere or about.qkv_bias
    output = f.flag("attention_out_bias", default=f.flag("attention_bias") and about.o_bias)
    output = output or everywhere or kind == "gpt_neo"
    return replace(layer, q_bias=qkv, k_bias=qkv and kind != "whisper", v_bias=qkv, o_bias=output)


def _with_quirks(f: ConfigFields, kind: str, layer: Attention) -> Attention:
    about = family(kind)
    norm = about.qk_norm
    if not norm and f.flag("use_qk_norm", default=f.flag("qk_layernorm")) and kind != "llama4":
        norm = "per_head_each" if kind.startswith("cohere") else "per_head"
        norm = "full" if f.text("qk_norm_type") == "per_layer" else norm
    by_default = kind == "mimo_v2_flash" and bool(layer.window)
    sinks = f.flag("add_swa_attention_sink_bias" if layer.window else "add_full_attention_sink_bias", by_default)
    return replace(
        layer,
        qk_norm=norm,
        norms=_norms(f, kind),
        output_gate=about.output_gate,
        sinks=sinks or about.sinks or kind == "gpt_oss",
        extra=attention_extra(f, kind, layer.heads, layer.kv_heads, layer.head_dim),
        cached=not about.encoder,
    )


def _norms(f: ConfigFields, kind: str) -> int:
    if kind == "olmo_hybrid":
        return 1
    if kind == "falcon" and f.flag("new_decoder_architecture"):
        return f.count("num_ln_in_parallel_attn", default=2) if f.flag("parallel_attn", True) else 1
    return 1 + f.flag("use_post_norm") if kind == "hyperclovax" else family(kind).norms


def _latent(f: ConfigFields, i: int) -> LatentAttention:
    types = f.items("indexer_types", str, i + 1)
    indexed = f.has("index_n_heads") and (types is None or types[i] == "full")
    return LatentAttention(
        heads=f.positive("num_attention_heads"),
        q_lora_rank=f.maybe("q_lora_rank"),
        kv_lora_rank=f.positive("kv_lora_rank"),
        qk_nope_head_dim=f.count("qk_nope_head_dim"),
        qk_rope_head_dim=f.count("qk_rope_head_dim"),
        v_head_dim=f.positive("v_head_dim"),
        indexer=_indexer(f) if indexed else None,
    )


def _indexer(f: ConfigFields) -> Indexer:
    return Indexer(f.positive("index_n_heads"), f.positive("index_head_dim"))


def block_letters(f: ConfigFields) -> str:
    """Nemotron-H's layers, a letter each: M Mamba-2, * attention, - MLP, E experts; nothing for other families."""
    pattern = f.text("hybrid_override_pattern")
    kinds = f.items("layers_block_type", str) if not pattern else None
    if kinds and set(kinds) <= _BLOCKS.keys():
        pattern = "".join(_BLOCKS[kind] for kind in kinds)
    if len(pattern) > LAYERS_LIMIT:
        raise f.wrong("hybrid_override_pattern", f"at most {LAYERS_LIMIT:,} layers")
    if not set(pattern) <= set("M*-E"):
        raise f.wrong("hybrid_override_pattern", "made of M, *, - and E")
    return pattern


def _nemotron(f: ConfigFields, kind: str, letter: str) -> Mixer | None:
    if letter == "M":
        return mamba2(f, "mamba_num_heads", "mamba_head_dim", "n_groups", "ssm_state_size", "conv_kernel")
    return attention(f, kind) if letter == "*" else None


def _kimi_linear(f: ConfigFields, layers: int) -> list[Mixer | None]:
    if f.has("linear_attn_config"):
        linear = f.inside("linear_attn_config")
        full = {i - 1 for i in linear.items("full_attn_layers", int) or []}
    else:  # as transformers 5 saves it
        words = {"num_heads": "linear_num_heads", "head_dim": "linear_head_dim"}
        words["short_conv_kernel_size"] = "linear_conv_kernel_dim"
        linear = ConfigFields(f.path, {ours: f.values.get(theirs) for ours, theirs in words.items()})
        types = f.items("layer_types", str, layers) or []
        full = {i for i, name in enumerate(types) if name == "full_attention"}
    heads, wide = linear.positive("num_heads"), linear.flag("use_full_rank_gate")
    # Kimi-K3's attention residuals: two vectors for each half of a layer.
    residual = 2 * f.positive("hidden_size") if f.has("attn_res_block_size") else 0
    delta = KimiDelta(
        heads=heads,
        head_dim=linear.positive("head_dim"),
        conv_kernel=linear.positive("short_conv_kernel_size"),
        a_log_size=_KIMI_K3_DECAYS if wide else heads,
        full_rank_gate=wide,
        extra=residual,
    )
    gate = "elementwise" if f.flag("mla_use_output_gate") else ""
    latent = replace(_latent(f, 0), output_gate=gate, extra=residual)
    return [latent if i in full else delta for i in range(layers)]


def _deepseek4(f: ConfigFields, ratio: int) -> CompressedAttention:
    return CompressedAttention(
        heads=f.positive("num_attention_heads"),
        head_dim=f.positive("head_dim"),
        q_lora_rank=f.positive("q_lora_rank"),
        o_groups=f.positive("o_groups"),
        o_lora_rank=f.positive("o_lora_rank"),
        window=f.positive("sliding_window"),
        compress_ratio=ratio,
        overlap=ratio == 4,
        indexer=_indexer(f) if ratio == 4 else None,
        extra=hyper_connection(f),
    )
