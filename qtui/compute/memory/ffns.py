"""The feed-forward half of a layer: a dense MLP, or a mixture of experts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from qtui.compute.memory.mixers.base import Alive
from qtui.compute.memory.tensors import LayerGroup, WeightTensor, matrix, vector


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class FeedForward(LayerGroup, ABC):
    """A group of equal feed-forward layers; `experts` is 0 where there are none to choose from."""

    KIND: ClassVar[str] = ""

    experts: int = 0
    experts_per_token: int = 0
    gated: bool = True

    @abstractmethod
    def tensors(self, h: int) -> list[WeightTensor]:
        """The tensors of one layer in a model of hidden size `h`, its norms left out."""

    @abstractmethod
    def buffer(self, h: int) -> Alive:
        """Values per token alive in one layer."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class DenseFfn(FeedForward):
    """A dense MLP, `intermediate` wide; `fused_up`: gate and up are stored as one."""

    KIND: ClassVar[str] = "dense"

    intermediate: int
    bias: bool = False
    fused_up: bool = False

    def tensors(self, h: int) -> list[WeightTensor]:
        """Gate, up and down, and their biases."""
        width = self.intermediate
        tensors = _mlp("", h, width, self.gated, "ffn", self.fused_up)
        if self.bias:
            tensors += [vector(f"ffn_{name}.bias", width) for name in _ups(self.gated)]
            tensors.append(vector("ffn_down.bias", h))
        return tensors

    def buffer(self, h: int) -> Alive:
        """Gate, up and their product."""
        return Alive(3 * self.intermediate + 4 * h, f"3 × {self.intermediate:,} + 4 × {h:,}")


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class MoeFfn(FeedForward):
    """A mixture of experts, each `moe_intermediate` wide.

    `shared_intermediate` is the width of the experts that every token passes, `dense_intermediate` that of a dense
    MLP beside them; in `latent_size` dimensions the experts work where that is not the hidden size, with a norm of
    `latent_norm`. The router may have a bias and a correction bias, the experts biases.
    """

    KIND: ClassVar[str] = "moe"

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
            tensors += _mlp("_shexp", h, self.shared_intermediate, self.gated, "shared")
        if self.shared_gate:
            tensors.append(vector("ffn_gate_inp_shexp.weight", h, "router"))
        if self.dense_intermediate:
            tensors += _mlp("", h, self.dense_intermediate, self.gated, "ffn")
        return tensors

    def _experts(self, inner: int) -> list[WeightTensor]:
        count, width, part = self.experts, self.moe_intermediate, "experts"
        ups = _ups(self.gated)
        tensors = [WeightTensor(f"ffn_{name}_exps.weight", (count, width, inner), part) for name in ups]
        tensors.append(WeightTensor("ffn_down_exps.weight", (count, inner, width), part))
        if self.expert_bias:
            tensors += [WeightTensor(f"ffn_{name}_exps.bias", (count, width), part) for name in ups]
            tensors.append(WeightTensor("ffn_down_exps.bias", (count, inner), part))
        return tensors

    def buffer(self, h: int) -> Alive:
        """Gate, up and product of the chosen experts; wide experts' outputs find room where gate and up were."""
        top, width = self.experts_per_token, self.moe_intermediate
        if 2 * width >= h:
            return Alive(3 * top * width + 4 * h, f"3 × {top} × {width:,} + 4 × {h:,}")
        return Alive(3 * top * width + (top + 5) * h, f"3 × {top} × {width:,} + ({top} + 5) × {h:,}")


FFNS: dict[str, type[FeedForward]] = {ffn.KIND: ffn for ffn in (DenseFfn, MoeFfn)}


def _ups(gated: bool) -> tuple[str, ...]:
    return ("gate", "up") if gated else ("up",)


def _mlp(suffix: str, h: int, width: int, gated: bool, part: str, fused: bool = False) -> list[WeightTensor]:
    if fused:
        return [matrix(f"ffn_up{suffix}", 2 * width, h, part), matrix(f"ffn_down{suffix}", h, width, part)]
    tensors = [matrix(f"ffn_{name}{suffix}", width, h, part) for name in _ups(gated)]
    return [*tensors, matrix(f"ffn_down{suffix}", h, width, part)]
