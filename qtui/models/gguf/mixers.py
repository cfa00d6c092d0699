"""The token mixer of one layer of a GGUF, from the shapes of its tensors and the model's metadata."""

from __future__ import annotations

from collections.abc import Mapping

from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.mixers.base import Mixer
from qtui.compute.memory.mixers.delta import GatedDeltaNet
from qtui.compute.memory.mixers.indexer import Indexer
from qtui.compute.memory.mixers.kimi import KimiDelta
from qtui.compute.memory.mixers.latent import LatentAttention
from qtui.compute.memory.mixers.mamba import Mamba2, ShortConv
from qtui.models.architecture import ConfigFields

Shapes = Mapping[str, tuple[int, ...]]


def mixer(f: ConfigFields, shapes: Shapes, i: int, window: int, hidden: int) -> Mixer | None:
    """The mixer of layer `i`, or None where there is none, or none that is known.

    `shapes` are those of the layer's tensors, outermost axis first; `window` is 0 where everything is seen.
    """
    if "shortconv.conv.weight" in shapes:
        return ShortConv(conv_kernel=f.positive("shortconv.l_cache"))
    if "ssm_f_a.weight" in shapes or "ssm_conv1d_q.weight" in shapes:
        return _kda(f, i)
    if "ssm_beta.weight" in shapes or "ssm_ba.weight" in shapes or "ssm_beta_alpha.weight" in shapes:
        return _deltanet(f)
    if "ssm_in.weight" in shapes:
        return _mamba(f)
    if f.has("attention.kv_lora_rank") and "attn_kv_a_mqa.weight" in shapes:
        return _latent(f, shapes, i)
    groups = by_layer(f, "attention.head_count_kv", i)
    if "attn_q.weight" not in shapes and "attn_qkv.weight" not in shapes:
        # No tensors to look at (a file of metadata alone): what the metadata says is a plain transformer's.
        return None if shapes or groups == 0 else _attention(f, {}, i, window, hidden)
    return None if groups == 0 else _attention(f, shapes, i, window, hidden)


def by_layer(f: ConfigFields, name: str, i: int, default: int | None = None) -> int | None:
    """A number that is the same for all layers, or an array of one for each."""
    value = f.values.get(name)
    if isinstance(value, list):
        items = f.items(name, int, i + 1) or []
        if not 0 <= items[i] < 1 << 32:
            raise f.wrong(name, "a list of whole numbers")
        return int(items[i])
    number = f.maybe(name)
    return default if number is None else number


def _heads(f: ConfigFields, i: int) -> int:
    heads = by_layer(f, "attention.head_count", i)
    if not heads:
        raise f.wrong("attention.head_count", "more than 0")
    return heads


def _attention(f: ConfigFields, shapes: Shapes, i: int, window: int, hidden: int) -> Attention:
    heads = _heads(f, i)
    # Gemma 4's windowed layers have heads of another width.
    suffix = "_swa" if window and f.has("attention.key_length_swa") else ""
    width = f.positive(f"attention.key_length{suffix}", default=max(hidden // heads, 1))
    values = f.positive(f"attention.value_length{suffix}", default=width)
    norm = shapes.get("attn_q_norm.weight")
    fused_bias = "attn_qkv.bias" in shapes
    norms = ("attn_norm.weight" in shapes) + ("post_attention_norm.weight" in shapes and "ffn_norm.weight" in shapes)
    return Attention(
        heads=heads,
        kv_heads=by_layer(f, "attention.head_count_kv", i, heads) or heads,
        head_dim=width,
        v_head_dim=values if values != width else 0,
        window=window,
        q_bias=fused_bias or "attn_q.bias" in shapes,
        k_bias=fused_bias or "attn_k.bias" in shapes,
        v_bias=fused_bias or "attn_v.bias" in shapes,
        o_bias="attn_output.bias" in shapes or "attn_o.bias" in shapes,
        qk_norm="" if not norm else "per_head" if norm[-1] == width and len(norm) == 1 else "full",
        sinks="attn_sinks.weight" in shapes,
        v_is_k="attn_k.weight" in shapes and "attn_v.weight" not in shapes,
        output_gate=_gate(shapes, heads, width),
        norms=norms if shapes else 1,
        cached=f.flag("attention.causal", True),
    )


def _gate(shapes: Shapes, heads: int, width: int) -> str:
    """How the output is gated, as `Attention.output_gate`."""
    gate, query = shapes.get("attn_gate.weight"), shapes.get("attn_q.weight")
    if gate:
        return "per_head" if gate[0] == heads else "separate"
    return "elementwise" if query and query[0] == 2 * heads * width else ""


def _latent(f: ConfigFields, shapes: Shapes, i: int) -> Mixer:
    heads = _heads(f, i)
    rope = f.positive("rope.dimension_count")
    split = shapes.get("attn_k_b.weight")
    if not f.has("attention.key_length_mla") and not split:
        # Files from before llama.cpp's MLA cache whole heads of keys and values.
        width, values = f.positive("attention.key_length"), f.positive("attention.value_length")
        return Attention(heads=heads, kv_heads=heads, head_dim=width, v_head_dim=values)
    indexer = None
    if f.has("attention.indexer.head_count") and any(name.startswith("indexer.") for name in shapes):
        indexer = Indexer(f.positive("attention.indexer.head_count"), f.positive("attention.indexer.key_length"))
    return LatentAttention(
        heads=heads,
        q_lora_rank=f.maybe("attention.q_lora_rank") if "attn_q_a.weight" in shapes else None,
        kv_lora_rank=f.positive("attention.kv_lora_rank"),
        qk_nope_head_dim=split[-1] if split else max(f.positive("attention.key_length_mla") - rope, 1),
        qk_rope_head_dim=rope,
        v_head_dim=f.positive("attention.value_length_mla", default=split[-1] if split else None),
        indexer=indexer,
    )


def _deltanet(f: ConfigFields) -> GatedDeltaNet:
    heads = f.positive("ssm.time_step_rank")
    return GatedDeltaNet(
        k_heads=f.positive("ssm.group_count"),
        v_heads=heads,
        k_head_dim=f.positive("ssm.state_size"),
        v_head_dim=max(f.positive("ssm.inner_size") // heads, 1),
        conv_kernel=f.positive("ssm.conv_kernel"),
    )


def _mamba(f: ConfigFields) -> Mamba2:
    """Mamba-2; Mamba-1 is the same to the cache with a head for each channel and no groups."""
    inner, groups = f.positive("ssm.inner_size"), f.count("ssm.group_count", default=0)
    heads = f.positive("ssm.time_step_rank") if groups else inner
    return Mamba2(
        heads=heads,
        head_dim=max(inner // heads, 1),
        groups=groups,
        state=f.positive("ssm.state_size"),
        conv_kernel=f.positive("ssm.conv_kernel"),
        conv_bias=True,
    )


def _kda(f: ConfigFields, i: int) -> KimiDelta:
    heads = _heads(f, i)
    kernel = f.positive("ssm.conv_kernel")
    return KimiDelta(heads=heads, head_dim=f.positive("kda.head_dim"), conv_kernel=kernel, a_log_size=heads)
