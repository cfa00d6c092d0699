"""FP4 codes (E2M1) with a scale for each 16 or 32 of a row: NVFP4 and MXFP4, whoever stored them.

Sources: compressed-tensors' nvfp4- and mxfp4-pack-quantized compressors (X.weight_packed; the global scale divides);
ModelOpt's `NVFP4QTensor` (X.weight and X.weight_scale_2, which multiplies); gpt-oss (X_blocks and X_scales);
MLX's modes mxfp4, nvfp4 and mxfp8; torchao's `NVFP4Tensor` and `MXTensor`. The low half of a byte comes first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qtui.models.files.model_file import Packing, StoredParts, Tensor
from qtui.models.quantized.checkpoint import Checkpoint
from qtui.models.quantized.weight import rows_of, weight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MX_BLOCK = 32
NV_BLOCK = 16
TILE_ROWS, TILE_COLUMNS = 128, 4  # of scales, where they are swizzled
NAMES = {MX_BLOCK: "MXFP4", NV_BLOCK: "NVFP4"}


@dataclass(frozen=True)
class Fp4(Packing):
    """E2M1 × scale of the block × or ÷ the tensor's; `parts` are codes, scales and maybe the tensor's scale.

    `codes` says what a byte holds: two E2M1, or one E4M3. `swizzled` scales lie in tiles, as kernels read them.
    """

    rows: int
    block: int
    divides: bool = False
    codes: str = "E2M1"
    swizzled: bool = False

    def decode(self, stored: StoredParts, first: int, last: int) -> NDArray[np.float32]:
        """Rows `first` to `last` (excluded), float32 (last - first, columns)."""
        import numpy as np

        from qtui.models.quantized import unpacking

        raw = np.ascontiguousarray(stored.rows(self.parts[0], first, last, self.rows)).view(np.uint8)
        values = unpacking.e2m1_pairs(raw) if self.codes == "E2M1" else unpacking.e4m3(raw)
        scales = self._scales(stored, first, last)
        if self.parts[1].dtype == "U8" and self.block == NV_BLOCK:
            scales = unpacking.e4m3(scales)
        else:
            scales = unpacking.scale_values(scales)
        if len(self.parts) > 2:
            shared = stored.whole(self.parts[2]).reshape(-1)
            if len(shared) > 1:  # one for each expert
                shared = shared[np.arange(first, last) * len(shared) // self.rows]
            shared = shared.astype(np.float32)[:, None]
            scales = scales / shared if self.divides else scales * shared
        blocks = values.reshape(last - first, -1, self.block)
        blocks *= scales[:, :, None]
        return values

    def _scales(self, stored: StoredParts, first: int, last: int) -> NDArray[Any]:
        """The blocks' scales of rows `first` to `last` (excluded), as they are stored."""
        if not self.swizzled:
            return stored.rows(self.parts[1], first, last, self.rows)
        from qtui.models.quantized import unpacking

        start, stop = first // TILE_ROWS, -(-last // TILE_ROWS)
        tiles = stored.rows(self.parts[1], start, stop, -(-self.rows // TILE_ROWS))
        whole = unpacking.unswizzled(tiles, self.unit // self.block)
        return whole[first - TILE_ROWS * start : last - TILE_ROWS * start]


def find_packed(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X.weight_packed of compressed-tensors' nvfp4- or mxfp4-pack-quantized."""
    if tensor.dtype not in ("U8", "F4"):
        return None
    stem = tensor.name.removesuffix("_packed")
    shared = checkpoint.get(f"{stem}_global_scale", "F32")
    return fp4(tensor, checkpoint.get(f"{stem}_scale"), shared, stem, "compressed-tensors", divides=True)


def find_modelopt(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X.weight, as ModelOpt packs NVFP4 and MXFP4."""
    if tensor.dtype != "U8":
        return None
    scales, shared = checkpoint.get(f"{tensor.name}_scale"), checkpoint.get(f"{tensor.name}_scale_2", "F32")
    return fp4(tensor, scales, shared, tensor.name, "modelopt")


def find_blocks(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is X_blocks, as gpt-oss stores its experts: (..., rows, blocks, 16)."""
    name = tensor.name.removesuffix("_blocks")
    scales = checkpoint.get(f"{name}_scales", "U8")
    if tensor.dtype != "U8" or tensor.shape[-1:] != (MX_BLOCK // 2,) or scales is None or name in checkpoint.by_name:
        return None
    if scales.shape != tensor.shape[:-1] or not tensor.count:
        return None
    columns = (scales.shape[-1] if scales.shape else 1) * MX_BLOCK
    shape = (*scales.shape[:-1], columns)
    return weight(name, shape, "MXFP4", Fp4((tensor, scales), columns, "mxfp4", rows_of(shape), MX_BLOCK))


def find_mlx(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight of which `tensor` is MLX's X.weight in a mode without biases."""
    stem = tensor.name.removesuffix(".weight")
    scales = checkpoint.get(f"{stem}.scales", "U8")
    if tensor.dtype != "U32" or scales is None or checkpoint.get(f"{stem}.biases") or not tensor.count:
        return None
    if scales.shape[:-1] != tensor.shape[:-1] or not tensor.shape:
        return None
    words, blocks = tensor.shape[-1], scales.shape[-1]
    for block, per_word, codes in ((MX_BLOCK, 8, "E2M1"), (NV_BLOCK, 8, "E2M1"), (MX_BLOCK, 4, "E4M3")):
        if words * per_word == blocks * block:
            columns = words * per_word
            packing = Fp4((tensor, scales), columns, "mlx", rows_of(tensor.shape), block, codes=codes)
            dtype = NAMES[block] if codes == "E2M1" else "MXFP8"
            return weight(tensor.name, (*tensor.shape[:-1], columns), dtype, packing)
    return None


def fp4(
    codes: Tensor, scales: Tensor | None, shared: Tensor | None, name: str, quantizer: str, divides: bool = False
) -> Tensor | None:
    """The weight of bytes `codes` (..., rows, columns / 2); None where the scales don't fit."""
    if scales is None or len(codes.shape) < 2 or not codes.count or scales.shape[:-1] != codes.shape[:-1]:
        return None
    columns = 2 * _bytes_of_row(codes)
    block = {"U8": MX_BLOCK, "F8_E8M0": MX_BLOCK, "F8_E4M3": NV_BLOCK}.get(scales.dtype, 0)
    if not block or scales.shape[-1] * block != columns:
        return None
    rows = rows_of(codes.shape)
    if shared is not None and (not shared.count or rows % shared.count):
        return None
    codes = _raw(codes)
    parts = (codes, scales) if shared is None else (codes, scales, shared)
    packing = Fp4(parts, columns, quantizer, rows, block, divides)
    return weight(name, (*codes.shape[:-1], columns), NAMES[block], packing)


def swizzled(codes: Tensor, scales: Tensor, shared: Tensor | None, name: str, quantizer: str) -> Tensor | None:
    """The weight of `codes`, FP4 in pairs or E4M3, whose scales lie in tiles; None where they don't fit."""
    pairs = codes.dtype in ("U8", "F4")
    if not (pairs or codes.dtype == "F8_E4M3") or len(codes.shape) < 2 or not codes.count:
        return None
    columns = _bytes_of_row(codes) * (2 if pairs else 1)
    block = MX_BLOCK if scales.dtype in ("U8", "F8_E8M0") else NV_BLOCK
    rows = rows_of(codes.shape)
    tiles = -(-rows // TILE_ROWS) * -(-columns // block // TILE_COLUMNS)
    if columns % block or scales.count != tiles * TILE_ROWS * TILE_COLUMNS:
        return None
    if shared is not None and shared.count != 1:
        return None
    codes = _raw(codes)
    parts = (codes, scales) if shared is None else (codes, scales, shared)
    packing = Fp4(parts, columns, quantizer, rows, block, False, "E2M1" if pairs else "E4M3", True)
    return weight(name, (*codes.shape[:-1], columns), NAMES[block] if pairs else "MXFP8", packing)


def _bytes_of_row(codes: Tensor) -> int:
    return codes.nbytes // rows_of(codes.shape)


def _raw(codes: Tensor) -> Tensor:
    """`codes` as the bytes that they are, whatever dtype the file gives them."""
    return replace(codes, dtype="U8", shape=(*codes.shape[:-1], _bytes_of_row(codes)))
