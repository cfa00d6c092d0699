"""How ggml looks for the scale of a group: try many, keep the one with the least weighted error.

Source: `make_qx_quants`, `make_qkx2_quants`, `make_qkx3_quants`, `make_qp_quants` and `make_q3_quants` in
`ggml-quants.c`. Each function here works on many groups at once, as columns: x and its weights w are float32
(size, n), scales and minimums float32 (n,). The candidates, their order and the rounding of every step decide the
bytes, so nothing is left out or reordered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32
from qtui.compute.ggml.reduce import as_columns, first_minimum, nearest_int, signed_absmax, sum_in_order

TINY = np.float32(1e-15)
"""GROUP_MAX_EPS: groups below this magnitude are stored as zeros."""


def importance_weights(x: F32, importance: F32, factor: int, group: int) -> F32:
    """importance * sqrt(factor * mean x^2 of the super-block + x^2), as columns (group, n groups).

    x float32 (n, size of a super-block), importance the same or one for all (size,).
    """
    squares = x * x
    total = sum_in_order(np.ascontiguousarray(squares.T))
    squares += (np.float32(factor) * total / np.float32(x.shape[1]))[:, None]
    np.sqrt(squares, out=squares)
    squares *= importance
    return as_columns(squares, group)


def error_weights(x: F32, columns: F32, importance: F32 | None) -> F32:
    """What an error counts for in IQ3 and IQ4, float32 (32, n groups); `columns` are the weights of `x` in groups."""
    return columns * columns if importance is None else importance_weights(x, importance, 2, 32)


@dataclass(frozen=True)
class Affine:
    """The best found for value = scale * code - offset in each group, codes 0 .. top.

    `scale`, `offset` float32 (n,). The codes are those of rounding (x - start) * steps, which `codes` does again
    for the few groups that need them.
    """

    x: F32
    top: int
    scale: F32
    offset: F32
    start: F32
    steps: F32

    def codes(self, groups: NDArray[np.intp] | slice = slice(None)) -> F32:
        """Codes float32 (size, groups asked for), whole numbers."""
        x = self.x[:, groups]
        return _affine_codes(x, self.start[groups], self.steps[groups], self.top, np.empty_like(x))


def _affine_codes(x: F32, start: F32, steps: F32, top: int, out: F32) -> F32:
    np.subtract(x, start, out=out)
    np.multiply(out, steps, out=out)
    np.rint(out, out=out)
    return np.clip(out, 0, top, out=out)


def _error(x: F32, w: F32, codes: F32, scale: F32, start: F32, absolute: bool, scratch: F32) -> F32:
    """Sum of w * (scale * codes + start - x)^2, or of the absolute values, float32 (n,)."""
    np.multiply(codes, scale, out=scratch)
    scratch += start
    scratch -= x
    (np.abs if absolute else np.square)(scratch, out=scratch)
    scratch *= w
    return sum_in_order(scratch)


def _regression(x: F32, w: F32, codes: F32, sum_w: F32, sum_wx: F32, scratch: F32) -> tuple[F32, F32, F32]:
    """The line x = scale * code + start of least weighted squared error, no start being above 0.

    Returns scale, start and the determinant of the normal equations, float32 (n,) each. A determinant of 0 or less
    means that there is no such line.
    """
    weighted = w * codes
    sum_l = sum_in_order(weighted)
    sum_lx = sum_in_order(np.multiply(weighted, x, out=scratch))
    weighted *= codes
    sum_l2 = sum_in_order(weighted)
    determinant = sum_w * sum_l2 - sum_l * sum_l
    scale: F32 = np.divide(sum_w * sum_lx - sum_wx * sum_l, determinant)
    start: F32 = np.divide(sum_l2 * sum_wx - sum_l * sum_lx, determinant)
    above = start > 0
    np.copyto(scale, sum_lx / sum_l2, where=above)
    start[above] = 0
    return scale, start, determinant


def search_affine(x: F32, w: F32, top: int, first: float, step: float, tries: int, absolute: bool = False) -> Affine:
    """`make_qkx2_quants` and `make_qkx3_quants`: weighted least squares for scale and minimum over candidate steps.

    Candidate i = 0 .. tries rounds with (first + step * i + top) steps across the range, then solves for the best
    scale and start of those codes. The range starts at the best start so far, so every improvement moves the
    candidates that follow. Blocks x and weights of their errors w are the columns of float32 (size, n).
    """
    low = first_minimum(x)
    low[low > 0] = 0
    high = np.maximum.reduce(x, axis=0)
    flat = high == low
    codes, scratch = np.empty_like(x), np.empty_like(x)
    sum_w, sum_wx = sum_in_order(w), sum_in_order(np.multiply(w, x, out=scratch))

    start = low
    steps = np.float32(top) / (high - low)
    scale = np.float32(1) / steps
    found_start, found_steps = start, steps
    least = _error(x, w, _affine_codes(x, start, steps, top, codes), scale, start, absolute, scratch)
    for i in range(tries + 1):
        across = np.float32(first) + np.float32(step) * np.float32(i) + np.float32(top)
        steps = across / (high - start)
        _affine_codes(x, start, steps, top, codes)
        new_scale, new_start, determinant = _regression(x, w, codes, sum_w, sum_wx, scratch)
        error = _error(x, w, codes, new_scale, new_start, absolute, scratch)
        better = (determinant > 0) & (error < least)
        least = np.where(better, error, least)
        scale = np.where(better, new_scale, scale)
        found_start = np.where(better, start, found_start)
        found_steps = np.where(better, steps, found_steps)
        start = np.where(better, new_start, start)
    scale = np.where(flat, np.float32(0), scale)
    offset = np.where(flat, -low, -start)
    return Affine(x, top, scale, offset, found_start, np.where(flat, np.float32(0), found_steps))


@dataclass(frozen=True)
class Symmetric:
    """The best found for value = scale * code in each group.

    `scale` float32 (n,); `codes` float32 (size, n), whole numbers. In groups of (almost) only zeros the scale is 0
    and the codes are the lowest there are.
    """

    scale: F32
    codes: F32


def _symmetric_codes(x: F32, steps: F32, middle: int, out: F32) -> F32:
    np.multiply(x, steps, out=out)
    np.rint(out, out=out)
    return np.clip(out, -middle, middle - 1, out=out)


def search_symmetric(x: F32, w: F32, middle: int) -> Symmetric:
    """`make_qx_quants` with weights: the largest magnitude lands on -middle, then on up to 0.9 more or less.

    Each candidate's codes give the scale of least weighted squared error, and it gains where it explains more.
    Blocks x and weights of their errors w are the columns of float32 (size, n).
    """
    largest = signed_absmax(x)
    zero = np.abs(largest) < TINY
    codes, scratch = np.empty_like(x), np.empty_like(x)
    wx = w * x
    steps = np.float32(-middle) / largest
    found_steps = steps
    sum_lx, sum_l2 = _explained(_symmetric_codes(x, steps, middle, codes), w, wx, scratch)
    scale = np.where(sum_l2 != 0, sum_lx / sum_l2, np.float32(0))
    best = scale * sum_lx
    for i in range(-9, 10):
        if i == 0:
            continue
        steps = -(np.float32(middle) + np.float32(0.1) * np.float32(i)) / largest
        sum_lx, sum_l2 = _explained(_symmetric_codes(x, steps, middle, codes), w, wx, scratch)
        better = (sum_l2 > 0) & (sum_lx * sum_lx > best * sum_l2)
        scale = np.where(better, sum_lx / sum_l2, scale)
        best = np.where(better, scale * sum_lx, best)
        found_steps = np.where(better, steps, found_steps)
    _symmetric_codes(x, found_steps, middle, codes)
    codes[:, zero] = -middle
    return Symmetric(np.where(zero, np.float32(0), scale), codes)


def _explained(codes: F32, w: F32, wx: F32, scratch: F32) -> tuple[F32, F32]:
    """Sum of w * x * code and of w * code^2, float32 (n,) each."""
    sum_lx = sum_in_order(np.multiply(wx, codes, out=scratch))
    np.multiply(w, codes, out=scratch)
    scratch *= codes
    return sum_lx, sum_in_order(scratch)


def sweep_symmetric(x: F32, middle: int) -> Symmetric:
    """`make_q3_quants`: up to five sweeps that move one code at a time.

    From the codes of -middle / (largest magnitude): each element in turn takes the code that suits the scale of
    all others, where the scale then explains more. Errors are weighted by x^2. Blocks are the columns of x float32
    (size, n).
    """
    largest = signed_absmax(x)
    zero = np.abs(largest) < TINY
    codes = _symmetric_codes(x, np.float32(-middle) / largest, middle, np.empty_like(x))
    scale = _sweep(x, x * x, codes, -middle, middle - 1)
    codes[:, zero] = -middle
    return Symmetric(np.where(zero, np.float32(0), scale), codes)


def search_positive(x: F32, w: F32, top: int) -> Symmetric:
    """`make_qp_quants`: scale and codes 0 .. top for x >= 0, such as the scales or the minimums of a super-block.

    Nine candidate scales compete by weighted squared error; the winner's codes are then swept. As in C, a code below
    0 turns into a byte, 256 more, where it is stored. Blocks x and weights of their errors w are the columns of
    float32 (size, n).
    """
    largest = np.maximum.reduce(x, axis=0)
    zero = largest < TINY
    best_steps = np.float32(top) / largest
    least = _positive_error(x, w, best_steps, _as_bytes(_positive_codes(x, best_steps, top)))
    for i in (-4, -3, -2, -1, 1, 2, 3, 4):
        steps = (np.float32(0.1) * np.float32(i) + np.float32(top)) / largest
        error = _positive_error(x, w, steps, _positive_codes(x, steps, top))
        better = error < least
        least = np.where(better, error, least)
        best_steps = np.where(better, steps, best_steps)
    codes = _positive_codes(x, best_steps, top)
    scale = _sweep(x, w, codes, 0, top)
    codes[:, zero] = 0
    return Symmetric(np.where(zero, np.float32(0), scale), codes)


def _positive_codes(x: F32, steps: F32, top: int) -> F32:
    codes: F32 = np.minimum(nearest_int(x * steps), top).astype(np.float32)
    return codes


def _as_bytes(codes: F32) -> F32:
    """Whole numbers as a byte keeps them: modulo 256."""
    if (codes < 0).any():
        return codes.astype(np.int32).astype(np.uint8).astype(np.float32)
    return codes


def _positive_error(x: F32, w: F32, steps: F32, codes: F32) -> F32:
    """Sum of w * (x - code / steps)^2, float32 (n,)."""
    difference = x - np.float32(1) / steps * codes
    return sum_in_order(w * difference * difference)


def _sweep(x: F32, w: F32, codes: F32, low: int, high: int) -> F32:
    """Changes codes in place in up to five sweeps over the elements in order; the scale of the result, float32 (n,).

    Where `low` is 0, the codes are bytes. A column that a whole sweep left alone would be left alone by the next one,
    too, so all go on together.
    """
    wx = w * x
    sum_lx, sum_l2 = _explained(codes, w, wx, np.empty_like(x))
    if low == 0:
        codes[...] = _as_bytes(codes)
    for _ in range(5):
        changed = False
        for i, old in enumerate(codes):
            less_lx = sum_lx - wx[i] * old
            less_l2 = sum_l2 - w[i] * old * old
            new = np.minimum(nearest_int(x[i] * less_l2 / less_lx), high).astype(np.float32)
            if low < 0:
                np.maximum(new, low, out=new)
            more_lx = less_lx + wx[i] * new
            more_l2 = less_l2 + w[i] * new * new
            take = (less_lx > 0) & (new != old) & ((more_l2 if low < 0 else less_l2) > 0)
            take &= more_lx * more_lx * sum_l2 > sum_lx * sum_lx * more_l2
            if take.any():
                changed = True
                np.copyto(old, new if low < 0 else _as_bytes(new), where=take)
                np.copyto(sum_lx, more_lx, where=take)
                np.copyto(sum_l2, more_l2, where=take)
        if not changed:
            break
    return np.where(sum_l2 > 0, sum_lx / sum_l2, np.float32(0))
