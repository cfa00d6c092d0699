"""The feed-forward half of a layer: what both kinds have, and the dense MLP (`experts.py`: mixtures of experts)."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

from qtui.compute.memory.mixers.base import AliveValues
from qtui.compute.memory.tensors import LayerGroup, WeightTensor, matrix, vector


class FeedForward(LayerGroup, ABC):
    """A group of equal feed-forward layers; `experts` is 0 where there are none to choose from."""

    KIND: ClassVar[str] = ""

    experts: int = 0
    experts_per_token: int = 0
    gated: bool = True

    @abstractmethod
    def tensors(self, h: int) -> list[WeightTensor]:
        """The tensors of one layer in a model of hidden size `h`, its norms left out."""

    def fused(self) -> FeedForward:
        """The same with gate and up stored as one matrix, where there is such a layout."""
        return self

    @abstractmethod
    def buffer(self, h: int) -> AliveValues:
        """Values per token alive in one layer."""


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

    def fused(self) -> DenseFfn:
        """The same with gate and up stored as one matrix."""
        return replace(self, fused_up=True) if self.gated else self

    def buffer(self, h: int) -> AliveValues:
        """Gate, up and their product."""
        return AliveValues(3 * self.intermediate + 4 * h, f"3 × {self.intermediate:,} + 4 × {h:,}")


# By the kind that records name, as "module:class": a model's own alone are imported.
FFNS = {"dense": "ffns:DenseFfn", "moe": "experts:MoeFfn"}


def ffn_class(kind: str) -> type[FeedForward]:
    """The class of feed-forward layers of that kind, one of `FFNS`."""
    module, _, name = FFNS[kind].partition(":")
    ffn: type[FeedForward] = getattr(importlib.import_module(f"qtui.compute.memory.{module}"), name)
    return ffn


def gates(gated: bool) -> tuple[str, ...]:
    """The projections up: with a gate, or alone."""
    return ("gate", "up") if gated else ("up",)


def mlp(suffix: str, h: int, width: int, gated: bool, part: str, fused: bool = False) -> list[WeightTensor]:
    """The matrices of an MLP, `width` wide, their names ending in `suffix`."""
    if fused:
        return [matrix(f"ffn_up{suffix}", 2 * width, h, part), matrix(f"ffn_down{suffix}", h, width, part)]
    tensors = [matrix(f"ffn_{name}{suffix}", width, h, part) for name in gates(gated)]
    return [*tensors, matrix(f"ffn_down{suffix}", h, width, part)]
