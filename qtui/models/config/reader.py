"""Hugging Face config.json files: from the fields of some hundred model families to one kind of architecture."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from qtui.models.architecture import Architecture, Fields, grouped_layers, names
from qtui.models.config.ffns import ffns
from qtui.models.config.mixers import block_letters, mixers
from qtui.models.config.vision import vision_tower
from qtui.models.files.json_text import parse_json
from qtui.models.files.source import LocalSource, ModelFileError

LIMIT = 8 << 20

# Families read as they are; others are read as plain transformers, and the reader says so.
KNOWN = names("""
    afmoe bailing_moe_v2 bert cohere cohere2 deepseek_v2 deepseek_v3 deepseek_v32 deepseek_v4 ernie4_5 ernie4_5_moe
    exaone4 gemma gemma2 gemma3 gemma4 glm4 glm4_moe glm4_moe_lite glm_moe_dsa gpt2 gpt_oss granite granitemoe
    granitemoehybrid granitemoeshared hunyuan_v1_dense hunyuan_v1_moe hy_v3 kimi_k2 kimi_linear lfm2 lfm2_moe llama
    llama4 mimo mimo_v2_flash minimax_m2 minimax_m3 ministral3 mistral mistral3 mixtral nemotron_h olmo2 olmo3 olmoe
    phi3 phimoe qwen2 qwen2_5_vl qwen2_moe qwen2_vl qwen3 qwen3_5 qwen3_5_moe qwen3_moe qwen3_next qwen3_vl
    qwen3_vl_moe seed_oss smollm3 starcoder2 yi
""")
_SAME = {
    "deepseek_ref": "deepseek_v4",
    "kimi_k25": "kimi_k2",
    "kimi_k3": "kimi_linear",
    "minimax_m3_vl": "minimax_m3",
}
_TIED = names("bert gemma gemma2 gemma3 gemma4 cohere cohere2 gpt2")  # where the config leaves it out
# Families whose multi-token-prediction module is one more layer and a projection; some store embedding and head too.
_MTP = names("""
    deepseek_v3 deepseek_v32 deepseek_v4 glm4_moe glm4_moe_lite glm_moe_dsa hy_v3 nemotron_h qwen3_5 qwen3_5_moe
