"""The tensors of one layer's token mixer: attention of every kind, and the linear layers that replace it.

A mixer is a group of equal layers, a dict with `kind`, `layers` and the fields that each function below reads.
Layouts follow llama.cpp's GGUF files; the counts equal those of the published checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qtui.compute.memory.tensors import Tensor, matrix, rest, vector

Group = Mapping[str, Any]
PART = "attention"


def attention(m: Group, h: int) -> list[Tensor]:
    """Multi-head, grouped-query and multi-query attention.

    Reads heads, kv_heads, head_dim; v_head_dim, q_bias, k_bias, v_bias, o_bias, qk_norm, output_gate, sinks,
    fused_qkv, kv_shared (the layer uses an earlier layer's keys and values), v_is_k (values are the key projection).
    """
    heads, kv, dim = m["heads"], m["kv_heads"], m["head_dim"]
    v_dim = m.get("v_head_dim") or dim
    gate = m.get("output_gate")
    q_rows = heads * dim * (2 if gate == "elementwise" else 1)
    found = []
    if m.get("fused_qkv"):
        found.append(matrix("attn_qkv", q_rows + kv * (dim + v_dim), h, PART))
    else:
        found.append(matrix("attn_q", q_rows, h, PART))
        if not m.get("kv_shared"):
            found.append(matrix("attn_k", kv * dim, h, PART))
            if not m.get("v_is_k"):
                found.append(matrix("attn_v", kv * v_dim, h, PART))
    found.append(matrix("attn_output", h, heads * v_dim, PART))
    if gate == "per_head":
        found.append(matrix("attn_gate", heads, h, PART))
    elif gate == "separate":
        found.append(matrix("attn_gate", heads * v_dim, h, PART))
    biases: tuple[tuple[str, int], ...] = (
        ("q", q_rows if m.get("q_bias") else 0),
        ("o", h if m.get("o_bias") else 0),
    )
    if not m.get("kv_shared"):
        biases += (("k", kv * dim if m.get("k_bias") else 0), ("v", kv * v_dim if m.get("v_bias") else 0))
    found += [vector(f"attn_{which}.bias", count) for which, count in biases if count]
    return found + _qk_norm(m) + ([vector("attn_sinks.weight", heads)] if m.get("sinks") else [])


def _qk_norm(m: Group) -> list[Tensor]:
    kind = m.get("qk_norm")
    if kind == "per_head":
        q, k = m["head_dim"], 0 if m.get("kv_shared") else m["head_dim"]
    elif kind in ("full", "per_head_each"):
        q, k = m["heads"] * m["head_dim"], m["kv_heads"] * m["head_dim"]
    else:
        return []
    return [vector("attn_q_norm.weight", q)] + ([vector("attn_k_norm.weight", k)] if k else [])


def mla(m: Group, h: int) -> list[Tensor]:
    """Multi-head latent attention (DeepSeek-V2 and after), with the sparse-attention indexer where there is one.

    The up-projection of the latent is stored as its key and value halves, as llama.cpp does.
    """
    heads, nope, rope = m["heads"], m["qk_nope_head_dim"], m["qk_rope_head_dim"]
    v_dim, rank, q_rank = m["v_head_dim"], m["kv_lora_rank"], m.get("q_lora_rank")
    if q_rank:
        found = [matrix("attn_q_a", q_rank, h, PART), vector("attn_q_a_norm.weight", q_rank)]
        found.append(matrix("attn_q_b", heads * (nope + rope), q_rank, PART))
    else:
        found = [matrix("attn_q", heads * (nope + rope), h, PART)]
    found += [matrix("attn_kv_a_mqa", rank + rope, h, PART), vector("attn_kv_a_norm.weight", rank)]
    found.append(Tensor("attn_k_b.weight", (heads, rank, nope), PART))
    found.append(Tensor("attn_v_b.weight", (heads, v_dim, rank), PART))
    found.append(matrix("attn_output", h, heads * v_dim, PART))
    if m.get("a_bias"):
        found += [vector("attn_q_a.bias", q_rank or 0), vector("attn_kv_a_mqa.bias", rank + rope)]
    if m.get("o_bias"):
        found.append(vector("attn_output.bias", h))
    if m.get("output_gate") == "elementwise":
        found.append(matrix("attn_gate", heads * v_dim, h, PART))
    index = m.get("indexer")
    if index:
        width = index["head_dim"]
        found += [matrix("indexer.attn_q_b", index["heads"] * width, q_rank or h, PART)]
        found += [matrix("indexer.attn_k", width, h, PART), matrix("indexer.proj", index["heads"], h, PART)]
        found += [vector("indexer.k_norm.weight", width), vector("indexer.k_norm.bias", width)]
    return found


def gated_deltanet(m: Group, h: int) -> list[Tensor]:
    """Gated DeltaNet (Qwen3-Next, Qwen3.5 and after)."""
    key, value, heads = m["k_heads"] * m["k_head_dim"], m["v_heads"] * m["v_head_dim"], m["v_heads"]
    return [
        matrix("attn_qkv", 2 * key + value, h, PART),
        matrix("attn_gate", value, h, PART),
        matrix("ssm_beta", heads, h, PART),
        matrix("ssm_alpha", heads, h, PART),
        matrix("ssm_conv1d", 2 * key + value, m["conv_kernel"], PART),
        vector("ssm_a", heads),
        vector("ssm_dt.bias", heads),
        vector("ssm_norm.weight", m["v_head_dim"]),
        matrix("ssm_out", h, value, PART),
    ]


def kda(m: Group, h: int) -> list[Tensor]:
    """Kimi delta attention."""
    dim = m["head_dim"]
    width = m["heads"] * dim
    found = [matrix(f"attn_{which}", width, h, PART) for which in "qkv"]
    found += [matrix(f"ssm_conv1d_{which}", width, m["conv_kernel"], PART) for which in "qkv"]
    found += [matrix("ssm_f_a", dim, h, PART), matrix("ssm_f_b", width, dim, PART)]
    found += [vector("ssm_a", m["a_log_size"]), vector("ssm_dt.bias", width), matrix("ssm_beta", m["heads"], h, PART)]
    if m.get("full_rank_gate"):
        found.append(matrix("ssm_g", width, h, PART))
    else:
        found += [matrix("ssm_g_a", dim, h, PART), matrix("ssm_g_b", width, dim, PART)]
        found += [vector("ssm_g_b.bias", width)] if m.get("gate_bias") else []
    return [*found, vector("ssm_norm.weight", dim), matrix("attn_output", h, width, PART)]


def mamba2(m: Group, h: int) -> list[Tensor]:
    """Mamba-2."""
    inner, heads = m["heads"] * m["head_dim"], m["heads"]
    conv = inner + 2 * m["groups"] * m["state"]
    found = [matrix("ssm_in", inner + conv + heads, h, PART), matrix("ssm_conv1d", conv, m["conv_kernel"], PART)]
    found += [vector("ssm_conv1d.bias", conv)] if m.get("conv_bias") else []
    found += [vector(name, heads) for name in ("ssm_a", "ssm_d", "ssm_dt.bias")]
    found += [vector("ssm_norm.weight", inner), matrix("ssm_out", h, inner, PART)]
    if m.get("proj_bias"):
        found += [vector("ssm_in.bias", inner + conv + heads), vector("ssm_out.bias", h)]
    return found


def short_conv(m: Group, h: int) -> list[Tensor]:
    """The gated short convolution of LFM2."""
    return [
        matrix("shortconv.in_proj", 3 * h, h, PART),
        matrix("shortconv.conv", h, m["conv_kernel"], PART),
        matrix("shortconv.out_proj", h, h, PART),
    ]


def dsv4(m: Group, h: int) -> list[Tensor]:
    """DeepSeek-V4: one shared key-value head, grouped low-rank output, compressors and their indexer."""
    heads, dim, rank, ratio = m["heads"], m["head_dim"], m["q_lora_rank"], m.get("compress_ratio", 0)
    found = [matrix("attn_q_a", rank, h, PART), vector("attn_q_a_norm.weight", rank)]
    found += [matrix("attn_q_b", heads * dim, rank, PART), matrix("attn_kv", dim, h, PART)]
    found += [vector("attn_kv_norm.weight", dim), vector("attn_sinks.weight", heads)]
    groups, o_rank = m["o_groups"], m["o_lora_rank"]
    found.append(Tensor("attn_output_a.weight", (groups, o_rank, heads * dim // groups), PART))
    found.append(matrix("attn_output_b", h, groups * o_rank, PART))
    if ratio:
        wide = dim * (2 if m["overlap"] else 1)
        found += _compressor("attn_compressor", ratio, wide, dim, h)
    index = m.get("indexer")
    if index:
        width = index["head_dim"]
        found += [matrix("indexer.attn_q_b", index["heads"] * width, rank, PART)]
        found += [matrix("indexer.proj", index["heads"], h, PART)]
        found += _compressor("indexer.compressor", ratio, 2 * width, width, h)
    return found


def _compressor(name: str, ratio: int, wide: int, dim: int, h: int) -> list[Tensor]:
    position = Tensor(f"{name}_ape", (ratio, wide), PART)
    norm = vector(f"{name}_norm.weight", dim)
    return [matrix(f"{name}_kv", wide, h, PART), matrix(f"{name}_gate", wide, h, PART), position, norm]


KINDS: dict[str, Callable[[Group, int], list[Tensor]]] = {
    "attention": attention,
    "mla": mla,
    "gated_deltanet": gated_deltanet,
    "kda": kda,
    "mamba2": mamba2,
    "short_conv": short_conv,
    "dsv4": dsv4,
}


def mixer_tensors(m: Group, h: int) -> list[Tensor]:
    """The tensors of one layer of the mixer group `m` in a model of hidden size `h`, its norms left out.

    Raises ValueError for a kind that isn't known.
    """
    if m["kind"] not in KINDS:
        raise ValueError(f"no mixer is called {m['kind']!r}; known are {', '.join(KINDS)}")
    return KINDS[m["kind"]](m, h) + rest("attn_rest", m.get("extra", 0) + m.get("rel_bias", 0), h)
