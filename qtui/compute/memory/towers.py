"""Parameters of vision towers, for the layouts that published models use.

The counts are those of the checkpoints' own tensors (transformers' modelling files name them).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


def _linear(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def _block(h: int, i: int) -> int:
    """A pre-norm transformer block with biases: two LayerNorms, q, k, v, o, and a two-layer MLP."""
    return 4 * h + 4 * _linear(h, h) + _linear(h, i) + _linear(i, h)


@dataclass(frozen=True, kw_only=True)
class VisionTower(ABC):
    """`depth` blocks of width `hidden`, for square patches of `patch` pixels; `out` is the text model's width."""

    kind: str
    depth: int
    hidden: int
    intermediate: int
    patch: int
    out: int
    extra: int = 0

    def parameters(self) -> int:
        """Parameters of the tower and its projector."""
        return self._layout() + self.extra

    @abstractmethod
    def _layout(self) -> int:
        """Parameters of the layout."""


@dataclass(frozen=True, kw_only=True)
class QwenTower(VisionTower):
    """Qwen3-VL's and Qwen3.5's; `deepstack` counts the mergers after inner blocks."""

    positions: int
    temporal_patch: int
    merge: int
    deepstack: int = 0

    def _layout(self) -> int:
        h, merged = self.hidden, self.hidden * self.merge**2
        patches = 3 * self.temporal_patch * self.patch**2 * h + h + self.positions * h
        merger = _linear(merged, merged) + _linear(merged, self.out)
        blocks = self.depth * _block(h, self.intermediate)
        return patches + blocks + 2 * h + merger + self.deepstack * (2 * merged + merger)


@dataclass(frozen=True, kw_only=True)
class SiglipTower(VisionTower):
    """SigLIP, as in Gemma 3."""

    positions: int

    def _layout(self) -> int:
        h = self.hidden
        patches = 3 * self.patch**2 * h + h + self.positions * h
        return patches + self.depth * _block(h, self.intermediate) + 2 * h + h * self.out + h


@dataclass(frozen=True, kw_only=True)
class Gemma4Tower(VisionTower):
    """Gemma 4's, with gated MLPs and norms of queries and keys."""

    positions: int
    head_dim: int
    clipped_linears: bool = False
    standardize: bool = False

    def _layout(self) -> int:
        h = self.hidden
        block = 4 * h + 4 * h * h + 2 * self.head_dim + 3 * h * self.intermediate
        block += 28 if self.clipped_linears else 0
        count = 3 * self.patch**2 * h + 2 * self.positions * h + self.depth * block + h * self.out
        return count + (2 * h if self.standardize else 0)


@dataclass(frozen=True, kw_only=True)
class PixtralTower(VisionTower):
    """Pixtral's, as in Mistral Small 3."""

    merge: int

    def _layout(self) -> int:
        h = self.hidden
        block = 2 * h + 4 * h * h + 3 * h * self.intermediate
        projector = h + h * self.merge**2 * h + h * self.out + self.out**2
        return 3 * self.patch**2 * h + h + self.depth * block + projector


@dataclass(frozen=True, kw_only=True)
class Llama4Tower(VisionTower):
    """Llama 4's."""

    positions: int
    adapter_in: int
    adapter_out: int

    def _layout(self) -> int:
        h = self.hidden
        count = 3 * self.patch**2 * h + h + self.positions * h + 4 * h + self.depth * _block(h, self.intermediate)
        adapter = self.intermediate * self.adapter_in + self.adapter_in * self.adapter_out
        return count + adapter + self.adapter_out * self.out


@dataclass(frozen=True, kw_only=True)
class MoonVitTower(VisionTower):
    """Kimi's."""

    positions: int
    merge: int

    def _layout(self) -> int:
        h, merged = self.hidden, self.hidden * self.merge**2
        patches = 3 * self.patch**2 * h + h + self.positions * h
        projector = 2 * h + _linear(merged, merged) + _linear(merged, self.out)
        return patches + self.depth * _block(h, self.intermediate) + 2 * h + projector


TOWERS: dict[str, type[VisionTower]] = {
    "qwen3_vl": QwenTower,
    "qwen3_5": QwenTower,
    "siglip_gemma3": SiglipTower,
    "gemma4": Gemma4Tower,
    "pixtral_mistral3": PixtralTower,
    "llama4": Llama4Tower,
    "moonvit3d": MoonVitTower,
}
