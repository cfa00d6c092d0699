"""Codes of eight bits with scales: FP8 and int8 as most libraries store them, a scale for a tensor, rows, or blocks.

Sources: DeepSeek-V3's `weight_dequant` (X.weight_scale_inv, 128 × 128); compressed-tensors' float-, int- and
mxfp8-quantized compressors and ModelOpt's FP8 export (X.weight_scale); ComfyUI (X.scale_weight); bitsandbytes'
`int8_vectorwise_dequant` (X.SCB, divided by 127).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from qtui.models.files.model_file import Packing, StoredParts, Tensor
from qtui.models.quantized.checkpoint import Checkpoint, whole
from qtui.models.quantized.weight import rows_of, size_of_blocks, weight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CODES = ("F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "I8")
# What the scales of X.weight are called, and who calls them so.
NAMES = (
    ("weight_scale_inv", "fp8"),
    ("weight_scale", "fp8"),
    ("scale_weight", "comfyui"),
    ("SCB", "bnb-int8"),
    ("scale", "fp8"),
)


class Blocks(NamedTuple):
    """Which weights share a scale: `rows` × `columns` of a matrix that has `height` rows."""

    rows: int
    columns: int
    height: int


@dataclass(frozen=True)
class Codes8(Packing):
    """(code - zero) × scale × `factor`; `parts` are codes, scales and maybe zero points."""

    rows: int
    blocks: Blocks
    factor: float = 1.0
    """What values are multiplied by at last."""

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        import numpy as np

        from qtui.models.quantized.unpacking import scale_values, scaled

        codes = stored.rows(self.parts[0], first, last, self.rows)
        high, wide, height = self.blocks
        row = np.arange(first, last)
        index = row // height * -(-height // high) + row % height // high
        total = self.rows // height * -(-height // high)
        scales, *zeros = (stored.rows(part, index[0], index[-1] + 1, total) for part in self.parts[1:3])
        scales = scale_values(scales)[index - index[0]]
        values = scaled(codes, scales, zeros[0][index - index[0]] if zeros else None, wide)
        if self.factor != 1.0:
            values *= np.float32(self.factor)
        return values


def find(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight whose codes are `tensor`, None where no scales stand beside it."""
    if tensor.dtype not in CODES:
        return None
    stem = tensor.name.removesuffix("weight")
    for name, quantizer in NAMES:
        scales = checkpoint.get(stem + name)
        if scales is None or (name == "scale" and not tensor.dtype.startswith("F8")):
            continue
        zeros = checkpoint.get(f"{stem}weight_zero_point")
        sizes = checkpoint.settings.get("weight_block_size")
        likely = tuple(map(whole, sizes)) if isinstance(sizes, list) and len(sizes) == 2 else (0, 0)
        made = joined(tensor, scales, zeros, quantizer, 1 / 127 if name == "SCB" else 1.0, likely)
        if made is not None:
            return weight(tensor.name, tensor.shape, _dtype(tensor), made)
    return None


def _dtype(codes: Tensor) -> str:
    return "INT8" if codes.dtype == "I8" else codes.dtype


def joined(
    codes: Tensor,
    scales: Tensor,
    zeros: Tensor | None,
    quantizer: str,
    factor: float = 1.0,
    likely: tuple[int, ...] = (0, 0),
) -> Codes8 | None:
    """How codes and scales make weights, in blocks of `likely` sizes; None where their shapes don't fit together."""
    blocks = blocks_of(codes.shape, scales.shape, likely)
    if blocks is None or scales.dtype in ("I8", "I32", "I64") or not codes.count:
        return None
    parts = (codes, scales) if zeros is None or zeros.count != scales.count else (codes, scales, zeros)
    return Codes8(parts, codes.shape[-1], quantizer, rows_of(codes.shape), blocks, factor)


def blocks_of(shape: tuple[int, ...], scales: tuple[int, ...], likely: tuple[int, ...] = (0, 0)) -> Blocks | None:
    """Which weights of `shape` share a scale where the scales have the shape `scales`."""
    if not shape or not prod(shape):
        return None
    rows, columns = rows_of(shape), shape[-1]
    if prod(scales) == 1:
        return Blocks(rows, columns, rows)
    if len(shape) < 2:
        return None
    before, height = shape[:-2], shape[-2]
    if scales == before:
        down, across = 1, 1
    elif scales == (*before, height):
        down, across = height, 1
    elif len(scales) == len(shape) and scales[:-2] == before:
        down, across = scales[-2:]
    else:
        return None
    high = 1 if down == height else size_of_blocks(height, down, likely[0])
    wide = size_of_blocks(columns, across, likely[1])
    return Blocks(high, wide, height) if high and wide else None
