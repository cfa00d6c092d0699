"""What families of models do without their config.json saying so. To add a family, add it to `FAMILIES`.

What a family has is in transformers' `modeling_*.py` of that family.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class ConfigFamily:
    """What a family's config leaves unsaid.

    `qk_norm` and `output_gate` are those of `Attention`; `norms` counts the norms of each half of a layer; the last
    layer in each `period` sees everything, the others a window. `tied`: embeddings are tied unless the config says
    otherwise. `mtp`: the draft module is one more layer and a projection, with `mtp_embeddings` it stores embedding
    and head too. `positions`: embeddings of positions are learned, so many more than the context has; None without.
    `encoder` families read all tokens at once, `cross` families attend to an encoder's output as well. `known`
    families are read as they are; others as plain transformers, and the reader says so.
    """

    known: bool = True
    qk_norm: str = ""
    qkv_bias: bool = False
    o_bias: bool = True  # where the config asks for attention biases
    all_biases: bool = False  # of attention and MLP
    mlp_bias: bool = False
    sinks: bool = False
    norms: int = 1
    output_gate: str = ""
    period: int = 0
    gated: bool = True
    parallel: bool = False  # feed-forward beside the mixer, under its norm
    shared_gate: bool = False
    correction_bias: bool = False
    layernorm: bool = False
    final_norm: bool = True
    positions: int | None = None
    encoder: bool = False
    cross: bool = False
    lm_head_bias: bool = False
    fused: bool = False
    tied: bool = False
    mtp: bool = False
    mtp_embeddings: bool = False


_PLAIN = ConfigFamily()
_UNKNOWN = ConfigFamily(known=False)
_QWEN3 = ConfigFamily(qk_norm="per_head")
_GPT2 = ConfigFamily(all_biases=True, gated=False, layernorm=True, tied=True, positions=0)
_GPTJ = ConfigFamily(mlp_bias=True, gated=False, parallel=True, layernorm=True, lm_head_bias=True)
_BERT = ConfigFamily(all_biases=True, gated=False, layernorm=True, tied=True, positions=0, encoder=True)
_OTHER_ENCODER = replace(_BERT, known=False)
_BART = ConfigFamily(all_biases=True, gated=False, layernorm=True, tied=True, positions=2, cross=True)
_PEGASUS = replace(_BART, positions=0)
_XIELU = ConfigFamily(qk_norm="per_head", gated=False)
_DEEPSEEK3 = ConfigFamily(correction_bias=True, mtp=True, mtp_embeddings=True)
FAMILIES: dict[str, ConfigFamily] = {
    "afmoe": ConfigFamily(qk_norm="per_head", norms=2, output_gate="separate", correction_bias=True),
    "albert": replace(_BERT, final_norm=False),
    "apertus": _XIELU,
    "apertus1p5": _XIELU,
    "arcee": ConfigFamily(gated=False),
    "aria": _PLAIN,
    "axk1": _DEEPSEEK3,
    "bailing_moe_v2": ConfigFamily(qk_norm="per_head", correction_bias=True),
    "bamba": _PLAIN,
    "bart": _BART,
    "bert": _BERT,
    "bert_generation": _BERT,
    "big_bird": _BERT,
    "bigbird_pegasus": replace(_PEGASUS, all_biases=False, mlp_bias=True),
    "biogpt": replace(_GPT2, positions=2),
    "bitnet": _PLAIN,
    "blenderbot": _PEGASUS,
    "blenderbot_small": _PEGASUS,
    "bloom": replace(_GPT2, positions=None, fused=True),
    "camembert": _BERT,
    "codegen": _GPTJ,
    "cohere": ConfigFamily(parallel=True, tied=True),
    "cohere2": ConfigFamily(period=4, parallel=True, tied=True),
    "cohere2_moe": ConfigFamily(period=4, parallel=True, tied=True),
    "ctrl": replace(_GPT2, positions=None),
    "cwm": _PLAIN,
    "data2vec": _BERT,
    "deberta_v2": _OTHER_ENCODER,
    "deepseek_v2": _PLAIN,
    "deepseek_v3": _DEEPSEEK3,
    "deepseek_v32": _DEEPSEEK3,
    "deepseek_v4": ConfigFamily(correction_bias=True, mtp=True),
    "diffllama": _PLAIN,
    "distilbert": _BERT,
    "doge": _QWEN3,
    "dots1": ConfigFamily(known=False, qk_norm="per_head", correction_bias=True),
    "electra": replace(_BERT, final_norm=False),
    "emu3": _PLAIN,
    "ernie": _BERT,
    "ernie4_5": _PLAIN,
    "ernie4_5_moe": ConfigFamily(correction_bias=True),
    "exaone": _PLAIN,
    "exaone4": _QWEN3,
    "exaone_moe": ConfigFamily(qk_norm="per_head", correction_bias=True),
    "falcon": ConfigFamily(gated=False, layernorm=True, fused=True, tied=True),
    "falcon_h1": _PLAIN,
    "falcon_mamba": _PLAIN,
    "flex_olmo": ConfigFamily(qk_norm="full"),
    "flint": ConfigFamily(qk_norm="per_head", sinks=True),
    "gemma": ConfigFamily(tied=True),
    "gemma2": ConfigFamily(norms=2, period=2, tied=True),
    "gemma3": ConfigFamily(qk_norm="per_head", norms=2, period=6, tied=True),
    "gemma3n": ConfigFamily(qk_norm="per_head", norms=2, period=5, tied=True),
    "gemma4": ConfigFamily(qk_norm="per_head", norms=2, period=6, tied=True),
    "gemma4_unified": ConfigFamily(qk_norm="per_head", norms=2, period=6, tied=True),
    "glm": ConfigFamily(o_bias=False),
    "glm4": ConfigFamily(o_bias=False, norms=2),
    "glm4_moe": ConfigFamily(o_bias=False, correction_bias=True, mtp=True, mtp_embeddings=True),
    "glm4_moe_lite": _DEEPSEEK3,
    "glm_moe_dsa": ConfigFamily(correction_bias=True, mtp=True),
    "gpt2": _GPT2,
    "gpt_bigcode": _GPT2,
    "gpt_neo": replace(_GPT2, all_biases=False, mlp_bias=True, period=2),
    "gpt_neox": ConfigFamily(all_biases=True, gated=False, layernorm=True, fused=True),
    "gpt_neox_japanese": ConfigFamily(gated=False, layernorm=True, fused=True, tied=True),
    "gpt_oss": ConfigFamily(period=2),
    "gpt_sw3": _GPT2,
    "gptj": _GPTJ,
    "granite": _PLAIN,
    "granite_swa": ConfigFamily(sinks=True),
    "granitemoe": _PLAIN,
    "granitemoe_swa": ConfigFamily(sinks=True),
    "granitemoehybrid": _PLAIN,
    "granitemoeshared": _PLAIN,
    "helium": _PLAIN,
    "hunyuan_v1_dense": _QWEN3,
    "hunyuan_v1_moe": _QWEN3,
    "hy_v3": ConfigFamily(qk_norm="per_head", correction_bias=True, mtp=True),
    "hyperclovax": _PLAIN,
    "internlm3": _PLAIN,
    "iquestcoder": _PLAIN,
    "jais2": ConfigFamily(gated=False, layernorm=True),
    "jamba": _PLAIN,
    "kimi_k2": ConfigFamily(correction_bias=True),
    "kimi_linear": ConfigFamily(correction_bias=True),
    "kolibri1": ConfigFamily(qk_norm="per_head", norms=2, correction_bias=True),
    "laguna": ConfigFamily(qk_norm="per_head", output_gate="per_head", correction_bias=True),
    "lara_mini": _QWEN3,
    "lfm2": ConfigFamily(qk_norm="per_head", tied=True),
    "lfm2_moe": ConfigFamily(qk_norm="per_head", correction_bias=True, tied=True),
    "lfm3": ConfigFamily(qk_norm="per_head", norms=2, output_gate="per_head", tied=True),
    "llama": _PLAIN,
    "llama4": _PLAIN,
    "longcat_flash": ConfigFamily(correction_bias=True),
    "mamba": _PLAIN,
    "mamba2": _PLAIN,
    "marian": replace(_PEGASUS, final_norm=False),
    "mbart": _BART,
    "megatron_bert": _BERT,
    "mellum": _QWEN3,
    "mimo": ConfigFamily(o_bias=False),
    "mimo_v2_flash": ConfigFamily(correction_bias=True),
    "minicpm3": _PLAIN,
    "minimax_m2": ConfigFamily(qk_norm="full", correction_bias=True),
    "minimax_m3": ConfigFamily(qk_norm="per_head", correction_bias=True),
    "ministral": _PLAIN,
    "ministral3": _PLAIN,
    "mistral": _PLAIN,
    "mistral3": _PLAIN,
    "mixtral": _PLAIN,
    "mllama": _PLAIN,
    "modernbert": ConfigFamily(tied=True, encoder=True),
    "modernbert_decoder": ConfigFamily(tied=True),
    "moshi": _PLAIN,
    "mpnet": _BERT,
    "mpt": ConfigFamily(gated=False, fused=True, tied=True),
    "mvp": _BART,
    "nanochat": ConfigFamily(gated=False, norms=0, final_norm=False),
    "nemotron": ConfigFamily(gated=False, layernorm=True),
    "nemotron_h": ConfigFamily(gated=False, correction_bias=True, mtp=True),
    "nomic_bert": ConfigFamily(layernorm=True, tied=True, encoder=True),
    "nomic_bert_moe": _OTHER_ENCODER,
    "olmo": ConfigFamily(norms=0, final_norm=False),
    "olmo2": ConfigFamily(qk_norm="full"),
    "olmo3": ConfigFamily(qk_norm="full"),
    "olmo_hybrid": ConfigFamily(qk_norm="full"),
    "olmoe": ConfigFamily(qk_norm="full"),
    "openai_gpt": replace(_GPT2, final_norm=False),
    "opt": replace(_GPT2, positions=2),
    "pegasus": _PEGASUS,
    "persimmon": ConfigFamily(all_biases=True, gated=False, layernorm=True, fused=True),
    "phi": ConfigFamily(all_biases=True, gated=False, parallel=True, layernorm=True, lm_head_bias=True),
    "phi3": ConfigFamily(fused=True),
    "phi4mm": ConfigFamily(known=False, fused=True),
    "phimoe": ConfigFamily(layernorm=True),
    "plbart": _BART,
    "qwen2": ConfigFamily(qkv_bias=True),
    "qwen2_5_vl": ConfigFamily(qkv_bias=True),
    "qwen2_moe": ConfigFamily(qkv_bias=True, shared_gate=True),
    "qwen2_vl": ConfigFamily(qkv_bias=True),
    "qwen3": _QWEN3,
    "qwen3_5": ConfigFamily(qk_norm="per_head", output_gate="elementwise", mtp=True),
    "qwen3_5_moe": ConfigFamily(qk_norm="per_head", output_gate="elementwise", shared_gate=True, mtp=True),
    "qwen3_moe": _QWEN3,
    "qwen3_next": ConfigFamily(qk_norm="per_head", output_gate="elementwise", shared_gate=True),
    "qwen3_vl": _QWEN3,
    "qwen3_vl_moe": _QWEN3,
    "rembert": _OTHER_ENCODER,
    "roberta": _BERT,
    "roberta_prelayernorm": _BERT,
    "roc_bert": _BERT,
    "roformer": replace(_BERT, positions=None),
    "sarvam_mla": _PLAIN,
    "sarvam_moe": _PLAIN,
    "seed_oss": ConfigFamily(o_bias=False),
    "smollm3": _PLAIN,
    "solar_open": _PLAIN,
    "stablelm": ConfigFamily(layernorm=True),
    "starcoder2": ConfigFamily(gated=False, layernorm=True),
    "step3p5": ConfigFamily(known=False, qk_norm="per_head", output_gate="per_head"),
    "step3p7": ConfigFamily(known=False, qk_norm="per_head", output_gate="per_head"),
    "trocr": _BART,
    "vaultgemma": _PLAIN,
    "whisper": _PEGASUS,
    "xglm": replace(_GPT2, positions=None),
    "xlm_roberta": _BERT,
    "xlm_roberta_xl": _BERT,
    "xmod": _OTHER_ENCODER,
    "yi": _PLAIN,
    "youtu": _PLAIN,
    **{
        f"{name}{gates}{alone}": ConfigFamily(gated=bool(gates), tied=True, encoder=bool(alone), cross=not alone)
        for name in ("t5", "umt5")
        for gates in ("", "_gated")
        for alone in ("", "_encoder")
    },
}
# Other names of the same.
_SAME = {
    "deepseek_ref": "deepseek_v4",
    "kimi_k25": "kimi_k2",
    "kimi_k3": "kimi_linear",
    "minimax_m3_vl": "minimax_m3",
    "mt5": "t5",
}


def family_name(model_type: str) -> str:
    """The family that a config's `model_type` belongs to."""
    name = model_type.lower().replace("-", "_").removesuffix("_model").removesuffix("_text")
    return _SAME.get(name, name)


def family(name: str) -> ConfigFamily:
    """What is known of the family `name`; the defaults for one that isn't known."""
    return FAMILIES.get(name, _UNKNOWN)
