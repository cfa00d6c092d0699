"""The tensors of one layer's feed-forward half: a dense MLP, or a mixture of experts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtui.compute.memory.tensors import Tensor, matrix, rest, vector

Group = Mapping[str, Any]


def _mlp(suffix: str, h: int, width: int, gated: bool, part: str, fused: bool = False) -> list[Tensor]:
    if fused:
        return [matrix(f"ffn_up{suffix}", 2 * width, h, part), matrix(f"ffn_down{suffix}", h, width, part)]
    names = ("gate", "up") if gated else ("up",)
    found = [matrix(f"ffn_{name}{suffix}", width, h, part) for name in names]
    return [*found, matrix(f"ffn_down{suffix}", h, width, part)]


def dense(f: Group, h: int) -> list[Tensor]:
    """A dense MLP: intermediate; gated (default True), bias, fused_up (gate and up stored as one)."""
    gated = f.get("gated", True)
    found = _mlp("", h, f["intermediate"], gated, "ffn", bool(f.get("fused_up")))
    if f.get("bias"):
        names = ("gate", "up") if gated else ("up",)
        found += [vector(f"ffn_{name}.bias", f["intermediate"]) for name in names] + [vector("ffn_down.bias", h)]
    return found


def moe(f: Group, h: int) -> list[Tensor]:
    """A mixture of experts: experts, moe_intermediate; shared_intermediate, dense_intermediate, latent_size, ..."""
    experts, width, gated = f["experts"], f["moe_intermediate"], f.get("gated", True)
    latent = f.get("latent_size")
    inner = latent or h
    names = ("gate", "up") if gated else ("up",)
    found = [Tensor(f"ffn_{name}_exps.weight", (experts, width, inner), "experts") for name in names]
    found.append(Tensor("ffn_down_exps.weight", (experts, inner, width), "experts"))
    if f.get("expert_bias"):
        found += [Tensor(f"ffn_{name}_exps.bias", (experts, width), "experts") for name in names]
        found.append(Tensor("ffn_down_exps.bias", (experts, inner), "experts"))
    if latent:
        found += [matrix("ffn_latent_down", latent, h, "ffn"), matrix("ffn_latent_up", h, latent, "ffn")]
        found += [vector("ffn_latent_norm.weight", f["latent_norm"])] if f.get("latent_norm") else []
    found.append(matrix("ffn_gate_inp", experts, h, "router"))
    if f.get("router_bias"):
        found.append(vector("ffn_gate_inp.bias", experts, "router"))
    correction = f.get("correction_bias")
    if correction:
        found.append(vector("exp_probs_b.bias", experts if correction is True else correction, "router"))
    if f.get("shared_intermediate"):
        found += _mlp("_shexp", h, f["shared_intermediate"], gated, "shared")
    if f.get("shared_gate"):
        found.append(vector("ffn_gate_inp_shexp.weight", h, "router"))
    if f.get("dense_intermediate"):
        found += _mlp("", h, f["dense_intermediate"], gated, "ffn")
    return found


def ffn_tensors(f: Group, h: int) -> list[Tensor]:
    """The tensors of one layer of the feed-forward group `f`, its norms left out.

    Raises ValueError for a kind that isn't known.
    """
    if f["kind"] not in ("dense", "moe"):
        raise ValueError(f"no feed-forward layer is called {f['kind']!r}; known are dense, moe")
    return (dense if f["kind"] == "dense" else moe)(f, h) + rest("ffn_rest", f.get("extra", 0), h)
