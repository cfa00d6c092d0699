"""Kimi delta attention: as Gated DeltaNet, with a forget gate for each channel."""

from dataclasses import dataclass
from typing import ClassVar

from qtui.compute.memory.mixers.base import PART, AliveValues, Mixer, StateSize
from qtui.compute.memory.tensors import WeightTensor, matrix, vector


@dataclass(frozen=True, kw_only=True)
class KimiDelta(Mixer):
    """Kimi delta attention. `a_log_size` values of decay are stored; the gate is low-rank unless `full_rank_gate`."""

    KIND: ClassVar[str] = "kda"

    heads: int
    head_dim: int
    conv_kernel: int
    a_log_size: int
    full_rank_gate: bool = False
    gate_bias: bool = False

    def tensors(self, h: int) -> list[WeightTensor]:
        """Three projections and convolutions, the forget gate, the output gate, the output."""
        dim, kernel = self.head_dim, self.conv_kernel
        width = self.heads * dim
        tensors = [matrix(f"attn_{which}", width, h, PART) for which in "qkv"]
        tensors += [matrix(f"ssm_conv1d_{which}", width, kernel, PART) for which in "qkv"]
        tensors += [matrix("ssm_f_a", dim, h, PART), matrix("ssm_f_b", width, dim, PART)]
        tensors += [vector("ssm_a", self.a_log_size), vector("ssm_dt.bias", width)]
        tensors.append(matrix("ssm_beta", self.heads, h, PART))
        if self.full_rank_gate:
            tensors.append(matrix("ssm_g", width, h, PART))
        else:
            tensors += [matrix("ssm_g_a", dim, h, PART), matrix("ssm_g_b", width, dim, PART)]
            tensors += [vector("ssm_g_b.bias", width)] if self.gate_bias else []
        return [*tensors, vector("ssm_norm.weight", dim), matrix("attn_output", h, width, PART)]

    def state_size(self, h: int) -> StateSize:
        """A square matrix for each head, and three convolutions."""
        width = self.heads * self.head_dim
        return StateSize((self.conv_kernel - 1) * 3 * width, self.head_dim * width)

    def buffer(self, h: int, cells: int, flash: bool) -> AliveValues:
        """Queries, keys, values and gates."""
        width = self.heads * self.head_dim
        return AliveValues(9 * width + 3 * h, f"9 × {width:,} + 3 × {h:,}")
