"""The vision tower beside a language model, from the vision_config of its config.json, for layouts that are known.

The dicts are those that `qtui/compute/memory/towers.py` counts.
"""

from __future__ import annotations

from typing import Any

from qtui.models.architecture import Fields

Tower = dict[str, Any]


def vision_tower(whole: Fields, kind: str, hidden: int) -> Tower | None:
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


def _body(v: Fields) -> Tower:
    return {
        "depth": v.positive("num_hidden_layers", "depth"),
        "hidden": v.positive("hidden_size"),
        "intermediate": v.positive("intermediate_size"),
        "patch": v.positive("patch_size"),
    }


def _qwen(v: Fields, kind: str) -> Tower:
    tower = {"kind": kind, **_body(v), "temporal_patch": v.positive("temporal_patch_size")}
    tower |= {"positions": v.positive("num_position_embeddings"), "merge": v.positive("spatial_merge_size")}
    deep = len(v.items("deepstack_visual_indexes", int) or [])
    return tower | {"out": v.positive("out_hidden_size")} | ({"deepstack": deep} if deep else {})


def _gemma4(v: Fields, whole: Fields, hidden: int) -> Tower:
    tower = {"kind": "gemma4", **_body(v), "positions": v.positive("position_embedding_size"), "out": hidden}
    tower["head_dim"] = v.positive("head_dim")
    flags = {"standardize": v.flag("standardize"), "clipped_linears": v.flag("use_clipped_linears")}
    return tower | {name: True for name, on in flags.items() if on}


def _patches(v: Fields, size: int) -> int:
    """Patches of a square image, whose side is `size` where the config leaves it out."""
    return (v.positive("image_size", default=size) // v.positive("patch_size")) ** 2


def _siglip(v: Fields, whole: Fields, hidden: int) -> Tower:
    return {"kind": "siglip_gemma3", **_body(v), "positions": _patches(v, 896), "out": hidden}


def _llama4(v: Fields, whole: Fields, hidden: int) -> Tower:
    tower = {"kind": "llama4", **_body(v), "positions": _patches(v, 336) + 1, "out": hidden}
    ends = {"adapter_in": "projector_input_dim", "adapter_out": "projector_output_dim"}
    return tower | {name: v.positive(field) for name, field in ends.items()}


def _pixtral(v: Fields, whole: Fields, hidden: int) -> Tower:
    merge = whole.positive("spatial_merge_size", default=2)
    return {"kind": "pixtral_mistral3", **_body(v), "merge": merge, "out": hidden}


def _moonvit(v: Fields, hidden: int) -> Tower:
    merge = v.items("merge_kernel_size", int, 1) or [2]
    return {
        "kind": "moonvit3d",
        "depth": v.positive("vt_num_hidden_layers"),
        "hidden": v.positive("vt_hidden_size"),
        "intermediate": v.positive("vt_intermediate_size"),
        "patch": v.positive("patch_size"),
        "positions": v.positive("init_pos_emb_height") * v.positive("init_pos_emb_width"),
        "merge": merge[0],
        "out": hidden,
    }
