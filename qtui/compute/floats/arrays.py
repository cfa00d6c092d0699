"""The same rounding as `exact.py`, for numpy arrays: values to codes and codes to values.

`encode_array` and `decode_array` work for every float of up to 64 bits by exact float64 steps (`frexp`, `ldexp`).
Common cases take shorter ways: numpy's own casts, integer tricks on the bits, and for up to 8 bits a table over the
upper half of a float32, whose lowest bit says whether anything was cut off (a sticky bit).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtui.compute.floats.exact import encode
from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.real import Real, infinity

Codes = NDArray[np.unsignedinteger[Any]]
Floats = NDArray[np.floating[Any]]
CHUNK = 1 << 16  # values: scratch for it stays in a core's cache
MAX_BITS = 64


def code_dtype(bits: int) -> np.dtype[Any]:
    """The smallest unsigned type that holds `bits`. Raises ValueError above 64."""
    if bits > MAX_BITS:
        raise ValueError(f"arrays hold codes of up to {MAX_BITS} bits, not {bits}")
    return np.dtype(next(f"u{size}" for size in (1, 2, 4, 8) if 8 * size >= bits))


def encode_array(x: Floats, fmt: FloatFormat, rounding: str = "nearest-even", saturate: bool = False) -> Codes:
    """Codes of `x` (float32 or float64, any shape), rounded once; overflow as in `exact.encode`."""
    x = np.ascontiguousarray(x)
    out = np.empty(x.shape, code_dtype(fmt.bits))
    flat, into = x.reshape(-1), out.reshape(-1)
    rng = np.random.default_rng(0)
    for part in chunks(flat.size):
        into[part] = encode_chunk(flat[part], fmt, rounding, saturate, rng)
    return out


def chunks(size: int) -> Iterator[slice]:
    """Slices of a flat array of `size` values, each short enough for the cache."""
    return (slice(start, min(start + CHUNK, size)) for start in range(0, size, CHUNK))


def encode_chunk(x: Floats, fmt: FloatFormat, rounding: str, saturate: bool, rng: np.random.Generator) -> Codes:
    """`encode_array` for a flat piece; stochastic rounding draws from `rng`."""
    narrow = x.dtype == np.float32
    if narrow and fmt.bits <= 8 and fmt.mantissa <= 5 and rounding != "stochastic":
        bits = x.view(np.uint32)
        index = (bits >> 16).astype(np.uint16)
        index |= (bits & 0xFFFF) != 0
        return np.take(_sticky_table(fmt, rounding, saturate), index)
    if rounding == "nearest-even" and not saturate:
        native = _native_cast(x, fmt)
        if native is not None:
            return native
    with np.errstate(invalid="ignore"):  # signalling NaNs
        wide = x.astype(np.float64)
    return _encode_exactly(wide, fmt, rounding, saturate, rng)


def _native_cast(x: Floats, fmt: FloatFormat) -> Codes | None:
    """Casts that numpy, or whole-number arithmetic on the bits, does exactly as IEEE 754 asks."""
    # A NaN of the user's keeps its payload in the native casts; here it becomes the usual quiet one, as elsewhere.
    with np.errstate(over="ignore", invalid="ignore"):
        same = fmt.special == "ieee" and fmt.sign == 1
        if same and (fmt.exponent, fmt.mantissa, fmt.bias) == (5, 10, 15):
            codes: Codes = x.astype(np.float16).view(np.uint16)
        elif same and (fmt.exponent, fmt.mantissa, fmt.bias) == (8, 23, 127):
            codes = x.astype(np.float32).view(np.uint32)
        elif same and (fmt.exponent, fmt.mantissa, fmt.bias) == (11, 52, 1023):
            codes = x.astype(np.float64).view(np.uint64)
        elif same and x.dtype == np.float32 and (fmt.exponent, fmt.mantissa, fmt.bias) == (8, 7, 127):
            bits = x.view(np.uint32)
            codes = ((bits + ((bits >> 16) & 1) + 0x7FFF) >> 16).astype(np.uint16)
        else:
            return None
    nan = np.isnan(x)
    if nan.any():
        for negative in (False, True):
            codes[nan & (np.signbit(x) == negative)] = encode(fmt, Real(negative=negative, kind="nan"))
    return codes


@lru_cache(maxsize=64)
def _sticky_table(fmt: FloatFormat, rounding: str, saturate: bool) -> NDArray[np.uint8]:
    """Code of every upper half of a float32, uint8 (65536,): an odd half may also stand for what lies just above it.

    That is exact while the format's last place is at least two above the half's last: up to 5 mantissa bits.
    """
    x = (np.arange(65536, dtype=np.uint32) << 16).view(np.float32)
    with np.errstate(invalid="ignore"):
        wide = x.astype(np.float64)
    return _encode_exactly(wide, fmt, rounding, saturate, np.random.default_rng(0)).astype(np.uint8)


def _encode_exactly(
    x: NDArray[np.float64], fmt: FloatFormat, rounding: str, saturate: bool, rng: np.random.Generator
) -> Codes:
    """Codes of `x` by exact float64 arithmetic: split off the exponent, round the rest to a whole number, join."""
    negative = np.signbit(x)
    finite = np.isfinite(x)
    size = np.where(finite, np.abs(x), 0.0)
    exponent = np.where(size > 0, np.frexp(size)[1].astype(np.int64) - 1, fmt.emin)
    beyond = exponent > fmt.emax + 1
    exponent = np.minimum(np.maximum(exponent, fmt.emin), fmt.emax + 1)
    scaled = np.ldexp(np.where(beyond, 0.0, size), fmt.mantissa - exponent)
    scaled = np.where((size > 0) & ~beyond, np.maximum(scaled, 2.0**-60), scaled)  # keep what scaling underflows to 0
    below = np.floor(scaled)
    code = ((exponent - fmt.emin).astype(np.uint64) << np.uint64(fmt.mantissa)) + below.astype(np.uint64)
    if not fmt.has_zero:
        hidden = np.uint64(1 << fmt.mantissa)
        code = np.where(below > 0, code - hidden, np.uint64(0))
        scaled = np.where(below > 0, scaled, below)
    code += _rounds_up(scaled - below, code, negative, fmt, rounding, rng)
    inward = {"toward-zero": np.ones(x.shape, bool), "down": ~negative, "up": negative}.get(rounding)
    over = ((code > np.uint64(fmt.last)) | beyond) & finite
    for minus in (False, True):
        lanes = negative == minus
        limit = np.uint64(fmt.code_at(fmt.first if minus else fmt.last))
        outside = np.uint64(encode(fmt, infinity(minus), saturate=saturate))
        code[lanes] = _with_sign(fmt, code[lanes], minus)
        code[lanes & (over | np.isinf(x))] = outside
        if inward is not None:
            code[lanes & over & inward] = limit
        code[lanes & np.isnan(x)] = encode(fmt, Real(negative=minus, kind="nan"))
    if not fmt.has_zero:
        code[(negative & ~np.isnan(x)) | (x == 0)] = encode(fmt, Real(), saturate=saturate)
    result: Codes = code.astype(code_dtype(fmt.bits))
    return result


def _with_sign(fmt: FloatFormat, size: NDArray[np.uint64], negative: bool) -> NDArray[np.uint64]:
    """Codes of magnitude codes: negative numbers have no code without a sign bit, nor -0 in some formats."""
    if not negative:
        return size
    if not fmt.sign:
        return np.zeros_like(size)
    signed = size | np.uint64(1 << (fmt.exponent + fmt.mantissa))
    return signed if fmt.has_minus_zero else np.where(size == 0, np.uint64(0), signed)


def _rounds_up(
    rest: NDArray[np.float64],
    code: NDArray[np.uint64],
    negative: NDArray[np.bool_],
    fmt: FloatFormat,
    rounding: str,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Whether the magnitude goes up, `rest` being the part of a last place that was cut off."""
    if rounding == "nearest-even":
        if not fmt.has_zero:  # E8M0: ties go up, and so does all that is above the smallest value
            result: NDArray[np.bool_] = (rest >= 0.5) | ((rest > 0) & (code == 0))
            return result
        result = (rest > 0.5) | ((rest == 0.5) & (code & np.uint64(1)).astype(bool))
        return result
    if rounding == "nearest-away":
        return rest >= 0.5
    if rounding == "stochastic":
        return rng.random(rest.shape) < rest
    if rounding == "up":
        return (rest > 0) & ~negative
    if rounding == "down":
        return (rest > 0) & negative
    if rounding == "toward-zero":
        return np.zeros(rest.shape, bool)
    raise ValueError(f"rounding {rounding!r} is not known")


