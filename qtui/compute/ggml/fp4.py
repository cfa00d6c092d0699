"""ggml's four-bit floats: MXFP4 under power-of-two scales and NVFP4 under 8-bit float scales.

Source: `quantize_row_mxfp4_ref`, `quantize_row_nvfp4_ref` and `best_index_mxfp4` in `ggml-quants.c`,
`ggml_fp32_to_ue4m3` in `ggml-impl.h`. Both differ from the OCP and NVIDIA recipes: a weight half-way between two
values goes to the one nearer zero, and NVFP4 has no scale per tensor. The table holds twice the values of E2M1, so
that they are integers, and the scales are halved in return.
"""

from __future__ import annotations

import numpy as np

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, BlockParts
from qtui.compute.ggml.packing import pack_nibbles, unpack_nibbles
from qtui.compute.ggml.reduce import absmax, as_columns

TWICE_E2M1 = np.array([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12], np.float32)

# Half-way between the values: each limit itself belongs to the lower code.
_LIMITS = (0.5, 1.5, 2.5, 3.5, 5.0, 7.0, 10.0)
_FAR = np.float32(2**30)  # float32 steps of 64 and more, beside differences of 224


def _nearest_codes(columns: F32, scale: F32) -> U8:
    """Codes uint8 (size, n) of the values scale * TWICE_E2M1 nearest to float32 (size, n), ties towards zero.

    The first of equally near entries wins in the C code, so zero is always code 0, never 8 (minus zero); and under a
    scale of 0 all are equally near. The limits times the scale are exact, so nothing is rounded on the way.
    """
    magnitude = np.abs(columns)
    reach = np.where(scale > 0, scale, np.float32(np.inf))
    codes = np.zeros(columns.shape, np.uint8)
    for limit in _LIMITS:
        codes += (magnitude > reach * np.float32(limit)).view(np.uint8)
    negative = (columns < 0) & (codes > 0)
    codes |= negative.view(np.uint8) << np.uint8(3)
    return codes


def _first_nearest(columns: F32, scale: F32) -> U8:
    """The same as the C code finds it: weights so large that a step of the scale is lost beside them get code 0."""
    distance = np.abs(TWICE_E2M1[:, None, None] * scale - columns)
    result: U8 = distance.argmin(axis=0).astype(np.uint8)
    return result


def _half_power_of_two(exponents: U8) -> F32:
    """2^(e - 128) for E8M0 bytes e: half of what the scale byte means."""
    return np.ldexp(np.float32(1), exponents.astype(np.int32) - 128)


def _encode_mxfp4(x: F32, out: U8) -> None:
    """The scale is the power of two that puts max|x| between 4 and 8 of E2M1, whose largest value is 6."""
    columns = as_columns(x, 32)
    largest = absmax(columns)
    # C takes log2f, which rounds up to a whole number just below a power of two; float64 rounded once is the same.
    log2 = np.log2(largest.astype(np.float64)).astype(np.float32)
    exponents = np.where(largest > 0, np.floor(log2) - 2 + 127, 0).astype(np.int32).astype(np.uint8)
    out[:, 0] = exponents
    out[:, 1:] = pack_nibbles(_nearest_codes(columns, _half_power_of_two(exponents))).T


def _unpack_mxfp4(stored: U8) -> BlockParts:
    return BlockParts(unpack_nibbles(stored[:, 1:]), _half_power_of_two(stored[:, :1]), table=TWICE_E2M1)


def ue4m3_code(scale: F32) -> U8:
    """Unsigned E4M3 codes uint8 (n,) of float32 (n,), as ggml rounds them.

    Halves go up; below 2^-6 the step is 2^-9; what would round to 256 or more becomes 448 (code 7E).
    """
    bits = np.minimum(scale, np.float32(448)).view(np.int32)
    exponent = (bits >> 23) - 127 + 7
    mantissa = ((bits >> 20) & 7) + ((bits >> 19) & 1)
    normal = (exponent << 3) + mantissa
    normal[normal >= 15 << 3] = 0x7E
    subnormal = np.minimum(scale * np.float32(512) + np.float32(0.5), np.float32(7)).astype(np.int32)
    code = np.where(exponent <= 0, subnormal, normal)
    return np.where(scale > 0, code, 0).astype(np.uint8)


def ue4m3_value(codes: U8) -> F32:
    """Values float32 of unsigned E4M3 codes: the top bit means nothing, and 7F gives 0."""
    exponent, mantissa = (
        ((codes >> np.uint8(3)) & np.uint8(15)).astype(np.int32),
        (codes & np.uint8(7)).astype(np.float32),
    )
    normal = np.ldexp(mantissa / np.float32(8) + np.float32(1), exponent - 7)
    value = np.where(exponent == 0, mantissa * np.float32(2**-9), normal)
    return np.where(codes == 0x7F, np.float32(0), value).astype(np.float32)


def _encode_nvfp4(x: F32, out: U8) -> None:
    """A scale for every 16 weights puts their max|x| on 6, the largest value of E2M1."""
    columns = as_columns(x, 16)
    largest = absmax(columns)
    scales = ue4m3_code(largest / np.float32(6))
    halved = ue4m3_value(scales) * np.float32(0.5)
    codes = _nearest_codes(columns, halved)
    beyond = np.flatnonzero(~(largest < _FAR))
    if beyond.size:
        codes[:, beyond] = _first_nearest(columns[:, beyond], halved[beyond])
    out[:, :4] = scales.reshape(-1, 4)
    out[:, 4:] = pack_nibbles(codes).T.reshape(-1, 32)


def _unpack_nvfp4(stored: U8) -> BlockParts:
    codes = unpack_nibbles(stored[:, 4:].reshape(-1, 8)).reshape(-1, 64)
    return BlockParts(codes, ue4m3_value(stored[:, :4]) * np.float32(0.5), table=TWICE_E2M1)


MXFP4 = BlockCodec("MXFP4", _unpack_mxfp4, (Span("scale", 0, 1), Span("codes", 1, 17)), _encode_mxfp4)
NVFP4 = BlockCodec("NVFP4", _unpack_nvfp4, (Span("scales", 0, 4), Span("codes", 4, 36)), _encode_nvfp4)
