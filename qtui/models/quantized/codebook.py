"""bitsandbytes' four bits: codes into a table of 16 values, an absolute maximum for each block of the flat weight.

Source: bitsandbytes, `functional.py` (`QuantState.from_dict`, `dequantize_4bit`, `dequantize_blockwise`). The high
half of a byte comes first; nested maxima are bytes into a table, with maxima of their own and an offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from qtui.models.files.model_file import Packing, StoredParts, Tensor
from qtui.models.quantized.checkpoint import Checkpoint, whole
from qtui.models.quantized.weight import weight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = ("nf4", "fp4")
_STATE = "quant_state.bitsandbytes__"


@dataclass(frozen=True)
class Nested:
    """Maxima that are quantized themselves: `values[code] * maxima[code's place // block] + offset`."""

    maxima: Tensor
    values: Tensor
    block: int
    offset: float


@dataclass(frozen=True)
class Codebook4(Packing):
    """table[code] × maximum of the block; `parts` are codes, maxima, table and what nested maxima need."""

    nested: Nested | None

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """The values of blocks `first` to `last` (excluded), float32 (n,)."""
        import numpy as np

        codes, maxima, table = self.parts[:3]
        width = self.unit // 2
        raw = stored.rows(codes, first * width, min(last * width, codes.count), codes.count).reshape(-1)
        values = np.take(stored.whole(table).reshape(-1), np.stack([raw >> 4, raw & 15], axis=1).reshape(-1))
        scales = stored.rows(maxima, first, last, maxima.count).reshape(-1)
        if self.nested is not None:
            groups = np.arange(first, last) // self.nested.block
            values_of, maxima_of = (
                stored.whole(part).reshape(-1) for part in (self.nested.values, self.nested.maxima)
            )
            scales = values_of[scales] * maxima_of[groups] + np.float32(self.nested.offset)
        made: NDArray[np.float32] = values * np.repeat(scales, self.unit)[: values.size]
        return made


def find(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight whose codes are `tensor`, X.weight, with X.weight.absmax and its table beside it."""
    if tensor.dtype != "U8" or not tensor.count:
        return None
    maxima = checkpoint.get(f"{tensor.name}.absmax", "F32", "U8")
    table = checkpoint.get(f"{tensor.name}.quant_map", "F32")
    states = {kind: checkpoint.get(f"{tensor.name}.{_STATE}{kind}", "U8") for kind in KINDS}
    kind = next((kind for kind in KINDS if states[kind] is not None), "")
    if maxima is None or table is None or table.count != 16 or not kind:
        return None
    record = checkpoint.record(states[kind])
    shape = record.get("shape")
    sizes = tuple(map(whole, shape)) if isinstance(shape, list) else ()
    if (prod(sizes) + 1) // 2 != tensor.count:
        sizes = (2 * tensor.count,)
    block = whole(record.get("blocksize")) or 2 * tensor.count // max(maxima.count, 1)
    nested = _nested(checkpoint, tensor, record.get("nested_offset"), whole(record.get("nested_blocksize"), 256))
    if block % 2 or -(-prod(sizes) // block) != maxima.count or (maxima.dtype == "U8") != (nested is not None):
        return None
    extra = (nested.maxima, nested.values) if nested is not None else ()
    state = states[kind]
    parts = (tensor, maxima, table, *extra, *((state,) if state is not None else ()))
    packing = Codebook4(parts, block, f"bnb-{kind}", nested)
    return weight(tensor.name, sizes, kind.upper(), packing)


def _nested(checkpoint: Checkpoint, tensor: Tensor, offset: object, block: int) -> Nested | None:
    maxima = checkpoint.get(f"{tensor.name}.nested_absmax", "F32")
    values = checkpoint.get(f"{tensor.name}.nested_quant_map", "F32")
    if maxima is None or values is None or values.count != 256 or not isinstance(offset, (int, float)):
        return None
    of = checkpoint.get(f"{tensor.name}.absmax")
    if of is None or -(-of.count // block) != maxima.count:
        return None
    return Nested(maxima, values, block, float(offset))
