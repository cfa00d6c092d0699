"""The feed-forward half of one layer of a GGUF, from the shapes of its tensors and the model's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qtui.models.architecture import Fields
from qtui.models.gguf.mixers import by_layer

Layer = dict[str, Any]
Shapes = Mapping[str, tuple[int, ...]]
_NORMS = ("ffn_norm.weight", "post_ffw_norm.weight", "post_attention_norm.weight")


def ffn(f: Fields, shapes: Shapes, i: int) -> Layer | None:
    """The feed-forward half of layer `i`, or None where it has none."""
    experts = f.count("expert_count", default=0)
    stacked = shapes.get("ffn_up_exps.weight") or shapes.get("ffn_gate_up_exps.weight")
    if stacked or (experts and not shapes and i >= f.count("leading_dense_block_count", default=0)):
        return _moe(f, shapes, i, experts, stacked)
    up = shapes.get("ffn_up.weight")
    width = by_layer(f, "feed_forward_length", i) if not up else up[0]
    if not width:
        return None
    layer: Layer = {"kind": "dense", "intermediate": width}
    if up and "ffn_gate.weight" not in shapes:
        down = shapes.get("ffn_down.weight")
        if down and down[-1] * 2 == width:
            layer["intermediate"] = down[-1]  # gate and up stored as one
        else:
            layer["gated"] = False
    if "ffn_up.bias" in shapes:
        layer["bias"] = True
    return layer | _norms(shapes)


def _moe(f: Fields, shapes: Shapes, i: int, experts: int, stacked: tuple[int, ...] | None) -> Layer:
    down = shapes.get("ffn_down_exps.weight")
    width = (
        down[-1] if down else by_layer(f, "expert_feed_forward_length", i) or by_layer(f, "feed_forward_length", i)
    )
    if not width:
        raise f.wrong("expert_feed_forward_length", "more than 0")
    number = stacked[0] if stacked and len(stacked) == 3 else experts
    layer: Layer = {"kind": "moe", "experts": number, "experts_per_token": f.positive("expert_used_count", default=1)}
    layer["moe_intermediate"] = width
    shared = shapes.get("ffn_up_shexp.weight")
    if shared:
        layer["shared_intermediate"] = shared[0]
    flags = {
        "shared_gate": "ffn_gate_inp_shexp.weight",
        "correction_bias": "exp_probs_b.bias",
        "expert_bias": "ffn_up_exps.bias",
        "router_bias": "ffn_gate_inp.bias",
    }
    layer |= {name: True for name, tensor in flags.items() if tensor in shapes}
    if "ffn_up_exps.weight" in shapes and "ffn_gate_exps.weight" not in shapes:
        layer["gated"] = False
    plain = shapes.get("ffn_up.weight")
    if plain:
        layer["dense_intermediate"] = plain[0]
    return layer | _norms(shapes)


def _norms(shapes: Shapes) -> Layer:
    """Norms of this half: one, or as many as are there. Without ffn_norm, post_attention_norm is in its place."""
    count = sum(name in shapes for name in _NORMS[:2])
    count += "ffn_norm.weight" not in shapes and _NORMS[2] in shapes
    return {} if count == 1 or not shapes else {"norms": count}
