"""The vision tower beside a language model, from the vision_config of its config.json, for layouts that are known."""

from __future__ import annotations

from typing import Any

from qtui.compute.memory.towers import VisionTower
from qtui.models.architecture import ConfigFields


def vision_tower(whole: ConfigFields, kind: str, hidden: int) -> VisionTower | None:
    """The tower of a config, None without one or where its layout is not known. `hidden` is the text's width."""
    v = whole.inside("vision_config")
    if not v.values:
        return None
    if v.has("vt_hidden_size"):
        return _moonvit(v, hidden) if v.text("mm_projector_type") == "patchmerger" else None
    if kind.startswith(("qwen3_vl", "qwen3_5")):
        return _qwen(v, "qwen3_vl" if kind.startswith("qwen3_vl") else "qwen3_5")
    make = {"gemma3": _siglip, "gemma4": _gemma4, "llama4": _llama4, "mistral3": _pixtral, "mistral": _pixtral}.get(
        kind
    )
    return make(v, whole, hidden) if make else None


def _body(v: ConfigFields) -> dict[str, Any]:
    return {
        "depth": v.positive("num_hidden_layers", "depth"),
        "hidden": v.positive("hidden_size"),
        "intermediate": v.positive("intermediate_size"),
        "patch": v.positive("patch_size"),
    }


def _qwen(v: ConfigFields, kind: str) -> VisionTower:
    return VisionTower(
        kind=kind,
        **_body(v),
        temporal_patch=v.positive("temporal_patch_size"),
        positions=v.positive("num_position_embeddings"),
        merge=v.positive("spatial_merge_size"),
        out=v.positive("out_hidden_size"),
        deepstack=len(v.items("deepstack_visual_indexes", int) or []),
    )


def _gemma4(v: ConfigFields, whole: ConfigFields, hidden: int) -> VisionTower:
    return VisionTower(
        kind="gemma4",
        **_body(v),
        positions=v.positive("position_embedding_size"),
        out=hidden,
        head_dim=v.positive("head_dim"),
        standardize=v.flag("standardize"),
        clipped_linears=v.flag("use_clipped_linears"),
    )


def _patches(v: ConfigFields, size: int) -> int:
    """Patches of a square image, whose side is `size` where the config leaves it out."""
    return (v.positive("image_size", default=size) // v.positive("patch_size")) ** 2


def _siglip(v: ConfigFields, whole: ConfigFields, hidden: int) -> VisionTower:
    h, wide = v.positive("hidden_size"), v.positive("intermediate_size")
    # The pooling head of attention, which published checkpoints leave out.
    head = h + 4 * (h * h + h) + 2 * h + 2 * h * wide + wide + h if v.flag("vision_use_head", True) else 0
    return VisionTower(kind="siglip_gemma3", **_body(v), positions=_patches(v, 896), out=hidden, extra=head)


def _llama4(v: ConfigFields, whole: ConfigFields, hidden: int) -> VisionTower:
    return VisionTower(
        kind="llama4",
        **_body(v),
        positions=_patches(v, 336) + 1,
        out=hidden,
        adapter_in=v.positive("projector_input_dim"),
        adapter_out=v.positive("projector_output_dim"),
    )


def _pixtral(v: ConfigFields, whole: ConfigFields, hidden: int) -> VisionTower:
    merge = whole.positive("spatial_merge_size", default=2)
    return VisionTower(kind="pixtral_mistral3", **_body(v), merge=merge, out=hidden)


def _moonvit(v: ConfigFields, hidden: int) -> VisionTower:
    merge = v.items("merge_kernel_size", int, 1) or [2]
    return VisionTower(
        kind="moonvit3d",
        depth=v.positive("vt_num_hidden_layers"),
        hidden=v.positive("vt_hidden_size"),
        intermediate=v.positive("vt_intermediate_size"),
        patch=v.positive("patch_size"),
        positions=v.positive("init_pos_emb_height") * v.positive("init_pos_emb_width"),
        merge=merge[0],
        out=hidden,
    )
