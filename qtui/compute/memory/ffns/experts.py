"""A layer's feed-forward half as a mixture of experts."""

from dataclasses import dataclass
from typing import ClassVar

from qtui.compute.memory.ffns.base import FeedForward, gates, mlp
from qtui.compute.memory.mixers.base import AliveValues
from qtui.compute.memory.tensors import WeightTensor, matrix, vector


@dataclass(frozen=True, kw_only=True)
class MoeFfn(FeedForward):
    """A mixture of experts, each `moe_intermediate` wide.

    `shared_intermediate` is the width of the experts that every token passes, `dense_intermediate` that of a dense
    MLP beside them; in `latent_size` dimensions the experts work where that is not the hidden size, with a norm of
    `latent_norm`. The router may have a bias and a correction bias, the experts biases.
    """

    KIND: ClassVar[str] = "moe"

    experts: int = 0
    experts_per_token: int = 0
    gated: bool = True
    moe_intermediate: int
    shared_intermediate: int = 0
    shared_gate: bool = False
    dense_intermediate: int = 0
    latent_size: int = 0
    latent_norm: int = 0
    correction_bias: bool = False
    expert_bias: bool = False
    router_bias: bool = False

    def tensors(self, h: int) -> list[WeightTensor]:
        """The stacked experts, the router, and what every token passes."""
        tensors = self._experts(self.latent_size or h)
        if self.latent_size:
            tensors += [matrix("ffn_latent_down", self.latent_size, h, "ffn")]
            tensors += [matrix("ffn_latent_up", h, self.latent_size, "ffn")]
            tensors += [vector("ffn_latent_norm.weight", self.latent_norm)] if self.latent_norm else []
        tensors.append(matrix("ffn_gate_inp", self.experts, h, "router"))
        if self.router_bias:
            tensors.append(vector("ffn_gate_inp.bias", self.experts, "router"))
        if self.correction_bias:
            tensors.append(vector("exp_probs_b.bias", self.experts, "router"))
        if self.shared_intermediate:
            tensors += mlp("_shexp", h, self.shared_intermediate, self.gated, "shared")
        if self.shared_gate:
            tensors.append(vector("ffn_gate_inp_shexp.weight", h, "router"))
        if self.dense_intermediate:
            tensors += mlp("", h, self.dense_intermediate, self.gated, "ffn")
        return tensors

    def _experts(self, inner: int) -> list[WeightTensor]:
        count, width, part = self.experts, self.moe_intermediate, "experts"
        ups = gates(self.gated)
        tensors = [WeightTensor(f"ffn_{name}_exps.weight", (count, width, inner), part) for name in ups]
        tensors.append(WeightTensor("ffn_down_exps.weight", (count, inner, width), part))
        if self.expert_bias:
            tensors += [WeightTensor(f"ffn_{name}_exps.bias", (count, width), part) for name in ups]
            tensors.append(WeightTensor("ffn_down_exps.bias", (count, inner), part))
        return tensors

    def buffer(self, h: int) -> AliveValues:
        """Gate, up and product of the chosen experts; wide experts' outputs find room where gate and up were."""
        top, width = self.experts_per_token, self.moe_intermediate
        if 2 * width >= h:
            return AliveValues(3 * top * width + 4 * h, f"3 × {top} × {width:,} + 4 × {h:,}")
        return AliveValues(3 * top * width + (top + 5) * h, f"3 × {top} × {width:,} + ({top} + 5) × {h:,}")
