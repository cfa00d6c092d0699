"""Mixers that keep a state, from the fields of a Hugging Face config.json."""

from __future__ import annotations

from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.mixers.delta import GatedDeltaNet
from qtui.compute.memory.mixers.mamba import AttentionBesideMamba, Mamba, Mamba2
from qtui.models.architecture import ConfigFields


def deltanet(f: ConfigFields) -> GatedDeltaNet:
    """Gated DeltaNet, as Qwen3-Next names its fields."""
    return GatedDeltaNet(
        k_heads=f.positive("linear_num_key_heads"),
        v_heads=f.positive("linear_num_value_heads"),
        k_head_dim=f.positive("linear_key_head_dim"),
        v_head_dim=f.positive("linear_value_head_dim"),
        conv_kernel=f.positive("linear_conv_kernel_dim", default=4),
    )


def mamba2(f: ConfigFields, heads: str, width: str, groups: str, state: str, conv: str) -> Mamba2:
    """Mamba-2; the names of fields are the family's."""
    return Mamba2(
        heads=f.positive(heads),
        head_dim=f.positive(width),
        groups=f.positive(groups),
        state=f.positive(state),
        conv_kernel=f.positive(conv),
        conv_bias=f.flag("use_conv_bias", default=f.flag("mamba_conv_bias", True)),
        proj_bias=f.flag("mamba_proj_bias"),
    )


def mamba1(f: ConfigFields, inner: int, state: str, rank: str, conv: str) -> Mamba:
    """Mamba, of `inner` channels; the names of fields are the family's."""
    automatic = -(-f.positive("hidden_size") // 16)
    return Mamba(
        inner=inner,
        state=f.positive(state),
        dt_rank=automatic if f.values.get(rank) == "auto" else f.positive(rank, default=automatic),
        conv_kernel=f.positive(conv),
        conv_bias=f.flag("use_conv_bias", default=f.flag("mamba_conv_bias", True)),
        proj_bias=f.flag("use_bias", default=f.flag("mamba_proj_bias")),
        inner_norms=f.has("mamba_dt_rank"),
    )


def beside_mamba(f: ConfigFields, layer: Attention) -> AttentionBesideMamba:
    """Falcon-H1's: `layer`, and Mamba-2 beside it."""
    mamba = mamba2(f, "mamba_n_heads", "mamba_d_head", "mamba_n_groups", "mamba_d_state", "mamba_d_conv")
    return AttentionBesideMamba(
        heads=layer.heads,
        kv_heads=layer.kv_heads,
        head_dim=layer.head_dim,
        qkv_bias=layer.q_bias,
        mamba_heads=mamba.heads,
        mamba_head_dim=mamba.head_dim,
        groups=mamba.groups,
        state=mamba.state,
        conv_kernel=mamba.conv_kernel,
        conv_bias=mamba.conv_bias,
        proj_bias=mamba.proj_bias,
        gated_norm=f.flag("mamba_rms_norm"),
    )
