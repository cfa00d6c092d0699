"""Weights that a checkpoint stores as two tensors, codes and scales, put together as the one tensor they stand for.

Two layouts: MXFP4 as gpt-oss stores it (`X_blocks`, bytes of two E2M1 codes, the first in the low half, and
`X_scales`, an E8M0 byte for 32 weights), and FP8 with a scale for each 128 × 128 block as DeepSeek-V3 stores it
(`X.weight` and `X.weight_scale_inv`, by which the weight is multiplied). File listings show what is stored; only what
looks at values asks for `joined`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qtui.models.files.model_file import ModelFile, Tensor

F32 = NDArray[np.float32]
MXFP4_BLOCK = 32
FP8_BLOCK = 128
# E2M1 (OCP Microscaling Formats, table 5): codes 0 to 7, then the same with a sign.
_E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6], np.float32)
# Both values of a byte, float32 (256, 2).
_PAIRS = np.stack([np.concatenate([_E2M1, -_E2M1])[np.arange(256) >> shift & 15] for shift in (0, 4)], axis=1)


def joined(model: ModelFile) -> ModelFile:
    """`model` with codes and their scales joined into single tensors; itself where it has none."""
    if model.kind != "safetensors":
        return model
    by_name = {tensor.name: tensor for tensor in model.tensors}
    made: dict[str, Tensor] = {}
    used: set[str] = set()
    for tensor in model.tensors:
        whole = _mxfp4(tensor, by_name) or _fp8(tensor, by_name)
        if whole is not None:
            made[tensor.name] = whole
            used.add(whole.scales[0].name)
    if not made:
        return model
    tensors = tuple(made.get(tensor.name, tensor) for tensor in model.tensors if tensor.name not in used)
    return replace(model, tensors=tensors)


def _mxfp4(tensor: Tensor, by_name: dict[str, Tensor]) -> Tensor | None:
    if not tensor.name.endswith("_blocks") or tensor.dtype != "U8" or tensor.shape[-1:] != (MXFP4_BLOCK // 2,):
        return None
    name = tensor.name.removesuffix("_blocks")
    scales = by_name.get(f"{name}_scales")
    if scales is None or name in by_name or scales.dtype != "U8" or scales.shape != tensor.shape[:-1]:
        return None
    shape = (*tensor.shape[:-2], scales.shape[-1] * MXFP4_BLOCK) if len(tensor.shape) > 1 else (MXFP4_BLOCK,)
    return Tensor(name, shape, "MXFP4", tensor.offset, tensor.nbytes, tensor.path, (scales,), tensor.identity)


def _fp8(tensor: Tensor, by_name: dict[str, Tensor]) -> Tensor | None:
    scales = by_name.get(f"{tensor.name}_scale_inv")
    if scales is None or tensor.dtype != "F8_E4M3" or len(tensor.shape) != 2 or scales.dtype not in ("F32", "BF16"):
        return None
    expected = tuple(-(-size // FP8_BLOCK) for size in tensor.shape)
    return replace(tensor, scales=(scales,)) if scales.shape == expected else None


def unpack_pairs(raw: NDArray[np.uint8], out: F32) -> None:
    """Fill `out` (2n,) with the E2M1 values of `raw` uint8 (n,), the low half of a byte first."""
    np.take(_PAIRS, raw, axis=0, out=out.reshape(-1, 2), mode="clip")


def scale_mxfp4(values: F32, exponents: NDArray[np.uint8]) -> None:
    """Multiply each 32 of `values` (32n,) by two to the power of `exponents` uint8 (n,) less 127; 255 is NaN."""
    scales = np.ldexp(np.float32(1), exponents.astype(np.int32) - 127)
    scales[exponents == 255] = np.nan
    values.reshape(-1, MXFP4_BLOCK)[:] *= scales.astype(np.float32)[:, None]


def scale_fp8(values: F32, start: int, columns: int, scales: F32) -> None:
    """Multiply `values`, those from `start` on of a matrix with `columns`, by `scales` of 128 × 128 blocks."""
    at = 0
    while at < values.size:
        row, column = divmod(start + at, columns)
        stop = min(columns - column, values.size - at)
        first = column // FP8_BLOCK
        last = -(-(column + stop) // FP8_BLOCK)
        factors = np.repeat(scales[row // FP8_BLOCK, first:last], FP8_BLOCK)[column - first * FP8_BLOCK :]
        values[at : at + stop] *= factors[:stop]
        at += stop
