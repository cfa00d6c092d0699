"""Parameters of vision towers, for the layouts that published models use.

The counts are those of the checkpoints' own tensors (transformers' modelling files name them).
"""

from collections.abc import Callable
from typing import NamedTuple


class VisionTower(NamedTuple):
    """`depth` blocks of width `hidden`, for square patches of `patch` pixels; `out` is the text model's width.

    `kind` is one of `LAYOUTS`; the sizes that its layout does not have are 0. `merge` patches a side become one;
    `deepstack` counts the mergers after inner blocks. `extra` are parameters of which only the number is known.
    """

    kind: str
    depth: int
    hidden: int
    intermediate: int
    patch: int
    out: int
    extra: int = 0
    positions: int = 0
    temporal_patch: int = 0
    merge: int = 0
    deepstack: int = 0
    head_dim: int = 0
    clipped_linears: bool = False
    standardize: bool = False
    adapter_in: int = 0
    adapter_out: int = 0

    def parameters(self) -> int:
        """Parameters of the tower and its projector."""
        return LAYOUTS[self.kind](self) + self.extra


def _linear(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def _block(h: int, i: int) -> int:
    """A pre-norm transformer block with biases: two LayerNorms, q, k, v, o, and a two-layer MLP."""
    return 4 * h + 4 * _linear(h, h) + _linear(h, i) + _linear(i, h)


def _qwen(tower: VisionTower) -> int:
    """Qwen3-VL's and Qwen3.5's."""
    h, merged = tower.hidden, tower.hidden * tower.merge**2
    patches = 3 * tower.temporal_patch * tower.patch**2 * h + h + tower.positions * h
    merger = _linear(merged, merged) + _linear(merged, tower.out)
    blocks = tower.depth * _block(h, tower.intermediate)
    return patches + blocks + 2 * h + merger + tower.deepstack * (2 * merged + merger)


def _siglip(tower: VisionTower) -> int:
    """SigLIP, as in Gemma 3."""
    h = tower.hidden
    patches = 3 * tower.patch**2 * h + h + tower.positions * h
    return patches + tower.depth * _block(h, tower.intermediate) + 2 * h + h * tower.out + h


def _gemma4(tower: VisionTower) -> int:
    """Gemma 4's, with gated MLPs and norms of queries and keys."""
    h = tower.hidden
    block = 4 * h + 4 * h * h + 2 * tower.head_dim + 3 * h * tower.intermediate
    block += 28 if tower.clipped_linears else 0
    count = 3 * tower.patch**2 * h + 2 * tower.positions * h + tower.depth * block + h * tower.out
    return count + (2 * h if tower.standardize else 0)


def _pixtral(tower: VisionTower) -> int:
    """Pixtral's, as in Mistral Small 3."""
    h = tower.hidden
    block = 2 * h + 4 * h * h + 3 * h * tower.intermediate
    projector = h + h * tower.merge**2 * h + h * tower.out + tower.out**2
    return 3 * tower.patch**2 * h + h + tower.depth * block + projector


def _llama4(tower: VisionTower) -> int:
    """Llama 4's."""
    h = tower.hidden
    patches = 3 * tower.patch**2 * h + h + tower.positions * h
    adapter = tower.intermediate * tower.adapter_in + tower.adapter_in * tower.adapter_out
    return patches + 4 * h + tower.depth * _block(h, tower.intermediate) + adapter + tower.adapter_out * tower.out


def _moonvit(tower: VisionTower) -> int:
    """Kimi's."""
    h, merged = tower.hidden, tower.hidden * tower.merge**2
    patches = 3 * tower.patch**2 * h + h + tower.positions * h
    projector = 2 * h + _linear(merged, merged) + _linear(merged, tower.out)
    return patches + tower.depth * _block(h, tower.intermediate) + 2 * h + projector


LAYOUTS: dict[str, Callable[[VisionTower], int]] = {
    "qwen3_vl": _qwen,
    "qwen3_5": _qwen,
    "siglip_gemma3": _siglip,
    "gemma4": _gemma4,
    "pixtral_mistral3": _pixtral,
    "llama4": _llama4,
    "moonvit3d": _moonvit,
}
