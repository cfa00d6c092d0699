"""What families of models do without their config.json saying so. To add a family, add it to `FAMILIES`.

What a family has is in transformers' `modeling_*.py` of that family.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ConfigFamily:
    """What a family's config leaves unsaid.

    `qk_norm` and `output_gate` are those of `Attention`; `norms` counts the norms of each half of a layer; the last
    layer in each `period` sees everything, the others a window. `tied`: embeddings are tied unless the config says
    otherwise. `mtp`: the draft module is one more layer and a projection, with `mtp_embeddings` it stores embedding
    and head too. `known` families are read as they are; others as plain transformers, and the reader says so.
    """

    known: bool = True
    qk_norm: str = ""
    qkv_bias: bool = False
    o_bias: bool = True  # where the config asks for attention biases
    all_biases: bool = False
    norms: int = 1
    output_gate: str = ""
    period: int = 0
    gated: bool = True
    parallel: bool = False  # feed-forward beside the mixer, under its norm
    shared_gate: bool = False
    correction_bias: bool = False
    layernorm: bool = False
    lm_head_bias: bool = False
    fused: bool = False
    tied: bool = False
    mtp: bool = False
    mtp_embeddings: bool = False


_PLAIN = ConfigFamily()
_UNKNOWN = ConfigFamily(known=False)
_QWEN3 = ConfigFamily(qk_norm="per_head")
_DEEPSEEK3 = ConfigFamily(correction_bias=True, mtp=True, mtp_embeddings=True)
FAMILIES: dict[str, ConfigFamily] = {
    "afmoe": ConfigFamily(qk_norm="per_head", norms=2, output_gate="separate", correction_bias=True),
    "bailing_moe_v2": ConfigFamily(qk_norm="per_head", correction_bias=True),
    "bert": ConfigFamily(all_biases=True, gated=False, layernorm=True, tied=True),
    "cohere": ConfigFamily(parallel=True, tied=True),
    "cohere2": ConfigFamily(period=4, parallel=True, tied=True),
    "deepseek_v2": _PLAIN,
    "deepseek_v3": _DEEPSEEK3,
    "deepseek_v32": _DEEPSEEK3,
    "deepseek_v4": ConfigFamily(correction_bias=True, mtp=True),
    "dots1": ConfigFamily(known=False, qk_norm="per_head", correction_bias=True),
    "ernie4_5": _PLAIN,
    "ernie4_5_moe": ConfigFamily(correction_bias=True),
    "exaone4": _QWEN3,
    "falcon": ConfigFamily(known=False, gated=False, layernorm=True),
    "gemma": ConfigFamily(tied=True),
    "gemma2": ConfigFamily(norms=2, period=2, tied=True),
    "gemma3": ConfigFamily(qk_norm="per_head", norms=2, period=6, tied=True),
    "gemma3n": ConfigFamily(known=False, norms=2, period=5),
    "gemma4": ConfigFamily(qk_norm="per_head", norms=2, period=6, tied=True),
    "glm4": ConfigFamily(o_bias=False, norms=2),
    "glm4_moe": ConfigFamily(o_bias=False, correction_bias=True, mtp=True, mtp_embeddings=True),
    "glm4_moe_lite": _DEEPSEEK3,
    "glm_moe_dsa": ConfigFamily(correction_bias=True, mtp=True),
    "gpt2": ConfigFamily(all_biases=True, gated=False, layernorm=True, tied=True),
    "gpt_oss": ConfigFamily(period=2),
    "gptj": ConfigFamily(known=False, parallel=True),
    "granite": _PLAIN,
    "granitemoe": _PLAIN,
    "granitemoehybrid": _PLAIN,
    "granitemoeshared": _PLAIN,
    "hunyuan_v1_dense": _PLAIN,
    "hunyuan_v1_moe": _PLAIN,
    "hy_v3": ConfigFamily(qk_norm="per_head", correction_bias=True, mtp=True),
    "kimi_k2": ConfigFamily(correction_bias=True),
    "kimi_linear": ConfigFamily(correction_bias=True),
    "laguna": ConfigFamily(known=False, qk_norm="per_head", output_gate="per_head", correction_bias=True),
    "lfm2": ConfigFamily(qk_norm="per_head", tied=True),
    "lfm2_moe": ConfigFamily(qk_norm="per_head", correction_bias=True, tied=True),
    "llama": _PLAIN,
    "llama4": _PLAIN,
    "mimo": ConfigFamily(o_bias=False),
    "mimo_v2_flash": ConfigFamily(correction_bias=True),
    "minimax_m2": _PLAIN,
    "minimax_m3": _PLAIN,
    "ministral3": _PLAIN,
    "mistral": _PLAIN,
    "mistral3": _PLAIN,
    "mixtral": _PLAIN,
    "nemotron": ConfigFamily(known=False, gated=False),
    "nemotron_h": ConfigFamily(gated=False, correction_bias=True, mtp=True),
    "olmo2": ConfigFamily(qk_norm="full"),
    "olmo3": ConfigFamily(qk_norm="full"),
    "olmoe": ConfigFamily(qk_norm="full"),
    "phi": ConfigFamily(known=False, gated=False, parallel=True, layernorm=True, lm_head_bias=True),
    "phi3": ConfigFamily(fused=True),
    "phi4mm": ConfigFamily(known=False, fused=True),
    "phimoe": ConfigFamily(all_biases=True, layernorm=True, lm_head_bias=True),
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
    "seed_oss": ConfigFamily(o_bias=False),
    "smollm3": _PLAIN,
    "starcoder2": ConfigFamily(gated=False, layernorm=True),
    "step3p5": ConfigFamily(known=False, qk_norm="per_head", output_gate="per_head"),
    "step3p7": ConfigFamily(known=False, qk_norm="per_head", output_gate="per_head"),
    "yi": _PLAIN,
}
# Other names of the same.
_SAME = {
    "deepseek_ref": "deepseek_v4",
    "kimi_k25": "kimi_k2",
    "kimi_k3": "kimi_linear",
    "minimax_m3_vl": "minimax_m3",
}


def family_name(model_type: str) -> str:
    """The family that a config's `model_type` belongs to."""
    name = model_type.lower().replace("-", "_").removesuffix("_text")
    return _SAME.get(name, name)


def family(name: str) -> ConfigFamily:
    """What is known of the family `name`; the defaults for one that isn't known."""
    return FAMILIES.get(name, _UNKNOWN)
