"""Integers of which a byte holds parts of several rows: HQQ's layout, and int4 as ModelOpt stores it for AWQ.

Sources: HQQ 0.2.8, `core/quantize.py` (`Quantizer.dequantize`) and `core/bitpack.py`; ModelOpt 0.47,
`torch/export/quant_utils.py` (`pack_int4_in_uint8`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Any

from qtui.models.files.model_file import Packing, StoredParts, Tensor
from qtui.models.quantized.checkpoint import Checkpoint
from qtui.models.quantized.weight import Undecoded, size_of_blocks, weight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TWICE = "HQQ quantized the scales or zero points, too, and the library stores no such file as safetensors"
PER_WORD = {8: 1, 4: 2, 3: 10, 2: 4, 1: 8}


@dataclass(frozen=True)
class Hqq(Packing):
    """(code - zero) × scale of a matrix (rows, `unit`), the weight in another shape; `parts` W_q, zero and scale.

    Words hold rows that lie `height` apart, the first of them in the highest bits. Scales belong to rows, or to
    columns where `by_columns`.
    """

    bits: int
    rows: int
    height: int
    by_columns: bool

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded) of that matrix, float32 (last - first, columns)."""
        import numpy as np

        codes, zero, scale = self.parts[:3]
        pieces: list[NDArray[Any]] = []
        at = first
        while at < last:
            turn, row = divmod(at, self.height)
            stop = min(last, (turn + 1) * self.height)
            words = stored.rows(codes, row, row + stop - at, self.height)
            shift = self.bits * (PER_WORD[self.bits] - 1 - turn)
            pieces.append(words >> shift & ((1 << self.bits) - 1))
            at = stop
        values = np.concatenate(pieces).astype(np.float32)
        place = (0, 1, 1) if self.by_columns else (first, last, self.rows)
        values -= stored.rows(zero, *place)
        values *= stored.rows(scale, *place)
        return values


def find_hqq(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X.W_q."""
    stem = tensor.name.removesuffix("W_q")
    zero, scale = checkpoint.get(f"{stem}zero"), checkpoint.get(f"{stem}scale")
    shape = tuple(map(int, checkpoint.numbers(checkpoint.get(f"{stem}shape"))))
    bits, group, axis = (_number(checkpoint, f"{stem}{name}") for name in ("nbits", "group_size", "axis"))
    if (zero is None or scale is None) and shape and min(shape) > 0 and tensor.count:
        beside = (checkpoint.get(f"{stem}{name}") for name in ("zero", "scale", "zero_q", "scale_q"))
        parts = (tensor, *(part for part in beside if part is not None))
        return weight(f"{stem}weight", shape, f"INT{bits or 4}", Undecoded(parts, shape[-1], "hqq", TWICE))
    if zero is None or scale is None or bits not in PER_WORD or not shape or min(shape) < 1:
        return None
    count = prod(shape)
    group = group or (shape[-1] if axis else shape[0])
    if not tensor.count or count % group:
        return None
    rows, columns = (count // group, group) if axis else (group, count // group)
    height = -(-rows // PER_WORD[bits])
    width = 4 if bits == 3 else 1
    groups = rows if axis else columns
    if tensor.nbytes != height * columns * width or not zero.count == scale.count == groups:
        return None
    codes = replace(tensor, dtype="I32" if width == 4 else "U8", shape=(height, columns))
    packing = Hqq((codes, zero, scale), columns, "hqq", bits, rows, height, not axis)
    return weight(f"{stem}weight", shape, f"INT{bits}", packing)


def _number(checkpoint: Checkpoint, name: str) -> int:
    values = checkpoint.numbers(checkpoint.get(name))
    return int(values[0]) if len(values) == 1 else 0


@dataclass(frozen=True)
class PairsOfRows(Packing):
    """Signed four bits × scale; a byte holds rows 2i (low) and 2i + 1 of a column."""

    rows: int
    group: int

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        import numpy as np

        from qtui.models.quantized import unpacking

        start = first // 2
        raw = stored.rows(self.parts[0], start, -(-last // 2), self.rows // 2)
        both = np.stack([raw & 15, raw >> 4], axis=1).reshape(-1, raw.shape[1])[first - 2 * start :][: last - first]
        scales = stored.rows(self.parts[1], first, last, self.rows)
        return unpacking.scaled((both ^ 8).astype(np.int8) - np.int8(8), scales, None, self.group)


def find_modelopt(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X.weight (rows / 2, columns), as ModelOpt exports int4."""
    scales = checkpoint.get(f"{tensor.name}_scale", "F32", "F16", "BF16")
    if tensor.dtype != "U8" or scales is None or len(tensor.shape) != 2 or len(scales.shape) != 2 or not tensor.count:
        return None
    rows, columns = 2 * tensor.shape[0], tensor.shape[1]
    group = size_of_blocks(columns, scales.shape[1])
    if scales.shape[0] != rows or not group:
        return None
    packing = PairsOfRows((tensor, scales), columns, "modelopt", rows, group)
    return weight(tensor.name, (rows, columns), "INT4", packing)
