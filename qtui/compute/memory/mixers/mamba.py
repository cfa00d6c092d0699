"""Mamba and Mamba-2, alone or beside attention, and the short convolution that some models have instead."""

from dataclasses import dataclass
from typing import ClassVar

from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.mixers.base import PART, AliveValues, BesideLogits, Mixer, StateSize
from qtui.compute.memory.serving import Serving, Term
from qtui.compute.memory.tensors import WeightTensor, matrix, vector


@dataclass(frozen=True, kw_only=True)
class Mamba2(Mixer):
    """Mamba-2: `heads` of `head_dim` channels, each with `state` values, in `groups`."""

    KIND: ClassVar[str] = "mamba2"

    heads: int
    head_dim: int
    groups: int
    state: int
    conv_kernel: int
    conv_bias: bool = False
    proj_bias: bool = False
    gated_norm: bool = True

    @property
    def _inner(self) -> int:
        return self.heads * self.head_dim

    @property
    def _conv(self) -> int:
        return self._inner + 2 * self.groups * self.state

    def tensors(self, h: int) -> list[WeightTensor]:
        """The input projection, the convolution, decay and skip, the output."""
        inner, conv, heads = self._inner, self._conv, self.heads
        tensors = [
            matrix("ssm_in", inner + conv + heads, h, PART),
            matrix("ssm_conv1d", conv, self.conv_kernel, PART),
        ]
        tensors += [vector("ssm_conv1d.bias", conv)] if self.conv_bias else []
        tensors += [vector(name, heads) for name in ("ssm_a", "ssm_d", "ssm_dt.bias")]
        tensors += [vector("ssm_norm.weight", inner)] if self.gated_norm else []
        tensors.append(matrix("ssm_out", h, inner, PART))
        if self.proj_bias:
            tensors += [vector("ssm_in.bias", inner + conv + heads), vector("ssm_out.bias", h)]
        return tensors

    def state_size(self, h: int) -> StateSize:
        """`state` values for each channel."""
        return StateSize((self.conv_kernel - 1) * self._conv, self.state * self._inner)

    @property
    def beside_logits(self) -> BesideLogits:
        """One more hidden state."""
        return BesideLogits(3)

    def buffer(self, h: int, cells: int, flash: bool) -> AliveValues:
        """Channels before and after the convolution."""
        inner, conv = self._inner, self._conv
        return AliveValues(3 * inner + 3 * conv + 3 * h, f"3 × {inner:,} + 3 × {conv:,} + 3 × {h:,}")


@dataclass(frozen=True, kw_only=True)
class Mamba(Mixer):
    """Mamba, the first: `inner` channels of `state` values, step sizes of rank `dt_rank`.

    Jamba has norms of step sizes and of both projections (`inner_norms`).
    """

    KIND: ClassVar[str] = "mamba"

    inner: int
    state: int
    dt_rank: int
    conv_kernel: int
    conv_bias: bool = False
    proj_bias: bool = False
    inner_norms: bool = False

    def tensors(self, h: int) -> list[WeightTensor]:
        """The input projection, the convolution, step sizes, decay and skip, the output."""
        inner, state, rank = self.inner, self.state, self.dt_rank
        tensors = [
            matrix("ssm_in", 2 * inner, h, PART),
            matrix("ssm_conv1d", inner, self.conv_kernel, PART),
            matrix("ssm_x", rank + 2 * state, inner, PART),
            matrix("ssm_dt", inner, rank, PART),
            vector("ssm_dt.bias", inner),
            WeightTensor("ssm_a", (inner, state), PART),
            vector("ssm_d", inner),
            matrix("ssm_out", h, inner, PART),
        ]
        tensors += [vector("ssm_conv1d.bias", inner)] if self.conv_bias else []
        if self.inner_norms:
            tensors += [vector("ssm_dt_norm.weight", rank)]
            tensors += [vector(f"ssm_{which}_norm.weight", state) for which in "bc"]
        if self.proj_bias:
            tensors += [vector("ssm_in.bias", 2 * inner), vector("ssm_out.bias", h)]
        return tensors

    def state_size(self, h: int) -> StateSize:
        """`state` values for each channel."""
        return StateSize((self.conv_kernel - 1) * self.inner, self.state * self.inner)

    def buffer(self, h: int, cells: int, flash: bool) -> AliveValues:
        """Channels before and after the convolution."""
        return AliveValues(6 * self.inner + 3 * h, f"6 × {self.inner:,} + 3 × {h:,}")


@dataclass(frozen=True, kw_only=True)
class AttentionBesideMamba(Mixer):
    """Falcon-H1's: attention and Mamba-2 side by side, under one norm."""

    KIND: ClassVar[str] = "attention_beside_mamba2"
    ATTENDS: ClassVar[bool] = True

    heads: int
    kv_heads: int
    head_dim: int
    qkv_bias: bool = False
    mamba_heads: int
    mamba_head_dim: int
    groups: int
    state: int
    conv_kernel: int
    conv_bias: bool = False
    proj_bias: bool = False
    gated_norm: bool = False

    @property
    def _attention(self) -> Attention:
        bias = self.qkv_bias
        return Attention(
            layers=self.layers,
            heads=self.heads,
            kv_heads=self.kv_heads,
            head_dim=self.head_dim,
            q_bias=bias,
            k_bias=bias,
            v_bias=bias,
            o_bias=bias,
        )

    @property
    def _mamba(self) -> Mamba2:
        return Mamba2(
            layers=self.layers,
            heads=self.mamba_heads,
            head_dim=self.mamba_head_dim,
            groups=self.groups,
            state=self.state,
            conv_kernel=self.conv_kernel,
            conv_bias=self.conv_bias,
            proj_bias=self.proj_bias,
            gated_norm=self.gated_norm,
        )

    @property
    def query_heads(self) -> int:
        """Those of its attention."""
        return self._attention.query_heads

    @property
    def cache_heads(self) -> int:
        """Those of its attention."""
        return self._attention.cache_heads

    @property
    def query_group(self) -> int:
        """That of its attention."""
        return self._attention.query_group

    def tensors(self, h: int) -> list[WeightTensor]:
        """Those of both."""
        return [*self._attention.tensors(h), *self._mamba.tensors(h)]

    def cache(self, serving: Serving, alone: bool = False) -> list[Term]:
        """That of its attention."""
        return self._attention.cache(serving, alone)

    def state_size(self, h: int) -> StateSize:
        """That of its Mamba-2."""
        return self._mamba.state_size(h)

    @property
    def beside_logits(self) -> BesideLogits:
        """That of its Mamba-2."""
        return self._mamba.beside_logits

    def buffer(self, h: int, cells: int, flash: bool) -> AliveValues:
        """The larger of both."""
        return max(self._attention.buffer(h, cells, flash), self._mamba.buffer(h, cells, flash))


@dataclass(frozen=True, kw_only=True)
class ShortConv(Mixer):
    """The gated short convolution of LFM2."""

    KIND: ClassVar[str] = "short_conv"

    conv_kernel: int

    def tensors(self, h: int) -> list[WeightTensor]:
        """The input projection, the convolution, the output."""
        return [
            matrix("shortconv.in_proj", 3 * h, h, PART),
            matrix("shortconv.conv", h, self.conv_kernel, PART),
            matrix("shortconv.out_proj", h, h, PART),
        ]

    def state_size(self, h: int) -> StateSize:
        """The tail of the convolution alone."""
        return StateSize((self.conv_kernel - 1) * h, 0)
