"""torchao's tensors as its safetensors support flattens them: X._weight_qdata, X._weight_scale, a record of each.

Source: torchao 0.18, `prototype/safetensors/safetensors_support.py`; `Int4Tensor`, `Int8Tensor`, `Float8Tensor`,
`IntxUnpackedToInt8Tensor`, `NVFP4Tensor`, `MXTensor`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from qtui.models.files.model_file import Packing, StoredParts, Tensor
from qtui.models.quantized import codes8, fp4
from qtui.models.quantized.checkpoint import Checkpoint, json_object, whole
from qtui.models.quantized.weight import Undecoded, rows_of, size_of_blocks, weight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KERNELS = ("Int4TilePackedTo4dTensor", "Int4PlainInt32Tensor")
EIGHT_BITS = ("Float8Tensor", "Int8Tensor", "IntxUnpackedToInt8Tensor")


@dataclass(frozen=True)
class Int4Tensor(Packing):
    """Signed four bits, low half first, × scale + zero point; scales and zero points are (groups, rows)."""

    rows: int
    group: int

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        import numpy as np

        from qtui.models.quantized import unpacking

        raw = stored.rows(self.parts[0], first, last, self.rows)
        codes = (unpacking.codes_of(raw, 4, self.unit) ^ 8).astype(np.int8) - np.int8(8)
        scales, zeros = (stored.columns(part, first, last) for part in self.parts[1:])
        values = unpacking.scaled(codes, scales, None, self.group)
        values += unpacking.spread(zeros, self.group, self.unit)
        return values


def find(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X._weight_qdata."""
    stem = tensor.name.removesuffix("_weight_qdata")
    name = f"{stem}weight"
    record = json_object(checkpoint.metadata.get(name))
    kind = str(record.get("_type"))
    if kind in KERNELS:
        return _undecoded(checkpoint, tensor, record, stem, kind)
    scales, zeros = checkpoint.get(f"{stem}_weight_scale"), checkpoint.get(f"{stem}_weight_zero_point")
    if scales is None or not tensor.count:
        return None
    if kind in EIGHT_BITS or not record:
        packing = codes8.joined(tensor, scales, zeros, "torchao")
        dtype = "INT8" if tensor.dtype == "I8" else tensor.dtype
        if packing is not None:
            return weight(name, tensor.shape, dtype, packing)
    if kind == "Int4Tensor":
        return _int4(tensor, scales, zeros, name)
    if kind in ("NVFP4Tensor", "MXTensor"):
        shared = checkpoint.get(f"{stem}_weight_per_tensor_scale", "F32")
        if _swizzled(record):
            return fp4.swizzled(tensor, scales, shared, name, "torchao")
        packed = fp4.fp4(tensor, scales, shared, name, "torchao") if tensor.dtype in ("U8", "F4") else None
        made = codes8.joined(tensor, scales, None, "torchao") if packed is None and kind == "MXTensor" else None
        return packed or (weight(name, tensor.shape, tensor.dtype, made) if made is not None else None)
    return None


def _swizzled(record: Mapping[str, Any]) -> bool:
    data = record.get("_data")
    return isinstance(data, dict) and data.get("is_swizzled_scales") is True


def _undecoded(
    checkpoint: Checkpoint, codes: Tensor, record: Mapping[str, Any], stem: str, kind: str
) -> Tensor | None:
    data = record.get("_data")
    shape = data.get("shape") if isinstance(data, dict) else None
    sizes = tuple(map(whole, shape)) if isinstance(shape, list) else ()
    if not sizes or not prod(sizes):
        return None
    beside = (checkpoint.get(f"{stem}_weight_{name}") for name in ("scale_and_zero", "scale", "zero_point"))
    parts = (codes, *(part for part in beside if part is not None))
    problem = f"torchao's {kind} is laid out for its kernel; save the model in a plain layout"
    return weight(f"{stem}weight", sizes, "INT4", Undecoded(parts, sizes[-1], "torchao", problem))


def _int4(codes: Tensor, scales: Tensor, zeros: Tensor | None, name: str) -> Tensor | None:
    if zeros is None or len(codes.shape) != 2 or len(scales.shape) != 2 or scales.shape != zeros.shape:
        return None
    rows, columns = codes.shape[0], 2 * codes.shape[1]
    group = size_of_blocks(columns, scales.shape[0])
    if not group or scales.shape[1] != rows or rows_of(codes.shape) != rows:
        return None
    return weight(name, (rows, columns), "INT4", Int4Tensor((codes, scales, zeros), columns, "torchao", rows, group))
