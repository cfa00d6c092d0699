"""Gated DeltaNet: linear attention with a delta rule, whose state is of fixed size."""

from dataclasses import dataclass
from typing import ClassVar

from qtui.compute.memory.mixers.base import PART, AliveValues, BesideLogits, Mixer, StateSize
from qtui.compute.memory.tensors import WeightTensor, matrix, vector


@dataclass(frozen=True, kw_only=True)
class GatedDeltaNet(Mixer):
    """Gated DeltaNet (Qwen3-Next, Qwen3.5 and after)."""

    KIND: ClassVar[str] = "gated_deltanet"

    k_heads: int
    v_heads: int
    k_head_dim: int
    v_head_dim: int
    conv_kernel: int

    @property
    def query_group(self) -> None:
        """That of the attention layers between."""
        return None

    @property
    def _widths(self) -> tuple[int, int]:
        return self.k_heads * self.k_head_dim, self.v_heads * self.v_head_dim

    def tensors(self, h: int) -> list[WeightTensor]:
        """Queries, keys and values in one, the gate, the two rates, the convolution, the output."""
        key, value = self._widths
        return [
            matrix("attn_qkv", 2 * key + value, h, PART),
            matrix("attn_gate", value, h, PART),
            matrix("ssm_beta", self.v_heads, h, PART),
            matrix("ssm_alpha", self.v_heads, h, PART),
            matrix("ssm_conv1d", 2 * key + value, self.conv_kernel, PART),
            vector("ssm_a", self.v_heads),
            vector("ssm_dt.bias", self.v_heads),
            vector("ssm_norm.weight", self.v_head_dim),
            matrix("ssm_out", h, value, PART),
        ]

    def state_size(self, h: int) -> StateSize:
        """A matrix of keys by values for each head."""
        key, value = self._widths
        return StateSize((self.conv_kernel - 1) * (2 * key + value), self.k_head_dim * value)

    @property
    def beside_logits(self) -> BesideLogits:
        """One more hidden state, and for some widths the masks."""
        return BesideLogits(3, masks=True)

    def buffer(self, h: int, cells: int, flash: bool) -> AliveValues:
        """Keys and values of the chunk in flight."""
        key, value = self._widths
        return AliveValues(6 * key + 3 * value + 3 * h, f"6 × {key:,} + 3 × {value:,} + 3 × {h:,}")
