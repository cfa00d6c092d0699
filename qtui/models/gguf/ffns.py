"""The feed-forward half of one layer of a GGUF, from the shapes of its tensors and the model's metadata."""

from __future__ import annotations

from collections.abc import Mapping

from qtui.compute.memory.ffns.base import FeedForward
from qtui.compute.memory.ffns.dense import DenseFfn
from qtui.compute.memory.ffns.experts import MoeFfn
from qtui.models.architecture import ConfigFields
from qtui.models.gguf.mixers import by_layer

Shapes = Mapping[str, tuple[int, ...]]
_NORMS = ("ffn_norm.weight", "post_ffw_norm.weight", "post_attention_norm.weight")


def ffn(f: ConfigFields, shapes: Shapes, i: int) -> FeedForward | None:
    """The feed-forward half of layer `i`, or None where it has none."""
    experts = f.count("expert_count", default=0)
    stacked = shapes.get("ffn_up_exps.weight") or shapes.get("ffn_gate_up_exps.weight")
    if stacked or (experts and not shapes and i >= f.count("leading_dense_block_count", default=0)):
        return _moe(f, shapes, i, experts, stacked)
    up = shapes.get("ffn_up.weight")
    width = by_layer(f, "feed_forward_length", i) if not up else up[0]
    if not width:
        return None
    gated = True
    if up and "ffn_gate.weight" not in shapes:
        down = shapes.get("ffn_down.weight")
        gated = down is not None and down[-1] * 2 == width
        width = width // 2 if gated else width  # gate and up stored as one
    return DenseFfn(intermediate=width, gated=gated, bias="ffn_up.bias" in shapes, norms=_norms(shapes))


def _moe(f: ConfigFields, shapes: Shapes, i: int, experts: int, stacked: tuple[int, ...] | None) -> MoeFfn:
    down = shapes.get("ffn_down_exps.weight")
    width = (
        down[-1] if down else by_layer(f, "expert_feed_forward_length", i) or by_layer(f, "feed_forward_length", i)
    )
    if not width:
        raise f.wrong("expert_feed_forward_length", "more than 0")
    shared, plain = shapes.get("ffn_up_shexp.weight"), shapes.get("ffn_up.weight")
    return MoeFfn(
        experts=stacked[0] if stacked and len(stacked) == 3 else experts,
        experts_per_token=f.positive("expert_used_count", default=1),
        moe_intermediate=width,
        shared_intermediate=shared[0] if shared else 0,
        shared_gate="ffn_gate_inp_shexp.weight" in shapes,
        correction_bias="exp_probs_b.bias" in shapes,
        expert_bias="ffn_up_exps.bias" in shapes,
        router_bias="ffn_gate_inp.bias" in shapes,
        gated="ffn_up_exps.weight" not in shapes or "ffn_gate_exps.weight" in shapes,
        dense_intermediate=plain[0] if plain else 0,
        norms=_norms(shapes),
    )


def _norms(shapes: Shapes) -> int:
    """Norms of this half: one, or as many as are there. Without ffn_norm, post_attention_norm is in its place."""
    count = sum(name in shapes for name in _NORMS[:2])
    count += "ffn_norm.weight" not in shapes and _NORMS[2] in shapes
    return count if shapes else 1
