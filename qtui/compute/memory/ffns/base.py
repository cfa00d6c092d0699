"""What both kinds of feed-forward layers have."""

from abc import ABC, abstractmethod
from typing import ClassVar

from qtui.compute.memory.mixers.base import AliveValues
from qtui.compute.memory.tensors import LayerGroup, WeightTensor, matrix


class FeedForward(LayerGroup, ABC):
    """A group of equal feed-forward layers; `experts` is 0 where there are none to choose from."""

    KIND: ClassVar[str] = ""

    experts: int = 0
    experts_per_token: int = 0
    gated: bool = True

    @abstractmethod
    def tensors(self, h: int) -> list[WeightTensor]:
        """The tensors of one layer in a model of hidden size `h`, its norms left out."""

    def fused(self) -> "FeedForward":
        """The same with gate and up stored as one matrix, where there is such a layout."""
        return self

    @abstractmethod
    def buffer(self, h: int) -> AliveValues:
        """Values per token alive in one layer."""


def gates(gated: bool) -> tuple[str, ...]:
    """The projections up: with a gate, or alone."""
    return ("gate", "up") if gated else ("up",)


def mlp(suffix: str, h: int, width: int, gated: bool, part: str, fused: bool = False) -> list[WeightTensor]:
    """The matrices of an MLP, `width` wide, their names ending in `suffix`."""
    if fused:
        return [matrix(f"ffn_up{suffix}", 2 * width, h, part), matrix(f"ffn_down{suffix}", h, width, part)]
    tensors = [matrix(f"ffn_{name}{suffix}", width, h, part) for name in gates(gated)]
    return [*tensors, matrix(f"ffn_down{suffix}", h, width, part)]