def decode_array(codes: Codes, fmt: FloatFormat, dtype: type[np.floating[Any]] = np.float64) -> Floats:
    """Values of `codes`, any shape, as float64 (or `dtype`); what float64 can't hold is rounded to it."""
    codes = np.asarray(codes)
    if fmt.bits <= 16:
        return np.take(_value_table(fmt, np.dtype(dtype)), codes)
    if fmt.special == "ieee" and fmt.sign == 1:
        if (fmt.exponent, fmt.mantissa, fmt.bias) == (8, 23, 127):
            return codes.astype(np.uint32).view(np.float32).astype(dtype)
        if (fmt.exponent, fmt.mantissa, fmt.bias) == (11, 52, 1023):
            return codes.astype(np.uint64).view(np.float64).astype(dtype)
    return _decode_exactly(codes, fmt).astype(dtype)


@lru_cache(maxsize=64)
def _value_table(fmt: FloatFormat, dtype: np.dtype[Any]) -> Floats:
    """The value of every code, (2^bits,)."""
    table = _decode_exactly(np.arange(1 << fmt.bits, dtype=np.uint64), fmt).astype(dtype)
    table.setflags(write=False)
    return table


def _decode_exactly(codes: Codes, fmt: FloatFormat) -> NDArray[np.float64]:
    codes = codes.astype(np.uint64)
    size = codes & np.uint64(fmt.top)
    negative = (codes >> np.uint64(fmt.exponent + fmt.mantissa)).astype(bool) & bool(fmt.sign)
    field = (size >> np.uint64(fmt.mantissa)).astype(np.int64)
    fraction = (size & np.uint64((1 << fmt.mantissa) - 1)).astype(np.float64)
    hidden = 0.0 if fmt.has_zero else float(1 << fmt.mantissa)
    significand = np.where(field == 0, fraction + hidden, fraction + float(1 << fmt.mantissa))
    power = np.maximum(field, 1 if fmt.has_zero else 0) - fmt.bias - fmt.mantissa
    with np.errstate(over="ignore"):
        value: NDArray[np.float64] = np.ldexp(significand, power)
    infinite = size == np.uint64(fmt.last + 1) if fmt.has_infinity else np.zeros(size.shape, bool)
    value[infinite] = np.inf
    value[(size > np.uint64(fmt.last)) & ~infinite] = np.nan
    value = np.where(negative, -value, value)
    if fmt.sign and not fmt.has_minus_zero:
        value[negative & (size == 0)] = np.nan
    return value
