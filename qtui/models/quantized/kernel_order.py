"""Four bits in the order that a kernel reads them: AWQ's gemv and gemv_fast, and Marlin.

Sources: AutoAWQ 0.2.9, `modules/linear/gemv.py`, `gemv_fast.py` and `marlin.py` (`from_linear`); AutoGPTQ 0.7.1,
`nn_modules/qlinear/qlinear_marlin.py` (`pack`), which names codes and scales X.B and X.s.
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

GROUPS = (128, 64, 32)
TOGETHER = 4  # rows of which gemv_fast holds a code each in a word
CUT = 64  # columns of gemv_fast that lie together; rows of Marlin that do
TILE = 16
MIDDLE = 8  # what Marlin adds to signed codes


@dataclass(frozen=True)
class Gemv(Packing):
    """(code - zero) × scale, row by row; `parts` are qweight, qzeros and scales, the last two padded."""

    rows: int
    group: int

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        from qtui.models.quantized import unpacking

        words, zeros, scales = (stored.rows(part, first, last, self.rows) for part in self.parts)
        groups = self.unit // self.group
        offsets = unpacking.codes_of(zeros, 4, groups)
        return unpacking.scaled(unpacking.codes_of(words, 4, self.unit), scales[:, :groups], offsets, self.group)


@dataclass(frozen=True)
class GemvFast(Packing):
    """code × scale + offset; `parts` are qweight, qzeros (the offsets) and scales, by columns."""

    rows: int
    group: int

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        import numpy as np

        from qtui.models.quantized import unpacking

        start, stop = first // TOGETHER, -(-last // TOGETHER)
        words = stored.rows(self.parts[0], start, stop, self.rows // TOGETHER)
        codes = unpacking.codes_of(words, 4, TOGETHER * self.unit)
        blocks = codes.reshape(stop - start, -1, TOGETHER, CUT).transpose(0, 2, 1, 3)
        eights = blocks.reshape(-1, self.unit // 32, 32)[:, :, np.argsort(unpacking.gemv_fast_order())]
        inside = slice(first - TOGETHER * start, last - TOGETHER * start)
        groups = self.unit // self.group
        offsets, scales = (stored.columns(part, first, last)[:, :groups] for part in self.parts[1:])
        values = unpacking.scaled(eights.reshape(-1, self.unit)[inside], scales, None, self.group)
        values += unpacking.spread(offsets, self.group, self.unit)
        return values


@dataclass(frozen=True)
class Marlin(Packing):
    """(code - 8) × scale in tiles of 16 × 16, four of them in a permutation of 1,024 codes; `parts` codes, scales."""

    group: int

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        import numpy as np

        from qtui.models.quantized import unpacking

        start, stop = first // CUT * CUT, -(-last // CUT) * CUT
        words = stored.columns(self.parts[0], 2 * start, 2 * stop)
        codes = unpacking.codes_of(words.T, 4, TILE * (stop - start)).reshape(self.unit // TILE, -1, TILE * CUT)
        order, whole, single = unpacking.marlin_orders()
        tiles = codes[:, :, np.argsort(order)].reshape(self.unit // TILE, -1, TILE, TILE)
        values = tiles.transpose(1, 3, 0, 2).reshape(stop - start, self.unit)
        scales = stored.columns(self.parts[1], start, stop)
        places = np.argsort(single if self.group == self.unit else whole)
        scales = scales.reshape(-1, len(places), scales.shape[1])[:, places].reshape(scales.shape)
        inside = slice(first - start, last - start)
        return unpacking.scaled(values[inside], scales[inside], np.full((1, 1), MIDDLE), self.group)


def find(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X.qweight in one of AWQ's layouts for kernels."""
    stem = tensor.name.removesuffix("qweight")
    zeros, scales = checkpoint.get(f"{stem}qzeros"), checkpoint.get(f"{stem}scales", "F16", "BF16", "F32")
    if scales is None or len(tensor.shape) != 2 or len(scales.shape) != 2 or not tensor.count:
        return None
    if zeros is None:
        return _marlin(tensor, scales, f"{stem}weight", "awq")
    if zeros.dtype == "I32" and tensor.dtype == "I32":
        return _gemv(checkpoint, tensor, zeros, scales, stem)
    if zeros.dtype == scales.dtype and tensor.dtype == "I16":
        return _gemv_fast(checkpoint, tensor, zeros, scales, stem)
    return None


def find_marlin(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X.B, as AutoGPTQ stores Marlin."""
    stem = tensor.name.removesuffix("B")
    scales = checkpoint.get(f"{stem}s", "F16")
    if scales is None or len(tensor.shape) != 2 or len(scales.shape) != 2 or not tensor.count:
        return None
    return _marlin(tensor, scales, f"{stem}weight", "gptq")


def _gemv(checkpoint: Checkpoint, codes: Tensor, zeros: Tensor, scales: Tensor, stem: str) -> Tensor | None:
    rows, columns = codes.shape[0], 8 * codes.shape[1]
    group = _group(checkpoint, columns, zeros.shape[1]) if len(zeros.shape) == 2 else 0
    if not group or zeros.shape[0] != rows or scales.shape != (rows, 8 * zeros.shape[1]):
        return None
    packing = Gemv((codes, zeros, scales), columns, "awq", rows, group)
    return weight(f"{stem}weight", (rows, columns), "INT4", packing)


def _gemv_fast(checkpoint: Checkpoint, codes: Tensor, zeros: Tensor, scales: Tensor, stem: str) -> Tensor | None:
    rows, columns = TOGETHER * codes.shape[0], codes.shape[1]
    group = _group(checkpoint, columns, scales.shape[0] // 8)
    if not group or columns % CUT or scales.shape[0] % 8 or scales.shape[1] != rows or zeros.shape != scales.shape:
        return None
    packing = GemvFast((codes, zeros, scales), columns, "awq", rows, group)
    return weight(f"{stem}weight", (rows, columns), "INT4", packing)


def _group(checkpoint: Checkpoint, columns: int, words: int) -> int:
    """The columns of a group where eights of groups, padded for the kernel, take `words`; 0 where nothing fits."""
    for group in (checkpoint.size("group_size"), *GROUPS, columns):
        if group and columns % group == 0:
            eights, multiple = -(-columns // (8 * group)), 1 if group >= 128 else {64: 2, 32: 4}.get(group, 0)
            if multiple and -(-eights // multiple) * multiple == words:
                return group
    return 0


def _marlin(codes: Tensor, scales: Tensor, name: str, quantizer: str) -> Tensor | None:
    rows, columns = scales.shape[1], TILE * codes.shape[0]
    group = size_of_blocks(columns, scales.shape[0])
    if codes.dtype != "I32" or codes.shape[1] != 2 * rows or rows % CUT or not group:
        return None
    return weight(name, (rows, columns), "INT4", Marlin((codes, scales), columns, quantizer, group))
