"""Integers packed along the rows of a matrix, with a scale and an offset for each group: compressed-tensors and MLX.

Sources: compressed-tensors' `pack_to_int32`/`unpack_from_int32` (codes with half their range added; zero points
packed along the rows' axis); MLX's `mx.quantize` (value = code × scale + bias, codes in one run of bits).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qtui.models.files.model_file import Packing, StoredParts, Tensor
from qtui.models.quantized.checkpoint import Checkpoint, whole
from qtui.models.quantized.weight import rows_of, size_of_blocks, weight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BITS = tuple(range(1, 9))
MLX_BITS = (2, 3, 4, 5, 6, 8)


@dataclass(frozen=True)
class PackedInt32(Packing):
    """compressed-tensors' pack-quantized: (code - zero) × scale."""

    rows: int
    columns: int
    bits: int
    group: int
    scales: Tensor
    zeros: Tensor | None
    order: Tensor | None
    """The group of each column, where activations decided the order."""

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        import numpy as np

        from qtui.models.quantized import unpacking

        words = stored.rows(self.parts[0], first, last, self.rows)
        dense = words.shape[1] == -(-self.columns * self.bits // 32)
        codes = (unpacking.codes_of if dense else unpacking.codes_in_words)(words, self.bits, self.columns)
        scales = stored.rows(self.scales, first, last, self.rows)
        zeros: Any = np.full((1, 1), 1 << self.bits - 1)
        if self.zeros is not None:
            zeros = unpacking.turned_codes(stored, self.zeros, first, last, self.bits)
        if self.order is not None:
            groups = unpacking.groups_of(stored, self.order, scales.shape[1])
            scales = scales[:, groups]
            zeros = zeros if zeros.shape[1] == 1 else zeros[:, groups]
            return unpacking.scaled(codes, scales, zeros, 1)
        return unpacking.scaled(codes, scales, zeros, self.group)


def find_packed(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X.weight_packed of compressed-tensors' pack-quantized."""
    stem = tensor.name.removesuffix("_packed")
    scales = checkpoint.get(f"{stem}_scale", "F32", "F16", "BF16")
    if tensor.dtype != "I32" or scales is None or len(tensor.shape) < 2 or not tensor.count:
        return None
    words = tensor.shape[-1]
    listed = checkpoint.numbers(checkpoint.get(f"{stem}_shape"))
    columns = int(listed[-1]) if listed else words * 32 // _bits_of_scheme(checkpoint)
    dense, loose = ({-(-columns * b // 32): b for b in BITS}, {-(-columns // (32 // b)): b for b in reversed(BITS)})
    bits = dense.get(words) or loose.get(words, 0)
    group = size_of_blocks(columns, scales.shape[-1]) if scales.shape else 0
    if not bits or not group or scales.shape[:-1] != tensor.shape[:-1]:
        return None
    zeros = checkpoint.get(f"{stem}_zero_point", "I32") if len(tensor.shape) == 2 else None
    if zeros is not None and zeros.shape != (-(-tensor.shape[0] * bits // 32), scales.shape[-1]):
        return None
    order = checkpoint.get(f"{stem}_g_idx", "I32")
    if order is not None and order.count != columns:
        return None
    parts = tuple(part for part in (tensor, scales, zeros, order) if part is not None)
    packing = PackedInt32(
        parts, columns, "compressed-tensors", rows_of(tensor.shape), columns, bits, group, scales, zeros, order
    )
    return weight(stem, (*tensor.shape[:-1], columns), f"INT{bits}", packing)


def _bits_of_scheme(checkpoint: Checkpoint) -> int:
    groups = checkpoint.settings.get("config_groups")
    for group in groups.values() if isinstance(groups, dict) else ():
        weights = group.get("weights") if isinstance(group, dict) else None
        if isinstance(weights, dict):
            return min(whole(weights.get("num_bits"), 4), 8)
    return 4


@dataclass(frozen=True)
class MlxAffine(Packing):
    """MLX's affine groups: code × scale + bias."""

    rows: int
    columns: int
    bits: int
    group: int

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        from qtui.models.quantized import unpacking

        words, scales, biases = (stored.rows(part, first, last, self.rows) for part in self.parts)
        values = unpacking.scaled(unpacking.codes_of(words, self.bits, self.columns), scales, None, self.group)
        values += unpacking.spread(biases, self.group, self.columns)
        return values


def find_mlx(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is MLX's X.weight, packed in 32-bit words."""
    stem = tensor.name.removesuffix(".weight")
    scales, biases = checkpoint.get(f"{stem}.scales"), checkpoint.get(f"{stem}.biases")
    if tensor.dtype != "U32" or scales is None or biases is None or len(tensor.shape) < 2 or not tensor.count:
        return None
    group, bits = mlx_settings(checkpoint, stem, scales, tensor)
    columns = scales.shape[-1] * group if scales.shape else 0
    if bits not in MLX_BITS or columns * bits != 32 * tensor.shape[-1] or scales.shape != biases.shape:
        return None
    if scales.shape[:-1] != tensor.shape[:-1]:
        return None
    packing = MlxAffine((tensor, scales, biases), columns, "mlx", rows_of(tensor.shape), columns, bits, group)
    return weight(tensor.name, (*tensor.shape[:-1], columns), f"INT{bits}", packing)


def mlx_settings(checkpoint: Checkpoint, stem: str, scales: Tensor, codes: Tensor) -> tuple[int, int]:
    """(group size, bits): the module's own where the config names it, else the common ones; shapes have to agree."""
    own = checkpoint.settings.get(stem)
    group = whole((own if isinstance(own, dict) else {}).get("group_size"), checkpoint.size("group_size", 64))
    blocks = scales.shape[-1] if scales.shape else 0
    return group, 32 * codes.shape[-1] // (group * blocks) if blocks else 0
