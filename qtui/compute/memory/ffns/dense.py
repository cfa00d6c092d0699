"""A layer's feed-forward half as a dense MLP."""

from dataclasses import dataclass, replace
from typing import ClassVar

from qtui.compute.memory.ffns.base import FeedForward, gates, mlp
from qtui.compute.memory.mixers.base import AliveValues
from qtui.compute.memory.tensors import WeightTensor, vector


@dataclass(frozen=True, kw_only=True)
class DenseFfn(FeedForward):
    """A dense MLP, `intermediate` wide; `fused_up`: gate and up are stored as one."""

    KIND: ClassVar[str] = "dense"

    intermediate: int
    gated: bool = True
    bias: bool = False
    fused_up: bool = False

    def tensors(self, h: int) -> list[WeightTensor]:
        """Gate, up and down, and their biases."""
        width = self.intermediate
        tensors = mlp("", h, width, self.gated, "ffn", self.fused_up)
        if self.bias:
            tensors += [vector(f"ffn_{name}.bias", width) for name in gates(self.gated)]
            tensors.append(vector("ffn_down.bias", h))
        return tensors

    def fused(self) -> "DenseFfn":
        """The same with gate and up stored as one matrix."""
        return replace(self, fused_up=True) if self.gated else self

    def buffer(self, h: int) -> AliveValues:
        """Gate, up and their product."""
        return AliveValues(3 * self.intermediate + 4 * h, f"3 × {self.intermediate:,} + 4 × {h:,}")
