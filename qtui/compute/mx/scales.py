"""How a block's shared scale follows from its largest magnitude.

MX formats (OCP Microscaling Formats v1.0, section 6.3, and the further roundings of torchao's `mx_tensor.py`) share a
power of two, kept as an E8M0 code. NVFP4 shares an E4M3 float, under one float32 for the tensor or under none
(torchao's `nvfp4_tensor.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32, U8
from qtui.compute.floats.arrays import decode_array, encode_array
from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.table import FLOATS

ROUNDINGS = ("floor", "ceil", "even", "rceil")
E8M0_BIAS = 127
# Weights are never divided by a subnormal float32.
LEAST_DIVISOR = np.float32(2.0**-126)
E4M3 = next(fmt for fmt in FLOATS if fmt.name == "float8_e4m3fn")
E2M1_MAX = np.float32(6)
E4M3_MAX = np.float32(448)
E4M3_LEAST_NORMAL = np.float32(2.0**-6)


def mx_scale_codes(absmax: F32, rounding: str, element_max: float, element_emax: int, mantissa: int) -> U8:
    """E8M0 codes uint8 of blocks with largest magnitudes `absmax` float32, none NaN or infinite.

    The element's largest value is `element_max`, in the octave 2^`element_emax`, with `mantissa` bits.
    "floor" takes the octave of absmax, so that values above element_max clip; "even" first rounds absmax to the
    element's precision; "ceil" takes the next octave unless absmax is a power of two; "rceil" takes the least power
    of two that clips nothing.
    """
    if rounding == "rceil":
        ratio = (absmax / np.float32(element_max)).view(np.uint32)
        # Code 0 is 2^-127, half the least normal: ratios up to it need no more.
        exponent = (ratio >> 23).astype(np.int32) + (((ratio & 0x7FFFFF) != 0) & (ratio > 0x400000))
        result: U8 = np.clip(exponent, 0, 254).astype(np.uint8)
        return result
    bits = absmax.view(np.uint32)
    if rounding == "even":
        bits = bits + np.uint32(1 << (22 - mantissa))
    exponent = (bits >> 23).astype(np.int32)
    if rounding == "ceil":
        exponent += (bits & 0x7FFFFF) != 0
    result = np.clip(exponent - element_emax, 0, 254).astype(np.uint8)
    return result


def mx_scales(codes: U8) -> F32:
    """Scales float32 of E8M0 codes; 255 is NaN."""
    no_number = codes == 255
    scale = np.ldexp(np.float32(1), np.where(no_number, 0, codes.astype(np.int32) - E8M0_BIAS)).astype(np.float32)
    scale[no_number] = np.nan
    return scale


def nv_scale_codes(absmax: F32, tensor_scale: np.float32, top: np.float32 = E2M1_MAX) -> U8:
    """E4M3 codes uint8 that bring each block's `absmax` to `top`, in units of the tensor's scale."""
    wanted = absmax / top
    if tensor_scale != 1:
        wanted = wanted / tensor_scale
    codes: U8 = encode_array(np.clip(wanted, E4M3_LEAST_NORMAL, E4M3_MAX), E4M3).astype(np.uint8)
    return codes


def nv_scales(codes: U8) -> F32:
    """Scales float32 of E4M3 codes, without the tensor's."""
    values: NDArray[np.floating] = decode_array(codes, E4M3, np.float32)
    return values.astype(np.float32)


def tensor_scale(absmax: np.float32, largest_block_scale: np.float32 = E4M3_MAX) -> np.float32:
    """The float32 scale of a tensor, with which its largest block has `largest_block_scale`.

    Where that is no number above 0 (a tensor of zeros, or of weights near 1e-45), it is the scale of weights up to 1.
    """
    most = largest_block_scale * E2M1_MAX
    scale = np.float32(absmax / most)
    return scale if scale > 0 else np.float32(1 / most)


def element_format(name: str) -> FloatFormat:
    """The float that `name` means in a microscaling format."""
    return next(fmt for fmt in FLOATS if fmt.name == name)