""")
_COMPRESSION = ("compress_ratio", "overlap", "indexer")
# What transformers takes where a published config leaves a field out (configuration_gemma3.py).
_DEFAULTS = {
    "gemma3": {"vocab_size": 262_208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256},
}
_MTP_EMBEDDINGS = names("deepseek_v3 deepseek_v32 glm4_moe glm4_moe_lite")


def read_config(path: str) -> Architecture:
    """The architecture in the config.json at `path`. Raises ModelFileError."""
    with LocalSource(path) as source:
        if source.size > LIMIT:
            raise ModelFileError(f"{path} is too large for a config.json ({source.size:,} bytes); check the path")
        found = parse_json(path, source.read(0, source.size), infinities=True)
    if not isinstance(found, dict):
        raise ModelFileError(f"{path} is no config.json: it is not a JSON object")
    return architecture_of(found, path)


def architecture_of(config: Mapping[str, Any], path: str) -> Architecture:
    """The architecture that a parsed config describes. `path` is named in errors. Raises ModelFileError."""
    whole = Fields(path, config)
    f = _text_part(whole)
    kind = _kind(f.text("model_type") or whole.text("model_type"))
    f = Fields(path, {**_DEFAULTS.get(kind, {}), **f.values})
    if f.has("block_configs"):
        raise ModelFileError(f"{path} has layers that all differ (block_configs), which qtui can't read; give a GGUF")
    letters = block_letters(f)
    layers = len(letters) if letters else f.layers("num_hidden_layers", "n_layer", "num_layers")
    hidden, vocab = f.positive("hidden_size", "n_embd", "d_model"), f.positive("vocab_size")
    arch: dict[str, Any] = {"hidden_size": hidden, "num_layers": layers, "vocab_size": vocab}
    tied = whole.flag("tie_word_embeddings", default=kind in _TIED)
    arch["tie_word_embeddings"] = f.flag("tie_word_embeddings", default=tied)
    doubts: list[str] = []
    if kind not in KNOWN:
        doubts.append(f"the family {kind!r} is not known, so its layers are read as a plain transformer's")
    by_layer = mixers(f, kind, layers)
    if kind == "minimax_m3":
        by_layer = _sparse_index(f, by_layer)
    arch["mixers"] = grouped_layers(by_layer)
    arch["ffns"] = grouped_layers(ffns(f, kind, layers))
    arch |= _rest(f, kind, layers)
    _mtp(f, kind, arch, doubts)
    tower = vision_tower(whole, kind, hidden)
    if tower:
        arch["vision"] = tower
    elif whole.has("vision_config"):
        doubts.append("the vision tower is not counted")
    if kind == "bert":
        doubts.append("an encoder reads all tokens at once and keeps no cache between them")
    name = whole.text("_name_or_path") or os.path.basename(os.path.dirname(os.path.abspath(path))) or kind
    return Architecture(name, kind, arch, _dtype(whole, f), _context(f), tuple(doubts))


def _text_part(whole: Fields) -> Fields:
    """The fields of the language model, where the config has those of other parts beside it."""
    for name in ("text_config", "llm_config", "language_config"):
        if whole.has(name):
            return whole.inside(name)
    if whole.has("thinker_config"):
        return _text_part(whole.inside("thinker_config"))
    return whole


def _kind(model_type: str) -> str:
    name = model_type.lower().replace("-", "_").removesuffix("_text")
    return _SAME.get(name, name)


def _rest(f: Fields, kind: str, layers: int) -> dict[str, Any]:
    """Fields of the whole text model."""
    hidden = f.positive("hidden_size", "n_embd", "d_model")
    made: dict[str, Any] = {}
    if kind in ("bert", "gpt2", "phimoe", "starcoder2", "phi", "falcon"):
        made["norm"] = "layernorm_bias"
    if kind in ("bert", "gpt2"):
        made["learned_positions"] = f.positive("n_positions", "n_ctx", "max_position_embeddings")
    if kind == "bert":
        made["other_text"] = {"token_types": f.count("type_vocab_size") * hidden, "pooler": hidden * hidden + hidden}
    if f.flag("lm_head_bias", default=kind in ("phimoe", "phi")):
        made["lm_head_bias"] = True
    if kind in ("phi3", "phi4mm"):
        made["fused_qkv"] = True
    own = f.count("hidden_size_per_layer_input", default=0)
    if own and kind == "gemma4":
        table = f.positive("vocab_size_per_layer_input", default=f.positive("vocab_size")) * layers * own
        projection = hidden * layers * own + own
        made["other_text"] = {"per_layer_embedding_table": table, "per_layer_projection": projection}
    copies = f.count("hc_mult", default=0)
    if copies:
        tables = f.count("num_hash_layers", default=0) * f.positive("vocab_size") * f.positive("num_experts_per_tok")
        head = copies * hidden * copies + copies + 1
        made["other_text"] = {"hyper_connection_head": head, "hash_router_token_tables": tables}
    if f.has("attn_res_block_size"):
        made["other_text"] = {"output_attention_residual": 2 * hidden}
    return made


def _mtp(f: Fields, kind: str, arch: dict[str, Any], doubts: list[str]) -> None:
    """The multi-token-prediction module, where the family's layout is known; else a doubt."""
    number = f.count("num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_modules", default=0)
    if not number:
        return
    if kind not in _MTP:
        doubts.append("the multi-token-prediction layers are not counted")
        return
    # The last kind of attention, but the first of those that differ only in what they index or compress.
    mixer = arch["mixers"][-1 if arch["mixers"][-1]["kind"] == "attention" else 0]
    if mixer["kind"] == "dsv4":
        mixer = {key: value for key, value in mixer.items() if key not in _COMPRESSION}
    module: dict[str, Any] = {
        "mixers": [{**mixer, "layers": number}],
        "ffns": [{**arch["ffns"][-1], "layers": number}],
    }
    module |= {"modules": number, "norms": 3, "embeddings": 2 * number if kind in _MTP_EMBEDDINGS else 0}
    if f.has("hc_mult"):
        copies = f.count("hc_mult")
        module["extra"] = copies * f.positive("hidden_size") * copies + copies + 1
    arch["mtp"] = module


def _sparse_index(f: Fields, by_layer: list[dict[str, Any] | None]) -> list[dict[str, Any] | None]:
    """MiniMax-M3: an index head in the layers with block-sparse attention."""
    sparse = f.inside("sparse_attention_config")
    width = sparse.count("sparse_index_dim", default=0)
    heads = sparse.count("sparse_num_index_heads", default=0)
    chosen = sparse.items("sparse_attention_freq", int, len(by_layer)) or [0] * len(by_layer)
    extra = f.positive("hidden_size") * width * (heads + 1) + 2 * width
    index = {"extra": extra, "index_key_dim_per_token": width}
    return [
        {**layer, **index} if layer and on and width else layer for layer, on in zip(by_layer, chosen, strict=False)
    ]


def _dtype(whole: Fields, f: Fields) -> str | None:
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


def _context(f: Fields) -> int | None:
    return f.maybe("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length")
