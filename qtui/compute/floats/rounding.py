"""Values rounded to a format, as values: what a tensor becomes when it is stored and read back, and fast.

Rounding to nearest needs no codes: float32's own adder, or a carry in its bits, rounds at the wanted place. The
other roundings and the rare values that overflow go through the codes of `arrays.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.floats.arrays import CHUNK, Floats, chunks, decode_array, encode_chunk
from qtui.compute.floats.layout import FloatFormat


def round_array(
    x: Floats,
    fmt: FloatFormat,
    rounding: str = "nearest-even",
    saturate: bool = False,
    seed: int = 0,
    out: Floats | None = None,
) -> Floats:
    """What `x` (float32 or float64, any shape) becomes when it is stored in `fmt`, in the type of `x`.

    Works chunk by chunk through scratch that fits the cache; `out` (same shape and type) saves an allocation.
    """
    x = np.ascontiguousarray(x)
    result = np.empty_like(x) if out is None else out
    flat, into = x.reshape(-1), result.reshape(-1)
    rng = np.random.default_rng(seed)
    scratch = np.empty((2, min(CHUNK, flat.size)), np.uint32)
    quick = x.dtype == np.float32 and rounding == "nearest-even"
    for part in chunks(flat.size):
        words = scratch[:, : part.stop - part.start]
        if quick and _adds_exactly(fmt):
            _round_by_adding(flat[part], into[part], words, fmt, saturate)
        elif quick and _shortens_float32(fmt):
            _round_by_carry(flat[part], into[part], words[0], fmt, saturate)
        else:
            _round_by_codes(flat[part], into[part], fmt, rounding, saturate, rng)
    return result


def _round_by_codes(
    x: Floats, y: Floats, fmt: FloatFormat, rounding: str, saturate: bool, rng: np.random.Generator
) -> None:
    codes = encode_chunk(x, fmt, rounding, saturate, rng)
    with np.errstate(over="ignore"):
        y[:] = decode_array(codes, fmt, x.dtype.type)


def _repair(x: Floats, y: Floats, lanes: NDArray[np.bool_], fmt: FloatFormat, saturate: bool) -> None:
    """Round again, by way of codes, the few `lanes` that overflow or are not finite."""
    fixed = np.empty(int(lanes.sum()), y.dtype)
    _round_by_codes(x[lanes], fixed, fmt, "nearest-even", saturate, np.random.default_rng(0))
    y[lanes] = fixed


def _shortens_float32(fmt: FloatFormat) -> bool:
    return fmt.special == "ieee" and (fmt.sign, fmt.exponent, fmt.bias) == (1, 8, 127) and fmt.mantissa < 23


def _round_by_carry(
    x: NDArray[np.float32], y: NDArray[np.float32], words: NDArray[np.uint32], fmt: FloatFormat, saturate: bool
) -> None:
    """Round `x` to fewer mantissa bits in whole numbers: a little under half a last place is added, the rest cut off.

    A carry out of the mantissa raises the exponent, at the top to infinity, as it should.
    """
    drop = 23 - fmt.mantissa
    bits = x.view(np.uint32)
    np.right_shift(bits, np.uint32(drop), out=words)
    np.bitwise_and(words, np.uint32(1), out=words)
    np.add(words, np.uint32((1 << (drop - 1)) - 1), out=words)
    np.add(words, bits, out=words)
    np.bitwise_and(words, np.uint32(0xFFFFFFFF << drop & 0xFFFFFFFF), out=y.view(np.uint32))
    largest = np.float32(fmt.value_at(fmt.last))
    if not (x.max() <= largest and x.min() >= -largest):
        _repair(x, y, ~(np.abs(x) <= largest), fmt, saturate)


def _adds_exactly(fmt: FloatFormat) -> bool:
    """Whether the addend of `_round_by_adding` and everything it rounds are ordinary float32 numbers."""
    plain = fmt.sign == 1 and fmt.has_zero and 1 <= fmt.mantissa <= 22 and fmt.exponent > 0
    return plain and fmt.emax + 2 + 23 - fmt.mantissa < 127 and fmt.emin - fmt.mantissa > -126


def _round_by_adding(
    x: NDArray[np.float32], y: NDArray[np.float32], scratch: NDArray[np.uint32], fmt: FloatFormat, saturate: bool
) -> None:
    """Round `x` into `y`: adding 1.5 * 2^(e + 23 - m) makes the float32 adder round at the format's last place.

    `scratch` uint32 (2, size). The exponent e is that of x, at least the smallest normal's, so subnormals round at
    their fixed place; adding and subtracting back is to nearest, ties to even (IEEE 754-2019, 4.3.1), and the sign
    of a zero is put back at the end.
    """
    largest = np.float32(fmt.value_at(fmt.last))
    inside = bool(x.max() <= largest and x.min() >= -largest)  # False where there is a NaN
    source = x if inside else np.clip(x, -largest, largest, out=y)
    words, signs = scratch
    np.bitwise_and(x.view(np.uint32), np.uint32(0x80000000), out=signs)
    np.bitwise_and(source.view(np.uint32), np.uint32(0x7F800000), out=words)
    np.maximum(words, np.uint32((fmt.emin + 127) << 23), out=words)
    np.add(words, np.uint32(((23 - fmt.mantissa) << 23) | 0x400000), out=words)
    addend = words.view(np.float32)
    with np.errstate(invalid="ignore"):
        np.add(source, addend, out=y)
        np.subtract(y, addend, out=y)
    if fmt.has_minus_zero:
        np.bitwise_or(y.view(np.uint32), signs, out=y.view(np.uint32))
    if not inside:
        _repair(x, y, ~(np.abs(x) <= largest), fmt, saturate)
