"""Integers packed in 32-bit words of a matrix that is stored input × output: GPTQ and AWQ.

Sources: AutoGPTQ 0.7.1, `nn_modules/qlinear/qlinear_cuda.py` (codes and zero points, stored less one but in
"gptq_v2"; a column's group in `g_idx`); AutoAWQ 0.2.9, `utils/packing_utils.py` (`dequantize_gemm`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtui.models.files.model_file import Packing, StoredParts, Tensor
from qtui.models.quantized.checkpoint import Checkpoint
from qtui.models.quantized.weight import size_of_blocks, weight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

AWQ_ORDER = (0, 4, 1, 5, 2, 6, 3, 7)  # which four bits of a word hold each of its outputs
AWQ_BITS = 4


@dataclass(frozen=True)
class Gptq(Packing):
    """(code - zero) × scale; `parts` are qweight, qzeros, scales and maybe g_idx. A row is an output."""

    columns: int
    bits: int
    group: int
    less: int
    """What zero points are stored less."""

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        from qtui.models.quantized import unpacking

        codes, zeros, scales, *order = self.parts
        values = unpacking.codes_of(stored.columns(codes, first, last), self.bits, self.columns)
        offsets = unpacking.turned_codes(stored, zeros, first, last, self.bits, turned=True) + self.less
        factors = stored.columns(scales, first, last)
        if not order:
            return unpacking.scaled(values, factors, offsets, self.group)
        groups = unpacking.groups_of(stored, order[0], factors.shape[1])
        return unpacking.scaled(values, factors[:, groups], offsets[:, groups], 1)


@dataclass(frozen=True)
class Awq(Packing):
    """(code - zero) × scale; `parts` are qweight, qzeros and scales. A row is an output, eight of them a word."""

    columns: int
    group: int

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        from qtui.models.quantized import unpacking

        codes, zeros, scales = self.parts
        start, stop = first // 8, -(-last // 8)
        inside = slice(first - 8 * start, last - 8 * start)
        values, offsets = (
            unpacking.rows_of_words(stored.columns(part, start, stop), AWQ_BITS, AWQ_ORDER)[inside]
            for part in (codes, zeros)
        )
        return unpacking.scaled(values, stored.columns(scales, first, last), offsets, self.group)


def find(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X.qweight, whichever of the two its shape says."""
    stem = tensor.name.removesuffix("qweight")
    zeros, scales = checkpoint.get(f"{stem}qzeros", "I32"), checkpoint.get(f"{stem}scales", "F16", "BF16", "F32")
    if tensor.dtype != "I32" or zeros is None or scales is None or not tensor.count:
        return None
    if not len(tensor.shape) == len(zeros.shape) == len(scales.shape) == 2 or scales.shape[0] != zeros.shape[0]:
        return None
    if tensor.shape[1] * 8 == zeros.shape[1] * 8 == scales.shape[1]:
        return _awq(tensor, zeros, scales, stem)
    if tensor.shape[1] == scales.shape[1] and checkpoint.method != "awq":
        return _gptq(checkpoint, tensor, zeros, scales, stem)
    return None


def _awq(codes: Tensor, zeros: Tensor, scales: Tensor, stem: str) -> Tensor | None:
    columns, rows = codes.shape[0], scales.shape[1]
    group = size_of_blocks(columns, scales.shape[0])
    if not group:
        return None
    packing = Awq((codes, zeros, scales), columns, "awq", columns, group)
    return weight(f"{stem}weight", (rows, columns), "INT4", packing)


def _gptq(checkpoint: Checkpoint, codes: Tensor, zeros: Tensor, scales: Tensor, stem: str) -> Tensor | None:
    rows = scales.shape[1]
    bits = 32 * zeros.shape[1] // rows
    if bits not in (2, 3, 4, 8) or bits * rows != 32 * zeros.shape[1] or 32 * codes.shape[0] % bits:
        return None
    columns = 32 * codes.shape[0] // bits
    order = checkpoint.get(f"{stem}g_idx", "I32")
    group = size_of_blocks(columns, scales.shape[0], checkpoint.size("group_size"))
    if order is not None and order.count != columns:
        order = None
    if order is None and not group:
        return None
    less = 0 if checkpoint.settings.get("checkpoint_format") == "gptq_v2" else 1
    parts = (codes, zeros, scales) if order is None else (codes, zeros, scales, order)
    packing = Gptq(parts, columns, "gptq", columns, bits, group, less)
    return weight(f"{stem}weight", (rows, columns), f"INT{bits}", packing)
